"""Backups: every row of every table as lines of JSON, the same from SQLite and from PostgreSQL.

    {"rejoinder": 1, "schema": {"engine": "0001"}, "tables": {"session": [["id", "text"], ...]}}
    ["session", "s1", ...]
    {"rows": {"session": 1}}

gzip around it. A backup is one snapshot, taken while the product runs; a restore is one transaction
into an empty database, counted at its end. The file holds what customers wrote: it is its owner's.
"""

from __future__ import annotations

__all__ = ["back_up", "reach", "restore"]

import asyncio
import gzip
import os
import re
import sqlite3
import zlib
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Protocol
from urllib.parse import quote

import asyncpg
from pydantic_core import from_json, to_json
from redis.exceptions import RedisError
from sqlalchemy import BigInteger, Float, Integer, Table

from engine.errors import RejoinderError, UsageError
from engine.stores.cache import RedisCache
from engine.stores.database import Bulk, Collision, Database, Transaction, Unavailable
from engine.stores.postgres import PostgresDatabase
from engine.stores.schema import Part, check_schema, revision, upgrade
from engine.stores.sqlite import SqliteDatabase

FORMAT = 1
# Rows on their way at once: the widest table has 15 columns, and SQLite takes 32,766 values.
AT_ONCE = 1_000
KINDS = ("text", "bigint", "int", "double precision")
NAME = re.compile(r"[a-z][a-z_0-9]*")

Counts = dict[str, int]


@dataclass(frozen=True, slots=True)
class Header:
    """What a backup says of itself."""

    schema: Mapping[str, str]  # part -> revision
    tables: Mapping[str, Sequence[tuple[str, str]]]  # table -> its columns and their kinds

    def write(self) -> bytes:
        """Return the first line."""
        return to_json({"rejoinder": FORMAT, "schema": self.schema, "tables": self.tables})


# -- backing up ------------------------------------------------------------------------------------


async def back_up(database: Database, parts: Sequence[Part], file: Path) -> Counts:
    """Write all rows into a file, which is there when it is whole; return how many of each table."""
    if isinstance(database, SqliteDatabase) and not database.path.is_file():
        raise UsageError(f"There is no database {database.path}.")
    if not await check_schema(database, parts):
        raise RejoinderError(
            "The tables are not up to date: ./run db upgrade brings them there. To keep them as they"
            " are, back up with the version of the program that made them."
        )
    tables = _tables(parts)
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


def _tables(parts: Sequence[Part]) -> list[Table]:
    return [table for part in parts for table in part.metadata.sorted_tables]


def _kind(column: Any) -> str:
    for kind, name in ((BigInteger, "bigint"), (Integer, "int"), (Float, "double precision")):
        if isinstance(column.type, kind):
            return name
    return "text"


# -- the copies in Redis ---------------------------------------------------------------------------


async def reach(cache: RedisCache) -> None:
    """Say that Redis cannot be reached, before anything is done that its copies would contradict."""
    try:
        await cache.ping()
    except (RedisError, OSError, TimeoutError) as error:
        raise Unavailable(
            f"Redis cannot be reached ({error}), and its copies must be dropped with a restore."
            " Start it, or leave REJOINDER_REDIS_URL empty and empty Redis yourself."
        ) from error


# -- restoring -------------------------------------------------------------------------------------


async def restore(database: Database, parts: Sequence[Part], file: Path) -> Counts:
    """Read a backup into an empty database, all of it or nothing; return how many of each table."""
    header = _header(file)
    await _fitting(database, parts, header, file)
    await upgrade(database, parts, to=header.schema)
    numbered = [
        (table.name, column.name)
        for table in _tables(parts)
        if table.name in header.tables and (column := table.autoincrement_column) is not None
    ]
    try:
        counts = await database.transact(lambda: _filled(database, header, file, numbered))
    except (Collision, asyncpg.DataError, ValueError, OverflowError) as error:
        raise _damaged(file, str(error)) from error
    await upgrade(database, parts)  # a backup of an older program
    return counts


