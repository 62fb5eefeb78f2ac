"""What the people who run the product see of it, and how they put something right: shapes only.

None of it is on the way of a message. A row is read by its columns, so that a session whose body
cannot be read is still seen, and can be ended.
"""

from __future__ import annotations

__all__ = ["Keeping", "Listed", "Outbox", "Overview", "ParkedEvent", "Requested", "Totals"]

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from engine.records import Place
from engine.session import Session


@dataclass(frozen=True, slots=True)
class Listed:
    """A session as its columns say it."""

    id: str
    key: str
    bot: str
    lane: str
    contact: str
    version: int
    mode: str
    status: str
    flow: str | None
    state: str
    last_at: int
    damaged: bool = False  # its body cannot be read; only told where one session is asked for


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """An event a bug of ours could not take, and the session it was for."""

    id: str
    session: Listed
    at: int
    kind: str  # the event's class
    error: str
    fields: Mapping[str, Any]  # the event's own


@dataclass(frozen=True, slots=True)
class Requested:
    """What a turn asked for outside, and how far it came; in the words of `effect_rows`."""

    id: str
    turn: int
    kind: str
    status: str
    fields: Mapping[str, Any]  # the effect's own


@dataclass(frozen=True, slots=True)
class Outbox:
    """What is still to be done."""

    depth: int
    oldest_at: int | None  # when the oldest of it was asked for


class Overview(Protocol):
    """Sessions and parked events, as they are listed; what only an operator does."""

    async def sessions(self, *, bot: str = "", ended: bool = False) -> Sequence[Listed]:
        """Return the open sessions (and the ended ones), the latest first; of one bot, or of all."""
        ...

    async def by_key(self, key: str, *, bot: str = "") -> Listed | None:
        """Return the newest open session of this key, else its newest one; None if there is none."""
        ...

    async def session(self, key: str, *, bot: str) -> Session | None:
        """Return what `by_key` names, all of it; one that was ended unread is none."""
        ...

    async def versions(self, places: Sequence[Place]) -> Mapping[Place, tuple[str, int]]:
        """Return the open session of each place and its version, where one is open."""
        ...

    async def keys(self) -> Sequence[str]:
        """Return the keys of open sessions, the latest first, a thousand at most."""
        ...

    async def requested(self, session: str) -> Sequence[Requested]:
        """Return what the turns of a session asked for, the oldest first."""
        ...

    async def end_unread(self, found: Listed, *, at: int, reason: str) -> bool:
        """End a session whose body cannot be read; False if it changed since it was found."""
        ...

    async def parked(self) -> Sequence[ParkedEvent]:
        """Return the events that wait to be tried again, the oldest first."""
        ...

    async def retried(self, parked: str) -> None:
        """Strike an event off that list."""
        ...

    async def outbox(self) -> Outbox:
        """Return how much is still to be done."""
        ...


Counts = Mapping[tuple[str, tuple[str, ...]], float]
"""What was counted: (name, labels) -> number."""


class Totals(Protocol):
    """What all processes have counted together."""

    async def add(self, counts: Counts) -> None:
        """Add what one process counted."""
        ...

    async def all(self) -> Counts:
        """Return the sums."""
        ...


class Keeping(Protocol):
    """Where ended conversations are kept, for as long as their bot says."""

    async def clean(self, bot: str, *, ended_before: int, now: int) -> int:
        """Forget the conversations of a bot that ended before this moment; return how many."""
        ...
