"""What an assistant is asked, and what it answers: everything it may know, and nothing else.

No assistant reads a database or a file. Whatever stands in a `Question` it may repeat to the
customer; whatever must stay a secret is not in it.
"""

from __future__ import annotations

__all__ = ["NotAnswered", "Passage", "Question", "Remark", "Reply"]

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of the business's own texts that may hold the answer."""

    source: str  # where it stands, for people: "warranty.md: Batteries"
    text: str


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that was said before, in this conversation."""

    who: str  # user | bot | assistant | operator
    text: str
    # The turn as its vendor gave it, by vendor: some refuse a history that was put together anew.
    verbatim: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """One question: what to do, what was said, what may help, and what was asked now."""

    text: str
    instruction: str  # the same for all conversations of a bot and language
    said: tuple[Remark, ...] = ()  # the oldest first, without the question itself
    passages: tuple[Passage, ...] = ()
    offers: Mapping[str, str] = field(default_factory=dict)  # flow -> when to offer it
    timeout: int = 20_000  # milliseconds
    now: str = ""  # where the business is: "Monday, 2026-01-05 09:00"


@dataclass(frozen=True, slots=True)
class Reply:
    """A text, a flow to offer, or both; `verbatim` as in `Remark`."""

    text: str = ""
    offer: str = ""
    verbatim: Mapping[str, Any] = field(default_factory=dict)


class NotAnswered(Exception):
    """There is no answer; `again` says whether asking once more can help.

    `after` is how long the vendor wants to be left alone, in milliseconds, by all conversations.
    """

    def __init__(self, why: str, *, again: bool = False, after: int | None = None) -> None:
        """Keep why, for the log: never a text of anybody's."""
        super().__init__(why)
        self.again = again
        self.after = after
