"""The contract of a session store; the one in memory is what every other must equal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.effects import Effect, RunAction, Send
from engine.ports import Committed, Conflict, Duplicate
from engine.session import Session, new_session
from engine.stores.memory import MemoryStore
from engine.transcript import Line
from engine.turn import Turn


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def fresh(id_: str = "s1", contact: str = "hari", lane: str = "web") -> Session:
    return new_session(
        id=id_, bot="shop", lane=lane, contact=contact, key=f"{lane}-{contact}", at=0
    )


def turn_on(
    before: Session,
    *texts: str,
    effects: tuple[Effect, ...] = (),
    status: str = "open",
    wake_at: int | None = None,
    withdraw: bool = False,
) -> Turn:
    """Return a turn that took these messages, each its own id."""
    session = replace(
        before,
        version=before.version + 1,
        turn_id=before.turn_id + 1,
        status=status,
        seq=before.seq + len(texts),
        nudge_at=wake_at,
    )
    lines = tuple(
        Line(before.seq + n, session.version, "user", text, 0, inbound=text)
        for n, text in enumerate(texts, 1)
    )
    return Turn(session, lines, effects, withdraw=withdraw)


def send(id_: str, *, by_operator: bool = False) -> Send:
    return Send(id_, "cloud:1", "hi", (1,), by_operator=by_operator)


async def test_what_was_committed_is_loaded_equal(store: MemoryStore) -> None:
    turn = turn_on(fresh(), "hi")

    assert await store.load("shop", "web", "hari") is None
    assert await store.commit(fresh(), turn) == Committed()
    assert await store.load("shop", "web", "hari") == turn.session
    assert await store.load("shop", "cloud", "hari") is None
    assert await store.lines("s1") == list(turn.lines)
    assert await store.lines("s1", after=1) == []


async def test_of_two_turns_on_one_session_the_second_reloads(store: MemoryStore) -> None:
    await store.commit(fresh(), turn_on(fresh(), "hi"))
    loaded = await store.load("shop", "web", "hari")
    assert loaded is not None

    assert await store.commit(loaded, turn_on(loaded, "a")) == Committed()
    assert await store.commit(loaded, turn_on(loaded, "b")) == Conflict()
    assert [line.text for line in await store.lines("s1")] == ["hi", "a"]


async def test_equal_versions_with_another_content_are_a_conflict(store: MemoryStore) -> None:
    await store.commit(fresh(), turn_on(fresh(), "hi"))
    other = replace(turn_on(fresh(), "ho").session, turn_id=77)

    assert await store.commit(other, turn_on(other, "a")) == Conflict()


async def test_of_two_first_messages_one_starts_the_session(store: MemoryStore) -> None:
    await store.commit(fresh(), turn_on(fresh(), "hi"))

    assert await store.commit(fresh("s2"), turn_on(fresh("s2"), "ho")) == Conflict()
    assert await store.commit(fresh(), turn_on(fresh(), "ho")) == Conflict()


async def test_a_session_nobody_stored_cannot_be_changed(store: MemoryStore) -> None:
    lost = replace(fresh(), version=3)

    assert await store.commit(lost, turn_on(lost, "hi")) == Conflict()


async def test_one_message_id_changes_a_contact_once_in_any_lane(store: MemoryStore) -> None:
    await store.commit(fresh(), turn_on(fresh(), "m1"))
    loaded = await store.load("shop", "web", "hari")
    assert loaded is not None
    preview = fresh("s2", lane="preview")
    other = fresh("s3", contact="ana")

    assert await store.commit(loaded, turn_on(loaded, "m2", "m1")) == Duplicate(("m1",))
    assert await store.commit(preview, turn_on(preview, "m1")) == Duplicate(("m1",))
    assert await store.commit(other, turn_on(other, "m1")) == Committed()
    assert [line.text for line in await store.answer("shop", "hari", "m1")] == ["m1"]
    assert await store.answer("shop", "hari", "m2") == []


async def test_an_ended_session_makes_room_for_its_successor(store: MemoryStore) -> None:
    await store.commit(fresh(), turn_on(fresh(), "hi"))
    before = await store.load("shop", "web", "hari")
    assert before is not None
    ended = turn_on(before, status="ended")
    follower = replace(fresh("s2"), version=ended.session.version, turn_id=ended.session.turn_id)
    turn = replace(ended, successor=turn_on(follower, "again"))

    assert await store.commit(before, turn) == Committed()
    loaded = await store.load("shop", "web", "hari")
    assert loaded is not None
    assert (loaded.id, loaded.version) == ("s2", 3)
    assert await store.commit(ended.session, turn_on(ended.session, "late")) == Conflict()


async def test_deadlines_come_earliest_first_and_not_before_their_time(store: MemoryStore) -> None:
    for contact, wake in (("ana", 300), ("bo", 100), ("cy", 200), ("di", None)):
        before = fresh(contact, contact)
        await store.commit(before, turn_on(before, "hi", wake_at=wake))

    assert [session.contact for session in await store.due(200)] == ["bo", "cy"]


async def test_an_effect_is_taken_by_one_worker_until_it_is_given_back(store: MemoryStore) -> None:
    order = RunAction("e1", "place_order", {"items": []})
    await store.commit(fresh(), turn_on(fresh(), "hi", effects=(order,)))

    first = await store.take(0)
    assert first is not None
    assert (first.effect, first.contact, first.attempt) == (order, "hari", 1)
    assert await store.take(0) is None
    await store.put_back("e1", until=500)
    assert await store.take(499) is None
    again = await store.take(500)
    assert again is not None
    assert again.attempt == 2
    await store.settle("e1", "failed")
    assert await store.take(10_000) is None


async def test_an_outcome_is_stored_with_its_turn_and_only_once(store: MemoryStore) -> None:
    order = RunAction("e1", "place_order", {})
    await store.commit(fresh(), turn_on(fresh(), "hi", effects=(order,)))
    before = await store.load("shop", "web", "hari")
    assert before is not None

    assert await store.commit(before, turn_on(before), settles={"e1": "done"}) == Committed()
    assert await store.take(0) is None
    now = await store.load("shop", "web", "hari")
    assert now is not None
    assert await store.commit(now, turn_on(now), settles={"e1": "done"}) == Duplicate(("e1",))


async def test_a_message_is_not_sent_before_an_earlier_one(store: MemoryStore) -> None:
    await store.commit(fresh(), turn_on(fresh(), "hi", effects=(send("e1"), send("e2"))))
    other = fresh("s2", "ana")
    await store.commit(other, turn_on(other, "hi", effects=(send("e3"),)))

    taken = [work.effect.id for _ in range(3) if (work := await store.take(0))]

    assert taken == ["e1", "e3"]
    await store.settle("e1", "done")
    work = await store.take(0)
    assert work is not None
    assert work.effect.id == "e2"


async def test_a_take_over_withdraws_what_the_bot_has_not_sent(store: MemoryStore) -> None:
    effects = (send("e1"), send("e2"), send("e3", by_operator=True), RunAction("e4", "x", {}))
    await store.commit(fresh(), turn_on(fresh(), "hi", effects=effects))
    other = fresh("s2", "ana")
    await store.commit(other, turn_on(other, "hi", effects=(send("e5"),)))
    on_the_wire = await store.take(0)
    before = await store.load("shop", "web", "hari")
    assert before is not None
    assert on_the_wire is not None

    await store.commit(before, turn_on(before, withdraw=True))
    await store.settle(on_the_wire.effect.id, "done")
    taken = [work.effect.id for _ in range(9) if (work := await store.take(0))]

    assert taken == ["e3", "e4", "e5"]


async def test_another_process_finds_everything_and_what_was_taken_is_free(
    store: MemoryStore,
) -> None:
    await store.commit(fresh(), turn_on(fresh(), "hi", effects=(send("e1"),)))
    await store.take(0)

    reopened = store.reopened()
    before = await reopened.load("shop", "web", "hari")
    assert before is not None
    await reopened.commit(before, turn_on(before, "on"))

    assert await reopened.take(0) is not None
    assert [line.text for line in await reopened.lines("s1")] == ["hi", "on"]
    assert [line.text for line in await store.lines("s1")] == ["hi"]
