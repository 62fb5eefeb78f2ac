"""SQLite: one connection that writes and one that reads, each in a thread of its own."""

from __future__ import annotations

__all__ = ["SqliteDatabase"]

import asyncio
import re
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from time import monotonic, sleep
from typing import TypeVar

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

# A command beside a running server waits for it to finish a batch, which takes milliseconds.
BUSY_SECONDS = 5.0


class SqliteDatabase:
    """A `Database` in a file. What is committed has reached the disk (WAL, synchronous=FULL)."""

    name = "sqlite"
    lanes = 1

    def __init__(self, path: Path) -> None:
        """Open nothing yet: the first statement does."""
        self.path = path
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self._writing = ThreadPoolExecutor(1, "sqlite-write")
        self._reading = ThreadPoolExecutor(1, "sqlite-read")

    def bulk(self, statement: Bulk, rows: Rows) -> Statement:
        """Return the statement that does this to all the rows."""
        values = [value for row in rows for value in row]
        return _with_values(statement.text, len(statement.types), len(rows)), values

    async def read(self, statement: Statement) -> Rows:
        """Return the rows of a query, outside any transaction."""
        return await self._in(self._reading, lambda: self._read(statement))

    async def transact(self, transaction: Callable[[], Transaction[T | Undone[T]]]) -> T:
        """Run a transaction and commit it; `Undone`, or whatever is raised: nothing is kept."""
        return await self._in(self._writing, lambda: self._transact(transaction()))

    async def close(self) -> None:
        """Close both connections, each in its own thread."""
        await self._in(self._reading, self._close_reader)
        await self._in(self._writing, self._close_writer)
        self._reading.shutdown()
        self._writing.shutdown()

    async def _in(self, executor: ThreadPoolExecutor, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(executor, call)

    def _read(self, statement: Statement) -> Rows:
        try:
            if self._reader is None:
                self._reader = self._connect()
            return self._execute(self._reader, statement)
        except sqlite3.Error as error:
            raise self._told(error) from error

    def _transact(self, transaction: Transaction[T | Undone[T]]) -> T:
        try:
            if self._writer is None:
                self._writer = self._connect()
            self._execute(self._writer, ("BEGIN IMMEDIATE", ()))
            try:
                result = self._run(self._writer, transaction)
                if isinstance(result, Undone):
                    self._execute(self._writer, ("ROLLBACK", ()))
                    return result.result
                self._execute(self._writer, ("COMMIT", ()))
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise self._told(error) from error
        return result

    def _run(self, connection: sqlite3.Connection, transaction: Transaction[T]) -> T:
        try:
            statement = next(transaction)
            while True:
                statement = transaction.send(self._execute(connection, statement))
        except StopIteration as end:
            result: T = end.value
            return result

    def _execute(self, connection: sqlite3.Connection, statement: Statement) -> Rows:
        text, values = statement
        return connection.execute(_numbered(text), values).fetchall()

    def _connect(self) -> sqlite3.Connection:
        # Used by its own thread only; closing may come from the pool's thread as well.
        connection = sqlite3.connect(
            self.path,
            isolation_level=None,
            timeout=0,
            check_same_thread=False,
            cached_statements=512,
        )
        try:
            _use_wal(connection)
        except sqlite3.Error:
            connection.close()
            raise
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1_000:.0f}")
        return connection

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()

    def _close_writer(self) -> None:
        if self._writer is not None:
            self._writer.close()

    def _told(self, error: sqlite3.Error) -> Exception:
        # Each turn alone has room: SQLite takes 32,766 values in one statement, if not more.
        if isinstance(error, sqlite3.IntegrityError) or "too many SQL variables" in str(error):
            return Collision(str(error))
        if isinstance(error, sqlite3.ProgrammingError):
            return ValueError(str(error))  # the fault of one turn, not of the file
        return Unavailable(f"{self.path}: {_remedy(str(error))}")


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to WAL. SQLite does not wait for another process that is just doing so: we do."""
    give_up = monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or monotonic() >= give_up:
                raise
            sleep(0.01)
        else:
            return


_REMEDIES = (
    ("unable to open", "The file cannot be opened: the folder must exist and be writable."),
    ("readonly", "The database is read-only: give this user the right to write it."),
    ("full", "The disk is full: make room; nothing was half-written."),
    ("locked", "Another program holds the database: stop it, or wait until it is done."),
    ("not a database", "This is no SQLite database: name another file, or restore a backup."),
    ("malformed", "The file is damaged: restore a backup (./run restore FILE)."),
    ("no such table", "It has no tables yet: ./run db upgrade makes them."),
)


def _remedy(said: str) -> str:
    for part, remedy in _REMEDIES:
        if part in said:
            return f"{said}. {remedy}"
    return f"{said}."


@lru_cache(maxsize=1024)
def _numbered(text: str) -> str:
    """SQLite calls ``$1`` a name; its numbers are ``?1``."""
    return re.sub(r"\$(\d+)", r"?\1", text)


@lru_cache(maxsize=1024)
def _with_values(text: str, columns: int, count: int) -> str:
    row = f"({','.join('?' * columns)})"
    return text.replace("{rows}", f"VALUES {','.join([row] * count)}")
