"""Memory before Redis before SQL: only what is committed is kept, and a wrong copy costs one conflict."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from engine.effects import RunAction
from engine.records import Cached, Committed, Conflict, Write
from engine.session import Session
from engine.stores.cache import RedisCache
from engine.stores.encoding import cached, encoded
from engine.stores.sql import SqlStore
from engine.stores.tiered import Memory, TieredStore
from tests.runtime.office import Gated
from tests.stores.conftest import emptied
from tests.stores.rows import PLACE, commit, fresh, turn_on
from tests.stores.waiting import until


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Gated]:
    one = Gated(tmp_path / "tiers.db")
    await emptied(one)
    yield one
    await one.close()


@pytest.fixture
def restored() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def tiers(database: Gated, cache: RedisCache, restored: list[tuple[str, str]]) -> TieredStore:
    return TieredStore(
        SqlStore(database), cache, restored=lambda bot, tier: restored.append((bot, tier))
    )


async def begun(tiers: TieredStore) -> Session:
    """Store a session and return it."""
    await commit(tiers, fresh(), turn_on(fresh(), "hi"))
    session = await tiers.load(PLACE)
    assert session is not None
    return session


async def test_what_is_committed_is_told_and_what_is_not_is_not(database: Gated) -> None:
    """Whoever shows a conversation reads it then; after the commit and never before."""
    told: list[tuple[object, int]] = []
    tiers = TieredStore(
        SqlStore(database), changed=lambda place, version: told.append((place, version))
    )
    session = await begun(tiers)
    await commit(tiers, session, turn_on(session, "again"))
    late = await commit(tiers, session, turn_on(session, "too late"))

    assert isinstance(late, Conflict)
    assert [(PLACE, 1), (PLACE, 2)] == told


async def test_nothing_is_cached_before_its_commit(
    tiers: TieredStore, database: Gated, cache: RedisCache
) -> None:
    """While the database writes, nobody can read what is not there yet."""
    database.gate = asyncio.Event()
    committing = asyncio.create_task(commit(tiers, fresh(), turn_on(fresh(), "hi")))
    await until(lambda: database.waiting)
    assert (0, None) == (len(tiers.memory), await cache.get(PLACE))
    database.gate.set()

    assert Committed() == await committing
    kept = await cache.get(PLACE)
    assert kept is not None
    assert (1, 1) == (len(tiers.memory), kept.version)


async def test_nothing_is_cached_when_the_commit_fails(
    tiers: TieredStore, database: Gated, cache: RedisCache
) -> None:
    database.broken = OSError("away")
    with pytest.raises(OSError, match="away"):
        await commit(tiers, fresh(), turn_on(fresh(), "hi"))
    assert (0, None) == (len(tiers.memory), await cache.get(PLACE))


async def test_a_session_comes_from_the_nearest_tier(
    tiers: TieredStore, cache: RedisCache, restored: list[tuple[str, str]], database: Gated
) -> None:
    """Memory is no restore; Redis and SQL are counted."""
    session = await begun(tiers)
    assert [] == restored
    database.broken = OSError("nobody asks SQL")
    assert session == await tiers.load(PLACE)
    tiers.memory.drop(PLACE)
    assert session == await tiers.load(PLACE)
    database.broken = None
    await tiers.drop(PLACE)
    assert session == await tiers.load(PLACE)
    assert session == await tiers.load(PLACE, fresh=True)
    assert [("shop", "redis"), ("shop", "sql"), ("shop", "sql")] == restored
    assert None is await cache.get(PLACE)


async def test_without_redis_memory_and_sql_do(database: Gated) -> None:
    tiers = TieredStore(SqlStore(database))
    session = await begun(tiers)
    assert session == await tiers.load(PLACE)
    assert None is await tiers.load(("shop", "web", "nobody"))
    assert Conflict() == await commit(tiers, fresh(), turn_on(fresh(), "ho"))
    assert session == await tiers.load(PLACE)


@pytest.mark.parametrize("version", [1, 99], ids=["old", "of the future"])
async def test_a_wrong_copy_costs_one_conflict_and_is_dropped_everywhere(
    tiers: TieredStore, cache: RedisCache, version: int
) -> None:
    """Whatever version the copy claims to be: after the conflict SQL is asked."""
    session = await begun(tiers)
    await commit(tiers, session, turn_on(session, "on"))
    wrong = replace(session, version=version, turn_id=5)
    await cache.drop(PLACE)
    await cache.put([cached(wrong, encoded(wrong))])
    tiers.memory.put(PLACE, wrong, encoded(wrong))
    loaded = await tiers.load(PLACE)
    assert wrong == loaded

    assert Conflict() == await commit(tiers, loaded, turn_on(loaded, "a"))

    assert None is await cache.get(PLACE)
    right = await tiers.load(PLACE)
    assert right is not None
    assert 2 == right.version
    assert Committed() == await commit(tiers, right, turn_on(right, "a"))


async def test_an_ended_session_is_no_session_in_any_tier(
    tiers: TieredStore, cache: RedisCache
) -> None:
    """It ended here; another worker finds that in Redis and asks SQL. The next one can be kept."""
    session = await begun(tiers)
    await commit(tiers, session, turn_on(session, "bye", status="ended"))
    kept = await cache.get(PLACE)
    assert kept is not None
    assert kept.ended

    assert None is await tiers.load(PLACE)
    assert None is await cache.get(PLACE)
    await commit(tiers, fresh("s2"), turn_on(fresh("s2"), "again"))
    kept = await cache.get(PLACE)
    assert kept is not None
    assert (1, False) == (kept.version, kept.ended)


async def test_a_copy_in_redis_that_cannot_be_read_is_reread_from_sql(
    tiers: TieredStore, cache: RedisCache
) -> None:
    """Broken JSON, another shape, another version inside: one log line, and the right session."""
    session = await begun(tiers)
    for body in (b"{", b"[]", b'{"id": "s1"}', encoded(replace(session, version=7))):
        tiers.memory.drop(PLACE)
        await cache.drop(PLACE)
        await cache.put([Cached(PLACE, 1, ended=False, body=body)])
        with capture_logs() as logs:
            assert session == await tiers.load(PLACE)
        assert [("cached_session_damaged", "reread from SQL")] == [
            (log["event"], log["remedy"]) for log in logs
        ]
        assert "hi" not in str(logs)


async def test_a_value_of_another_format_is_reread_from_sql(
    tiers: TieredStore, cache: RedisCache
) -> None:
    session = await begun(tiers)
    tiers.memory.drop(PLACE)
    await cache._redis.set(cache._key(PLACE), b"2 9 0 {}")
    with capture_logs() as logs:
        assert session == await tiers.load(PLACE)
    assert ["cached_session_of_another_format"] == [log["event"] for log in logs]


async def test_a_session_that_moved_leaves_no_copy_behind(
    tiers: TieredStore, cache: RedisCache
) -> None:
    """Two contacts became one: the old place is empty in every tier, the new one is kept."""
    session = await begun(tiers)
    turn = turn_on(session)
    moved = replace(turn, session=replace(turn.session, contact="bo"))

    assert Committed() == await tiers.commit(Write(session, moved))

    assert None is await cache.get(PLACE)
    assert None is tiers.memory.get(PLACE)
    assert moved.session == tiers.memory.get(("shop", "web", "bo"))


async def test_a_successor_is_what_is_kept(tiers: TieredStore, cache: RedisCache) -> None:
    session = await begun(tiers)
    ended = turn_on(session, status="ended")
    follower = replace(fresh("s2"), version=ended.session.version)
    turn = replace(ended, successor=turn_on(follower, "again"))
    await tiers.commit(Write(session, turn))

    loaded = await tiers.load(PLACE)
    kept = await cache.get(PLACE)
    assert loaded is not None
    assert kept is not None
    assert ("s2", 3) == (loaded.id, kept.version)


async def test_a_worker_lets_go_of_what_another_changed(tiers: TieredStore) -> None:
    """The word names the version: a copy as new or newer stays."""
    session = await begun(tiers)
    tiers.memory.drop_older(PLACE, session.version)
    tiers.memory.drop_older(("shop", "web", "nobody"), 5)
    assert session == tiers.memory.get(PLACE)
    tiers.memory.drop_older(PLACE, session.version + 1)
    assert None is tiers.memory.get(PLACE)


async def test_work_is_announced_with_the_commit(tiers: TieredStore, cache: RedisCache) -> None:
    """The others are told whether there is something to do."""
    puts: list[bool] = []
    put = cache.put

    async def noting(many: Sequence[Cached]) -> None:
        puts.extend(one.owes for one in many)
        await put(many)

    cache.put = noting  # type: ignore[method-assign]
    await begun(tiers)
    other = fresh("s2", "ana")
    await commit(tiers, other, turn_on(other, "ho", effects=(RunAction("s2:1:1", "x", {}),)))
    assert [False, True] == puts


# -- memory ----------------------------------------------------------------------------------------


def keep(memory: Memory, *contacts: str, version: int = 1) -> None:
    """Keep a session of each."""
    for contact in contacts:
        session = replace(fresh(contact, contact), version=version)
        memory.put(("shop", "web", contact), session, encoded(session))


def kept(memory: Memory, *contacts: str) -> list[str]:
    """Return whose sessions are kept; looking changes which are the newest."""
    return [one for one in contacts if memory.get(("shop", "web", one)) is not None]


def test_memory_keeps_the_newest_and_cools_the_others() -> None:
    """One live, two encoded, the oldest gone; an encoded one comes back equal."""
    memory = Memory(hot=1, cold=2)
    keep(memory, "a", "b", "c", "d")
    assert 3 == len(memory)
    assert ["b", "c", "d"] == kept(memory, "a", "b", "c", "d")
    again = memory.get(("shop", "web", "b"))
    assert again == replace(fresh("b", "b"), version=1)


def test_what_was_asked_for_lately_stays() -> None:
    memory = Memory(hot=2, cold=0)
    keep(memory, "a", "b")
    assert ["a"] == kept(memory, "a")
    keep(memory, "c")
    assert ["a", "c"] == kept(memory, "a", "b", "c")


def test_an_encoded_copy_is_let_go_of_like_a_live_one() -> None:
    memory = Memory(hot=1, cold=2)
    keep(memory, "a", "b")
    memory.drop_older(("shop", "web", "a"), 1)
    assert 2 == len(memory)
    memory.drop_older(("shop", "web", "a"), 2)
    assert 1 == len(memory)
    keep(memory, "a", version=3)
    ended = replace(fresh("a", "a"), version=4, status="ended")
    memory.put(("shop", "web", "a"), ended, encoded(ended))
    assert ["b"] == kept(memory, "a", "b")
