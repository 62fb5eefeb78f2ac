"""Backups: written while the product runs, whole or not at all, and read back by either database."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from adapters import backup as backup_module
from adapters import backup_files
from adapters.assembly import build, build_book, find_bot, parts, prepare
from adapters.backup import back_up
from adapters.restore import restore
from adapters.settings import Settings
from engine.errors import RejoinderError, UsageError
from engine.stores.database import Database, Unavailable, single
from engine.stores.sqlite import SqliteDatabase
from tests.adapters.lived_in import KINDS, TALK, Make, contents, lived_in, say

TABLES = [table.name for one in parts() for table in one.tables]


@pytest.mark.parametrize("target", KINDS)
@pytest.mark.parametrize("source", KINDS)
async def test_a_backup_is_restored_equal_from_either_database_to_either(
    make: Make, tmp_path: Path, source: str, target: str
) -> None:
    """Every row of every table; and the next order gets the next number."""
    one, two = await make(source), await make(target)
    await lived_in(one)
    counts = await back_up(one, parts(), tmp_path / "all.gz")
    restored = await restore(two, parts(), tmp_path / "all.gz")

    assert await contents(one) == await contents(two)
    assert counts == restored
    assert {"session": 3, "placed_order": 2, "person": 1, "address": 1, "counter": 1}.items() <= (
        counts.items()
    )
    assert set(TABLES) == set(counts)
    book = build_book(find_bot("parts_shop"))
    service = build(Settings(), database=two, books={book.bot: book})
    for text in TALK:
        await say(service, "di", text)
    await service.worker.drain()
    assert 3 == len((await contents(two))["placed_order"])
    goes_on = await say(service, "ana", "are you there?")
    assert goes_on.lines[0].turn > 3


@pytest.mark.parametrize("kind", KINDS)
async def test_a_backup_is_of_one_moment_while_the_product_runs(
    make: Make, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A customer writes while tables are read: neither their session nor their lines are in it."""
    database = await make(kind)
    await lived_in(database)
    before = await contents(database)
    book = build_book(find_bot("parts_shop"))
    service = build(Settings(), database=database, books={book.bot: book})
    snapshot = backup_module._snapshot

    def stepping_in(of: Database) -> Any:
        inner = snapshot(of)

        class Snapshot:
            async def __aenter__(self) -> Any:
                rows_of = await inner.__aenter__()

                async def rows(query: str) -> AsyncIterator[Any]:
                    async for some in rows_of(query):
                        yield some
                    if " FROM address" in query:  # the first of the tables
                        await say(service, "new", "hello")

                return rows

            async def __aexit__(self, *error: object) -> Any:
                return await inner.__aexit__(*error)  # type: ignore[arg-type]

        return Snapshot()

    monkeypatch.setattr(backup_module, "_snapshot", stepping_in)
    await back_up(database, parts(), tmp_path / "all.gz")
    other = await make("sqlite")
    await restore(other, parts(), tmp_path / "all.gz")

    assert before == await contents(other)
    assert 4 == len((await contents(database))["session"])


async def test_many_rows_go_in_some_at_a_time(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than fit into one statement, and a number that divides evenly as well."""
    for module in (backup_module, backup_files):
        monkeypatch.setattr(module, "AT_ONCE", 3)
    one, two = await make("sqlite"), await make("sqlite")
    await prepare(one)
    for n in range(7):
        values = (f"n{n}", "[]", float(n))
        await one.transact(partial(single, ("INSERT INTO counter VALUES ($1, $2, $3)", values)))
    await back_up(one, parts(), tmp_path / "all.gz")
    assert 7 == (await restore(two, parts(), tmp_path / "all.gz"))["counter"]
    assert await contents(one) == await contents(two)


async def test_a_backup_is_its_owners_and_replaces_the_old_one_whole(
    make: Make, tmp_path: Path
) -> None:
    """Nobody else may read it, and nothing lies beside it afterwards."""
    database = await make("sqlite")
    await lived_in(database)
    folder = tmp_path / "backups"
    folder.mkdir()
    file = folder / "all.gz"
    file.write_bytes(b"the old one")
    await back_up(database, parts(), file)
    assert [file] == list(folder.iterdir())
    assert 0o600 == file.stat().st_mode & 0o777
    assert gzip.decompress(file.read_bytes()).startswith(b'{"rejoinder":1')


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), Unavailable("cut")], ids=["full", "cut"]
)
async def test_a_backup_that_fails_leaves_the_old_one(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """The disk is full, or the database is cut off: a sentence, and the file of yesterday."""
    database = await make("sqlite")
    await lived_in(database)
    folder = tmp_path / "backups"
    folder.mkdir()
    file = folder / "all.gz"
    file.write_bytes(b"the old one")

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(backup_module, "_keep", fail)
    with pytest.raises(RejoinderError, match=r"No space left|cut"):
        await back_up(database, parts(), file)
    assert b"the old one" == file.read_bytes()
    assert [file] == list(folder.iterdir())


async def test_what_cannot_be_backed_up_is_told(make: Make, tmp_path: Path) -> None:
    """No database, one of another age, a folder that is not there."""
    file = tmp_path / "all.gz"
    with pytest.raises(UsageError, match="There is no database"):
        await back_up(await make("sqlite"), parts(), file)
    old = await make("sqlite")
    await old.read(("SELECT 1", ()))
    with pytest.raises(RejoinderError, match=r"\./run db upgrade"):
        await back_up(old, parts(), file)
    await prepare(old)
    with pytest.raises(UsageError, match=r"nowhere.*cannot be written: No such file"):
        await back_up(old, parts(), tmp_path / "nowhere" / "all.gz")


async def test_a_database_that_breaks_in_the_middle_is_told(make: Make, tmp_path: Path) -> None:
    """SQLite: the file is damaged where the lines are."""
    database = await make("sqlite")
    assert isinstance(database, SqliteDatabase)
    await lived_in(database)
    assert database._writer is not None
    database._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    broken = await make("sqlite")
    assert isinstance(broken, SqliteDatabase)
    data = bytearray(database.path.read_bytes())
    data[8192:] = b"\xff" * (len(data) - 8192)
    broken.path.write_bytes(data)
    with pytest.raises(Unavailable):
        await back_up(broken, parts(), tmp_path / "all.gz")


@pytest.mark.needs("postgres")
async def test_a_server_that_stops_in_the_middle_is_told(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL: a table is gone when its turn comes."""
    database = await make("postgres")
    await prepare(database)
    await database.transact(lambda: single(("DROP TABLE session", ())))
    with pytest.raises(Unavailable, match="stopped in the middle of the backup"):
        await back_up(database, parts(), tmp_path / "all.gz")


async def test_a_table_that_is_gone_is_told(make: Make, tmp_path: Path) -> None:
    """SQLite: the same."""
    database = await make("sqlite")
    await prepare(database)
    await database.transact(lambda: single(("DROP TABLE session", ())))
    with pytest.raises(Unavailable, match="cannot be read: no such table"):
        await back_up(database, parts(), tmp_path / "all.gz")
