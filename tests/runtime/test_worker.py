"""What is owed gets done: once, in order, tried again when it fails, and never silently given up."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from engine.effects import Notify
from engine.events import ActionFinished, ModeChanged
from engine.ports import NotDelivered
from engine.runtime import worker as worker_module
from engine.runtime.scripted_assistant import ScriptedAssistant
from engine.runtime.worker import BACKOFF, LEASE, SEND_ATTEMPTS
from engine.stores.database import Unavailable, single
from engine.stores.effect_rows import UNSETTLED_FOR
from tests.core.flows import JOB, flow
from tests.core.talk import book_of
from tests.runtime.conftest import Open
from tests.runtime.office import Clock, Gated, Office, Phone, refused
from tests.stores.waiting import until

ROUTE = "cloud:911"


class Work:
    """An action that notes its keys, and fails as it is told."""

    def __init__(self, *fails: Exception, result: Any = None) -> None:
        """Fail so often."""
        self.keys: list[str] = []
        self.fails = list(fails)
        self.result = {"number": "A-1"} if result is None else result

    async def __call__(self, *, key: str, email: str) -> Any:
        """Do it."""
        self.keys.append(key)
        if self.fails:
            raise self.fails.pop(0)
        return self.result


async def ordered(office: Office, **more: Any) -> None:
    """Bring a conversation to where its action is owed."""
    await office.say("job please", **more)
    await office.say("Hari, hari@example.com", **more)
    await office.say("yes", **more)


async def statuses(office: Office, kind: str) -> list[str]:
    """Return how far the effects of a kind are."""
    return [status for name, status in await office.effects() if name == kind]


def later(clock: Clock, after: int) -> None:
    """Let time pass."""
    clock.now += after


# -- actions ---------------------------------------------------------------------------------------


async def test_the_outcome_of_an_action_is_the_next_turn(open_office: Open) -> None:
    """The order is placed and the conversation goes on from there."""
    work = Work()
    office = open_office(actions={"work": work})
    await ordered(office)
    await office.worker.drain()

    session = await office.session()
    assert ("rating", 4) == (session.state, session.version)
    assert ["done"] == await statuses(office, "run_action")
    assert [f"{session.id}:3:1"] == work.keys


async def test_an_action_that_answers_at_once_is_an_action_too(open_office: Open) -> None:
    """A plain function needs no event loop."""
    office = open_office(actions={"work": lambda **_: {"number": "A-1"}})
    await ordered(office)
    await office.worker.drain()
    assert "rating" == (await office.session()).state


async def test_an_outcome_and_its_turn_are_stored_together_or_not_at_all(
    open_office: Open, clock: Clock
) -> None:
    """The database goes away just when the outcome is stored: it is still owed, under the same key."""
    work = Work()
    office = open_office(actions={"work": work})
    await ordered(office)
    assert isinstance(office.database, Gated)
    database = office.database

    async def break_it(write: Any) -> None:
        database.broken = Unavailable("away")

    office.store.before_commit = break_it
    with capture_logs() as logs:
        await asyncio.wait_for(take_once(office), 5)
    office.store.before_commit = None
    database.broken = None

    assert ["effect_interrupted", "effect_not_given_back"] == [log["event"] for log in logs]
    assert ("working", 3) == ((await office.session()).state, (await office.session()).version)
    assert ["taken"] == await statuses(office, "run_action")
    later(clock, LEASE)
    await office.worker.drain()
    assert "rating" == (await office.session()).state
    assert 1 == len(set(work.keys))
    assert 2 == len(work.keys)


async def take_once(office: Office) -> None:
    """Take what can be taken, and wait for it."""
    await office.worker._take()
    await asyncio.gather(*office.worker._running)


async def test_a_failed_action_is_tried_again_later_each_time(
    open_office: Open, clock: Clock
) -> None:
    """After one second, then after five, each with a little chance in it; then it works."""
    work = Work(OSError("no paper"), OSError("no ink"))
    office = open_office(actions={"work": work})
    await ordered(office)
    await office.worker.drain()
    waits = []
    for _ in range(2):
        ((due,),) = await office.rows("SELECT not_before FROM effect WHERE kind = 'run_action'")
        waits.append(due - clock())
        later(clock, due - clock() - 1)
        assert 0 == await office.worker._take()
        later(clock, 1)
        await office.worker.drain()

    assert 3 == len(work.keys)
    assert all(0.8 * step <= wait <= 1.2 * step for wait, step in zip(waits, BACKOFF, strict=False))
    assert waits[0] != BACKOFF[0]
    assert "rating" == (await office.session()).state


async def test_the_last_failure_is_an_outcome(open_office: Open, clock: Clock) -> None:
    """The flow goes on where `failed` leads, the row and the counter say so."""
    work = Work(*[ValueError("no paper")] * 3)
    office = open_office(actions={"work": work})
    await ordered(office)
    for _ in range(3):
        await office.worker.drain()
        later(clock, BACKOFF[-1] * 2)

    assert "idle" == (await office.session()).state
    assert ["failed"] == await statuses(office, "run_action")
    assert 1 == office.counted("failed")
    assert 3 == len(work.keys)


async def test_an_action_that_hangs_fails_in_the_end(
    open_office: Open, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each attempt has its time; a service that never answers does not keep the customer for ever."""
    monkeypatch.setattr(worker_module, "ATTEMPT", 5)

    async def hang(**_: Any) -> None:
        await asyncio.Event().wait()

    office = open_office(actions={"work": hang})
    await ordered(office)
    for _ in range(3):
        await office.worker.drain()
        later(clock, BACKOFF[-1] * 2)

    assert "idle" == (await office.session()).state
    assert ["failed"] == await statuses(office, "run_action")


