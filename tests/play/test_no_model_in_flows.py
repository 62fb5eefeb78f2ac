"""While a flow is active no model is asked, whatever customers type; outside of one it may be."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.assembly import build_player, load_script, load_source
from engine.effects import AskAssistant
from engine.language.bot_compiler import compile_bot
from engine.play import Player
from engine.records import Outcome, Write
from engine.showing import chain
from engine.stores.memory import MemoryStore

ROOT = Path(__file__).parents[2]
BOT = ROOT / "flows" / "parts_shop"
SCRIPTS = sorted(
    path
    for path in (ROOT / "fixtures" / "conversations").rglob("*.chat")
    if "# bot: parts_shop" in path.read_text("utf-8")
)


class CountingStore(MemoryStore):
    """Counts the questions to the assistant, those inside a flow apart; restarts go on counting."""

    def __init__(self, counts: Counter[str] | None = None) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter() if counts is None else counts

    def reopened(self) -> CountingStore:
        again = CountingStore(self.counts)
        again.__dict__ |= super().reopened().__dict__
        return again

    async def commit(self, write: Write) -> Outcome:
        before = write.before
        for turn in chain(write.turn):
            asked = sum(isinstance(effect, AskAssistant) for effect in turn.effects)
            inside = bool(turn.session.frames and before.frames)
            self.counts["inside" if inside else "outside"] += asked
            before = turn.session
        return await super().commit(write)


def played(path: Path) -> CountingStore:
    """Play a script with an assistant configured; the bot is the shipped one otherwise."""
    source = load_source(BOT)
    use = source.bot.assistant.model_copy(update={"use": "gemini"})
    settings = source.bot.model_copy(update={"assistant": use})
    script = load_script(path)
    plain = build_player(BOT, {k: v for k, v in script.headers.items() if k != "bot"})
    store = CountingStore()
    player = Player(
        lambda _changes: compile_bot(replace(source, bot=settings)),
        store,
        plain.stage.actions,
        assistant="scripted",
    )
    for block in script.blocks:
        player.play(block)
    return store


def test_a_question_outside_of_any_flow_asks_once(tmp_path: Path) -> None:
    script = tmp_path / "control.chat"
    script.write_text("# control\n# bot: parts_shop\n> what is the meaning of life?\n", "utf-8")
    store = played(script)
    assert (0, 1) == (store.counts["inside"], store.counts["outside"])


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in SCRIPTS])
def test_inside_a_flow_nobody_is_asked(path: Path) -> None:
    if "flow change" in path.read_text("utf-8"):
        return  # plays with other files than the shipped ones
    assert 0 == played(path).counts["inside"]
