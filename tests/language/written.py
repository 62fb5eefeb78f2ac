"""Bots written for one test: a few lines of YAML, read as the loader reads any bot."""

from __future__ import annotations

__all__ = ["BOT", "FLOWS", "bot_of", "said_of"]

from pathlib import Path

from engine.language.checks import check_bot
from engine.language.loader import load_bot
from engine.language.source import BotSource

FLOWS = Path(__file__).parents[2] / "flows"
BOT = "bot: shop\nlanguages: [en]\nflows: [order]\n"


def bot_of(folder: Path, bot: str = BOT, **flows: str) -> BotSource:
    """Write a bot and read it."""
    (folder / "bot.yaml").write_text(bot, encoding="utf-8")
    for name, text in flows.items():
        (folder / f"{name}.yaml").write_text(f"flow: {name}\n{text}", encoding="utf-8")
    return load_bot(folder, defaults=FLOWS)


def said_of(source: BotSource) -> list[str]:
    """List the faults of a bot without their places."""
    return [fault.fault for fault in check_bot(source, actions=None)]
