"""What goes into a store, and what comes of it: turns to keep, work to do, copies for the caches."""

from __future__ import annotations

__all__ = [
    "Cached",
    "Committed",
    "Conflict",
    "Duplicate",
    "Outcome",
    "Place",
    "Work",
    "Write",
]

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.effects import Effect
from engine.session import Session
from engine.turn import Turn

Place = tuple[str, str, str]
"""Where a conversation is: bot, lane, contact. At most one session is open in a place."""


@dataclass(frozen=True, slots=True)
class Committed:
    """The turn is stored: its lines can be answered and its effects done."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Another turn was stored meanwhile: load again and take the turn again."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """These ids were taken before: take the turn without them, or answer as then."""

    ids: tuple[str, ...]


Outcome = Committed | Conflict | Duplicate


@dataclass(frozen=True, slots=True)
class Write:
    """What is stored together or not at all: a turn, and what belongs to it.

    `settles` are outcomes of effects (effect -> status) that the turn is about. `beside` are turns
    of other sessions of the same contact. `addresses` lead to this contact from now on, and the
    contact it `gives_up` may have no open session left. A session that begins was `reached` by an
    address: it is refused where that address leads to another contact.
    """

    before: Session
    turn: Turn
    settles: Mapping[str, str] = field(default_factory=dict)
    beside: Sequence[tuple[Session, Turn]] = ()
    addresses: Sequence[str] = ()
    gives_up: str = ""
    reached: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """An effect taken by a worker; whoever takes it again does so under the same id."""

    effect: Effect
    session: str
    bot: str
    lane: str
    contact: str
    attempt: int  # counts from one
    cut: bool = False  # an earlier attempt was cut while it was on the wire
    at: int = 0  # when its turn was


@dataclass(frozen=True, slots=True)
class Cached:
    """A committed session on its way into a cache, or out of it: encoded once, for all tiers."""

    place: Place
    version: int
    ended: bool
    body: bytes
    owes: bool = False  # its turn left work for a worker
