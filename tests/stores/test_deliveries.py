"""What a provider took and told of it, and how often a person is written to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.delivery import Fate, Kept, Part, Sent
from engine.stores.database import Database
from engine.stores.deliveries import SqlDeliveries
from engine.stores.effect_rows import UNSETTLED_FOR
from engine.stores.sql import SqlStore
from tests.stores.rows import commit, fresh, send, take, turn_on

ONE = Part("s1:1:1", 1, 1)
WHO = ("main", "62812")


@pytest.fixture
async def store(database: Database) -> SqlStore:
    """A session that owes a message."""
    store = SqlStore(database)
    before = fresh()
    await commit(store, before, turn_on(before, "hi", effects=(send("s1:1:1"),)))
    return store


@pytest.fixture
def deliveries(database: Database) -> SqlDeliveries:
    return SqlDeliveries(database)


def fate(state: str, part: Part | None = None, *, code: int = 0, message: str = "w1") -> Fate:
    return Fate("main", message, state, 9, part, code)


async def sent(store: SqlStore, *, cut: bool = False) -> None:
    """Have the message go out; or be cut while it does."""
    work = await take(store, 0)
    assert work is not None
    assert await store.begin_sending(work, until=10)
    if cut:
        assert not await store.take(20, until=30)  # its lease ran out: nobody knows
    else:
        await store.settle(work, "done")


async def states(deliveries: SqlDeliveries) -> list[tuple[str, int]]:
    return [(one.state, one.code) for one in await deliveries.of_session("s1")]


def test_a_part_finds_back_by_its_name() -> None:
    """And what others gave along is none of ours."""
    assert ONE == Part.named(ONE.name)
    for name in ("", "hello", "a|b|c", "a|1"):
        assert None is Part.named(name)


async def test_a_message_only_comes_further(store: SqlStore, deliveries: SqlDeliveries) -> None:
    """Statuses come repeatedly and in any order; a failure is the end."""
    assert [("owed", 0)] == await states(deliveries)
    await sent(store)
    assert [("sent", 0)] == await states(deliveries)
    await deliveries.took("main", "w1", ONE, 5)
    assert [True, False] == [await deliveries.is_ours("main", one) for one in ("w1", "w2")]
    assert "s1:1:1" == await deliveries.told(fate("read"))
    assert "" == await deliveries.told(fate("delivered"))
    assert "" == await deliveries.told(fate("read"))
    assert [Sent((1,), "read", 9)] == await deliveries.of_session("s1")
    assert "s1:1:1" == await deliveries.told(fate("failed", code=131026))
    assert "" == await deliveries.told(fate("read"))
    assert [("failed", 131026)] == await states(deliveries)
    assert [Kept(1, "failed", 131026)] == list(await deliveries.parts("s1:1:1"))


async def test_what_is_told_of_a_stranger_is_nothing(deliveries: SqlDeliveries) -> None:
    assert "" == await deliveries.told(fate("read"))
    assert [] == list(await deliveries.parts("s1:1:1"))


async def test_a_word_may_come_before_the_answer(
    store: SqlStore, deliveries: SqlDeliveries
) -> None:
    """The provider tells of a message before our own request has returned."""
    assert "s1:1:1" == await deliveries.told(fate("delivered", ONE))
    await deliveries.took("main", "w1", ONE, 5)
    assert [Kept(1, "delivered", 0)] == list(await deliveries.parts("s1:1:1"))


async def test_a_cut_message_is_settled_when_all_its_parts_are_known(
    store: SqlStore, deliveries: SqlDeliveries
) -> None:
    await sent(store, cut=True)
    first, second = replace(ONE, of=2), replace(ONE, number=2, of=2)
    await deliveries.told(fate("sent", first))
    assert [("unsettled", 0)] == await states(deliveries)
    await deliveries.told(fate("sent", second, message="w2"))
    assert [("sent", 0)] == await states(deliveries)


async def test_a_message_on_the_wire_is_done_when_its_provider_says_so(
    store: SqlStore, deliveries: SqlDeliveries
) -> None:
    """The worker was killed before it could write it down: nobody waits for its lease to run out."""
    work = await take(store, 0)
    assert work is not None
    await store.begin_sending(work, until=10_000)
    await deliveries.told(fate("delivered", ONE))
    assert [("delivered", 0)] == await states(deliveries)


async def test_what_was_told_while_the_lease_ran_is_not_waited_for_again(
    store: SqlStore, deliveries: SqlDeliveries
) -> None:
    """A killed worker's message arrived, and the provider said so before anybody missed the worker."""
    work = await take(store, 0)
    assert work is not None
    assert await store.begin_sending(work, until=10)
    first, second = replace(ONE, of=2), replace(ONE, number=2, of=2)
    await deliveries.told(fate("sent", first))
    await deliveries.told(fate("delivered", second, message="w2"))
    assert None is await take(store, 20)
    assert [("sent", 0)] == await states(deliveries)
    assert None is await take(store, 20 + UNSETTLED_FOR)


@pytest.mark.parametrize("told", [fate("sent", replace(ONE, of=2)), fate("failed", ONE)])
async def test_a_part_or_a_failure_does_not_settle_a_cut_message(
    store: SqlStore, deliveries: SqlDeliveries, told: Fate
) -> None:
    work = await take(store, 0)
    assert work is not None
    assert await store.begin_sending(work, until=10)
    await deliveries.told(told)
    assert None is await take(store, 20)
    again = await take(store, 20 + UNSETTLED_FOR)
    assert again is not None
    assert again.cut


