"""PostgreSQL by asyncpg: a few connections of our own, kept open and never reset."""

from __future__ import annotations

__all__ = ["PostgresDatabase"]

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit

import asyncpg

from engine.stores.database import (
    Bulk,
    Collision,
    Rows,
    Statement,
    Transaction,
    Unavailable,
    Undone,
)

T = TypeVar("T")

# A statement that waits longer waits for a lock or a dead server; the turn is then refused (503).
PATIENCE_SECONDS = 10.0


class PostgresDatabase:
    """A `Database` on a server. What is committed is on its disk (synchronous_commit=on)."""

    name = "postgresql"
    # Two: while one batch waits for the disk the next one is on its way.
    lanes = 2

    def __init__(self, url: str) -> None:
        """Open nothing yet: the first statement does."""
        self.url = url
        self._idle: list[Any] = []
        self._most = asyncio.Semaphore(self.lanes + 1)  # one more for those who read

    def bulk(self, statement: Bulk, rows: Rows) -> Statement:
        """Return the statement that does this to all the rows."""
        columns = ",".join(f"${n}::{kind}[]" for n, kind in enumerate(statement.types, 1))
        text = statement.text.replace("{rows}", f"SELECT * FROM unnest({columns})")
        return text, [list(column) for column in zip(*rows, strict=True)]

    async def read(self, statement: Statement) -> Rows:
        """Return the rows of a query, outside any transaction."""
        async with self._connection() as connection:
            return await self._execute(connection, statement)

    async def transact(self, transaction: Callable[[], Transaction[T | Undone[T]]]) -> T:
        """Run a transaction and commit it; `Undone`, or whatever is raised: nothing is kept."""
        async with self._connection() as connection:
            await self._execute(connection, ("BEGIN", ()))
            try:
                result = await self._run(connection, transaction())
                if isinstance(result, Undone):
                    await self._execute(connection, ("ROLLBACK", ()))
                    return result.result
                await self._execute(connection, ("COMMIT", ()))
            except Exception:
                await self._roll_back(connection)
                raise
            return result

    async def close(self) -> None:
        """Close every connection."""
        while self._idle:
            await self._idle.pop().close()

    async def _run(self, connection: Any, transaction: Transaction[T]) -> T:
        try:
            statement = next(transaction)
            while True:
                statement = transaction.send(await self._execute(connection, statement))
        except StopIteration as end:
            result: T = end.value
            return result

    async def _roll_back(self, connection: Any) -> None:
        if connection.is_closed():
            return
        try:
            await connection.execute("ROLLBACK")
        except Exception:  # noqa: BLE001 - why it came to this matters more; the server rolls back
            connection.terminate()

    async def _execute(self, connection: Any, statement: Statement) -> Rows:
        text, values = statement
        if not values and text in ("BEGIN", "COMMIT", "ROLLBACK"):
            await connection.execute(text)
            return []
        rows: Rows = await connection.fetch(text, *values)
        return rows

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        async with self._most:
            connection = None
            try:
                connection = await self._ready()
                yield connection
            except asyncpg.PostgresError as error:
                if error.sqlstate[:2] == "22":
                    raise  # a value no column takes: the fault of one turn, not of the server
                raise self._told(error) from error
            except (
                OSError, asyncpg.InterfaceError, asyncpg.InternalClientError, TimeoutError
            ) as error:  # fmt: skip
                if connection is not None:
                    connection.terminate()  # whatever it is in the middle of
                why = str(error) or type(error).__name__
                raise Unavailable(f"{self._where()}: {why}.") from error
            finally:
                if connection is not None:
                    self._keep(connection)

    async def _ready(self) -> Any:
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        return await asyncpg.connect(
            self.url, command_timeout=PATIENCE_SECONDS, timeout=PATIENCE_SECONDS
        )

    def _keep(self, connection: Any) -> None:
        if connection.is_closed():
            return
        if connection.is_in_transaction():
            connection.terminate()  # cut in the middle: the server rolls it back
        else:
            self._idle.append(connection)

    def _told(self, error: Any) -> Exception:
        if error.sqlstate[:2] in ("23", "40"):  # integrity; deadlock and serialisation
            return Collision(str(error))
        remedy = _REMEDIES.get(error.sqlstate[:2], "")
        return Unavailable(f"{self._where()}: {error}. {remedy}".rstrip())

    def _where(self) -> str:
        """Name the server without its password."""
        parts = urlsplit(self.url)
        return f"PostgreSQL at {parts.hostname or 'its socket'}, database {parts.path[1:]}"


_REMEDIES = {
    "25": "The database is read-only: write to the primary server.",
    "28": "Check the user and the password in the database URL.",
    "3D": "Create the database first: createdb NAME.",
    "42": "Its tables do not fit: ./run db upgrade brings them up to date.",
    "53": "The server has no room or no connections left; nothing was half-written.",
    "57": "The server is shutting down or starting.",
}
