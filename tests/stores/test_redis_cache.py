"""Redis as a cache: the newest is kept, its loss costs little, and other workers hear of changes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from structlog.testing import capture_logs

from engine.records import Cached, Place
from engine.stores import cache as cache_module
from engine.stores.cache import PERIOD_SECONDS, TTL_SECONDS, Breaker, RedisCache, connect
from tests.stores.rows import PLACE
from tests.stores.waiting import until

OTHER = ("shop", "web", "ana")
OpenCache = Callable[[], RedisCache]


def value(
    version: int, body: bytes = b"{}", *, place: Place = PLACE, ended: bool = False
) -> Cached:
    return Cached(place, version, ended, body)


@dataclass
class Seconds:
    """A clock that stands until it is moved."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def nobody() -> AsyncIterator[Callable[[Breaker], RedisCache]]:
    """Return what opens a cache on a port where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        opened: list[RedisCache] = []

        def opening(breaker: Breaker) -> RedisCache:
            opened.append(RedisCache(f"redis://127.0.0.1:{port}/0", breaker=breaker))
            return opened[-1]

        yield opening
        for one in opened:
            await one.close()


# -- what is kept ----------------------------------------------------------------------------------


async def test_what_was_put_is_found_by_another_process(
    cache: RedisCache, open_cache: OpenCache
) -> None:
    await asyncio.gather(cache.put([value(3, b'{"a":1}')]), cache.put([value(1, place=OTHER)]))
    other = open_cache()

    found = await asyncio.gather(
        other.get(PLACE), other.get(OTHER), other.get(("shop", "cloud", "hari"))
    )
    assert [value(3, b'{"a":1}'), value(1, place=OTHER), None] == list(found)
    await other.ping()
    await other.close()


@pytest.mark.parametrize(("first", "second", "kept"), [(3, 4, 4), (4, 3, 4), (9, 10, 10)])
async def test_the_newer_of_two_is_kept_in_whatever_order_they_come(
    cache: RedisCache, first: int, second: int, kept: int
) -> None:
    await cache.put([value(first)])
    await cache.put([value(second)])
    found = await cache.get(PLACE)
    assert found is not None
    assert kept == found.version


async def test_of_equal_versions_the_first_stays(cache: RedisCache) -> None:
    """Which of the two is right only SQL knows; a conflict drops it."""
    await cache.put([value(3, b'"first"')])
    await cache.put([value(3, b'"second"')])
    found = await cache.get(PLACE)
    assert found is not None
    assert b'"first"' == found.body


async def test_a_value_of_another_format_is_no_value_and_is_written_over(
    cache: RedisCache,
) -> None:
    """Another version of the program wrote it; it is said once, and the next commit replaces it."""
    key = cache._key(PLACE)
    for strange in (b"2 99 0 {}", b"rubbish", b"1 x 0 {}", b"1 3"):
        await cache._redis.set(key, strange)
        with capture_logs() as logs:
            assert None is await cache.get(PLACE)
        assert ["cached_session_of_another_format"] == [log["event"] for log in logs]
        await cache.put([value(1)])
        assert value(1) == await cache.get(PLACE)


async def test_what_is_dropped_is_gone_and_what_is_kept_ends_in_a_day(cache: RedisCache) -> None:
    await cache.put([value(3)])
    assert TTL_SECONDS - 5 <= await cache._redis.ttl(cache._key(PLACE)) <= TTL_SECONDS
    await cache.drop(PLACE)
    assert None is await cache.get(PLACE)


# -- a Redis that is away --------------------------------------------------------------------------


async def test_a_dead_redis_costs_one_failure_per_period(
    nobody: Callable[[Breaker], RedisCache],
) -> None:
    """A hundred turns a second do not wait for it a hundred times; nothing raises."""
    clock = Seconds()
    cache = nobody(Breaker(clock=clock))
    with capture_logs() as logs:
        for period in range(1, 4):
            for _ in range(5):
                assert None is await cache.get(PLACE)
                await cache.put([value(1)])
                await cache.drop(PLACE)
            await asyncio.gather(*(cache.drop(PLACE) for _ in range(10)), cache.get(PLACE))
            assert period == cache.breaker.failures
            clock.now += PERIOD_SECONDS

        # The period is over, and ten come at the same moment: one of them finds out.
        await asyncio.gather(*(cache.drop(PLACE) for _ in range(10)))
    assert 4 == cache.breaker.failures
    assert ["redis_down"] == [log["event"] for log in logs]


async def test_a_redis_that_does_not_answer_is_a_failure_too() -> None:
    """It takes the connection and stays silent: after a moment it counts as away."""
    hold: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: hold.append(writer), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    cache = RedisCache(f"redis://127.0.0.1:{port}/0")

    assert None is await cache.get(PLACE)
    assert 1 == cache.breaker.failures

    await cache.close()
    for writer in hold:
        writer.close()
    server.close()


async def test_a_redis_that_comes_back_is_used_again() -> None:
    clock = Seconds()
    breaker = Breaker(clock=clock)

    async def fail() -> str:
        raise ConnectionRefusedError

    async def work() -> str:
        return "here"

    with capture_logs() as logs:
        assert "gone" == await breaker.through(fail, "gone")
        assert "gone" == await breaker.through(work, "gone")
        clock.now += PERIOD_SECONDS
        assert "here" == await breaker.through(work, "gone")
        assert "here" == await breaker.through(work, "gone")
    assert ["redis_down", "redis_up"] == [log["event"] for log in logs]


# -- words to the others ---------------------------------------------------------------------------


@dataclass
class Ear:
    """What a worker has heard."""

    changed: list[tuple[Place, int]]
    work: int = 0

    def hear(self, place: Place, version: int) -> None:
        self.changed.append((place, version))

    def wake(self) -> None:
        self.work += 1


async def listening(cache: RedisCache) -> tuple[Ear, asyncio.Task[None]]:
    """Listen; return when the words arrive."""
    ear = Ear([])
    task = asyncio.create_task(cache.listen(ear.hear, ear.wake))
    await subscribed(cache, 1)
    return ear, task


async def subscribed(cache: RedisCache, count: int) -> None:
    async def met() -> bool:
        return (await cache._redis.pubsub_numsub(cache._channel))[0][1] == count

    await until(met)


async def heard(ear: Ear, count: int) -> None:
    await until(lambda: len(ear.changed) >= count)


async def stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_other_workers_hear_what_changed_and_whether_there_is_work(
    cache: RedisCache, open_cache: OpenCache
) -> None:
    """Their own words they do not hear."""
    other = open_cache()
    ear, task = await listening(other)
    await other.put([value(1, place=OTHER)])
    await cache.put([value(7)])
    await heard(ear, 1)
    assert ([(PLACE, 7)], 0) == (ear.changed, ear.work)
    await cache.put([Cached(OTHER, 8, ended=False, body=b"{}", owes=True)])
    await heard(ear, 2)
    assert 1 == ear.work
    await stopped(task)
    await other.close()


@pytest.mark.parametrize("word", [b"rubbish", b"5", b'["x", true, [["a"]]]', b'["x", true]'])
async def test_a_word_of_another_format_is_said_and_forgotten(
    cache: RedisCache, open_cache: OpenCache, word: bytes
) -> None:
    """A newer worker speaks differently; the ear stays open."""
    other = open_cache()
    with capture_logs() as logs:
        ear, task = await listening(other)
        await cache._redis.publish(cache._channel, word)
        await cache.put([value(7)])
        await heard(ear, 1)
    assert ["word_of_another_format"] == [log["event"] for log in logs]
    await stopped(task)
    await other.close()


async def test_an_ear_that_was_cut_off_listens_again(
    cache: RedisCache, open_cache: OpenCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_module, "PERIOD_SECONDS", 0.01)
    other = open_cache()
    ear, task = await listening(other)
    clients: list[dict[str, Any]] = await cache._redis.client_list(_type="pubsub")
    for client in clients:
        await cache._redis.client_kill_filter(_id=client["id"])
    await subscribed(cache, 1)
    async with asyncio.timeout(5):
        while not ear.changed:  # it may have been asked for before it was gone
            await cache.put([value(1)])
            await asyncio.sleep(0.01)
    await stopped(task)
    await other.close()


async def test_a_client_fails_at_once_and_does_not_try_ten_times(redis_url: str) -> None:
    client = connect(redis_url)
    assert 0 == client.get_retry().get_retries()  # type: ignore[union-attr]
    await client.aclose()
