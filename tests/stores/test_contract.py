"""What every session store promises; the one in memory is the reference."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.effects import AskAssistant, Notify, OpenAssistant, Publish, RunAction
from engine.events import Said
from engine.frame import Frame
from engine.ports import SessionStore
from engine.records import Committed, Conflict, Duplicate, Write
from engine.session import Session
from engine.stores.effect_rows import UNSETTLED_FOR
from engine.transcript import Line
from engine.turn import Parked, Turn
from tests.stores.conftest import Reopen
from tests.stores.rows import PLACE, commit, fresh, send, take, turn_on


async def stored(store: SessionStore, place: tuple[str, str, str] = PLACE) -> Session:
    session = await store.load(place, fresh=True)
    assert session is not None
    return session


async def test_what_was_committed_is_loaded_equal(store: SessionStore) -> None:
    turn = turn_on(fresh(), "hi")
    turn.session.frames = [Frame("order", "asking", 1, "abc", "n:number", {"n": 3, "x": "é☃"})]

    assert await store.load(PLACE) is None
    assert await commit(store, fresh(), turn) == Committed()
    assert await stored(store) == turn.session
    assert await store.load(("shop", "cloud", "hari")) is None
    assert await store.lines("s1") == list(turn.lines)
    assert await store.lines("s1", after=1) == []


async def test_a_line_keeps_its_choices_and_notes(store: SessionStore) -> None:
    turn = turn_on(fresh())
    lines = (
        Line(1, 1, "bot", "Which?\n☃", 5, choices=(("f.s.a", "A"), ("f.s.b", "B"))),
        Line(2, 1, "system", "a note", 5, note="for the console"),
    )

    await commit(store, fresh(), replace(turn, lines=lines))

    assert tuple(await store.lines("s1")) == lines


async def test_of_two_turns_on_one_session_the_second_reloads(store: SessionStore) -> None:
    await commit(store, fresh(), turn_on(fresh(), "hi"))
    loaded = await stored(store)

    assert await commit(store, loaded, turn_on(loaded, "a")) == Committed()
    assert await commit(store, loaded, turn_on(loaded, "b")) == Conflict()
    assert [line.text for line in await store.lines("s1")] == ["hi", "a"]


async def test_equal_versions_with_another_content_are_a_conflict(store: SessionStore) -> None:
    await commit(store, fresh(), turn_on(fresh(), "hi"))
    other = replace(turn_on(fresh(), "ho").session, turn_id=77)

    assert await commit(store, other, turn_on(other, "a")) == Conflict()


async def test_of_two_first_messages_one_starts_the_session(store: SessionStore) -> None:
    await commit(store, fresh(), turn_on(fresh(), "hi"))

    assert await commit(store, fresh("s2"), turn_on(fresh("s2"), "ho")) == Conflict()
    assert await commit(store, fresh(), turn_on(fresh(), "ho")) == Conflict()


async def test_a_session_nobody_stored_cannot_be_changed(store: SessionStore) -> None:
    lost = replace(fresh(), version=3)

    assert await commit(store, lost, turn_on(lost, "hi")) == Conflict()


async def test_one_message_id_is_taken_once_in_any_lane(store: SessionStore) -> None:
    await commit(store, fresh(), turn_on(fresh(), "m1"))
    loaded = await stored(store)
    preview = fresh("s2", lane="preview")

    assert await commit(store, loaded, turn_on(loaded, "m2", "m1")) == Duplicate(("m1",))
    assert await commit(store, preview, turn_on(preview, "m1")) == Duplicate(("m1",))
    assert [line.text for line in await store.answer("m1")] == ["m1"]
    assert await store.answer("m2") == []
    assert await store.load(("shop", "preview", "hari")) is None


async def test_an_ended_session_makes_room_for_its_successor(store: SessionStore) -> None:
    await commit(store, fresh(), turn_on(fresh(), "hi"))
    before = await stored(store)
    ended = turn_on(before, status="ended")
    follower = replace(fresh("s2"), version=ended.session.version, turn_id=ended.session.turn_id)
    turn = replace(ended, successor=turn_on(follower, "again"))

    assert await commit(store, before, turn) == Committed()
    loaded = await stored(store)
    assert (loaded.id, loaded.version) == ("s2", 3)
    assert await commit(store, ended.session, turn_on(ended.session, "late")) == Conflict()


async def test_an_ended_session_without_successor_leaves_its_place_free(
    store: SessionStore,
) -> None:
    await commit(store, fresh(), turn_on(fresh(), "hi", status="ended"))

    assert await store.load(PLACE) is None
    assert await commit(store, fresh("s2"), turn_on(fresh("s2"), "ho")) == Committed()
    assert (await stored(store)).id == "s2"


async def test_turns_of_two_sessions_are_stored_both_or_neither(store: SessionStore) -> None:
    preview = fresh("s2", lane="preview")
    await commit(store, fresh(), turn_on(fresh(), "hi"))
    await commit(store, preview, turn_on(preview, "ho"))
    mine, other = await stored(store), await stored(store, ("shop", "preview", "hari"))
    stale = replace(other, turn_id=5)

    one, two = turn_on(mine, "a"), turn_on(other, status="ended")
    assert await store.commit(Write(mine, one, beside=[(stale, two)])) == Conflict()
    assert (await stored(store)).version == 1
    assert await store.commit(Write(mine, one, beside=[(other, two)])) == Committed()
    assert (await stored(store)).version == 2
    assert await store.load(("shop", "preview", "hari")) is None


async def test_deadlines_come_earliest_first_and_not_before_their_time(
    store: SessionStore,
) -> None:
    for contact, wake in (("ana", 300), ("bo", 100), ("cy", 200), ("di", None)):
        before = fresh(contact, contact)
        await commit(store, before, turn_on(before, "hi " + contact, wake_at=wake))

    assert [session.contact for session in await store.due(200)] == ["bo", "cy"]
    assert [session.contact for session in await store.due(500, limit=2)] == ["bo", "cy"]


async def test_every_kind_of_effect_comes_back_equal(store: SessionStore) -> None:
    effects = (
        send("s1:1:1"),
        RunAction("s1:1:2", "place_order", {"items": [{"quantity": 2.5, "name": "fan"}]}),
        AskAssistant("s1:1:3", "what is 'this'?"),
        OpenAssistant("s1:1:4"),
        Publish("s1:1:5", "order.placed", {"number": "A-1"}),
        Notify("s1:1:6", "sales", "asked"),
    )
    await commit(store, fresh(), turn_on(fresh(), "hi", effects=effects))

    taken = await store.take(0, until=10, limit=10)

    assert {work.effect.id: work.effect for work in taken} == {one.id: one for one in effects}
    assert {(work.session, work.bot, work.lane, work.contact) for work in taken} == {
        ("s1", "shop", "web", "hari")
    }


async def test_questions_to_an_assistant_can_be_left_for_later(store: SessionStore) -> None:
    order = RunAction("s1:1:2", "place_order", {})
    effects = (AskAssistant("s1:1:1", "?"), order)
    await commit(store, fresh(), turn_on(fresh(), "hi", effects=effects))
    taken = await store.take(0, until=500, limit=10, questions=False)
    assert [order] == [work.effect for work in taken]
    taken = await store.take(0, until=500, limit=10)
    assert [effects[0]] == [work.effect for work in taken]


async def test_an_effect_is_taken_by_one_worker_until_it_is_given_back(
    store: SessionStore,
) -> None:
    order = RunAction("s1:1:1", "place_order", {"items": []})
    await commit(store, fresh(), turn_on(fresh(), "hi", effects=(order,)))

    first = await take(store, 0)
    assert first is not None
    assert (first.effect, first.attempt) == (order, 1)
    assert await take(store, 0) is None
    await store.put_back(first, until=500)
    assert await take(store, 499) is None
    again = await take(store, 500)
    assert again is not None
    assert again.attempt == 2
    await store.put_back(first, until=0)  # whose lease it is no longer
    assert await take(store, 501) is None
    await store.settle(again, "failed")
    assert await take(store, 10_000) is None


async def test_an_effect_whose_worker_has_gone_is_taken_by_another(store: SessionStore) -> None:
    order = RunAction("s1:1:1", "place_order", {})
    await commit(store, fresh(), turn_on(fresh(), "hi", effects=(order,)))

    assert await take(store, 0, until=100) is not None
    assert await take(store, 99) is None
    again = await take(store, 100)
    assert again is not None
    assert again.attempt == 2


async def test_a_lease_is_kept_up_by_the_worker_that_has_it(store: SessionStore) -> None:
    order = RunAction("s1:1:1", "place_order", {})
    await commit(store, fresh(), turn_on(fresh(), "hi", effects=(order,)))
    first = await take(store, 0, until=100)
    assert first is not None

    await store.renew([first], until=200)
    assert await take(store, 150, until=300) is None
    second = await take(store, 200, until=300)
    assert second is not None
    await store.renew([first], until=10_000)  # another's by now
    assert await take(store, 300) is not None


async def test_what_is_given_back_untried_counts_as_no_attempt(store: SessionStore) -> None:
    order = RunAction("s1:1:1", "place_order", {})
    await commit(store, fresh(), turn_on(fresh(), "hi", effects=(order,)))
    work = await take(store, 0)
    assert work is not None

    await store.put_back(work, until=0, attempted=False)

    again = await take(store, 0)
    assert again is not None
    assert again.attempt == 1


async def test_an_outcome_is_stored_with_its_turn_and_only_once(store: SessionStore) -> None:
    order = RunAction("s1:1:1", "place_order", {})
    await commit(store, fresh(), turn_on(fresh(), "hi", effects=(order,)))
    before = await stored(store)
    settles = {order.id: "done"}

    assert await commit(store, before, turn_on(before), settles) == Committed()
    assert await take(store, 0) is None
    now = await stored(store)
    assert await commit(store, now, turn_on(now), settles) == Duplicate((order.id,))
    assert await stored(store) == now
    assert await commit(store, before, turn_on(before), settles) == Conflict()


async def test_a_message_is_not_sent_before_an_earlier_one(store: SessionStore) -> None:
    effects = (send("s1:1:1"), send("s1:1:2"))
    await commit(store, fresh(), turn_on(fresh(), "hi", effects=effects))
    other = fresh("s2", "ana")
    await commit(store, other, turn_on(other, "ho", effects=(send("s2:1:1"),)))

    taken = await store.take(0, until=10, limit=3)

    assert [work.effect.id for work in taken] == ["s1:1:1", "s2:1:1"]
    await store.settle(taken[0], "done")
    work = await take(store, 0)
    assert work is not None
    assert work.effect.id == "s1:1:2"


async def test_a_message_on_the_wire_is_not_taken_again_at_once(store: SessionStore) -> None:
    await commit(store, fresh(), turn_on(fresh(), "hi", effects=(send("s1:1:1"),)))
    work = await take(store, 0, until=100)
    assert work is not None

    assert await store.begin_sending(work, until=200)
    assert await take(store, 150) is None
    assert await take(store, 200) is None  # cut: from now on it is unsettled
    assert await take(store, 199 + UNSETTLED_FOR) is None
    again = await take(store, 200 + UNSETTLED_FOR, until=10 * UNSETTLED_FOR)
    assert again is not None
    assert again.cut
    assert not await store.begin_sending(work, until=10**9)  # the first one has lost it
    assert await store.begin_sending(again, until=10**9)


async def test_a_take_over_withdraws_what_the_bot_has_not_sent(store: SessionStore) -> None:
    effects = (
        send("s1:1:1"),
        send("s1:1:2"),
        send("s1:1:3", by_operator=True),
        RunAction("s1:1:4", "x", {}),
    )
    await commit(store, fresh(), turn_on(fresh(), "hi", effects=effects))
    other = fresh("s2", "ana")
    await commit(store, other, turn_on(other, "ho", effects=(send("s2:1:1"), send("s2:1:2"))))
    first = await take(store, 0)
    assert first is not None
    assert await store.begin_sending(first, until=100)
    before = await stored(store)

    await commit(store, before, turn_on(before, withdraw=True))
    await store.settle(first, "done")

    taken = [work.effect.id for work in await store.take(0, until=50, limit=9)]
    assert sorted(taken) == ["s1:1:3", "s1:1:4", "s2:1:1"]


async def test_what_was_taken_and_not_yet_sent_is_withdrawn_too(store: SessionStore) -> None:
    await commit(store, fresh(), turn_on(fresh(), "hi", effects=(send("s1:1:1"),)))
    work = await take(store, 0)
    assert work is not None
    before = await stored(store)

    await commit(store, before, turn_on(before, withdraw=True))

    assert not await store.begin_sending(work, until=100)
    await store.settle(work, "done")
    assert await take(store, 10**9) is None


@pytest.mark.parametrize("ends", ["delivered", "given back", "cut"])
async def test_a_message_on_the_wire_at_a_take_over_does_not_go_out_again(
    store: SessionStore, ends: str
) -> None:
    await commit(store, fresh(), turn_on(fresh(), "hi", effects=(send("s1:1:1"),)))
    work = await take(store, 0)
    assert work is not None
    assert await store.begin_sending(work, until=100)
    before = await stored(store)
    reply = send("s1:2:1", by_operator=True)

    await commit(store, before, turn_on(before, effects=(reply,), withdraw=True))

    assert await take(store, 0) is None  # the operator's own line waits for it
    if ends == "delivered":
        await store.settle(work, "done")
    elif ends == "given back":
        await store.put_back(work, until=0)
    behind = await take(store, 100)
    assert behind is not None
    assert behind.effect == reply
    await store.settle(behind, "done")
    assert await take(store, 10**9) is None


async def test_a_cut_message_does_not_go_out_after_a_take_over(store: SessionStore) -> None:
    await commit(store, fresh(), turn_on(fresh(), "hi", effects=(send("s1:1:1"),)))
    work = await take(store, 0)
    assert work is not None
    assert await store.begin_sending(work, until=100)
    assert await take(store, 100) is None
    before = await stored(store)

    await commit(store, before, turn_on(before, withdraw=True))

    assert await take(store, 10**9) is None


async def test_what_could_not_be_taken_is_stored_with_its_turn(store: SessionStore) -> None:
    parked = Parked(Said("m1", 5, "odd"), "abc123", "KeyError: 'x'")
    turn = turn_on(fresh(), "m1")

    await commit(store, fresh(), Turn(turn.session, turn.lines, parked=(parked,)))

    assert await take(store, 10**9) is None


@pytest.mark.parametrize("count", [1, 40])
async def test_many_commit_at_once_as_if_one_after_the_other(
    store: SessionStore, count: int
) -> None:
    news = [fresh(f"s{n}", f"c{n}") for n in range(count)]
    import anyio  # noqa: PLC0415 - for this test alone

    async def one(before: Session) -> None:
        assert await commit(store, before, turn_on(before, f"hi {before.id}")) == Committed()

    async with anyio.create_task_group() as group:
        for before in news:
            group.start_soon(one, before)

    for before in news:
        assert (await stored(store, ("shop", "web", before.contact))).id == before.id


async def test_another_process_finds_everything_and_what_was_taken_is_free(
    store: SessionStore, reopen: Reopen
) -> None:
    await commit(store, fresh(), turn_on(fresh(), "hi", effects=(send("s1:1:1"),)))
    await take(store, 0, until=100)

    reopened = await reopen()
    before = await stored(reopened)
    await commit(reopened, before, turn_on(before, "on"))

    assert await take(reopened, 100) is not None
    assert [line.text for line in await reopened.lines("s1")] == ["hi", "on"]
