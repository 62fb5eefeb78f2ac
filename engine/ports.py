"""What the engine asks of the world: shapes only, each with something behind it that tests use.

A store is asked in coroutines, because some wait for a database; the one in memory never does.
"""

from __future__ import annotations

__all__ = [
    "Action",
    "Assistant",
    "Budget",
    "Cache",
    "Channel",
    "Clock",
    "Directory",
    "Knowledge",
    "NotDelivered",
    "SessionStore",
]

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from engine.effects import Send
from engine.questions import Passage, Question, Reply
from engine.records import Cached, Outcome, Place, Work, Write
from engine.session import Session
from engine.transcript import Line

Action = Callable[..., Any]
"""What a flow may `do`: ``action(key=..., **arguments)`` gives plain JSON, at once or awaited.

Under one key it has its effect once and returns the first result again, however often it is run.
"""

Clock = Callable[[], int]
"""Milliseconds since 1970, UTC."""


class SessionStore(Protocol):
    """Where sessions, their lines and their effects are kept; a commit is whole or nothing.

    An inbound id is unique wherever it comes from: who hands it in has put the connection and the
    sender into it.
    """

    async def load(self, place: Place, *, fresh: bool = False) -> Session | None:
        """Return the open session, or None; `fresh` asks no cache."""
        ...

    async def where(self, session: str) -> Place | None:
        """Return where this session is open; None when it has ended."""
        ...

    async def open_of(self, bot: str, contact: str) -> Sequence[Session]:
        """Return a contact's open sessions, whatever lane they are in; asks no cache."""
        ...

    async def commit(self, write: Write) -> Outcome:
        """Store turns with the outcomes they carry, all of it or nothing."""
        ...

    async def lines(self, session: str, *, after: int = 0) -> Sequence[Line]:
        """Return the lines of a session numbered above `after`."""
        ...

    async def answer(self, inbound: str) -> Sequence[Line]:
        """Return the lines of the turn that took this message; none if no turn did."""
        ...

    async def due(self, now: int, *, limit: int = 100) -> Sequence[Session]:
        """Return open sessions with a deadline at or before `now`, earliest first."""
        ...

    async def take(
        self, now: int, *, until: int, limit: int = 1, questions: bool = True
    ) -> Sequence[Work]:
        """Lease the oldest effects that can be done now; after `until` others may take them.

        Without `questions`, none that ask an assistant.
        """
        ...

    async def renew(self, works: Sequence[Work], *, until: int) -> None:
        """Keep what is being done leased for longer, where it is still ours."""
        ...

    async def begin_sending(self, work: Work, *, until: int) -> bool:
        """Mark a message as on the wire; False when it was withdrawn or taken by another."""
        ...

    async def put_back(
        self, work: Work, *, until: int, attempted: bool = True, aside: bool = False
    ) -> None:
        """Give a taken effect back; nobody takes it before `until`.

        `aside`: what was said later to the same person does not wait for it.
        """
        ...

    async def settle(self, work: Work, status: str) -> None:
        """Store the outcome of an effect that no turn waits for."""
        ...


class Cache(Protocol):
    """Copies of committed sessions, safe to lose at any moment; it never raises."""

    async def get(self, place: Place) -> Cached | None:
        """Return what is kept of this place; None also when the cache cannot be reached."""
        ...

    async def put(self, many: Sequence[Cached]) -> None:
        """Keep each of these, unless something newer is kept already."""
        ...

    async def drop(self, place: Place) -> None:
        """Forget this place, whatever is kept."""
        ...


class Directory(Protocol):
    """Which contact an address leads to, and whom a bot admits."""

    def remembered(self, bot: str, addresses: Sequence[str]) -> Sequence[str | None] | None:
        """Return what `contacts` gave lately, without asking anybody; None: ask."""
        ...

    async def contacts(self, bot: str, addresses: Sequence[str]) -> Sequence[str | None]:
        """Return the contact each address was written down for; None where none was."""
        ...

    async def known_as(self, bot: str, contacts: Sequence[str]) -> Sequence[str]:
        """Return the addresses that were written down for these contacts."""
        ...

    async def point(
        self, bot: str, addresses: Sequence[str], contact: str, *, gives_up: str
    ) -> bool:
        """Have these addresses lead to a contact; False while the one given up has a session."""
        ...

    def forget(self, bot: str, addresses: Sequence[str]) -> None:
        """Ask anew for these addresses."""
        ...

    async def admitted(
        self, bot: str, addresses: Sequence[str], now: int
    ) -> Mapping[str, Any] | None:
        """Return what is known of an admitted person; None for anybody else."""
        ...


class NotDelivered(Exception):
    """A message did not go out; `again` says whether another attempt can help.

    `after` is how long to wait before it, in milliseconds; what is no fault of this message's (its
    number is not connected) does not count as an attempt.
    """

    def __init__(
        self, why: str, *, again: bool, after: int | None = None, counts: bool = True
    ) -> None:
        """Keep why, for the console."""
        super().__init__(why)
        self.again = again
        self.after = after
        self.counts = counts


class Channel(Protocol):
    """A way to a customer's phone."""

    resends: bool
    """Whether an attempt that was cut may be repeated: the receiver tells us what it got."""

    async def hold(self, work: Work, message: Send) -> None:
        """Raise `NotDelivered` where this message must wait, or will never go; nothing is sent."""
        ...

    async def send(self, work: Work, message: Send) -> None:
        """Hand one message to the provider, or raise `NotDelivered`."""
        ...


class Assistant(Protocol):
    """A language model or an agent elsewhere, asked only when no flow is active."""

    async def ask(self, work: Work, question: Question) -> Reply:
        """Answer a question, or raise `NotAnswered`; asked again under the same `work.effect.id`."""
        ...


class Knowledge(Protocol):
    """The business's own texts."""

    def find(self, text: str, *, limit: int = 3) -> Sequence[Passage]:
        """Return the passages that have most to do with a text, the best first; maybe none."""
        ...


class Budget(Protocol):
    """How often a bot may ask in a day, over all processes."""

    async def spend(self, bot: str, day: str, *, limit: int) -> bool:
        """Count one question of this day (``2026-01-05``); False where none is left."""
        ...
