"""A SQLite file that is missing, broken, full or held: a sentence with a remedy, nothing half-written."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from engine.records import Committed
from engine.stores import sqlite as sqlite_module
from engine.stores.database import Unavailable, single
from engine.stores.sql import SqlStore
from engine.stores.sqlite import SqliteDatabase
from tests.stores.conftest import emptied
from tests.stores.rows import PLACE, commit, fresh, hi, turn_on
from tests.stores.waiting import files

ONE = ("SELECT 1", ())


@pytest.fixture
async def lite(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    one = SqliteDatabase(tmp_path / "test.db")
    await emptied(one)
    yield one
    await one.close()


async def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "nowhere" / "x.db")
    with pytest.raises(Unavailable, match=r"nowhere/x\.db: .*the folder must exist"):
        await database.read(ONE)
    with pytest.raises(Unavailable, match="the folder must exist"):
        await database.transact(lambda: single(ONE))
    await database.close()


async def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, " * 100, encoding="utf-8")
    database = SqliteDatabase(path)
    with pytest.raises(Unavailable, match="This is no SQLite database"):
        await database.read(ONE)
    await database.close()
    assert path.read_text(encoding="utf-8") == "not a database, " * 100


async def test_a_read_only_database_can_be_read(lite: SqliteDatabase) -> None:
    """Writing says what is needed; what was there can still be asked for."""
    store = SqlStore(lite)
    await hi(store)
    assert lite._writer is not None
    lite._writer.execute("PRAGMA query_only=ON")  # root may write any file
    with pytest.raises(Unavailable, match="read-only: give this user the right"):
        await hi(store, "ana")
    assert await store.load(PLACE) is not None


async def test_a_full_disk_leaves_nothing_half_written(lite: SqliteDatabase) -> None:
    """The turn is refused whole; when there is room, it is taken."""
    store = SqlStore(lite)
    await hi(store)
    assert lite._writer is not None
    ((pages,),) = lite._writer.execute("PRAGMA page_count").fetchall()
    lite._writer.execute(f"PRAGMA max_page_count={pages}")
    before = fresh("s-ana", "ana")
    large = turn_on(before, *(f"{n}: {'long ' * 1_000}" for n in range(20)))
    with pytest.raises(Unavailable, match="disk is full: make room"):
        await commit(store, before, large)
    assert await store.load(("shop", "web", "ana")) is None
    assert [] == await store.lines("s-ana")

    lite._writer.execute("PRAGMA max_page_count=100000")
    assert Committed() == await commit(store, before, large)


async def test_another_program_that_holds_the_file_is_waited_for_and_then_named(
    lite: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_module, "BUSY_SECONDS", 0.05)
    store = SqlStore(lite)
    lite._writer = None  # connects anew, with less patience
    holder = sqlite3.connect(lite.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="Another program holds the database"):
        await hi(store)
    holder.execute("ROLLBACK")
    holder.close()
    assert Committed() == await hi(store)


async def test_two_first_starts_do_not_trip_over_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process is just making the file: it is waited for, and named when it does not end."""
    path = tmp_path / "new.db"
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr(sqlite_module, "BUSY_SECONDS", 0.0)
    database = SqliteDatabase(path)
    with pytest.raises(Unavailable, match="Another program holds the database"):
        await database.read(ONE)
    monkeypatch.setattr(sqlite_module, "BUSY_SECONDS", 5.0)
    monkeypatch.setattr(sqlite_module, "sleep", lambda _: holder.execute("ROLLBACK"))
    assert [(1,)] == list(await database.read(ONE))
    await database.close()
    holder.close()


async def test_a_transaction_that_sqlite_has_given_up_itself_is_told_as_it_is(
    lite: SqliteDatabase,
) -> None:
    """On some errors SQLite rolls back by itself; ours after it must not hide why."""

    def rolled_back() -> Any:
        yield ("ROLLBACK", ())
        yield ("SELEC", ())

    with pytest.raises(Unavailable, match="SELEC"):
        await lite.transact(rolled_back)
    assert Committed() == await hi(SqlStore(lite))


async def test_a_database_without_tables_says_how_they_are_made(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "empty.db")
    with pytest.raises(Unavailable, match=r"\./run db upgrade makes them"):
        await hi(SqlStore(database))
    await database.close()


async def test_an_error_nobody_has_a_remedy_for_is_said_as_it_is(lite: SqliteDatabase) -> None:
    with pytest.raises(Unavailable, match=r'near "SELEC": syntax error\.$'):
        await lite.read(("SELEC", ()))


async def test_a_database_that_was_never_asked_closes(tmp_path: Path) -> None:
    await SqliteDatabase(tmp_path / "never.db").close()
    assert [] == files(tmp_path)


async def test_what_is_committed_has_reached_the_disk(lite: SqliteDatabase) -> None:
    """WAL and synchronous=FULL (2), on every connection that writes."""
    await hi(SqlStore(lite))
    assert lite._writer is not None
    assert [("wal",)] == lite._writer.execute("PRAGMA journal_mode").fetchall()
    assert [(2,)] == lite._writer.execute("PRAGMA synchronous").fetchall()
