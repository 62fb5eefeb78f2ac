"""What waits for one person: one turn at a time, in order, whoever goes away meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from engine.errors import Refused
from engine.events import ActionFinished, FormSent
from engine.language.book import Book
from engine.stores.database import Unavailable
from tests.core.talk import SECOND
from tests.runtime.conftest import Open
from tests.runtime.office import Clock, Gated, Office
from tests.stores.waiting import until

CONFIRM = "Hari, hari@example.com: right?"


async def closed_gate(office: Office) -> asyncio.Event:
    """Have the next commits wait."""
    assert isinstance(office.database, Gated)
    office.database.gate = asyncio.Event()
    return office.database.gate


async def until_waiting(office: Office) -> None:
    """Return when a commit waits at the gate."""
    database = office.database
    assert isinstance(database, Gated)
    await until(lambda: database.waiting)


async def test_two_quick_messages_do_not_both_answer_the_first_question(office: Office) -> None:
    """Sent at once, they are read as one: the name and the e-mail, and one question after them."""
    await office.say("job please")
    one, two = await asyncio.gather(office.say("Hari"), office.say("hari@example.com"))

    assert one.lines == two.lines
    assert ["Hari", "hari@example.com", CONFIRM] == [line.text for line in one.lines]
    assert 2 == (await office.session()).version


async def test_a_message_meets_the_conversation_as_the_one_before_it_left_it(
    office: Office,
) -> None:
    """The second comes while the first is being stored: it is read after that, not beside it."""
    gate = await closed_gate(office)
    first = asyncio.create_task(office.said("job please"))
    await until_waiting(office)
    second = asyncio.create_task(office.said("Hari"))
    third = asyncio.create_task(office.said("hari@example.com"))
    await asyncio.sleep(0.01)
    gate.set()

    assert ["Your name and email?"] == await first
    # What waited meanwhile is read together.
    assert [CONFIRM] == await second == await third
    assert 2 == (await office.session()).version
    # Loaded before its turn came, it would have been taken twice.
    assert 0 == office.counted("conflicts")


async def test_people_do_not_wait_for_each_other(office: Office) -> None:
    """Sixty-four customers are stored in fewer transactions than messages, each with their answer."""
    answers = await asyncio.gather(
        *(office.said("job please", who=f"c{number}") for number in range(64))
    )

    assert [["Your name and email?"]] * 64 == answers
    assert 64 == office.counted("turns")


async def test_whoever_goes_away_stops_nothing(office: Office) -> None:
    """The request is cancelled while its turn is being stored: it is stored all the same."""
    gate = await closed_gate(office)
    request = asyncio.create_task(office.say("job please"))
    await until_waiting(office)
    request.cancel()
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await request

    assert [CONFIRM] == await office.said("Hari, hari@example.com")


async def test_whoever_goes_away_takes_nobody_elses_answer_along(office: Office) -> None:
    """Two messages wait together; the sender of the first hangs up, the second is answered."""
    await office.say("job please")
    gate = await closed_gate(office)
    first = asyncio.create_task(office.say("what?"))
    await until_waiting(office)
    gone = asyncio.create_task(office.say("Hari"))
    stays = asyncio.create_task(office.say("hari@example.com"))
    await asyncio.sleep(0.01)
    gone.cancel()
    await asyncio.sleep(0)
    gate.set()

    await first
    assert CONFIRM == (await stays).lines[-1].text


async def test_whoever_goes_away_while_it_fails_is_not_told(office: Office) -> None:
    """Nobody waits for the error any more, and the next message is taken."""
    gate = await closed_gate(office)
    request = asyncio.create_task(office.say("job please"))
    await until_waiting(office)
    assert isinstance(office.database, Gated)
    office.database.after = Unavailable("away")
    request.cancel()
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await request
    await office.conversations.stop()

    assert 1 == (await office.session()).version


async def test_a_form_that_may_not_come_now_takes_nobody_with_it(
    office: Office, clock: Clock
) -> None:
    """A person leads the conversation: the form is refused, the text beside it is taken."""
    await office.say("job please")
    await office.mode("manual")
    gate = await closed_gate(office)
    first = asyncio.create_task(office.say("one"))
    await until_waiting(office)
    form = FormSent("f1", clock(), "enquiry", {})
    refused = asyncio.create_task(office.say(form))
    text = asyncio.create_task(office.say("hello?"))
    await asyncio.sleep(0.01)
    gate.set()

    await first
    with pytest.raises(Refused, match="hand it back"):
        await refused
    assert ["hello?"] == [line.text for line in (await text).lines]


async def test_texts_before_a_form_are_taken_before_it(office: Office, clock: Clock) -> None:
    """What waits in front of a form goes first, by itself."""
    gate = await closed_gate(office)
    first = asyncio.create_task(office.say("job please"))
    await until_waiting(office)
    text = asyncio.create_task(office.say("Hari"))
    form = asyncio.create_task(office.say(FormSent("f1", clock(), "nothing", {})))
    await asyncio.sleep(0.01)
    gate.set()

    await first
    assert "Hari" == (await text).lines[0].text
    await asyncio.wait([form])


async def test_stopping_waits_for_what_is_being_stored(office: Office) -> None:
    """A turn that has begun is answered before the process ends."""
    gate = await closed_gate(office)
    request = asyncio.create_task(office.said("job please"))
    await until_waiting(office)
    stopping = asyncio.create_task(office.conversations.stop())
    await asyncio.sleep(0.01)
    assert not stopping.done()
    gate.set()

    await stopping
    assert ["Your name and email?"] == await request


async def test_production_and_preview_messages_are_not_mixed_in_one_turn(
    book: Book, open_office: Open
) -> None:
    """Messages for other lanes wait for their own turn."""
    office = open_office(replace(book, previews=True))
    one, two = await asyncio.gather(
        office.say("job please", lane="web"), office.say("pick please", lane="cloud")
    )

    assert {"web", "cloud"} == {one.session.lane, two.session.lane}


async def test_what_is_for_nobody_changes_nothing(office: Office, clock: Clock) -> None:
    """An outcome for a person without a conversation, or for an older conversation, is not taken."""
    done = ActionFinished("s0:1:1", clock(), ok=True)
    assert None is await office.conversations.deliver(office.place(), done)
    await office.say("job please")
    assert None is await office.conversations.deliver(office.place(), done, session="s0")
    assert 1 == (await office.session()).version


async def test_messages_of_one_moment_are_in_the_order_they_were_written(office: Office) -> None:
    """They came in the wrong order; what counts is when they were sent."""
    await office.say("job please")
    now = office.clock()
    late, early = await asyncio.gather(
        office.say("second", at=now + SECOND), office.say("first", at=now)
    )
    assert late.lines == early.lines
    assert ["first", "second"] == [line.text for line in late.lines if line.who == "user"]
