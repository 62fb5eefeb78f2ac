"""A chat that is kept: killed, gone on with, shown what comes by itself."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from typer.testing import Result

from tests.adapters.programs import ROOT, Program, start
from tests.adapters.talking import ASKED, CONTACT, ORDER, talk

Run = Callable[..., Result]


def test_a_killed_chat_goes_on_where_it_was(world: str, run: Run) -> None:
    """What was said stands in the database; the order is placed once."""
    key = f"web-killed-{world}"
    with start("chat", "--session", key) as chat:
        chat.tell(ORDER)
        chat.until(ASKED)
        chat.stop(signal.SIGKILL)

    out = talk(key, CONTACT, "/tap confirm")

    assert out.startswith(f"> {ORDER}\n< Noted: 11 x AC remote control. To confirm")
    assert "> [Confirm]\n< Placing your order ...\n" in out
    assert "< Thank you, Hari! Your order number is A-" in out
    assert 1 == out.count("Your order number is")
    (listed,) = [one for one in json.loads(run("sessions", "--json").stdout) if one["key"] == key]
    assert ("idle", None, "web", "open") == (
        listed["state"], listed["flow"], listed["lane"], listed["status"],
    )  # fmt: skip


def test_a_chat_needs_a_key_of_the_web_chat(run: Run) -> None:
    result = run("chat", "--session", "wa-1-4915112345678")

    assert result.exit_code == 2
    assert "Example: --session web-hari" in result.stderr


def test_a_chat_knows_no_button_that_is_not_shown(sqlite: Path) -> None:
    assert 'no button is called "confirm" now.' in talk("web-hari", "/tap confirm", "/help")


def test_a_chat_on_a_terminal_shows_what_comes_by_itself(sqlite: Path, run: Run) -> None:
    """Numbers press buttons; the answer comes before the next prompt; an operator's line appears."""
    ours, theirs = pty.openpty()
    chat = subprocess.Popen(
        [sys.executable, "-m", "adapters.cli", "chat", "--session", "web-hari"],
        cwd=ROOT,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    shown = Program(chat)
    os.write(ours, f"/help\n{ORDER}\n{CONTACT}\n1\n".encode())
    shown.until("(1) Confirm   (2) Change   (3) Cancel")
    shown.until("bot> Thank you, Hari! Your order number is A-1001.")
    run("reply", "web-hari", "Thanks from Ana!")
    shown.until("operator> Thanks from Ana!")
    os.write(ours, b"/quit\n")
    code, _, err = shown.ended()
    os.close(ours)
    os.close(theirs)

    assert code == 0
    assert "you are talking to parts_shop as web-hari" in err
    assert "Traceback" not in err


def test_ctrl_c_ends_a_chat_without_a_traceback(sqlite: Path) -> None:
    with start("chat", "--session", "web-hari") as chat:
        chat.tell(ORDER)
        chat.until(ASKED)
        code, _, err = chat.stop(signal.SIGINT)

    assert code == 130
    assert "Traceback" not in err
    assert "Fatal" not in err
    assert ASKED in talk("web-hari")
