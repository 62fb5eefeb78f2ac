"""The stores under one contract, each as the product opens it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from engine.ports import SessionStore
from engine.stores.database import Database, single
from engine.stores.memory import MemoryStore
from engine.stores.postgres import PostgresDatabase
from engine.stores.schema import ENGINE, upgrade
from engine.stores.sql import SqlStore
from engine.stores.sqlite import SqliteDatabase

Reopen = Callable[[], Awaitable[SessionStore]]
Open = Callable[[], Database]

DATABASES = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgres", id="postgres", marks=pytest.mark.needs("postgres")),
]


def opener(kind: str, request: pytest.FixtureRequest) -> Open:
    """Return what opens one and the same database of this kind, again and again."""
    if kind == "sqlite":
        folder: Path = request.getfixturevalue("tmp_path")
        return lambda: SqliteDatabase(folder / "test.db")
    # Asked for here, outside any loop: its server is started by running one.
    url: str = request.getfixturevalue("database_url")
    return lambda: PostgresDatabase(url.replace("postgresql+asyncpg://", "postgresql://", 1))


async def emptied(database: Database) -> None:
    """Make the tables, and empty them."""
    await upgrade(database, [ENGINE])
    if database.name == "postgresql":
        tables = ", ".join(ENGINE.metadata.tables)
        await database.transact(lambda: single((f"TRUNCATE {tables}", ())))


@pytest.fixture(params=DATABASES)
def open_database(request: pytest.FixtureRequest) -> Open:
    return opener(request.param, request)


@pytest.fixture
async def database(open_database: Open) -> AsyncIterator[Database]:
    """A migrated, empty database of each kind."""
    one = open_database()
    await emptied(one)
    yield one
    await one.close()


@pytest.fixture(params=[pytest.param("memory", id="memory"), *DATABASES])
def open_store(request: pytest.FixtureRequest) -> Open | None:
    return None if request.param == "memory" else opener(request.param, request)


@pytest.fixture
async def store(open_store: Open | None) -> AsyncIterator[SessionStore]:
    if open_store is None:
        yield MemoryStore()
        return
    one = open_store()
    await emptied(one)
    yield SqlStore(one)
    await one.close()


@pytest.fixture
async def reopen(store: SessionStore, open_store: Open | None) -> AsyncIterator[Reopen]:
    """Open the same contents as another process would."""
    others: list[Database] = []

    async def again() -> SessionStore:
        if isinstance(store, MemoryStore):
            return store.reopened()
        assert open_store is not None
        others.append(open_store())
        return SqlStore(others[-1])

    yield again
    for one in others:
        await one.close()
