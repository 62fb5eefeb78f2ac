"""The commands, as somebody at a terminal meets them."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from adapters.cli import app

ROOT = Path(__file__).parents[2]
SCRIPT = "fixtures/conversations/happy/bulk_order.chat"
TALK = "# a talk\n> i need 11 remote controls\n"
ASKED = "Noted: 11 x AC remote control. To confirm your order, please send your name, phone number and email."

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command from the root of the repository."""
    monkeypatch.chdir(ROOT)

    def invoke(*args: str, given: str | bytes | None = None) -> Result:
        return CliRunner().invoke(app, args, input=given, prog_name="rejoinder")

    return invoke


def program(*args: str, **options: object) -> subprocess.Popen[bytes]:
    """Start the command line as a program of its own."""
    return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
        [sys.executable, "-m", "adapters.cli", *args],
        cwd=ROOT,
        stdin=options.get("stdin", subprocess.DEVNULL),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **options.get("env", {})},  # type: ignore[dict-item]
        # A shell that runs the tests in the background leaves Ctrl-C ignored in all they start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads
    )


COMMANDS = sorted(getattr(get_command(app), "commands"))  # noqa: B009 - typed as Command


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(run: Run, command: str) -> None:
    result = run(command, "--help")

    assert result.exit_code == 0
    assert "Examples:" in result.stdout
    assert "./run" in result.stdout


def test_help_and_version(run: Run) -> None:
    assert "play" in run("--help").stdout
    assert run("--version").stdout.startswith("rejoinder 0.")


def test_help_does_not_wait_for_the_engine() -> None:
    found = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "adapters.cli", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = {row.rpartition("|")[2].strip() for row in found.stderr.splitlines()}
    heavy = {"engine.turn", "engine.readers", "pydantic", "ruamel.yaml", "transitions", "rich"}
    assert loaded & heavy == set()


@pytest.mark.parametrize("args", [["check", "parts_shop"], ["play", SCRIPT], ["chat"]])
def test_what_needs_no_database_waits_for_none(args: list[str]) -> None:
    """Who writes flows starts these a hundred times a day."""
    found = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "adapters.cli", *args],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )

    loaded = {row.rpartition("|")[2].strip() for row in found.stderr.splitlines()}
    heavy = {"sqlalchemy", "sqlmodel", "alembic", "asyncpg", "redis", "prometheus_client", "uvloop"}
    assert loaded & heavy == set()


# -- play ------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["play", "nowhere.chat"], 2, "There is no script nowhere.chat."),
        (["play", f"{SCRIPT[:-5]}s.chat"], 2, f'Did you mean "{SCRIPT}"?'),
        (["play", SCRIPT, "--bot", "parts_shp"], 2, 'Did you mean "parts_shop"?'),
        (["play", SCRIPT, "--bot", "zzz"], 2, 'There is no bot "zzz". Shipped are: '),
        (["play"], 2, "Missing argument 'SCRIPT'"),
        (["chat", "docs"], 2, "docs is a folder without a bot.yaml"),
        (["chat", "--channel", "fax"], 1, 'no channel is called "fax"'),
        (["check", "nowhere.yaml"], 2, "There is no file nowhere.yaml."),
        (["draw", "bulk_order"], 2, "Name the bot and the flow"),
        (["draw", "parts_shop/bulk"], 2, 'has no flow "bulk".'),
        (["read", "phon"], 2, 'No kind of value is called "phon". Did you mean "phone"?'),
        (["read", "zzz"], 2, "Known are: email, address, phone"),
        (["frobnicate"], 2, "No such command 'frobnicate'"),
    ],
    ids=lambda value: " ".join(value).replace("/", " ") if isinstance(value, list) else "",
)
def test_a_mistake_is_told_in_words_and_a_code(
    run: Run, args: list[str], code: int, words: str
) -> None:
    result = run(*args)

    assert (result.exit_code, result.stdout) == (code, "")
    assert words in result.stderr
    assert "Traceback" not in result.stderr


# -- chat -----------------------------------------------------------------------------------------


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


def test_a_reader_that_has_gone_ends_the_program_without_a_traceback() -> None:
    playing = program("play", *[SCRIPT] * 40)
    assert playing.stdout is not None
    assert playing.stderr is not None
    playing.stdout.readline()
    playing.stdout.close()

    err = playing.stderr.read()
    playing.wait(timeout=60)
    playing.stderr.close()

    assert (playing.returncode, err) == (141, b"")


# -- check, draw, read -----------------------------------------------------------------------------


def test_check_of_a_good_bot_or_file_is_quiet_on_stdout(run: Run) -> None:
    result = run("check", "parts_shop", "flows/parts_shop/callback.yaml")

    assert (result.exit_code, result.stdout) == (0, "")
    assert "parts_shop is good." in result.stderr