async def test_an_action_nobody_knows_fails_like_any_other(open_office: Open, clock: Clock) -> None:
    """A flow names an action that this process does not have."""
    office = open_office()
    await ordered(office)
    for _ in range(3):
        await office.worker.drain()
        later(clock, BACKOFF[-1] * 2)
    assert ["failed"] == await statuses(office, "run_action")


async def test_an_outcome_for_a_conversation_that_has_ended_is_kept(open_office: Open) -> None:
    """A person closed the conversation while the action ran: the row is settled, no turn is made."""
    work = Work()
    office = open_office(actions={"work": work})
    await ordered(office)
    await office.mode("ended")
    await office.worker.drain()

    assert ["done"] == await statuses(office, "run_action")
    assert [(4,)] == await office.rows("SELECT version FROM session")


async def test_an_outcome_finds_a_conversation_that_moved(open_office: Open) -> None:
    """While the action ran, its customer turned out to be somebody known."""
    office = open_office()

    async def slow(**_: Any) -> Any:
        await office.say("hello", who="phone:+911", lane="cloud")
        await office.say("hm", who=("phone:+911", "lid:5"), lane="cloud")
        return {"number": "A-1"}

    office.worker._actions = {"work": slow}
    await ordered(office, who="phone:+912")
    await office.say("hello", who="lid:5", lane="cloud")
    # The one with the running action remains; its place is found again all the same.
    await office.worker.drain()
    assert "rating" == (await office.session("phone:+912")).state


async def test_an_outcome_follows_its_conversation_to_another_contact(
    open_office: Open, clock: Clock
) -> None:
    """It was taken under the old contact; the contact has changed since."""
    work = Work()
    office = open_office(actions={"work": work})
    await ordered(office, who="lid:5")
    taken = await office.store.take(clock(), until=clock() + LEASE)
    ((body,),) = await office.rows("SELECT body FROM session")
    moved = body.replace(office.place("lid:5")[2], "new")
    statement = ("UPDATE session SET contact = 'new', body = $1", (moved,))
    await office.database.transact(lambda: single(statement))

    await office.conversations.finish(
        taken[0], ActionFinished(taken[0].effect.id, clock(), ok=True), "done"
    )

    assert ["done"] == await statuses(office, "run_action")
    assert [("rating",)] == await office.rows("SELECT state FROM session")


async def test_an_outcome_whose_place_another_conversation_has_taken_is_kept(
    open_office: Open, clock: Clock
) -> None:
    """The database says it is open there, and another one answers: nobody is told, the row is settled."""
    office = open_office(actions={"work": Work()})
    await ordered(office)
    (work,) = await office.store.take(clock(), until=clock() + LEASE)
    other = open_office()
    session = await office.session()
    office.store.memory.drop(office.place())

    async def elsewhere(session: str) -> Any:
        return other.place()

    office.store.where = elsewhere
    event = ActionFinished(work.effect.id, clock(), ok=True)
    await office.conversations.finish(replace(work, session="gone"), event, "done")

    assert ["done"] == await statuses(office, "run_action")
    assert session == await office.session()


# -- messages --------------------------------------------------------------------------------------


