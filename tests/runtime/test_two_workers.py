"""Two processes on PostgreSQL and Redis: each finds what the other did, at the price of one conflict."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from engine.language.book import Book
from engine.records import Write
from engine.stores.cache import RedisCache
from engine.stores.encoding import cached, encoded
from engine.stores.postgres import PostgresDatabase
from tests.runtime.office import Clock, Office, Phone
from tests.stores.conftest import emptied
from tests.stores.waiting import until

pytestmark = [pytest.mark.needs("postgres"), pytest.mark.needs("redis")]

CONFIRM = "Hari, hari@example.com: right?"


@pytest.fixture
def urls(database_url: str, redis_url: str) -> tuple[str, str]:
    return database_url.replace("postgresql+asyncpg://", "postgresql://", 1), redis_url


@pytest.fixture
async def pair(
    urls: tuple[str, str], book: Book, clock: Clock
) -> AsyncIterator[tuple[Office, Office]]:
    """Two processes that share both."""
    prefix = f"test-{uuid4().hex}"
    offices = []
    for _ in range(2):
        cache = RedisCache(urls[1], prefix=prefix)
        actions = {"work": lambda **_: {"number": "A-1"}}
        office = Office(
            book,
            PostgresDatabase(urls[0]),
            clock,
            cache=cache,
            actions=actions,
            channels={"cloud": Phone()},
        )
        offices.append(office)
    await emptied(offices[0].database)
    yield offices[0], offices[1]
    for office in offices:
        await office.database.close()
        assert isinstance(office.store.cache, RedisCache)
        await office.store.cache.close()


async def listening(office: Office) -> asyncio.Task[None]:
    """Have a process hear the words of the others."""
    cache = office.store.cache
    assert isinstance(cache, RedisCache)
    task = asyncio.create_task(cache.listen(office.store.memory.drop_older, office.worker.wake))

    async def heard() -> bool:
        return (await cache._redis.pubsub_numsub(cache._channel))[0][1] == 1

    await until(heard)
    return task


async def test_what_one_did_the_other_sees_without_a_conflict_once_the_word_came(
    pair: tuple[Office, Office],
) -> None:
    """The copy in the other's memory is let go of, and the new one comes from Redis."""
    one, two = pair
    task = await listening(two)
    await two.say("job please")
    await one.say("Hari")
    await until(lambda: not len(two.store.memory))

    assert [CONFIRM] == await two.said("hari@example.com")
    assert 0 == two.counted("conflicts")
    assert {("restored", ("shop", "redis")): 1}.items() <= two.counters.now().items()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_whoever_missed_the_word_loses_one_conflict_and_no_more(
    pair: tuple[Office, Office],
) -> None:
    """The copy in memory is old; the turn is taken again on what SQL has."""
    one, two = pair
    await two.say("job please")
    await one.say("Hari")

    assert [CONFIRM] == await two.said("hari@example.com")
    assert 1 == two.counted("conflicts")
    assert 3 == (await one.session()).version


async def test_a_redis_that_keeps_a_wrong_copy_costs_one_conflict_all_the_same(
    pair: tuple[Office, Office],
) -> None:
    """The word to drop it is lost; the turn is taken again on what SQL has, and not on the copy."""
    one, two = pair
    await one.say("job please")
    session = await one.session()
    wrong = replace(session, version=99, turn_id=5)
    cache = two.store.cache
    assert isinstance(cache, RedisCache)
    await cache.drop(one.place())
    await cache.put([cached(wrong, encoded(wrong))])

    async def lost(place: Any) -> None:
        return None

    cache.drop = lost  # type: ignore[method-assign]
    assert [CONFIRM] == await two.said("Hari, hari@example.com")
    assert 1 == two.counted("conflicts")


async def test_a_word_wakes_the_other_worker(pair: tuple[Office, Office]) -> None:
    """One process takes the message, the other does the work, without waiting for its poll."""
    one, two = pair
    task = await listening(two)
    await one.say("job please")
    await one.say("Hari, hari@example.com")
    two.worker._woken.clear()
    await one.say("yes")
    async with asyncio.timeout(5):
        await two.worker._woken.wait()
    await two.worker.drain()
    assert "rating" == (await one.session()).state
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_one_message_at_both_is_taken_once(pair: tuple[Office, Office]) -> None:
    """The provider delivers to both at the same moment: one takes it, both answer the same."""
    one, two = pair
    await one.say("job please")
    first, second = await asyncio.gather(
        one.say("Hari, hari@example.com", name="m1"), two.say("Hari, hari@example.com", name="m1")
    )

    assert first.lines == second.lines
    assert 2 == (await one.session()).version


async def _meet(office: Office, both: asyncio.Barrier, _write: Write) -> None:
    """Hold an office's next commit until the other has looked too."""
    office.store.before_commit = None
    await both.wait()


async def test_both_take_the_first_message_of_a_customer_and_one_conversation_begins(
    pair: tuple[Office, Office],
) -> None:
    """Two first messages at two processes: the second is read in the conversation of the first."""
    one, two = pair
    both = asyncio.Barrier(2)
    for office in pair:
        office.store.before_commit = partial(_meet, office, both)
    first, second = await asyncio.gather(one.say("job please"), two.say("job please"))
    assert first.session.id == second.session.id
    assert [(1,)] == await one.rows("SELECT count(*) FROM session")
    assert 1 == one.counted("conflicts") + two.counted("conflicts")


async def test_both_do_what_is_owed_each_thing_once(pair: tuple[Office, Office]) -> None:
    """Forty customers' actions and messages, two workers: no effect is done twice."""
    one, two = pair
    done: list[str] = []

    async def work(*, key: str, email: str) -> Any:
        done.append(key)
        await asyncio.sleep(0)
        return {"number": "A-1"}

    sent = []
    for office in pair:
        office.worker._actions = {"work": work}
        phone = Phone()
        sent.append(phone.sent)
        office.worker._channels = {"cloud": phone}
    customers = [f"c{number}" for number in range(20)]
    for text in ("job please", "Hari, hari@example.com", "yes"):
        await asyncio.gather(
            *(one.say(text, who=who, lane="cloud", route="cloud:1") for who in customers)
        )
        await asyncio.gather(one.worker.drain(), two.worker.drain())
        await asyncio.gather(one.worker.drain(), two.worker.drain())

    assert 20 == len(done) == len(set(done))
    ids = [message.id for messages in sent for message in messages]
    assert len(ids) == len(set(ids))
    rows = await one.rows("SELECT count(*) FROM effect WHERE status <> 'done'")
    assert [(0,)] == rows