def test_check_shows_every_fault_with_its_place(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bot.yaml").write_text("bot: desk\nlanguages: [en]\nflows: [f]\n", "utf-8")
    (tmp_path / "f.yaml").write_text(
        "flow: f\nstart: {phrases: [go]}\nstates:\n  a: {say: Hi, then: b}\n  c: {end: completed}\n",
        "utf-8",
    )

    whole = run("check", str(tmp_path))
    one = run("check", str(tmp_path / "f.yaml"), "--json")

    assert whole.exit_code == one.exit_code == 1
    assert "f.yaml:4:16: " in whole.stdout
    assert {fault["line"] for fault in json.loads(one.stdout)} == {4}
    assert json.loads(run("check", "parts_shop", "--json").stdout) == []


def test_check_of_one_file_leaves_out_the_faults_of_others(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bot.yaml").write_text("bot: desk\nlanguages: [en]\nflows: [f, g]\n", "utf-8")
    flow = "flow: {}\nstart: {{phrases: [go {}]}}\nstates: {{a: {{end: completed}}}}\n"
    (tmp_path / "f.yaml").write_text(flow.format("f", "one"), "utf-8")
    (tmp_path / "g.yaml").write_text(flow.format("g", "two") + "colour: red\n", "utf-8")

    assert run("check", str(tmp_path / "f.yaml")).exit_code == 0
    assert run("check", str(tmp_path / "g.yaml")).exit_code == 1


def test_check_of_a_flow_without_a_bot_looks_at_the_file_alone(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_text("flow: f\nstates: {a: {end: completed}}\n", "utf-8")

    assert run("check", str(file)).exit_code == 0
    file.write_bytes(b"flow: \xff\n")
    assert run("check", str(file)).exit_code == 1


def test_check_explain_prints_the_bot_for_its_owner(run: Run) -> None:
    result = run("check", "parts_shop", "--explain")

    assert result.exit_code == 0
    assert "Cool Wind Services" in result.stdout


def test_draw_prints_a_diagram(run: Run) -> None:
    result = run("draw", "parts_shop/bulk_order")

    assert result.stdout.startswith("stateDiagram-v2\n    [*] --> collecting_items\n")
    assert "    confirming --> placing: Confirm\n" in result.stdout
    assert "    colleague --> no_one: nobody for 15m\n" in result.stdout


def test_read_takes_texts_and_rows(run: Run) -> None:
    texts = run("read", "contact", "--region", "IN", given="Name is Hari, 8848850922\n\nnothing\n")
    rows = run(
        "read",
        "phone",
        "--jsonl",
        given='{"id": "x", "text": "8848850922", "region": "IN", "lang": "en,es", "asked": true}\n',
    )

    assert [json.loads(row)["id"] for row in texts.stdout.splitlines()] == [1, 3]
    assert {
        one["kind"]: one["value"] for one in json.loads(texts.stdout.splitlines()[0])["readings"]
    } == {
        "phone": "+918848850922",
        "person_name": "Hari",
    }
    assert json.loads(rows.stdout) == {
        "id": "x",
        "readings": [
            {
                "value": "+918848850922",
                "text": "8848850922",
                "start": 0,
                "end": 10,
                "dialable": True,
            }
        ],
    }


def test_read_knows_a_bots_region_and_a_rows_catalogue(run: Run) -> None:
    phone = run("read", "phone", "--bot", "parts_shop", given="8848850922\n")
    items = run(
        "read",
        "items",
        "--lang",
        "en",
        "--jsonl",
        given='{"text": "11 remotes", "catalogue": {"R1": ["remote control", "remotes"]}}\n',
    )

    assert json.loads(phone.stdout)["readings"][0]["value"] == "+918848850922"
    assert json.loads(items.stdout)["readings"][0]["value"][0]["quantity"] == 11


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("not json", "line 1 is not JSON"),
        ("[1]", 'line 1 is no row. Example: {"id": 1'),
        ('{"id": 1}', "line 1 is no row."),
        ('{"text": "a", "langs": "en"}', 'a row has no "langs". Did you mean "lang"?'),
        ('{"text": "a", "zzz": 1}', 'a row has no "zzz". Known are: id, text'),
        ('{"text": 5}', '"text" must be str, not 5.'),
    ],
)
def test_a_row_that_cannot_be_read_is_told_with_its_line(run: Run, row: str, words: str) -> None:
    result = run("read", "phone", "--jsonl", given=f"{row}\n")

    assert result.exit_code == 2
    assert words in result.stderr


def test_check_of_a_flow_without_a_bot_still_knows_its_states(run: Run, tmp_path: Path) -> None:
    """What a file says about itself is checked; what only its bot can tell is not."""
    file = tmp_path / "f.yaml"
    states = "{a: {say: {en: Hi, es: Hola}, then: b}, c: {hand_over: x, nobody_after: {5m: d}}}"
    file.write_text(f"flow: f\nstates: {states}\n", "utf-8")
    said = run("check", str(file))

    assert said.exit_code == 1
    assert 'state "a" goes to "b", which no state is called' in said.stdout
    assert "desk" not in said.stdout
    assert "language" not in said.stdout
