"""Backing up: one snapshot of every row, taken while the product runs, from either database."""

from __future__ import annotations

__all__ = ["back_up"]

import asyncio
import gzip
import os
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Protocol
from urllib.parse import quote

import asyncpg
from pydantic_core import to_json
from sqlalchemy import BigInteger, Float, Integer, Table

from adapters.backup_files import AT_ONCE, Counts, Header
from engine.errors import RejoinderError, UsageError
from engine.stores.database import Database, Unavailable
from engine.stores.postgres import PostgresDatabase
from engine.stores.schema import Part, check_schema
from engine.stores.sqlite import SqliteDatabase


async def back_up(database: Database, parts: Sequence[Part], file: Path) -> Counts:
    """Write all rows into a file, which is there when it is whole; return how many of each table."""
    if isinstance(database, SqliteDatabase) and not database.path.is_file():
        raise UsageError(f"There is no database {database.path}.")
    if not await check_schema(database, parts):
        raise RejoinderError(
            "The tables are not up to date: ./run db upgrade brings them there. To keep them as they"
            " are, back up with the version of the program that made them."
        )
    tables = [table for part in parts for table in part.tables]
    header = Header(
        {part.name: part.revisions[-1] for part in parts},
        {table.name: [(one.name, _kind(one)) for one in table.columns] for table in tables},
    )
    try:
        part = NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False)  # noqa: SIM115 - renamed below
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}.") from error
    try:
        with part, gzip.GzipFile(fileobj=part, mode="wb") as out:
            counts = await _write(database, tables, header, out)
        _keep(Path(part.name), file)
    except OSError as error:
        raise RejoinderError(f"{file} could not be written: {error.strerror}.") from error
    finally:
        _away(Path(part.name))
    return counts


async def _write(
    database: Database, tables: Sequence[Table], header: Header, out: gzip.GzipFile
) -> Counts:
    counts: Counts = {}
    out.write(header.write() + b"\n")
    async with _snapshot(database) as rows_of:
        for table in tables:
            counts[table.name] = 0
            columns = ", ".join(column.name for column in table.columns)
            order = ", ".join(column.name for column in table.primary_key.columns)
            async for rows in rows_of(f"SELECT {columns} FROM {table.name} ORDER BY {order}"):
                counts[table.name] += len(rows)
                out.write(b"".join(to_json([table.name, *row]) + b"\n" for row in rows))
    out.write(to_json({"rows": counts}) + b"\n")
    return counts


def _away(part: Path) -> None:
    part.unlink(missing_ok=True)


def _keep(part: Path, file: Path) -> None:
    """Put a whole file in its place; a crash leaves the old one or the new one."""
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.replace(file)


class RowsOf(Protocol):
    """Asks a snapshot."""

    def __call__(self, query: str) -> AsyncIterator[Sequence[Sequence[Any]]]:
        """Return the rows of a query, some at a time."""
        ...


@asynccontextmanager
async def _snapshot(database: Database) -> AsyncIterator[RowsOf]:
    """See the database as it is at one moment, whatever is written meanwhile."""
    if isinstance(database, PostgresDatabase):
        try:
            async with _postgres_snapshot(database.url) as rows_of:
                yield rows_of
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise Unavailable(
                f"PostgreSQL stopped in the middle of the backup: {error}."
            ) from error
    else:
        assert isinstance(database, SqliteDatabase)  # noqa: S101 - there is no third kind
        try:
            with _sqlite_snapshot(database.path) as rows_of:
                yield rows_of
        except sqlite3.Error as error:
            raise Unavailable(f"{database.path} cannot be read: {error}.") from error


@asynccontextmanager
async def _postgres_snapshot(url: str) -> AsyncIterator[RowsOf]:
    connection = await asyncpg.connect(url)

    async def rows_of(query: str) -> AsyncIterator[Sequence[Sequence[Any]]]:
        cursor = await connection.cursor(query)
        while rows := await cursor.fetch(AT_ONCE):
            yield [tuple(row) for row in rows]

    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            yield rows_of
    finally:
        await connection.close()


class _sqlite_snapshot:  # noqa: N801 - used as a function
    """One read transaction on a connection of its own: it holds up no writer."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> RowsOf:
        where = f"file:{quote(str(self._path.absolute()))}?mode=ro"
        self._connection = sqlite3.connect(
            where, uri=True, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("BEGIN")
        return self._rows_of

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    async def _rows_of(self, query: str) -> AsyncIterator[Sequence[Sequence[Any]]]:
        cursor = await asyncio.to_thread(self._connection.execute, query)
        while rows := await asyncio.to_thread(cursor.fetchmany, AT_ONCE):
            yield rows


def _kind(column: Any) -> str:
    for kind, name in ((BigInteger, "bigint"), (Integer, "int"), (Float, "double precision")):
        if isinstance(column.type, kind):
            return name
    return "text"