async def test_a_failure_that_is_no_last_word_owes_the_message_again(
    store: SqlStore, deliveries: SqlDeliveries
) -> None:
    await sent(store)
    await deliveries.took("main", "w1", ONE, 5)
    await deliveries.told(fate("failed", ONE, code=131047), again=lambda _attempts: 50)
    assert [("owed", 131047)] == await states(deliveries)
    assert None is await take(store, 49)
    assert None is not await take(store, 50)


async def test_a_failure_told_before_its_request_returns_is_to_be_told_again(
    store: SqlStore, deliveries: SqlDeliveries
) -> None:
    """Whoever sends it would store afterwards that it was sent."""
    work = await take(store, 0)
    assert work is not None
    assert await store.begin_sending(work, until=10)
    failed = fate("failed", ONE, code=131016)
    assert None is await deliveries.told(failed, again=lambda _attempts: 50)
    assert [] == list(await deliveries.parts("s1:1:1"))
    await store.settle(work, "done")
    assert "s1:1:1" == await deliveries.told(failed, again=lambda _attempts: 50)
    assert [("owed", 131016)] == await states(deliveries)


async def test_a_failure_is_the_last_one_after_so_many_attempts(
    store: SqlStore, deliveries: SqlDeliveries
) -> None:
    asked: list[int] = []
    await sent(store)
    await deliveries.told(fate("failed", ONE, code=131016), again=asked.append)
    assert [1] == asked
    assert [("failed", 131016)] == await states(deliveries)


async def test_a_failure_of_what_was_forgotten_is_kept_all_the_same(
    deliveries: SqlDeliveries,
) -> None:
    assert "s1:1:1" == await deliveries.told(fate("failed", ONE, code=1), again=lambda _: 50)


async def test_after_a_take_over_the_bots_words_do_not_come_again(
    store: SqlStore, deliveries: SqlDeliveries
) -> None:
    await sent(store)
    await deliveries.took("main", "w1", ONE, 5)
    before = (await store.open_of("shop", "hari"))[0]
    turn = turn_on(before)
    turn.session.mode = "manual"
    await commit(store, before, turn)
    await deliveries.told(fate("failed", ONE, code=131016), again=lambda _attempts: 50)
    assert [("failed", 131016)] == await states(deliveries)


async def test_the_part_that_came_the_least_far_speaks_for_all(
    store: SqlStore, deliveries: SqlDeliveries
) -> None:
    await sent(store)
    first, second = replace(ONE, of=2), replace(ONE, number=2, of=2)
    await deliveries.told(fate("read", first))
    await deliveries.told(fate("delivered", second, message="w2"))
    assert [("delivered", 0)] == await states(deliveries)
    await deliveries.told(fate("failed", first, code=1))
    assert [("failed", 1)] == await states(deliveries)


async def test_a_part_that_failed_and_went_out_again_has_come(
    store: SqlStore, deliveries: SqlDeliveries
) -> None:
    await sent(store)
    await deliveries.told(fate("failed", ONE, code=131016), again=lambda _attempts: 0)
    await sent(store)
    await deliveries.told(Fate("main", "w2", "read", 10, ONE))
    assert [("read", 0)] == await states(deliveries)


async def test_who_wrote_lately_may_be_written_to(
    store: SqlStore, deliveries: SqlDeliveries
) -> None:
    assert 0 == await deliveries.written_at("shop", "hari", since=0)
    assert None is await deliveries.written_at("shop", "hari", since=1)
    assert None is await deliveries.written_at("shop", "ana", since=0)
    assert None is await deliveries.written_at("other", "hari", since=0)


async def test_a_person_gets_a_burst_and_then_one_at_a_time(deliveries: SqlDeliveries) -> None:
    """Ten at once, then one every six seconds; whoever waited long has a burst again."""

    async def ask(now: int, who: tuple[str, str] = WHO) -> int:
        return await deliveries.reserve(*who, now, step=6_000, room=18_000)

    assert [0, 0, 0] == [await ask(1_000) for _ in range(3)]
    assert 7_000 == await ask(1_000) == await ask(5_000)
    assert 0 == await ask(1_000, ("main", "62899"))
    assert 0 == await ask(7_000)
    assert 13_000 == await ask(7_000)
    assert [0, 0, 0, 106_000] == [await ask(100_000) for _ in range(4)]


async def test_what_is_on_the_wire_is_known_by_its_connection(
    store: SqlStore, deliveries: SqlDeliveries
) -> None:
    work = await take(store, 0)
    assert work is not None
    assert frozenset() == await deliveries.on_the_wire("cloud")
    assert await store.begin_sending(work, until=10)
    assert {"s1:1:1"} == await deliveries.on_the_wire("cloud")
    assert frozenset() == await deliveries.on_the_wire("main")
    await store.settle(work, "done")
    assert frozenset() == await deliveries.on_the_wire("cloud")


async def test_what_waits_for_a_connection_goes_once_it_works(
    store: SqlStore, deliveries: SqlDeliveries
) -> None:
    """What waits for another one goes on waiting."""
    work = await take(store, 0)
    assert work is not None
    await store.put_back(work, until=900, attempted=False)

    await deliveries.hasten("main", 20)
    assert None is await take(store, 20)
    await deliveries.hasten("cloud", 20)
    assert None is not await take(store, 20)
