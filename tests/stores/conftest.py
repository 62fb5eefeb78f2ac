"""The stores under one contract, each as the product opens it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import uuid4

import pytest

from engine.ports import SessionStore
from engine.stores.cache import RedisCache
from engine.stores.database import Database, single
from engine.stores.memory import MemoryStore
from engine.stores.postgres import PostgresDatabase
from engine.stores.schema import ENGINE, upgrade
from engine.stores.sql import SqlStore
from engine.stores.sqlite import SqliteDatabase
from engine.stores.tiered import TieredStore

Reopen = Callable[[], Awaitable[SessionStore]]
Open = Callable[[], Database]
OpenStore = Callable[[], SqlStore | TieredStore]

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


@pytest.fixture
def open_cache(redis_url: str) -> Callable[[], RedisCache]:
    """Return what opens one and the same part of a Redis, again and again."""
    prefix = f"test-{uuid4().hex}"
    return lambda: RedisCache(redis_url, prefix=prefix)


@pytest.fixture
async def cache(open_cache: Callable[[], RedisCache]) -> AsyncIterator[RedisCache]:
    one = open_cache()
    yield one
    await one.close()


@pytest.fixture(
    params=[
        pytest.param("memory", id="memory"),
        *DATABASES,
        pytest.param("tiered", id="tiered", marks=pytest.mark.needs("redis")),
    ]
)
def open_store(request: pytest.FixtureRequest) -> OpenStore | None:
    if request.param == "memory":
        return None
    if request.param == "tiered":
        cache = request.getfixturevalue("open_cache")
        database = opener("sqlite", request)
        return lambda: TieredStore(SqlStore(database()), cache())
    database = opener(request.param, request)
    return lambda: SqlStore(database())


@pytest.fixture
async def store(open_store: OpenStore | None) -> AsyncIterator[SessionStore]:
    if open_store is None:
        yield MemoryStore()
        return
    one = open_store()
    await emptied(database_of(one))
    yield one
    await closed(one)


def database_of(store: SqlStore | TieredStore) -> Database:
    return store.database if isinstance(store, SqlStore) else store.sql.database


async def closed(store: SqlStore | TieredStore) -> None:
    await database_of(store).close()
    if isinstance(store, TieredStore) and isinstance(store.cache, RedisCache):
        await store.cache.close()


@pytest.fixture
async def reopen(store: SessionStore, open_store: OpenStore | None) -> AsyncIterator[Reopen]:
    """Open the same contents as another process would."""
    others: list[SqlStore | TieredStore] = []

    async def again() -> SessionStore:
        if isinstance(store, MemoryStore):
            return store.reopened()
        assert open_store is not None
        others.append(open_store())
        return others[-1]

    yield again
    for one in others:
        await closed(one)