async def test_a_message_goes_out_once(open_office: Open) -> None:
    """What the bot says is sent where the customer wrote from."""
    phone = Phone()
    office = open_office(channels={"cloud": phone})
    await office.say("job please", lane="cloud", route=ROUTE)
    await office.worker.drain()

    assert [("Your name and email?", ROUTE)] == [(one.text, one.to) for one in phone.sent]
    assert ["done"] == await statuses(office, "send")


async def test_messages_keep_their_order_also_when_one_is_late(
    open_office: Open, clock: Clock
) -> None:
    """The first could not be delivered at once: the second waits for it."""
    phone = Phone(fails=[refused("busy", again=True)])
    office = open_office(channels={"cloud": phone})
    await office.say("job please", lane="cloud", route=ROUTE)
    await office.say("Hari", lane="cloud", route=ROUTE)
    await office.worker.drain()
    assert [] == phone.sent
    later(clock, BACKOFF[0] * 2)
    await office.worker.drain()
    await office.worker.drain()
    assert ["Your name and email?", "Still your email."] == [one.text for one in phone.sent]


async def test_a_message_that_cannot_be_delivered_is_given_up_aloud(open_office: Open) -> None:
    """The provider says it is no use: one attempt, a log line, a row that says failed."""
    phone = Phone(fails=[refused("no such number", again=False)])
    office = open_office(channels={"cloud": phone})
    await office.say("job please", lane="cloud", route=ROUTE)
    with capture_logs() as logs:
        await office.worker.drain()

    assert ["failed"] == await statuses(office, "send")
    assert ["no such number"] == [log["why"] for log in logs if log["event"] == "effect_failed"]
    assert 1 == office.counted("failed")


async def test_a_message_is_given_up_after_its_last_attempt(
    open_office: Open, clock: Clock
) -> None:
    """An answer that comes half an hour late only puzzles."""
    phone = Phone(fails=[refused("busy", again=True)] * 10)
    office = open_office(channels={"cloud": phone})
    await office.say("job please", lane="cloud", route=ROUTE)
    for _ in range(10):
        await office.worker.drain()
        later(clock, BACKOFF[-1] * 2)

    assert ["failed"] == await statuses(office, "send")
    assert 10 - SEND_ATTEMPTS == len(phone.fails)


async def test_a_message_to_a_connection_nobody_has_fails_aloud(open_office: Open) -> None:
    """The connection was taken out of the settings."""
    office = open_office()
    await office.say("job please", lane="cloud", route=ROUTE)
    with capture_logs() as logs:
        await office.worker.drain()
    assert ["there is no connection cloud"] == [
        log["why"] for log in logs if log["event"] == "effect_failed"
    ]


async def test_a_take_over_withdraws_what_is_not_on_the_wire(open_office: Open) -> None:
    """The worker has the message already; the person is faster: it is not sent."""
    phone = Phone()
    office = open_office(channels={"cloud": phone})
    await office.say("job please", lane="cloud", route=ROUTE)
    (work,) = await office.store.take(office.clock(), until=office.clock() + LEASE)
    event = ModeChanged("o", office.clock(), "manual")
    await office.conversations.deliver(office.place(lane="cloud"), event)
    await office.worker._send(work)

    assert [] == phone.sent
    assert ["withdrawn"] == await statuses(office, "send")


async def test_an_operators_line_is_sent(open_office: Open) -> None:
    """A take-over withdraws the bot's messages and not the person's."""
    phone = Phone()
    office = open_office(channels={"cloud": phone})
    await office.say("job please", lane="cloud", route=ROUTE)
    await office.operator("Ana here", lane="cloud")
    await office.worker.drain()
    assert ["Ana here"] == [one.text for one in phone.sent]


async def cut_on_the_wire(office: Office, phone: Phone, clock: Clock) -> None:
    """Have the worker die while the message is on the wire, and let its lease run out."""
    phone.fails = [ConnectionResetError("cut")]
    await office.worker.drain()
    later(clock, LEASE)
    await office.worker.drain()
    later(clock, UNSETTLED_FOR)


async def test_a_cut_message_is_sent_again_once_where_the_channel_tells_us(
    open_office: Open, clock: Clock
) -> None:
    """Nobody knows whether it came; after a minute without a word it is sent again, and counted."""
    phone = Phone(resends=True)
    office = open_office(channels={"cloud": phone})
    await office.say("job please", lane="cloud", route=ROUTE)
    await cut_on_the_wire(office, phone, clock)
    await office.worker.drain()

    assert 1 == len(phone.sent)
    assert ["done"] == await statuses(office, "send")
    assert 1 == office.counted("resent")


