"""What tests of Gemini ask, and how: a question with defaults, and one try at it."""

from __future__ import annotations

__all__ = ["OFFERS", "WORK", "failure", "question", "tried"]

from typing import Any

import pytest

from adapters.gemini.assistant import Gemini
from engine.effects import AskAssistant
from engine.questions import NotAnswered, Question, Remark, Reply
from engine.records import Work

OFFERS = {"order": "The customer wants to buy.", "visit": "Somebody should come by."}
WORK = Work(AskAssistant("s:1:1", "hm?"), "s", "shop", "web-ana", "ana", 1)


def question(text: str = "Where are you?", *said: Remark, **more: Any) -> Question:
    """Return a question that may offer two flows."""
    return Question(text, "You answer for a shop.", said, **{"offers": OFFERS, **more})


async def tried(gemini: Gemini, asked: Question | None = None) -> Reply:
    """Ask once, and close."""
    try:
        return await gemini.ask(WORK, asked or question())
    finally:
        await gemini.aclose()


async def failure(gemini: Gemini, asked: Question | None = None) -> tuple[str, bool, int | None]:
    """Ask once in vain; return why, whether again, and after how long."""
    with pytest.raises(NotAnswered) as raised:
        await tried(gemini, asked)
    return str(raised.value), raised.value.again, raised.value.after
