"""Where a process can die: around every statement, command and request, and at every suspension.

`Killer.point` is called at each of them and raises at the one it is told to: what the process held
in memory is gone, its connections are cut, nothing is cleaned up.
"""

from __future__ import annotations

__all__ = ["CutCache", "CutPostgres", "CutSqlite", "Killed", "Killer", "stepped"]

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from engine.stores.cache import Breaker
from engine.stores.database import Rows, Statement
from engine.stores.postgres import PostgresDatabase
from engine.stores.sqlite import SqliteDatabase

T = TypeVar("T")


class Killed(KeyboardInterrupt):
    """The process is gone. Of this family, because a loop lets nothing else through at once."""


class Killer:
    """Counts points, and kills at one of them; at none when `at` is 0."""

    def __init__(self, at: int = 0, kill: Callable[[str], None] | None = None) -> None:
        """Kill by raising, or by `kill`."""
        self.at = at
        self.seen = 0
        self.kinds: Counter[str] = Counter()
        self.kill = kill or _raise

    def point(self, kind: str) -> None:
        """Be at a point; perhaps the last."""
        self.seen += 1
        self.kinds[kind] += 1
        if self.seen == self.at:
            self.kill(kind)

    def around(self, kind: str, call: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T]]:
        """Return the call with a point before and after it."""

        async def cut(*args: Any, **kwargs: Any) -> T:
            self.point(f"before {kind}")
            result = await call(*args, **kwargs)
            self.point(f"after {kind}")
            return result

        return cut


def _raise(kind: str) -> None:
    raise Killed(kind)


def _named(statement: Statement) -> str:
    text = statement[0]
    return text if text in ("BEGIN", "BEGIN IMMEDIATE", "COMMIT") else "statement"


class CutSqlite(SqliteDatabase):
    """SQLite in the loop itself, so that a kill there is a kill of everything."""

    killer: Killer

    async def _in(self, executor: ThreadPoolExecutor, call: Callable[[], T]) -> T:
        await asyncio.sleep(0)
        return call()

    def _execute(self, connection: Any, statement: Statement) -> Rows:
        self.killer.point(f"before {_named(statement)}")
        rows = super()._execute(connection, statement)
        self.killer.point(f"after {_named(statement)}")
        return rows

    def _connect(self) -> Any:
        connection = super()._connect()
        connection.execute("PRAGMA synchronous=OFF")  # no kill here takes the power away
        return connection

    def cut(self) -> None:
        """Lose the connections, as a dead process does: what was not committed is rolled back."""
        for connection in (self._reader, self._writer):
            if connection is not None:
                connection.close()


class CutPostgres(PostgresDatabase):
    """PostgreSQL, with its connections in our hand."""

    killer: Killer

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.opened: list[Any] = []

    async def _ready(self) -> Any:
        connection = await super()._ready()
        if connection not in self.opened:
            self.opened.append(connection)
        return connection

    async def _execute(self, connection: Any, statement: Statement) -> Rows:
        self.killer.point(f"before {_named(statement)}")
        rows = await super()._execute(connection, statement)
        self.killer.point(f"after {_named(statement)}")
        return rows

    def cut(self) -> None:
        """Lose the connections, as a dead process does."""
        for connection in self.opened:
            connection.terminate()


class CutCache(Breaker):
    """The breaker before a real Redis, with points around each command."""

    def __init__(self, killer: Killer) -> None:
        super().__init__()
        self._killer = killer

    async def through(self, call: Callable[[], Awaitable[T]], otherwise: T) -> T:
        self._killer.point("before Redis command")
        result = await super().through(call, otherwise)
        self._killer.point("after Redis command")
        return result


class _Stepped(Coroutine[Any, Any, T]):
    """A coroutine with a point at every resumption: between two of them it was suspended."""

    def __init__(self, inner: Coroutine[Any, Any, T], killer: Killer) -> None:
        self._inner = inner
        self._killer = killer

    def __await__(self) -> Generator[Any, Any, T]:
        return self._inner.__await__()

    def send(self, value: Any) -> Any:
        self._killer.point("suspension")
        return self._inner.send(value)

    def throw(self, *error: Any) -> Any:
        return self._inner.throw(*error)

    def close(self) -> None:
        self._inner.close()


def stepped(killer: Killer) -> Any:
    """Return a task factory whose tasks have a point at every suspension."""

    def make(loop: Any, inner: Coroutine[Any, Any, T], **kwargs: Any) -> asyncio.Task[T]:
        return asyncio.Task(_Stepped(inner, killer), loop=loop, **kwargs)

    return make
