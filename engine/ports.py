"""What the engine asks of the world: shapes only, each with something behind it that tests use.

A store is asked in coroutines, because some wait for a database; the one in memory never does.
"""

from __future__ import annotations

__all__ = ["Action", "Committed", "Conflict", "Duplicate", "Outcome", "SessionStore", "Work"]

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from engine.effects import Effect
from engine.session import Session
from engine.transcript import Line
from engine.turn import Turn

Action = Callable[..., Any]
"""What a flow may `do`: ``action(key=..., **arguments)`` returns plain JSON or raises.

Under one key it has its effect once and returns the first result again, however often it is run.
"""


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
class Work:
    """An effect taken by a worker; whoever takes it again does so under the same id."""

    effect: Effect
    bot: str
    lane: str
    contact: str
    attempt: int  # counts from one


class SessionStore(Protocol):
    """Where sessions, their lines and their effects are kept; a commit is whole or nothing.

    Inbound ids are unique per bot and contact, whatever lane they came by.
    """

    async def load(self, bot: str, lane: str, contact: str) -> Session | None:
        """Return the open session, or None."""
        ...

    async def commit(
        self, before: Session, turn: Turn, *, settles: Mapping[str, str] | None = None
    ) -> Outcome:
        """Store the turn taken on `before`, with the outcomes (effect -> status) it carries."""
        ...

    async def lines(self, session: str, *, after: int = 0) -> Sequence[Line]:
        """Return the lines of a session numbered above `after`."""
        ...

    async def answer(self, bot: str, contact: str, inbound: str) -> Sequence[Line]:
        """Return the lines of the turn that took this message; none if no turn did."""
        ...

    async def due(self, now: int) -> Sequence[Session]:
        """Return the open sessions with a deadline at or before `now`, earliest first."""
        ...

    async def take(self, now: int) -> Work | None:
        """Take the oldest effect that can be done now; it is owed until it is settled."""
        ...

    async def put_back(self, effect: str, *, until: int) -> None:
        """Give a taken effect back; nobody takes it before `until`."""
        ...

    async def settle(self, effect: str, status: str) -> None:
        """Store the outcome of an effect that no turn waits for."""
        ...
