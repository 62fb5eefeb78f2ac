"""One process of the product on a database, with a clock and a world that tests hold in their hands."""

from __future__ import annotations

__all__ = ["Clock", "Gated", "Office", "Phone", "Program", "work_of"]

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any, TypeVar

from engine.effects import Effect, Send
from engine.events import Event, ModeChanged, OperatorSaid, Said
from engine.language.book import Book
from engine.ports import Action, Assistant, Cache, Channel, Knowledge, NotDelivered
from engine.records import Outcome, Work, Write
from engine.runtime.arrivals import Answer, Arrival, contact_id, inbound_id
from engine.runtime.assistant import Asker
from engine.runtime.conversations import Conversations
from engine.runtime.deadlines import Deadlines
from engine.runtime.metrics import Counters
from engine.runtime.worker import Worker
from engine.session import Session
from engine.stores.budget import SqlBudget
from engine.stores.database import Database, Rows, Statement, Transaction, Undone
from engine.stores.directory import SqlDirectory
from engine.stores.sql import SqlStore
from engine.stores.sqlite import SqliteDatabase
from engine.stores.tiered import TieredStore
from tests.core.talk import START

T = TypeVar("T")
_numbers = count(1)


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: int = START

    def __call__(self) -> int:
        """Return the time."""
        return self.now


class Gated(SqliteDatabase):
    """SQLite whose transactions wait while the gate is closed, and fail while it is broken."""

    gate: asyncio.Event | None = None
    waiting = 0
    broken: Exception | None = None
    after: Exception | None = None  # raised right after a commit, once

    async def read(self, statement: Statement) -> Rows:
        """Read, unless broken."""
        if self.broken:
            raise self.broken
        return await super().read(statement)

    async def transact(self, transaction: Callable[[], Transaction[T | Undone[T]]]) -> T:
        """Wait for the gate, then run."""
        if self.broken:
            raise self.broken
        if self.gate is not None:
            self.waiting += 1
            await self.gate.wait()
            self.waiting -= 1
        result = await super().transact(transaction)
        if self.after is not None:
            error, self.after = self.after, None
            raise error
        return result


class Program:
    """A store that lets a test step in before a commit."""

    before_commit: Callable[[Write], Any] | None = None

    def __init__(self, store: TieredStore) -> None:
        self._store = store

    async def commit(self, write: Write) -> Outcome:
        """Step in, then commit."""
        if self.before_commit is not None:
            await self.before_commit(write)
        return await self._store.commit(write)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


@dataclass
class Phone:
    """A channel that keeps what was sent, and fails as it is told."""

    resends: bool = False
    sent: list[Send] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)  # the next attempts, in order
    hangs: bool = False
    before: Callable[[], Any] | None = None
    holds: list[Exception] = field(default_factory=list)  # the next ones are not even tried

    async def hold(self, work: Work, message: Send) -> None:
        """Let a message go, or not yet."""
        if self.holds:
            raise self.holds.pop(0)

    async def send(self, work: Work, message: Send) -> None:
        """Take a message."""
        if self.before is not None:
            await self.before()
        if self.hangs:
            await asyncio.Event().wait()
        if self.fails:
            raise self.fails.pop(0)
        self.sent.append(message)


