"""The way of a message: one at a time per person, taken once, answered from what is stored."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from engine.events import TimerRang
from engine.language.book import Book
from engine.readers import READERS, Hearing, Reading
from engine.records import Write
from engine.runtime.arrivals import Busy, Stopping, contact_id, inbound_id
from engine.runtime.contacts import RETAKES
from engine.stores.database import Unavailable, single
from engine.stores.encoding import Damaged
from tests.core.flows import JOB
from tests.core.talk import HOUR, book_of
from tests.runtime.conftest import Open
from tests.runtime.office import Clock, Gated, Office

CONFIRM = "Hari, hari@example.com: right?"


async def test_what_was_answered_is_found_by_another_process(
    office: Office, open_office: Open
) -> None:
    """A customer answers the question that the process before asked."""
    assert ["Your name and email?"] == await office.said("job please")
    assert [CONFIRM] == await open_office().said("Hari, hari@example.com")


async def test_a_repeated_message_gets_the_first_answer_again(office: Office) -> None:
    """The provider delivers twice: the second time nothing changes, and the lines are the same."""
    first = await office.say("job please", name="wamid.1")
    await office.say("Hari, hari@example.com")
    again = await office.say("job please", name="wamid.1")

    assert again.duplicate
    assert first.lines == again.lines
    assert 2 == (await office.session()).version
    assert 1 == office.counted("duplicates")


async def test_a_repeat_among_new_messages_does_not_hold_them_up(office: Office) -> None:
    """One of two that wait together was taken before: it is answered as then, the other is read."""
    first = await office.say("job please", name="wamid.1")
    again, new = await asyncio.gather(
        office.say("job please", name="wamid.1"), office.say("Hari, hari@example.com")
    )

    assert first.lines == again.lines
    assert CONFIRM == new.lines[-1].text


async def test_the_same_words_with_another_id_are_another_message(office: Office) -> None:
    """Only the id makes a repeat."""
    await office.say("job please")
    assert not (await office.say("job please")).duplicate


async def test_a_stranger_with_a_known_message_id_sees_nothing(office: Office) -> None:
    """Visitor B sends the id of A's message and gets an answer of their own, and none of A's lines."""
    mine = await office.say("job please", who="ana", name="1")
    await office.say("Ana, ana@example.com", who="ana", name="2")
    theirs = await office.say("pick please", who="bo", name="1")

    assert not theirs.duplicate
    assert {line.text for line in mine.lines}.isdisjoint(line.text for line in theirs.lines)
    assert inbound_id("shop", "web", "ana", "1") != inbound_id("shop", "web", "bo", "1")
    assert inbound_id("shop", "web", "a", "b1") != inbound_id("shop", "web", "ab", "1")
    assert contact_id("shop", "hari") != contact_id("other", "hari")


async def test_a_clock_that_is_ahead_moves_nothing_into_the_future(
    office: Office, clock: Clock
) -> None:
    """A phone says it is tomorrow; the conversation's time is when its message came."""
    await office.say("job please", at=clock() + 24 * HOUR)
    assert clock() == (await office.session()).last_at


async def test_a_faster_worker_makes_one_take_the_turn_again(
    office: Office, open_office: Open
) -> None:
    """Another process stored a turn in between: the message is read anew, after it."""
    other = open_office()
    await office.say("job please")
    stepped_in: list[Write] = []

    async def step_in(write: Write) -> None:
        if not stepped_in:
            stepped_in.append(write)
            await other.say("Hari")

    office.store.before_commit = step_in
    assert [CONFIRM] == await office.said("hari@example.com")
    assert 3 == (await office.session()).version
    assert 1 == office.counted("conflicts")


async def test_after_five_conflicts_the_sender_is_asked_to_come_again(
    office: Office, open_office: Open
) -> None:
    """Others are always faster: Busy, nothing stored of ours, and later it is taken."""
    other = open_office()
    await office.say("job please")
    tries = []

    async def step_in(write: Write) -> None:
        tries.append(write)
        await other.say("what?")

    office.store.before_commit = step_in
    with pytest.raises(Busy, match="faster"):
        await office.say("Hari, hari@example.com")
    assert RETAKES == len(tries) == office.counted("conflicts") == 5
    office.store.before_commit = None
    assert [CONFIRM] == await office.said("Hari, hari@example.com")


async def test_while_the_database_is_away_nothing_is_half_done(office: Office) -> None:
    """The sender is told to come again; the message that comes again is taken once."""
    await office.say("job please")
    assert isinstance(office.database, Gated)
    office.database.broken = Unavailable("PostgreSQL is away.")
    with pytest.raises(Unavailable, match="away"):
        await office.say("Hari, hari@example.com", name="m1")
    office.database.broken = None

    assert 1 == (await office.session()).version
    answer = await office.say("Hari, hari@example.com", name="m1")
    assert (CONFIRM, False) == (answer.lines[-1].text, answer.duplicate)


async def test_a_commit_nobody_heard_of_is_not_done_twice(office: Office) -> None:
    """The connection is cut right after the commit: what is sent again gets the answer of then."""
    await office.say("job please")
    assert isinstance(office.database, Gated)
    office.database.after = Unavailable("cut")
    with pytest.raises(Unavailable):
        await office.say("Hari, hari@example.com", name="m1")

    answer = await office.say("Hari, hari@example.com", name="m1")

    assert (CONFIRM, True) == (answer.lines[-1].text, answer.duplicate)
    assert 2 == (await office.session()).version
    lines = await office.store.lines((await office.session()).id)
    assert 1 == [line.text for line in lines].count("Hari, hari@example.com")


