"""Effects at the edges: what was cut stays cut, what is leased is renewed, what moved is found."""

from __future__ import annotations

from dataclasses import replace

from engine.effects import RunAction
from engine.ports import SessionStore
from engine.records import Committed, Conflict, Write
from engine.stores.effect_rows import UNSETTLED_FOR
from tests.stores.rows import PLACE, commit, fresh, send, take, turn_on


async def cut(store: SessionStore) -> int:
    """Leave a message on the wire whose worker is gone; return when it can be taken."""
    await commit(store, fresh(), turn_on(fresh(), "hi", effects=(send("s1:1:1"),)))
    work = await take(store, 0, until=100)
    assert work is not None
    assert not work.cut
    assert await store.begin_sending(work, until=100)
    assert await take(store, 100) is None
    return 100 + UNSETTLED_FOR


async def test_a_cut_message_stays_cut_when_its_next_worker_dies_too(store: SessionStore) -> None:
    now = await cut(store)
    second = await take(store, now, until=now + 100)
    third = await take(store, now + 100, until=now + 200)

    assert second is not None
    assert third is not None
    assert (second.cut, third.cut) == (True, True)
    assert not await store.begin_sending(second, until=now + 300)
    assert await store.begin_sending(third, until=now + 300)


async def test_a_cut_message_stays_cut_when_it_is_given_back(store: SessionStore) -> None:
    now = await cut(store)
    second = await take(store, now, until=now + 100)
    assert second is not None
    await store.put_back(second, until=now, attempted=False)

    again = await take(store, now, until=now + 100)

    assert again is not None
    assert (again.cut, again.attempt) == (True, 2)


async def test_a_lease_is_renewed_by_the_one_who_has_it(store: SessionStore) -> None:
    effects = (RunAction("s1:1:1", "x", {}), RunAction("s1:1:2", "x", {}))
    await commit(store, fresh(), turn_on(fresh(), "hi", effects=effects))
    first = await store.take(0, until=100, limit=2)
    await store.renew(first, until=200)
    assert await store.take(150, until=300, limit=2) == []

    second = await store.take(200, until=300, limit=1)
    await store.renew(first, until=900)  # one of them is another's by now

    assert [work.attempt for work in second] == [2]
    assert [work.effect.id for work in await store.take(300, until=400, limit=2)] == [
        second[0].effect.id
    ]


async def test_a_session_that_moves_to_another_contact_is_found_there(
    store: SessionStore,
) -> None:
    await commit(store, fresh(), turn_on(fresh(), "hi"))
    other = fresh("s2", "ana")
    await commit(store, other, turn_on(other, "ho"))
    web = await store.load(PLACE)
    assert web is not None
    moving = turn_on(web)
    moved = replace(moving, session=replace(moving.session, contact="bo"))
    theirs = await store.load(("shop", "web", "ana"))
    assert theirs is not None

    write = Write(theirs, turn_on(theirs), beside=[(web, moved)], addresses=["phone:1"])
    assert await store.commit(write) == Committed()

    assert await store.load(PLACE) is None
    assert await store.load(("shop", "web", "bo")) == moved.session
    assert await store.where("s1") == ("shop", "web", "bo")
    assert [one.id for one in await store.open_of("shop", "bo")] == ["s1"]
    assert await store.open_of("other", "bo") == []
    assert await store.open_of("shop", "hari") == []


async def test_where_an_ended_session_was_is_nowhere(store: SessionStore) -> None:
    await commit(store, fresh(), turn_on(fresh(), "hi", status="ended"))
    assert await store.where("s1") is None
    assert await store.where("nobody") is None


async def test_two_turns_on_one_session_at_one_moment_are_one_and_a_conflict(
    store: SessionStore,
) -> None:
    """They say nothing, so nothing but the version can tell them apart."""
    import anyio  # noqa: PLC0415 - for this test alone

    await commit(store, fresh(), turn_on(fresh(), "hi"))
    before = await store.load(PLACE)
    assert before is not None
    outcomes = []

    async def one(n: int) -> None:
        turn = turn_on(before)
        outcomes.append(
            await commit(store, before, replace(turn, session=replace(turn.session, turn_id=n)))
        )

    async with anyio.create_task_group() as group:
        for n in (7, 8):
            group.start_soon(one, n)

    assert sorted(map(repr, outcomes)) == sorted(map(repr, (Committed(), Conflict())))


async def test_a_session_that_has_ended_is_not_opened_again_by_a_late_turn(
    store: SessionStore,
) -> None:
    """A worker has a copy of it from its end; its place is free, and it stays ended."""
    turn = turn_on(fresh(), "hi", status="ended")
    await commit(store, fresh(), turn)
    late = replace(turn.session, status="open")

    assert await commit(store, late, turn_on(late, "late")) == Conflict()
    assert await store.load(PLACE) is None


async def test_what_stepped_aside_holds_up_no_answer(store: SessionStore) -> None:
    """What only waits does: it is read first. A take-over withdraws both."""
    effects = (send("s1:1:1"), send("s1:1:2"))
    await commit(store, fresh(), turn_on(fresh(), "hi", effects=effects))
    first = await take(store, 0)
    assert first is not None
    await store.put_back(first, until=50)
    assert None is await take(store, 0)
    first = await take(store, 50)
    assert first is not None
    await store.put_back(first, until=100, aside=True)

    second = await take(store, 50)
    assert second is not None
    assert "s1:1:2" == second.effect.id
    first = await take(store, 100)
    assert first is not None
    assert "s1:1:1" == first.effect.id
    await store.put_back(first, until=200, aside=True)
    await store.put_back(second, until=200)
    session = await store.load(PLACE)
    assert session is not None
    await commit(store, session, turn_on(session, "wait", withdraw=True))
    assert None is await take(store, 300)
