"""What a text was understood as: values for the router to return and the turn to act on."""

from __future__ import annotations

__all__ = ["Filling", "Heard", "Topics", "Words"]

from dataclasses import dataclass, field
from typing import Any

from engine.language.book import Topic
from engine.readers.folding import Word
from engine.readers.reading import Unclear

Words = list[Word]
# Questions and start phrases that were found: first word, word after the last.
Topics = list[tuple[Topic, int, int]]


@dataclass(slots=True)
class Filling:
    """A value for a slot of one frame; `fault` when the reader itself doubts it."""

    depth: int
    slot: str
    value: Any
    correction: bool
    fault: str = ""
    whole: bool = False  # an order as it is after a change, with what is open about it


@dataclass(slots=True)
class Heard:
    """Everything a text was understood as; nothing set is a miss."""

    answer: str = ""  # the pending question's: yes | no | continue | leave | a candidate's number
    choice: int | None = None  # position of the state's own choice
    command: str = ""
    fills: list[Filling] = field(default_factory=list)
    unclear: tuple[int, str, Unclear] | None = None
    change: tuple[int, str] | None = None  # a slot the customer wants to change, value not given
    questions: list[str] = field(default_factory=list)
    start: str = ""
    start_fills: dict[str, Any] = field(default_factory=dict)
    start_by: str = ""  # how the start was found: phrase | reading | goods
    found: list[str] = field(default_factory=list)  # the phrase's words as typed, or the slots read
    language: str = ""  # of the phrase that was matched, when it belongs to one language
    skips: bool = False  # an optional slot is declined
    waits: bool = False  # asks for a moment
    empties: bool = False  # takes the last line off an order
    greets: bool = False
    courtesy: str = ""  # "thanks" or "goodbye", where that is what it is
    text: str = ""
    said: Words = field(default_factory=list)
    seen: bool = False  # the open question was shown before this text was sent

    @property
    def missed(self) -> bool:
        """Whether nothing at all was understood."""
        return not (
            self.answer
            or self.choice is not None
            or self.command
            or self.fills
            or self.unclear
            or self.change
            or self.questions
            or self.start
            or self.skips
            or self.greets
            or self.waits
        )
