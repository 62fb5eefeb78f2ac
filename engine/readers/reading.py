"""What a reader returns and what it may know: plain values, so that reading stays pure."""

from __future__ import annotations

__all__ = ["Hearing", "Read", "Reading", "Unclear"]

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Read:
    """A value found in a text, and where: ``text[start:end]`` is what it was read from.

    `value` is plain JSON (str, int, float, bool, list, dict), because it is stored in the session.
    `fault` names why a recognised value cannot be taken as it stands (``"not_dialable"``): the
    flow asks again and shows it, instead of pretending that nothing was said.
    `otherwise` is what it means where the slot's limits do not let it be `value`: "6" until 18:00.
    """

    value: Any
    start: int
    end: int
    fault: str = ""
    kind: str = ""  # person_name | phone | email, from the reader of all three
    otherwise: Any = None


@dataclass(frozen=True, slots=True)
class Unclear:
    """Several values fit and only the customer knows which; `labels` are shown in this order."""

    candidates: tuple[Any, ...]
    labels: tuple[str, ...]
    start: int
    end: int
    kind: str = ""


Reading = Read | Unclear


@dataclass(frozen=True, slots=True)
class Hearing:
    """All that a reader may know besides the text.

    `asked` is whether this very value is being asked for now: only then may a reader take a bare
    answer ("Hari") that would be a guess in free text.
    """

    languages: tuple[str, ...] = ("en",)
    region: str = "US"
    asked: bool = False
    now: str = ""  # ISO local time, for "tomorrow"
    date_order: str = "dmy"
    want: str = ""  # for dates: date | time | datetime
    talked: int = -1  # the place of the one line of an order that was changed last
    options: tuple[tuple[str, tuple[str, ...]], ...] = ()  # choice: (id, words that mean it)
    catalogue: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # id -> aliases