def _header(file: Path) -> Header:
    if not file.is_file():
        raise UsageError(f"There is no backup {file}.")
    first = next(_lines(file), None)
    if not isinstance(first, dict) or "rejoinder" not in first:
        raise RejoinderError(f"{file} is no backup of Rejoinder.")
    if first["rejoinder"] != FORMAT:
        raise RejoinderError(
            f"{file} was written by a newer Rejoinder (format {first['rejoinder']}). Update the program."
        )
    try:
        header = Header(
            {str(part): str(found) for part, found in first["schema"].items()},
            {
                table: [(name, kind) for name, kind in columns]
                for table, columns in first["tables"].items()
            },
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise _damaged(file, "its first line is not as it was written") from error
    names = [name for table in header.tables for name in (table, *_columns(header, table))]
    kinds = {kind for columns in header.tables.values() for _, kind in columns}
    # They become part of statements.
    if not all(NAME.fullmatch(str(name)) for name in names) or not kinds.issubset(KINDS):
        raise _damaged(file, "its first line is not as it was written")
    return header


def _columns(header: Header, table: str) -> list[str]:
    return [name for name, _ in header.tables[table]]


async def _fitting(database: Database, parts: Sequence[Part], header: Header, file: Path) -> None:
    """Refuse what cannot become whole, before anything is touched."""
    known = {part.name: part.revisions for part in parts}
    if set(header.schema) != set(known):
        raise RejoinderError(
            f"{file} holds the tables of {', '.join(sorted(header.schema))}; this program has those"
            f" of {', '.join(sorted(known))}."
        )
    for part in parts:
        if header.schema[part.name] not in part.revisions:
            raise RejoinderError(
                f"{file} was made by a newer Rejoinder: its {part.name} tables are at revision"
                f' "{header.schema[part.name]}", this program knows up to "{part.revisions[-1]}".'
                " Update the program; nothing was restored."
            )
    await check_schema(database, parts)
    for part in parts:
        found = await revision(database, part)
        if found not in (None, header.schema[part.name]):
            raise RejoinderError(
                f'The {part.name} tables of the database are at revision "{found}", those of {file} at'
                f' "{header.schema[part.name]}". Restore it into a database without tables; it is'
                " brought up to date afterwards."
            )


def _filled(
    database: Database, header: Header, file: Path, numbered: Sequence[tuple[str, str]]
) -> Transaction[Counts]:
    server = database.name == "postgresql"
    if server:
        yield f"LOCK TABLE {', '.join(header.tables)} IN ACCESS EXCLUSIVE MODE", ()
    for table in header.tables:
        found = yield f"SELECT count(*) FROM {table}", ()
        if found[0][0]:
            raise RejoinderError(
                f"The database is not empty: {table} has {found[0][0]} rows. Restore into an empty"
                " one: --database-url names it; nothing was restored."
            )
    for table, rows in _batches(file, header):
        types = tuple(kind for _, kind in header.tables[table])
        names = ", ".join(_columns(header, table))
        insert = Bulk(f"INSERT INTO {table} ({names}) {{rows}}", types)
        yield database.bulk(insert, rows)
    if server:
        for table, column in numbered:
            # The next number follows the highest there is.
            sequence = f"pg_get_serial_sequence('{table}', '{column}')"
            highest = f"max({column}) FROM {table} HAVING max({column}) IS NOT NULL"
            yield f"SELECT setval({sequence}, n) FROM (SELECT {highest}) AS found(n)", ()
    counts = _promised(file)
    for table in header.tables:
        found = yield f"SELECT count(*) FROM {table}", ()
        if counts.get(table) != found[0][0]:
            raise _damaged(
                file, f"{table} has {found[0][0]} rows of the {counts.get(table)} it should have"
            )
    return counts


def _batches(file: Path, header: Header) -> Iterator[tuple[str, list[list[Any]]]]:
    """Yield the rows of a backup, those of one table together."""
    lines = _lines(file)
    next(lines)
    table, batch = "", list[list[Any]]()
    for line in lines:
        if isinstance(line, dict):
            break
        if line[0] != table or len(batch) == AT_ONCE:
            if batch:
                yield table, batch
            table, batch = line[0], []
        if len(line) != len(header.tables.get(table, ())) + 1:
            raise _damaged(file, "a line is not as it was written")
        batch.append(line[1:])
    if batch:
        yield table, batch


def _promised(file: Path) -> Counts:
    """Return what the last line says how many rows there are."""
    (last,) = deque(_lines(file), maxlen=1)
    if not isinstance(last, dict) or not isinstance(last.get("rows"), dict):
        raise _damaged(file, "its end is missing")
    counts: Counts = last["rows"]
    return counts


def _lines(file: Path) -> Iterator[Any]:
    try:
        with gzip.open(file, "rb") as lines:
            for line in lines:
                found = from_json(line)
                if not isinstance(found, dict) and not (isinstance(found, list) and found):
                    raise _damaged(file, "a line is not as it was written")
                yield found
    except gzip.BadGzipFile as error:
        raise RejoinderError(f"{file} is no backup of Rejoinder: {error}.") from error
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise _damaged(file, str(error)) from error


def _damaged(file: Path, why: str) -> RejoinderError:
    return RejoinderError(f"{file} is damaged: {why}. Nothing was restored; take another backup.")
