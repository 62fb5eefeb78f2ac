"""Killed at every point between accepting a message and the last delivery, nothing is lost.

Each run is cut at one point and gone on with by a new process on the same database. In the end the
conversation, the order and the deliveries are those of a run that nobody cut.
"""

from __future__ import annotations

import asyncio
import gc
import json
import re
import shutil
import signal
import subprocess
import sys
import warnings
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from adapters.assembly import parts, prepare
from engine.stores.cache import RedisCache
from engine.stores.database import Database, single
from engine.stores.postgres import PostgresDatabase
from engine.stores.sqlite import SqliteDatabase
from tests.crash.points import CutCache, CutPostgres, CutSqlite, Killed, Killer, stepped
from tests.crash.scenario import ORDER, QUESTION, World, talk

# The number of points when last counted. Fewer means that something is not cut any more.
POINTS = {
    ("sqlite", ORDER): 288,
    ("postgres", ORDER): 455,
    ("sqlite", QUESTION): 277,
    ("postgres", QUESTION): 400,
}
NUMBER = re.compile(r"A-1\d+")
TABLES = ", ".join(name for part in parts() for name in part.metadata.tables)


class SqlitePlace:
    """A file that outlives the processes on it."""

    def __init__(self, folder: Path) -> None:
        self.file, self.fresh = folder / "crash.db", folder / "fresh.db"
        database = SqliteDatabase(self.fresh)
        asyncio.run(_prepared(database))

    def clear(self) -> None:
        for file in self.file.parent.glob("crash.db*"):
            file.unlink()
        shutil.copy(self.fresh, self.file)

    def opened(self, killer: Killer) -> tuple[CutSqlite, None]:
        return CutSqlite(self.file), None

    def whole(self) -> Database:
        return SqliteDatabase(self.file)

    def arguments(self) -> list[str]:
        return [str(self.file)]


class PostgresPlace:
    """A database and a Redis that outlive the processes on them."""

    def __init__(self, url: str, redis_url: str) -> None:
        self.url, self.redis_url = url, redis_url
        asyncio.run(_prepared(PostgresDatabase(url)))

    def clear(self) -> None:
        asyncio.run(_cleared(PostgresDatabase(self.url)))
        with Redis.from_url(self.redis_url) as client:
            client.flushdb()

    def opened(self, killer: Killer) -> tuple[CutPostgres, RedisCache]:
        return CutPostgres(self.url), RedisCache(self.redis_url, breaker=CutCache(killer))

    def whole(self) -> Database:
        return PostgresDatabase(self.url)

    def arguments(self) -> list[str]:
        return [self.url, self.redis_url]


Place = SqlitePlace | PostgresPlace

# Nobody closes what a dead process had open; here the collector does, and says so.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


async def _prepared(database: Database) -> None:
    await prepare(database)
    await database.close()


async def _cleared(database: Database) -> None:
    await database.transact(lambda: single((f"TRUNCATE {TABLES} RESTART IDENTITY", ())))
    await database.close()


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=pytest.mark.needs("postgres", "redis"))]
)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "sqlite":
        return SqlitePlace(tmp_path)
    url: str = request.getfixturevalue("database_url")
    return PostgresPlace(
        url.replace("postgresql+asyncpg://", "postgresql://", 1),
        request.getfixturevalue("redis_url"),
    )


