"""A server that is away, cut off or in the way: a sentence with a remedy, and nothing half-written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import pytest

from engine.records import Committed, Conflict
from engine.stores import postgres as postgres_module
from engine.stores.database import Database, Unavailable, single
from engine.stores.postgres import PostgresDatabase
from engine.stores.sql import SqlStore
from tests.stores.conftest import emptied
from tests.stores.rows import PLACE, hi

ONE = ("SELECT 1", ())


@pytest.fixture
def url(database_url: str) -> str:
    return database_url.replace("postgresql+asyncpg://", "postgresql://", 1)


@pytest.fixture
async def server(url: str) -> AsyncIterator[PostgresDatabase]:
    one = PostgresDatabase(url)
    await emptied(one)
    yield one
    await one.close()


async def kill_all(url: str) -> None:
    """Cut every connection to the test's database, as a restart of the server does."""
    connection = await asyncpg.connect(url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()


async def test_connections_that_were_cut_are_made_anew(server: PostgresDatabase, url: str) -> None:
    """The server was restarted between two messages: nobody notices."""
    store = SqlStore(server)
    await hi(store)
    await kill_all(url)
    await asyncio.sleep(0.02)
    assert Committed() == await hi(store, "ana")


async def test_a_connection_cut_in_the_middle_of_a_turn_leaves_nothing(
    server: PostgresDatabase, url: str
) -> None:
    """The turn is refused as unavailable; sent again, it is taken."""
    store = SqlStore(server)
    cut: list[Any] = []

    async def cut_before_commit(connection: Any, statement: Any) -> Any:
        if statement[0] == "COMMIT" and not cut:
            cut.append(statement)
            await kill_all(url)
        return await execute(connection, statement)

    execute = server._execute
    server._execute = cut_before_commit  # type: ignore[method-assign]
    with pytest.raises(Unavailable, match="PostgreSQL at"):
        await hi(store)

    assert await store.load(PLACE) is None
    assert Committed() == await hi(store)


async def test_a_connection_cut_right_after_the_commit_changes_nothing_twice(
    server: PostgresDatabase, url: str
) -> None:
    """Nobody heard that it was stored; the same turn again is a conflict, and the rows are single."""
    store = SqlStore(server)
    cut: list[Any] = []

    async def cut_after_commit(connection: Any, statement: Any) -> Any:
        rows = await execute(connection, statement)
        if statement[0] == "COMMIT" and not cut:
            cut.append(statement)
            await kill_all(url)
            raise ConnectionResetError("cut")
        return rows

    execute = server._execute
    server._execute = cut_after_commit  # type: ignore[method-assign]
    with pytest.raises(Unavailable, match="cut"):
        await hi(store)

    assert Conflict() == await hi(store)
    stored = await store.load(PLACE)
    assert stored is not None
    assert 1 == stored.version
    assert 1 == len(await store.answer("hi hari"))


async def test_a_connection_that_cannot_even_roll_back_is_thrown_away(
    server: PostgresDatabase,
) -> None:
    """Why it came to this is what is told; the next turn has another connection."""
    store = SqlStore(server)
    busy: list[asyncio.Task[Any]] = []

    async def busy_at_commit(connection: Any, statement: Any) -> Any:
        if statement[0] == "COMMIT" and not busy:
            busy.append(asyncio.create_task(connection.execute("SELECT pg_sleep(0.1)")))
            await asyncio.sleep(0)
            raise ConnectionResetError("cut")
        return await execute(connection, statement)

    execute = server._execute
    server._execute = busy_at_commit  # type: ignore[method-assign]
    with pytest.raises(Unavailable, match="cut"):
        await hi(store)
    assert Committed() == await hi(store)
    await asyncio.wait(busy)
    assert busy[0].exception() is not None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("dbname", "no_such_database"), "createdb"),
        (("user", "no_such_user"), "Check the user and the password"),
    ],
)
async def test_a_wrong_url_is_answered_with_what_to_check(
    url: str, change: tuple[str, str], said: str
) -> None:
    database = PostgresDatabase(_with(url, *change))
    with pytest.raises(Unavailable, match=said):
        await database.read(ONE)
    await database.close()