class Office:
    """Conversations, worker and deadlines on one store, and customers who write to them."""

    def __init__(
        self,
        book: Book | Mapping[str, Book],
        database: Database,
        clock: Clock,
        *,
        cache: Cache | None = None,
        actions: Mapping[str, Action] | None = None,
        channels: Mapping[str, Channel] | None = None,
        assistants: Mapping[str, Assistant] | None = None,
        knowledge: Mapping[str, Knowledge] | None = None,
    ) -> None:
        """Open."""
        books = {book.bot: book} if isinstance(book, Book) else book
        self.bot = next(iter(books))
        self.database = database
        self.clock = clock
        self.counters = Counters()
        tiers = TieredStore(
            SqlStore(database),
            cache,
            restored=lambda bot, tier: self.counters.add("restored", bot, tier),
        )
        self.store: Any = Program(tiers)
        self.directory = SqlDirectory(database)
        self.woken = 0
        self.conversations = Conversations(
            books,
            self.store,
            self.directory,
            clock=clock,
            ids=lambda: f"s{next(_numbers)}",
            counters=self.counters,
            on_effects=self._wake,
        )
        self.worker = Worker(
            self.store,
            self.conversations,
            actions=actions or {},
            channels=channels or {},
            asker=Asker(
                books,
                self.store,
                assistants or {},
                clock=clock,
                counters=self.counters,
                budget=SqlBudget(database),
                knowledge=knowledge or {},
            ),
            clock=clock,
            random=Random(1),  # noqa: S311 - jitter
        )
        self.deadlines = Deadlines(self.store, self.conversations, clock)

    def _wake(self) -> None:
        self.woken += 1
        self.worker.wake()

    def counted(self, what: str) -> float:
        """Return a count over all labels."""
        return sum(n for (name, _), n in self.counters.now().items() if name == what)

    # -- customers ------------------------------------------------------------------------------

    def arrival(
        self,
        text: str | Event,
        *,
        who: str | Sequence[str] = "hari",
        lane: str = "web",
        name: str = "",
        at: int | None = None,
        route: str | None = None,
    ) -> Arrival:
        """Make what an adapter hands in; `name` is the message's own id."""
        addresses = (who,) if isinstance(who, str) else tuple(who)
        event = text
        if isinstance(event, str):
            id_ = inbound_id(self.bot, lane, addresses[0], name or f"m{next(_numbers)}")
            event = Said(id_, self.clock() if at is None else at, event, route)
        return Arrival(self.bot, lane, addresses, f"{lane}-{addresses[0]}", event)

    async def say(self, text: str | Event, **more: Any) -> Answer:
        """Say something and return the answer."""
        self.clock.now += 1_000
        answer = await self.conversations.receive(self.arrival(text, **more))
        assert answer is not None
        return answer

    async def said(self, text: str | Event, **more: Any) -> list[str]:
        """Say something and return what the bot says to it."""
        return [line.text for line in (await self.say(text, **more)).lines if line.who == "bot"]

    def place(self, who: str = "hari", lane: str = "web") -> tuple[str, str, str]:
        """Return where a customer's conversation is, unless their contact is another by now."""
        return self.bot, lane, contact_id(self.bot, who)

    async def session(self, who: str = "hari", lane: str = "web") -> Session:
        """Return a customer's session as the database has it."""
        found: Session | None = await self.store.load(self.place(who, lane), fresh=True)
        assert found is not None
        return found

    async def operator(self, text: str, who: str = "hari", lane: str = "web") -> None:
        """Have a person of the business write."""
        event = OperatorSaid(f"o{next(_numbers)}", self.clock(), text, "ana")
        assert await self.conversations.deliver(self.place(who, lane), event)

    async def mode(self, mode: str, who: str = "hari", lane: str = "web") -> None:
        """Take over, hand back, end."""
        event = ModeChanged(f"o{next(_numbers)}", self.clock(), mode)
        assert await self.conversations.deliver(self.place(who, lane), event)

    # -- what the database says -----------------------------------------------------------------

    async def rows(self, text: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return [tuple(row) for row in await self.database.read((text, values))]

    async def effects(self) -> list[tuple[str, str]]:
        """Return kind and status of every effect, the oldest first."""
        return [
            (kind, status)
            for kind, status in await self.rows(
                "SELECT kind, status FROM effect ORDER BY at, session, place"
            )
        ]


def work_of(effect: Effect, *, attempt: int = 1, session: str = "s") -> Work:
    """Return an effect as a worker gets it."""
    return Work(effect, session, "shop", "web", "hari", attempt)


def refused(why: str, *, again: bool) -> NotDelivered:
    """Return what a provider says no with."""
    return NotDelivered(why, again=again)