def run(place: Place, world: World, killer: Killer) -> bool:
    """Be one process, until the conversation is through or the process is killed."""
    loop = asyncio.new_event_loop()
    # What a dead process leaves pending is nobody's to report.
    loop.set_exception_handler(lambda _loop, _context: None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # coroutines that never begin
        warnings.simplefilter("ignore", ResourceWarning)  # sockets that nobody closed
        through = _process(loop, place, world, killer)
        loop.close()
        gc.collect()
    return through


def _process(loop: asyncio.AbstractEventLoop, place: Place, world: World, killer: Killer) -> bool:
    database, cache = place.opened(killer)
    database.killer = killer

    async def process() -> None:
        service = world.service(database, cache, killer.around)
        await talk(world, service)
        await service.stop()

    loop.set_task_factory(stepped(killer))
    try:
        loop.run_until_complete(process())
    except Killed:
        world.kills += 1
        loop.set_task_factory(None)
        for task in asyncio.all_tasks(loop):
            # A client that waits for its farewell while it is closed: the dead say none.
            with suppress(RuntimeError):
                task.get_coro().close()
        database.cut()
        loop.run_until_complete(_gone(cache))
        return False
    return True


async def _gone(cache: RedisCache | None) -> None:
    """Let the sockets of a dead process close, as its kernel does."""
    if cache is not None:
        await cache.close()
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def outcome(place: Place) -> dict[str, list[Any]]:
    """Return what the database says in the end."""
    database = place.whole()
    queries = {
        "lines": "SELECT who, text, seq, turn FROM line ORDER BY session, seq",
        "orders": "SELECT items, name, status FROM placed_order",
        "sessions": "SELECT version, status, state FROM session",
        "effects": "SELECT kind, place FROM effect ORDER BY place",
        "unsettled": "SELECT id, status FROM effect WHERE status <> 'done'",
    }
    found: dict[str, list[Any]] = {}
    for name, query in queries.items():
        found[name] = [tuple(row) for row in await database.read((query, ()))]
    # A number that was drawn by a process that died is not drawn again.
    found["lines"] = [(who, NUMBER.sub("A-N", text), *at) for who, text, *at in found["lines"]]
    await database.close()
    return found


def delivered_right(world: World, expected: list[str]) -> None:
    """Every message came, in order; twice only where a kill left nobody to say what was sent."""
    texts = [NUMBER.sub("A-N", text) for _, text in world.provider.got]
    once = [text for n, text in enumerate(texts) if n == 0 or texts[n - 1] != text]
    assert once == [NUMBER.sub("A-N", text) for text in expected]
    assert len(texts) - len(once) <= world.kills


def test_a_kill_at_any_point_loses_nothing_and_doubles_nothing(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    at, expected = killed_everywhere(place, ORDER, capsys)
    assert len(expected["orders"]) == 1
    assert at >= POINTS[kind_of(place), ORDER]


def test_a_kill_at_any_point_of_a_question_costs_no_more_than_asking_again(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """One answer is said, never the fallback, and the conversation goes on."""
    at, expected = killed_everywhere(place, QUESTION, capsys)
    assert ["Here I am at last."] == [row[1] for row in expected["lines"] if row[0] == "assistant"]
    assert [(3, "open", "collecting_contact")] == expected["sessions"]
    assert at >= POINTS[kind_of(place), QUESTION]


def kind_of(place: Place) -> str:
    return "sqlite" if isinstance(place, SqlitePlace) else "postgres"


def killed_everywhere(
    place: Place, messages: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> tuple[int, dict[str, list[Any]]]:
    """Kill at every point and go on; return how many there are, and what came of nobody being killed."""
    gc.freeze()  # collecting after each kill need not look at what was there before
    place.clear()
    whole, counted = World(messages), Killer()
    assert run(place, whole, counted)
    expected = asyncio.run(outcome(place))
    texts = [text for _, text in whole.provider.got]
    assert not expected["unsettled"]

    # A run after a kill can have more points than one that nobody cut; go on until none is left.
    at = 0
    while True:
        at += 1
        place.clear()
        world = World(messages)
        if run(place, world, Killer(at)):
            break
        assert run(place, world, Killer()), f"cut at {at}: the second process was killed too"
        found = asyncio.run(outcome(place))
        differing = [
            (a, b)
            for name in expected
            for a, b in zip_longest(found[name], expected[name])
            if a != b
        ]
        assert not differing, f"cut at point {at}"
        delivered_right(world, texts)
        assert whole.gemini.count <= world.gemini.count <= whole.gemini.count + world.kills

    gc.unfreeze()
    with capsys.disabled():
        kinds = ", ".join(f"{n} {what}" for what, n in sorted(counted.kinds.items()))
        print(f"\n{kind_of(place)}: {at - 1} crash points ({kinds})")  # noqa: T201 - asked for by who runs it
    return at - 1, expected


def test_real_processes_die_and_others_go_on(place: Place, tmp_path: Path) -> None:
    place.clear()
    log = tmp_path / "whole.json"
    points = int(process(place, log, 0).stdout.split()[-1])
    expected = asyncio.run(outcome(place))
    texts = [text for _, text in json.loads(log.read_text())["got"]]

    for n in range(1, 7):
        place.clear()
        log = tmp_path / f"{n}.json"
        assert process(place, log, points * n // 7).returncode == -signal.SIGKILL
        assert process(place, log, 0).returncode == 0
        assert asyncio.run(outcome(place)) == expected
        kept = json.loads(log.read_text())
        world = World(kills=1)
        world.provider.got = [tuple(one) for one in kept["got"]]
        delivered_right(world, texts)


def process(place: Place, log: Path, at: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.crash.process", str(log), str(at), *place.arguments()]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
