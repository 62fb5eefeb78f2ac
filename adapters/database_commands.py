"""The commands for the database as a whole: backup, restore, db upgrade."""

# ruff: noqa: PLC0415 - the engine is imported inside: `--help` must not wait for it

from __future__ import annotations

__all__ = ["backup", "db", "restore"]

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.terms import DatabaseOption, RedisOption, columns, show, word
from engine.errors import UsageError

if TYPE_CHECKING:
    from adapters.settings import Settings

File = Annotated[Path, typer.Argument(help="The file, gzip of lines of JSON.")]


def backup(file: File, *, database_url: DatabaseOption = "") -> None:
    """Write everything in the database into a file, while the product runs."""
    import asyncio

    from adapters.assembly import open_database, parts
    from adapters.backup import back_up
    from adapters.operating import ready

    settings = ready(database_url=database_url)

    async def written() -> dict[str, int]:
        database = open_database(settings)
        try:
            return await back_up(database, parts(), file)
        finally:
            await database.close()

    _show(asyncio.run(written()))
    word(f"{file} is written. It holds what customers wrote: keep it where only you can read it.")


def restore(file: File, *, database_url: DatabaseOption = "", redis_url: RedisOption = "") -> None:
    """Read a backup into an empty database, all of it or nothing; SQLite or PostgreSQL alike."""
    import asyncio

    from adapters.operating import ready

    settings = ready(database_url=database_url, redis_url=redis_url)
    _show(asyncio.run(_restored(settings, file)))
    word(f"{file} is restored.")


async def _restored(settings: Settings, file: Path) -> dict[str, int]:
    from adapters.assembly import alone, open_cache, open_database, parts
    from adapters.restore import reach
    from adapters.restore import restore as restore_from

    database, cache = open_database(settings), open_cache(settings)
    try:
        if cache is not None:
            await reach(cache)
        with alone(database):
            counts = await restore_from(database, parts(), file)
            if cache is not None:
                word(f"{await cache.drop_all()} copies in Redis are dropped.")
    finally:
        await database.close()
        if cache is not None:
            await cache.close()
    return counts


def _show(counts: dict[str, int]) -> None:
    show(columns(("TABLE", "ROWS"), *((table, str(rows)) for table, rows in counts.items())))


def db(
    what: Annotated[str, typer.Argument(metavar="upgrade", help="Bring the tables up to date.")],
    *,
    database_url: DatabaseOption = "",
) -> None:
    """Bring the tables of the database up to date, as every start does."""
    import asyncio

    from adapters.assembly import open_database, parts, prepare
    from adapters.operating import ready

    if what != "upgrade":
        raise UsageError("Say ./run db upgrade.")
    settings = ready(database_url=database_url)

    async def upgraded() -> bool:
        database = open_database(settings)
        try:
            return await prepare(database)
        finally:
            await database.close()

    changed = asyncio.run(upgraded())
    reached = ", ".join(f"{part.name} {part.revisions[-1]}" for part in parts())
    word(f"the tables are {'now' if changed else 'already'} up to date: {reached}.")
