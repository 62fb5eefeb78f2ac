"""Restoring a backup: one transaction into an empty database, counted at its end."""

from __future__ import annotations

__all__ = ["reach", "restore"]

from collections.abc import Sequence
from pathlib import Path

import asyncpg
from redis.exceptions import RedisError

from adapters.backup_files import Counts, Header, batches, damaged, promised, read_header
from engine.errors import RejoinderError
from engine.stores.cache import RedisCache
from engine.stores.database import Bulk, Collision, Database, Transaction, Unavailable
from engine.stores.schema import Part, check_schema, revision, upgrade


async def reach(cache: RedisCache) -> None:
    """Say that Redis cannot be reached, before anything is done that its copies would contradict."""
    try:
        await cache.ping()
    except (RedisError, OSError, TimeoutError) as error:
        raise Unavailable(
            f"Redis cannot be reached ({error}), and its copies must be dropped with a restore."
            " Start it, or leave REJOINDER_REDIS_URL empty and empty Redis yourself."
        ) from error


async def restore(database: Database, parts: Sequence[Part], file: Path) -> Counts:
    """Read a backup into an empty database, all of it or nothing; return how many of each table."""
    header = read_header(file)
    await _fitting(database, parts, header, file)
    await upgrade(database, parts, to=header.schema)
    numbered = [
        (table.name, column.name)
        for part in parts
        for table in part.tables
        if table.name in header.tables and (column := table.autoincrement_column) is not None
    ]
    try:
        counts = await database.transact(lambda: _filled(database, header, file, numbered))
    except (Collision, asyncpg.DataError, ValueError, OverflowError) as error:
        raise damaged(file, str(error)) from error
    await upgrade(database, parts)  # a backup of an older program
    return counts


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
    for table, rows in batches(file, header):
        types = tuple(kind for _, kind in header.tables[table])
        names = ", ".join(header.columns(table))
        insert = Bulk(f"INSERT INTO {table} ({names}) {{rows}}", types)
        yield database.bulk(insert, rows)
    if server:
        for table, column in numbered:
            # The next number follows the highest there is.
            sequence = f"pg_get_serial_sequence('{table}', '{column}')"
            highest = f"max({column}) FROM {table} HAVING max({column}) IS NOT NULL"
            yield f"SELECT setval({sequence}, n) FROM (SELECT {highest}) AS found(n)", ()
    counts = promised(file)
    for table in header.tables:
        found = yield f"SELECT count(*) FROM {table}", ()
        if counts.get(table) != found[0][0]:
            raise damaged(
                file, f"{table} has {found[0][0]} rows of the {counts.get(table)} it should have"
            )
    return counts
