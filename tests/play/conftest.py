"""What tests of scripts share: a small bot of a test's own, and a way to play a text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.assembly import build_player, find_bot
from engine.play import Played, play
from engine.script import parse
from engine.transcript import render

BOT = """
bot: desk
languages: [en]
region: IN
timezone: Asia/Kolkata
flows: [visit]
facts: {place: the desk}
assistant: {use: gemini, system: You help., fallback: "I cannot say."}
"""
VISIT = """
flow: visit
start: {phrases: [book a visit], hint: The customer wants to come.}
slots:
  name: {type: person_name, label: name}
states:
  asking: {collect: [name], ask: "Your {missing}?", then: done}
  done: {end: completed, say: "See you at {bot.place}, {name}!"}
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with a bot that has an assistant and one flow."""
    (tmp_path / "bot.yaml").write_text(BOT, "utf-8")
    (tmp_path / "visit.yaml").write_text(VISIT, "utf-8")
    return tmp_path


@pytest.fixture
def played(tmp_path: Path) -> Callable[..., Played]:
    """Play the text of a script with a bot."""

    def run(text: str, bot: str | Path = "parts_shop") -> Played:
        script = parse(text, str(tmp_path / "talk.chat"))
        player = build_player(find_bot(str(bot)), script.headers, path=script.path)
        return play(player, script)

    return run


@pytest.fixture
def transcript(played: Callable[..., Played]) -> Callable[..., str]:
    """Play a script and return what was added to its own lines, without them."""

    def run(text: str, bot: str | Path = "parts_shop") -> str:
        given = text.splitlines()
        rows = [row for row in render(played(text, bot).entries).splitlines() if row not in given]
        return "\n".join(rows) + "\n"

    return run