def _with(url: str, name: str, value: str) -> str:
    """Return a URL with another user or database."""
    base, _, query = url.partition("?")
    if name == "dbname":
        return f"{base.rpartition('/')[0]}/{value}?{query}"
    return f"{base}?{query}{'&' if query else ''}user={value}".replace("postgres@", "")


async def test_a_server_that_is_not_there_is_named_without_the_password(tmp_path: Path) -> None:
    database = PostgresDatabase(f"postgresql://u:secret@/shop?host={quote(str(tmp_path))}")
    with pytest.raises(Unavailable) as told:
        await database.read(ONE)
    assert "PostgreSQL at its socket, database shop" in str(told.value)
    assert "secret" not in str(told.value)


async def test_a_statement_that_waits_too_long_is_given_up(
    server: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something holds a lock; the customer is asked to come again, and the sentence is no riddle."""
    monkeypatch.setattr(postgres_module, "PATIENCE_SECONDS", 0.05)
    await server.close()
    with pytest.raises(Unavailable, match="TimeoutError"):
        await server.read(("SELECT pg_sleep(5)", ()))
    with pytest.raises(Unavailable, match="TimeoutError"):
        await server.transact(lambda: single(("SELECT pg_sleep(5)", ())))
    assert [1] == [row[0] for row in await server.read(ONE)]


async def test_a_request_that_is_cancelled_in_a_transaction_leaves_no_lock(
    server: PostgresDatabase,
) -> None:
    """The connection is thrown away, and the server rolls back."""

    def insert_and_wait() -> Any:
        yield ("INSERT INTO counter VALUES ('n', 'l', 1)", ())
        yield ("SELECT pg_sleep(0.3)", ())

    task = asyncio.create_task(server.transact(insert_and_wait))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(5):
        await server.transact(lambda: single(("INSERT INTO counter VALUES ('n', 'l', 2)", ())))
    assert [2.0] == [row[0] for row in await server.read(("SELECT value FROM counter", ()))]


async def test_tables_that_do_not_fit_say_how_they_are_brought_up_to_date(
    server: PostgresDatabase,
) -> None:
    with pytest.raises(Unavailable, match=r"\./run db upgrade"):
        await server.read(("SELECT * FROM no_such_table", ()))


async def test_two_transactions_in_each_others_way_are_told_apart_from_an_outage(
    server: PostgresDatabase, url: str
) -> None:
    """A serialisation failure or a deadlock: alone, each succeeds."""
    store = SqlStore(server)
    failed: list[Any] = []

    async def deadlock_once(connection: Any, statement: Any) -> Any:
        if statement[0].startswith("WITH") and not failed:
            failed.append(statement)
            await connection.execute(
                "DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$"
            )
        return await execute(connection, statement)

    execute = server._execute
    server._execute = deadlock_once  # type: ignore[method-assign]
    assert Committed() == await hi(store)
    failed.clear()


async def test_a_turn_that_collides_alone_too_is_taken_again(server: PostgresDatabase) -> None:
    """Whoever is in the way is faster twice: a conflict, so the turn is taken anew."""
    store = SqlStore(server)

    async def deadlock(connection: Any, statement: Any) -> Any:
        if statement[0].startswith("WITH"):
            await connection.execute(
                "DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$"
            )
        return await execute(connection, statement)

    execute = server._execute
    server._execute = deadlock  # type: ignore[method-assign]
    assert Conflict() == await hi(store)


async def test_more_questions_than_connections_wait_their_turn(server: Database) -> None:
    rows = await asyncio.gather(*(server.read(ONE) for _ in range(20)))
    assert [[1]] * 20 == [[row[0] for row in one] for one in rows]
