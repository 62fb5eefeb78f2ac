"""Playing scripts and chatting, as somebody at a terminal meets them."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from typer.testing import Result

from tests.adapters.programs import ROOT, program

Run = Callable[..., Result]
SCRIPT = "fixtures/conversations/happy/bulk_order.chat"


TALK = "# a talk\n> i need 11 remote controls\n"


ASKED = "Noted: 11 x AC remote control. To confirm your order, please send your name, phone number and email."


def test_play_prints_the_transcript(run: Run) -> None:
    result = run("play", SCRIPT)

    assert result.exit_code == 0
    assert result.stdout.startswith("# a bulk order survives a restart\n")
    assert "* place_order -> order A-1001\n" in result.stdout


def test_the_same_script_gives_the_same_transcript_in_every_process() -> None:
    """Sets and hashes come in another order in another process; a conversation may not."""
    kinds = sorted((ROOT / "fixtures/conversations").iterdir())
    scripts = [str(next(iter(sorted(kind.glob("*.chat"))))) for kind in kinds]

    one, two = (
        program("play", *scripts, env={"PYTHONHASHSEED": seed}).communicate() for seed in "12"
    )

    assert len(scripts) > 9
    assert one == two


def test_play_masks_who_was_talking(run: Run) -> None:
    result = run("play", "--mask", SCRIPT)

    assert "Hari" not in result.stdout
    assert "techuse730" not in result.stdout


def test_play_expect_is_quiet_about_what_came_and_shows_what_did_not(
    run: Run, tmp_path: Path
) -> None:
    good, bad = tmp_path / "good.chat", tmp_path / "bad.chat"
    good.write_text(f"{TALK}< {ASKED}\n", "utf-8")
    bad.write_text(f"{TALK}< Hello!\n", "utf-8")

    both = run("play", "--expect", str(good), str(bad))

    assert both.exit_code == 1
    assert both.stdout.splitlines()[0].endswith(
        "bad.chat:3: this was expected here, in this order, and did not come:"
    )
    assert "good.chat" not in both.stdout
    assert "2 played, 1 fell short." in both.stderr
    assert run("play", "--expect", str(good)).exit_code == 0


def test_play_goes_on_after_a_script_that_is_wrong(run: Run, tmp_path: Path) -> None:
    wrong, good = tmp_path / "wrong.chat", tmp_path / "good.chat"
    wrong.write_text("hello\n", "utf-8")
    good.write_text(TALK, "utf-8")

    result = run("play", str(wrong), str(good))

    assert result.exit_code == 1
    assert "wrong.chat:1: a line begins with" in result.stderr
    assert ASKED in result.stdout


def test_play_finds_the_bot_beside_the_script(run: Run, tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk/bot.yaml").write_text("bot: desk\nlanguages: [en]\nflows: [f]\n", "utf-8")
    (tmp_path / "desk/f.yaml").write_text(
        'flow: f\nstart: {phrases: [go on]}\nstates: {a: {end: completed, say: "Gone!"}}\n', "utf-8"
    )
    (tmp_path / "talk.chat").write_text("# t\n# bot: desk\n> go on\n", "utf-8")

    assert "< Gone!\n" in run("play", str(tmp_path / "talk.chat")).stdout
    assert (
        "< Gone!\n"
        in run("play", str(tmp_path / "talk.chat"), "--bot", str(tmp_path / "desk")).stdout
    )


def test_chat_without_a_terminal_is_lines_in_and_a_transcript_out(run: Run, tmp_path: Path) -> None:
    result = run(
        "chat",
        "--start",
        "2026-01-05T09:00+05:30",
        given="i need 11 remote controls\nHari, 8848850922, a@b.co\n/wait 5 minutes\n/tap confirm\n",
    )

    assert result.exit_code == 0
    assert (
        "> i need 11 remote controls\n< Noted: 11 x AC remote control. To confirm" in result.stdout
    )
    assert "~ 5 minutes\n> [confirm]\n" in result.stdout
    assert "* place_order -> order A-1001\n" in result.stdout
    (tmp_path / "again.chat").write_text(result.stdout, "utf-8")
    assert run("play", "--expect", str(tmp_path / "again.chat")).exit_code == 0


def test_chat_knows_the_person_it_is_told_of(run: Run) -> None:
    """A guest whose room is known is not asked for it."""
    result = run("chat", "hotel_desk", "--person", "room=204", given="2 handuk\n")

    assert "# person: room=204\n> 2 handuk\n" in result.stdout
    assert "ke kamar 204." in result.stdout


def test_chat_with_bytes_that_are_no_text_goes_on() -> None:
    chat = program("chat", stdin=subprocess.PIPE)

    out, err = chat.communicate(b"\xff\xfe\x1b[31m hi\n")

    assert (chat.returncode, err) == (0, b"")
    assert "> \ufffd\ufffd\\x1b[31m hi\n" in out.decode()


def test_chat_on_a_terminal_is_friendly() -> None:
    ours, theirs = pty.openpty()
    chat = program("chat", "--watch", stdin=theirs)
    os.write(ours, b"i need 11 remote controls\nHari, 8848850922, a@b.co\n1\n/quit\n")

    out, err = chat.communicate(timeout=60)

    assert chat.returncode == 0
    assert b"(1) Confirm   (2) Change   (3) Cancel" in out
    assert b"* place_order -> order A-1001" in out
    assert b"bot> Thank you, Hari!" in out
    assert b"/help" in err
    assert b"the assistant is not asked here; with --session web-NAME it is." in err
    os.close(ours)
    os.close(theirs)


def test_the_end_of_input_is_a_good_end() -> None:
    ours, theirs = pty.openpty()
    chat = program("chat", stdin=theirs)
    os.write(ours, b"/help\n\x04")

    out, _ = chat.communicate(timeout=60)

    assert chat.returncode == 0
    assert b"/wait 31 minutes" in out
    os.close(ours)
    os.close(theirs)


def test_ctrl_c_ends_without_a_traceback() -> None:
    ours, theirs = pty.openpty()
    chat = program("chat", stdin=theirs)
    assert chat.stderr is not None
    chat.stderr.readline()  # it greets: it is waiting for a line
    time.sleep(0.2)
    chat.send_signal(signal.SIGINT)

    _, err = chat.communicate(timeout=60)

    assert chat.returncode == 130
    assert b"Traceback" not in err
    os.close(ours)
    os.close(theirs)
