"""Deadlines ring once, whoever sweeps, and one that cannot ring hides nobody."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from engine.language.book import Book
from engine.records import Write
from engine.runtime import deadlines as deadlines_module
from engine.stores.database import Unavailable, single
from tests.core.flows import ENDED, asking, flow
from tests.core.talk import MINUTE, book_of
from tests.runtime.conftest import Open
from tests.runtime.office import Clock, Gated, Office
from tests.stores.waiting import until

NUDGED = flow(
    "nudged",
    {
        "asking": asking("email", nudge={"after": "10m", "say": "Still there?"}, then="ended"),
        "ended": ENDED,
    },
    slots={"email": {"type": "email"}},
    expires={"after": "2h"},
)


@pytest.fixture
def book(tmp_path: Path) -> Book:
    """A bot that reminds after ten minutes."""
    return book_of(tmp_path / "bot", NUDGED)


async def reminders(office: Office, who: str = "hari") -> int:
    """Count how often a customer was reminded."""
    lines = await office.store.lines((await office.session(who)).id)
    return [line.text for line in lines].count("Still there?")


async def test_a_deadline_rings_when_it_is_due_and_not_before(office: Office, clock: Clock) -> None:
    """After ten minutes, once."""
    await office.say("nudged please")
    clock.now += 10 * MINUTE - 1
    assert 0 == await office.deadlines.sweep()
    clock.now += 1
    assert 1 == await office.deadlines.sweep()
    assert 0 == await office.deadlines.sweep()
    assert 1 == await reminders(office)


async def test_two_processes_ring_it_once(open_office: Open, clock: Clock) -> None:
    """Both sweep at the same moment; the compare-and-swap lets one of them."""
    one, two = open_office(), open_office()
    await one.say("nudged please")
    clock.now += 10 * MINUTE
    await asyncio.gather(one.deadlines.sweep(), two.deadlines.sweep())

    assert 1 == await reminders(one)
    assert 2 == (await one.session()).version


async def test_a_deadline_is_rung_on_what_is_stored_and_not_on_a_copy(
    open_office: Open, clock: Clock
) -> None:
    """The copy in memory is from before the deadline was set: it rings all the same."""
    one, two = open_office(), open_office()
    await one.say("hello")
    await two.say("nudged please")
    clock.now += 10 * MINUTE
    await one.deadlines.sweep()
    assert 1 == await reminders(one)


async def test_what_rings_in_vain_is_left_alone_until_it_changes(
    office: Office, clock: Clock
) -> None:
    """A deadline that changes nothing is not asked for at every sweep, and hides no other."""
    await office.say("nudged please", who="ana")
    await office.say("nudged please", who="bo")
    clock.now += 10 * MINUTE
    # The row says it is due, the conversation does not: somebody has changed the row by hand.
    await office.deadlines.sweep()
    for who in ("ana", "bo"):
        session = await office.session(who)
        statement = ("UPDATE session SET wake_at = 5 WHERE id = $1", (session.id,))
        await office.database.transact(partial(single, statement))

    assert 2 == await office.deadlines.sweep()
    assert 0 == await office.deadlines.sweep()
    await office.say("hm?", who="ana")
    clock.now += 10 * MINUTE
    assert 1 == await office.deadlines.sweep()
    assert 2 == await reminders(office, "ana")


async def test_a_bot_that_is_not_served_here_is_not_rung_here(
    tmp_path: Path, open_office: Open, clock: Clock
) -> None:
    """Its own process rings it."""
    other_book = book_of(tmp_path / "other", NUDGED, bot="other")
    one, other = open_office(), open_office(other_book)
    await one.say("nudged please")
    clock.now += 10 * MINUTE
    await other.deadlines.sweep()
    assert 0 == await reminders(one)
    assert 0 == await other.deadlines.sweep()
    await one.deadlines.sweep()
    assert 1 == await reminders(one)


async def test_a_deadline_of_a_conversation_that_just_ended_is_none(
    open_office: Open, clock: Clock
) -> None:
    """It ended between the look and the ring: nothing happens."""
    one, two = open_office(), open_office()
    await one.say("nudged please")
    clock.now += 10 * MINUTE
    (session,) = await one.store.due(clock())
    await two.mode("ended")
    await one.deadlines._ring(session, clock())
    assert [(2, "ended")] == await one.rows("SELECT version, status FROM session")


async def test_a_database_that_is_away_stops_no_sweeper(
    office: Office, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so and rings when the database is back."""
    monkeypatch.setattr(deadlines_module, "SWEEP", 10)
    await office.say("nudged please")
    clock.now += 10 * MINUTE
    assert isinstance(office.database, Gated)
    office.database.broken = Unavailable("away")
    with capture_logs() as logs:
        running = asyncio.create_task(office.deadlines.run())
        await asyncio.sleep(0.03)
    assert "sweep_failed" in {log["event"] for log in logs}
    office.database.broken = None
    await until(lambda: reminders(office))
    office.deadlines.stop()
    await running


async def test_one_that_cannot_ring_does_not_hold_up_the_others(
    office: Office, clock: Clock
) -> None:
    """Its commit fails: a log line, and the other is rung."""
    await office.say("nudged please", who="ana")
    await office.say("nudged please", who="bo")
    clock.now += 10 * MINUTE
    guilty = (await office.session("ana")).id

    async def fail(write: Write) -> None:
        if write.before.id == guilty:
            raise Unavailable("away")

    office.store.before_commit = fail
    with capture_logs() as logs:
        await office.deadlines.sweep()

    assert [guilty] == [log["session"] for log in logs if log["event"] == "deadline_failed"]
    assert (0, 1) == (await reminders(office, "ana"), await reminders(office, "bo"))