async def test_a_process_that_stops_takes_nothing_more(office: Office) -> None:
    """Another process is asked instead."""
    await office.conversations.stop()
    assert isinstance(office.database, Gated)
    office.database.broken = AssertionError("nobody asks the database any more")
    with pytest.raises(Stopping):
        await office.say("job please")


async def test_a_message_that_was_asking_who_it_is_from_is_refused_by_a_stop(
    office: Office,
) -> None:
    """The stop came while the directory was asked: nothing is taken after it."""
    asked = asyncio.Event()
    go_on = asyncio.Event()
    found = office.directory.contacts

    async def slow(bot: str, addresses: Any) -> Any:
        asked.set()
        await go_on.wait()
        return await found(bot, addresses)

    office.directory.contacts = slow  # type: ignore[method-assign]
    request = asyncio.create_task(office.say("job please", who=("phone:+911", "lid:5")))
    async with asyncio.timeout(5):
        await asked.wait()
    await office.conversations.stop()
    go_on.set()

    with pytest.raises(Stopping):
        await request


async def test_only_people_of_the_directory_are_admitted(
    book: Book, open_office: Open, clock: Clock
) -> None:
    """Strangers get no answer and leave no trace; a person's facts go into the conversation."""
    office = open_office(replace(book, admits_people=True))
    insert = (
        "INSERT INTO person (bot, phone, facts, active_from, active_until)"
        " VALUES ('shop', $1, $2, $3, $4)"
    )
    later = clock() + HOUR
    for phone, begins, ends in (("+911", None, None), ("+912", later, None), ("+913", None, later)):
        values = (phone, '{"name": "Hari", "phone": "?"}', begins, ends)
        await office.database.transact(partial(single, (insert, values)))

    await office.say("job please", who=("lid:5", "phone:+911"))
    await office.say("job please", who="phone:+913")
    for stranger in ("phone:+912", "phone:+919", "lid:+911"):
        assert None is await office.conversations.receive(office.arrival("hi", who=stranger))
    clock.now += 2 * HOUR
    assert None is await office.conversations.receive(office.arrival("hi", who="phone:+913"))
    await office.say("job please", who="phone:+912")
    assert [(3,)] == await office.rows("SELECT count(*) FROM session")
    assert "Hari" == (await office.session("phone:+913")).person["name"]


async def test_a_production_message_goes_to_the_preview_where_one_is_open(
    book: Book, open_office: Open
) -> None:
    """The preview of the same bot and person comes first; the web is never a preview."""
    office = open_office(replace(book, previews=True))
    await office.say("pick please", lane="cloud")
    preview = await office.say("job please", lane="preview")

    assert preview.session.id == (await office.say("Hari", lane="cloud")).session.id
    assert preview.session.id != (await office.say("Hari", lane="web")).session.id


async def test_a_timer_with_nothing_due_commits_nothing(office: Office, clock: Clock) -> None:
    """Whoever rings in vain hears so."""
    await office.say("job please")
    answer = await office.conversations.deliver(office.place(), TimerRang("t", clock()))
    assert answer is not None
    assert (1, ()) == (answer.session.version, answer.lines)


async def test_a_fault_of_ours_is_logged_without_anything_anybody_wrote(
    tmp_path: Path, open_office: Open
) -> None:
    """The message is parked and counted, the customer reads that a person will look at it."""

    def broken(text: str, hearing: Hearing) -> list[Reading]:
        if "secret" in text:
            raise ZeroDivisionError(text)
        return []

    readers = {**READERS, "email": replace(READERS["email"], read=broken)}
    office = open_office(book_of(tmp_path / "bot", JOB, readers=readers))
    await office.say("job please")
    with capture_logs() as logs:
        answer = await office.say("secret words")

    assert "bot" == answer.lines[-1].who
    assert ["ZeroDivisionError"] == [log["why"] for log in logs if log["event"] == "parked"]
    assert "secret" not in str(logs)
    assert 1 == office.counted("parked")
    assert ("parked", "parked") in await office.effects()


async def test_a_worker_is_woken_by_what_is_owed(office: Office) -> None:
    """A turn without effects wakes nobody."""
    await office.say("job please")
    await office.say("Hari, hari@example.com")
    assert 0 == office.woken
    await office.say("yes")
    assert 1 == office.woken


async def test_a_row_edited_by_hand_costs_its_own_customer_only(office: Office) -> None:
    """Their messages are refused, the others are answered; once it is mended, it goes on."""
    await asyncio.gather(*(office.say("job please", who=who) for who in ("ana", "bo")))
    session = await office.session("ana")
    await office.store.drop(office.place("ana"))
    ((body,),) = await office.rows("SELECT body FROM session WHERE id = $1", session.id)

    async def edit(text: str) -> None:
        statement = ("UPDATE session SET body = $1 WHERE id = $2", (text, session.id))
        await office.database.transact(lambda: single(statement))

    await edit("{")
    with capture_logs() as logs:
        ana, bo = await asyncio.gather(
            office.say("Hari, hari@example.com", who="ana", name="m"),
            office.say("Hari, hari@example.com", who="bo"),
            return_exceptions=True,
        )
    assert isinstance(ana, Damaged)
    assert not isinstance(bo, BaseException)
    assert CONFIRM == bo.lines[-1].text
    assert ["session_set_aside"] == [log["event"] for log in logs]
    await edit(body)
    assert [CONFIRM] == await office.said("Hari, hari@example.com", who="ana", name="m")