async def test_a_message_that_is_cut_again_is_not_sent_a_third_time(
    open_office: Open, clock: Clock
) -> None:
    """Once is what a customer may read twice."""
    phone = Phone(resends=True)
    office = open_office(channels={"cloud": phone})
    await office.say("job please", lane="cloud", route=ROUTE)
    await cut_on_the_wire(office, phone, clock)
    await cut_on_the_wire(office, phone, clock)
    phone.fails = []
    await office.worker.drain()

    assert [] == phone.sent
    assert ["unknown"] == await statuses(office, "send")


async def test_a_cut_message_is_not_sent_again_where_nobody_tells(
    open_office: Open, clock: Clock
) -> None:
    """The row says unknown, the log says what to do; the next message goes out at once."""
    phone = Phone(resends=False, fails=[ConnectionResetError("cut")])
    office = open_office(channels={"cloud": phone})
    await office.say("job please", lane="cloud", route=ROUTE)
    await office.say("Hari", lane="cloud", route=ROUTE)
    with capture_logs() as logs:
        await office.worker.drain()

    assert ["Still your email."] == [one.text for one in phone.sent]
    assert ["unknown", "done"] == await statuses(office, "send")
    assert any("ask the customer" in log.get("remedy", "") for log in logs)


async def test_what_a_killed_worker_had_on_the_wire_is_not_sent_again_where_nobody_tells(
    open_office: Open, clock: Clock
) -> None:
    """Its lease runs out, and what would be told by then is waited for."""
    phone = Phone(resends=False)
    office = open_office(channels={"cloud": phone})
    await office.say("job please", lane="cloud", route=ROUTE)
    (work,) = await office.store.take(clock(), until=clock() + LEASE, limit=1)
    assert await office.store.begin_sending(work, until=clock() + LEASE)
    later(clock, LEASE)
    await office.worker.drain()
    later(clock, UNSETTLED_FOR)
    await office.worker.drain()

    assert [] == phone.sent
    assert ["unknown"] == await statuses(office, "send")


async def test_a_cut_message_stays_on_the_wire_while_the_database_is_away(
    open_office: Open,
) -> None:
    """That it is unknown cannot be stored: it is not given back, which would send it again."""
    phone = Phone(resends=False, fails=[ConnectionResetError("cut")])
    office = open_office(channels={"cloud": phone})
    database = office.database
    assert isinstance(database, Gated)

    async def away() -> None:
        database.broken = Unavailable("away")

    phone.before = away
    await office.say("job please", lane="cloud", route=ROUTE)
    with pytest.raises(Unavailable):
        await office.worker.drain()
    database.broken = None
    assert ["sending"] == await statuses(office, "send")


async def test_a_message_that_must_wait_goes_later_and_has_lost_no_attempt(
    open_office: Open, clock: Clock
) -> None:
    """As often as its number is not connected or its reader had too many."""
    waits = [NotDelivered("not connected", again=True, after=50, counts=False)] * 9
    phone = Phone(holds=list(waits))
    office = open_office(channels={"cloud": phone})
    await office.say("job please", lane="cloud", route=ROUTE)
    for _ in waits:
        await office.worker.drain()
        assert [("owed", 0)] == await office.rows("SELECT status, attempts FROM effect")
        clock.now += 50
    await office.worker.drain()
    assert ["done"] == await statuses(office, "send")
    assert 1 == len(phone.sent)


async def test_a_message_that_will_never_go_is_given_up(open_office: Open) -> None:
    phone = Phone(holds=[NotDelivered("too old", again=False)])
    office = open_office(channels={"cloud": phone})
    await office.say("job please", lane="cloud", route=ROUTE)
    await office.worker.drain()
    assert ["failed"] == await statuses(office, "send")


async def test_a_provider_that_hangs_counts_as_cut(
    open_office: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have taken the message: it is not simply sent again."""
    monkeypatch.setattr(worker_module, "ATTEMPT", 5)
    phone = Phone(resends=True, hangs=True)
    office = open_office(channels={"cloud": phone})
    await office.say("job please", lane="cloud", route=ROUTE)
    await office.worker.drain()
    assert ["sending"] == await statuses(office, "send")


# -- the assistant, notes --------------------------------------------------------------------------


@pytest.fixture
def asking(tmp_path: Any) -> Any:
    """A bot with an assistant."""
    return book_of(tmp_path / "bot", JOB, assistant={"use": "gemini", "fallback": "Not now."})


async def lines_of(office: Office) -> list[str]:
    """Return what was said."""
    return [line.text for line in await office.store.lines((await office.session()).id)]


async def test_an_answer_of_the_assistant_is_said(open_office: Open, asking: Any) -> None:
    """The question of a customer without a flow goes to the assistant."""
    assistant = ScriptedAssistant("At noon.")
    office = open_office(asking, assistants={"shop": assistant})
    await office.say("when does the moon rise?")
    await office.worker.drain()

    assert ["when does the moon rise?"] == [asked.text for asked in assistant.asked]
    assert "At noon." == (await lines_of(office))[-1]
    assert ["done"] == await statuses(office, "ask_assistant")


@pytest.mark.parametrize("broken", [True, False])
async def test_an_assistant_that_fails_costs_a_fallback_and_no_more(
    open_office: Open, asking: Any, *, broken: bool
) -> None:
    """It raises, or there is none: the customer is answered at once and nobody is asked again."""
    assistants = {"shop": ScriptedAssistant(OSError("quota"))} if broken else {}
    office = open_office(asking, assistants=assistants)
    await office.say("when does the moon rise?")
    await office.worker.drain()

    last = (await lines_of(office))[-1]
    assert last == "Not now." if broken else last.startswith("Sorry")
    assert ["done"] == await statuses(office, "ask_assistant")


async def test_what_nobody_is_configured_to_hear_is_in_the_log(
    tmp_path: Any, open_office: Open
) -> None:
    """The desk that is needed stands there once, and nothing that a customer said."""
    handing = flow("desk", {"now": {"hand_over": "sales", "say": "One moment."}})
    office = open_office(book_of(tmp_path / "bot", handing, hand_over={"sales": {}}))
    with capture_logs() as logs:
        for who in ("hari", "sunitha"):
            await office.say("desk please", who=who)
            await office.worker.drain()

    told = [log for log in logs if log["event"] == "told_nobody"]
    assert [("Notify", "sales")] == [(log["kind"], log["desk"]) for log in told]
    assert ["done", "done"] == await statuses(office, "notify")
    assert {"desk": "d", "reason": "r"} == worker_module._shown(Notify("n", "d", "r"))


# -- running and stopping --------------------------------------------------------------------------


async def test_who_slept_while_it_took_something_leaves_it_to_others(
    open_office: Open, clock: Clock
) -> None:
    """Its lease is over before it begins; no attempt is counted, and the next one does it."""
    work = Work()
    office = open_office(actions={"work": work})
    await ordered(office)
    take = office.store.take

    async def asleep(now: int, **more: Any) -> Any:
        taken = await take(now, **more)
        clock.now += LEASE
        return taken

    office.store.take = asleep
    await office.worker.drain()
    assert ([], ["owed"]) == (work.keys, await statuses(office, "run_action"))
    office.store.take = take
    await office.worker.drain()
    assert 1 == len(work.keys)
    assert [(1,)] == await office.rows("SELECT attempts FROM effect WHERE kind = 'run_action'")


async def running(office: Office) -> asyncio.Task[None]:
    """Start the worker."""
    task = asyncio.create_task(office.worker.run())
    await asyncio.sleep(0)
    return task


async def test_a_running_worker_does_what_it_is_woken_for(open_office: Open) -> None:
    """It looks at once, not at its next poll."""
    office = open_office(actions={"work": Work()})
    task = await running(office)
    await ordered(office)

    async def done() -> bool:
        return (await office.session()).state == "rating"

    await until(done)
    await office.worker.stop()
    await task


async def test_a_worker_looks_again_by_itself(
    open_office: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process has done the commit, and nobody woke us."""
    monkeypatch.setattr(worker_module, "POLL", 10)
    office = open_office(actions={"work": Work()})
    task = await running(office)
    other = open_office()
    await ordered(other)

    async def done() -> bool:
        return (await other.session()).state == "rating"

    await until(done)
    await office.worker.stop()
    await task


async def test_a_worker_survives_a_database_that_is_away(
    open_office: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so, and goes on when the database is back."""
    monkeypatch.setattr(worker_module, "POLL", 10)
    office = open_office(actions={"work": Work()})
    await ordered(office)
    assert isinstance(office.database, Gated)
    office.database.broken = Unavailable("away")
    with capture_logs() as logs:
        task = await running(office)
        await asyncio.sleep(0.03)
    assert "worker_cannot_take" in {log["event"] for log in logs}
    office.database.broken = None

    async def done() -> bool:
        return (await office.session()).state == "rating"

    await until(done)
    await office.worker.stop()
    await task


async def test_what_takes_long_stays_leased(
    open_office: Open, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lease is renewed while the action runs, and a renewal that fails is tried again."""
    monkeypatch.setattr(worker_module, "RENEW", 5)
    release = asyncio.Event()

    async def slow(**_: Any) -> Any:
        await release.wait()
        return {"number": "A-1"}

    office = open_office(actions={"work": slow})
    task = await running(office)
    await asyncio.sleep(0.02)  # nothing to renew yet
    await ordered(office)

    async def leased_until(at: int) -> bool:
        return [(at,)] == await office.rows(
            "SELECT not_before FROM effect WHERE kind = 'run_action'"
        )

    await until(lambda: leased_until(clock() + LEASE))
    assert isinstance(office.database, Gated)
    office.database.broken = Unavailable("away")
    with capture_logs() as logs:
        await asyncio.sleep(0.03)
    assert "leases_not_renewed" in {log["event"] for log in logs}
    office.database.broken = None
    later(clock, LEASE)
    await until(lambda: leased_until(clock() + LEASE))
    release.set()
    await office.worker.stop()
    await task
    assert "rating" == (await office.session()).state


async def test_no_more_is_taken_than_can_be_done_at_once(
    open_office: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is too much stays free for another worker."""
    monkeypatch.setattr(worker_module, "AT_ONCE", 2)
    release = asyncio.Event()

    async def slow(**_: Any) -> Any:
        await release.wait()
        return {"number": "A-1"}

    office = open_office(actions={"work": slow})
    for who in ("a", "b", "c"):
        await ordered(office, who=who)
    task = await running(office)

    async def taken() -> bool:
        return 2 == (await statuses(office, "run_action")).count("taken")

    await until(taken)
    assert 0 == await office.worker._take()
    release.set()

    async def done() -> bool:
        return ["done"] * 3 == await statuses(office, "run_action")

    await until(done)
    await office.worker.stop()
    await task


async def test_a_stop_finishes_what_runs(open_office: Open) -> None:
    """An action that ends in time has its outcome stored."""
    office = open_office()

    async def slow(**_: Any) -> Any:
        await asyncio.sleep(0.02)
        return {"number": "A-1"}

    office.worker._actions = {"work": slow}
    await ordered(office)
    await office.worker._take()
    await office.worker.stop()
    assert "rating" == (await office.session()).state


async def test_a_stop_gives_back_what_does_not_end(open_office: Open, clock: Clock) -> None:
    """Another worker can take the action at once; a message on the wire is left to its lease."""
    office = open_office(channels={"cloud": Phone(hangs=True)})

    async def hang(**_: Any) -> None:
        await asyncio.Event().wait()

    office.worker._actions = {"work": hang}
    await ordered(office)
    await office.say("job please", who="ana", lane="cloud", route=ROUTE)
    await office.worker._take()
    await asyncio.sleep(0.05)
    await office.worker.stop(within=0.01)

    assert ["owed"] == await statuses(office, "run_action")
    assert ["sending"] == await statuses(office, "send")
    other = open_office(actions={"work": Work()})
    (again,) = await other.store.take(clock(), until=clock() + LEASE)
    assert 1 == again.attempt


async def test_a_stop_while_the_database_is_away_stops(open_office: Open) -> None:
    """What cannot be given back is left to its lease."""
    office = open_office()

    async def hang(**_: Any) -> None:
        await asyncio.Event().wait()

    office.worker._actions = {"work": hang}
    await ordered(office)
    await office.worker._take()
    await asyncio.sleep(0.01)
    assert isinstance(office.database, Gated)
    office.database.broken = Unavailable("away")
    with capture_logs() as logs:
        await office.worker.stop(within=0.01)
    assert ["effect_not_given_back"] == [log["event"] for log in logs]


async def test_what_is_taken_at_the_moment_of_a_stop_is_given_back(open_office: Open) -> None:
    """The stop came while the database was asked: nothing is begun any more."""
    work = Work()
    office = open_office(actions={"work": work})
    await ordered(office)
    database = office.database
    assert isinstance(database, Gated)
    database.gate = asyncio.Event()
    taking = asyncio.create_task(office.worker._take())
    await until(lambda: database.waiting)
    await office.worker.stop()
    database.gate.set()

    assert 0 == await taking
    assert ["owed"] == await statuses(office, "run_action")
    assert [] == work.keys
