"""A bot tried on a real phone before it goes live, and its end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.events import FormSent, ModeChanged, Moved, OperatorSaid, Said
from engine.language.book import Book
from engine.runtime.arrivals import Answer, inbound_id
from engine.session import Session
from tests.core.flows import JOB
from tests.core.talk import HOUR, MINUTE, book_of
from tests.runtime.conftest import Open
from tests.runtime.office import Clock, Office

CLOUD = {
    "provider": "cloud",
    "phone_number_id": "1065",
    **dict.fromkeys(("app_secret", "token", "verify_token"), "env:X"),
}
CHANNELS = {"web": {}, "whatsapp": {"main": CLOUD}, "preview": True}
CONFIRM = "Hari, hari@example.com: right?"


@pytest.fixture
def previewed(tmp_path: Path) -> Book:
    return book_of(tmp_path / "bot", JOB, channels=CHANNELS)


@pytest.fixture
def shop(open_office: Open, previewed: Book) -> Office:
    return open_office(previewed)


async def lanes(office: Office) -> list[tuple[str, str, str]]:
    """Return lane, status and state of every session, the oldest first."""
    rows = await office.rows("SELECT lane, status, state FROM session ORDER BY opened_at, id")
    return [(lane, status, state) for lane, status, state in rows]


async def test_production_goes_on_with_the_preview_and_begins_clean_after_it(
    shop: Office,
) -> None:
    await shop.say("job please", lane="main", who="ana")
    await shop.say("job please", lane="main")
    await shop.say("job please", lane="preview")
    assert [CONFIRM] == await shop.said("Hari, hari@example.com", lane="main")
    place = shop.place(lane="preview")
    await shop.conversations.deliver(place, ModeChanged("o1", shop.clock(), "ended", "owner"))

    await shop.say("hello", lane="main")
    assert [
        ("main", "open", "collecting"),  # another customer
        ("main", "ended", "idle"),
        ("preview", "ended", "idle"),
        ("main", "open", "idle"),
    ] == await lanes(shop)


async def test_a_preview_nobody_used_for_a_day_is_over(shop: Office, clock: Clock) -> None:
    """Whether the sweep or the phone's next message comes first."""
    await shop.say("job please", lane="main")
    await shop.say("job please", lane="preview")
    clock.now += 25 * HOUR
    assert 2 == await shop.deadlines.sweep()
    assert [("main", "ended", "idle"), ("preview", "ended", "idle")] == await lanes(shop)

    await shop.say("job please", lane="preview", who="ana")
    clock.now += 25 * HOUR
    await shop.say("hello", lane="main", who="ana")
    assert [("preview", "ended", "idle"), ("main", "open", "idle")] == (await lanes(shop))[2:]
    reasons = await shop.rows("SELECT body FROM session WHERE lane = 'preview'")
    assert all("preview_over" in body for (body,) in reasons)


async def test_a_preview_goes_on_where_its_owner_writes_to_it(shop: Office, clock: Clock) -> None:
    """A day later, by the preview's own address: another preview begins."""
    await shop.say("job please", lane="preview")
    clock.now += 25 * HOUR
    await shop.say("hello", lane="preview")
    assert [("preview", "ended", "idle"), ("preview", "open", "idle")] == await lanes(shop)


async def test_the_idle_time_of_the_bot_makes_no_end_of_its_preview(
    open_office: Open, tmp_path: Path, clock: Clock
) -> None:
    """It is what the owner wants to see: a new conversation, with the welcome, in the preview."""
    rules = {"idle": "30m", "in_flow": "end", "welcome": "always"}
    book = book_of(tmp_path / "desk", JOB, channels=CHANNELS, session=rules, welcome="Hello!")
    office = open_office(book)
    await office.say("job please", lane="preview")
    clock.now += 31 * MINUTE
    assert "Hello!" in await office.said("job please", lane="main")
    assert ["preview", "preview"] == [lane for lane, *_ in await lanes(office)]
    clock.now += 31 * MINUTE
    await office.deadlines.sweep()  # a new one, in which nobody has said anything
    clock.now += 25 * HOUR
    await office.deadlines.sweep()
    assert {"ended"} == {status for _, status, _ in await lanes(office)}


async def test_a_form_in_a_preview_ends_nothing_of_production(
    open_office: Open, tmp_path: Path
) -> None:
    """The preview goes on in the session that the form opened."""
    forms = {"due": {"fields": {"phone": "phone"}, "address": "phone"}}
    book = book_of(tmp_path / "bot", JOB, channels=CHANNELS, forms=forms)
    office = open_office(book)
    await office.say("job please", lane="main")
    await office.say("hello", lane="preview")
    await office.say(FormSent("f1", office.clock(), "due", {"phone": "+1"}), lane="preview")
    assert [
        ("main", "open", "collecting"),
        ("preview", "ended", "idle"),
        ("preview", "open", "idle"),
    ] == sorted(await lanes(office))


# -- several messages of one sender ----------------------------------------------------------------


async def texts(office: Office, session: Session) -> list[str]:
    return [line.text for line in await office.store.lines(session.id)]


async def test_messages_handed_in_together_are_one_turn_in_their_order(office: Office) -> None:
    arrivals = [office.arrival(text) for text in ("job please", "Hari", "hari@example.com")]
    answers = await office.conversations.receive_all(arrivals)
    first: Answer | None = answers[0]
    assert first is not None
    assert [first] * 3 == answers
    assert 1 == first.session.version


async def test_nobody_who_is_not_admitted_gets_in_with_others(
    open_office: Open, tmp_path: Path
) -> None:
    office = open_office(book_of(tmp_path / "bot", JOB, admit={"people": "active"}))
    arrivals = [office.arrival(text) for text in ("job please", "Hari")]
    assert [None, None] == await office.conversations.receive_all(arrivals)
    assert 2 == office.counted("not_admitted")


# -- a new number ----------------------------------------------------------------------------------


async def moved(office: Office, old: Sequence[str], new: str, id_: str = "s1") -> None:
    """Have somebody go by another number."""
    event = Moved(inbound_id("shop", "main", old[0], id_), office.clock(), f"main:{new}", {})
    arrival = office.arrival(event, who=new, lane="main")
    await office.conversations.move(arrival, old, f"{old[0]} {id_}")


async def test_a_new_number_is_the_same_person_and_the_old_one_is_somebody_else(
    office: Office,
) -> None:
    """The order goes on; whoever gets the old number is a stranger, however often it is told."""
    await office.say("job please", lane="main")
    for _ in range(2):
        await moved(office, ["hari"], "hari2")
    assert [CONFIRM] == await office.said("Hari, hari@example.com", who="hari2", lane="main")
    answer = await office.say("hello", who="hari", lane="main")
    assert answer.session.seq == len(answer.lines)
    await moved(office, ["hari"], "hari2")
    assert 2 == len(await office.rows("SELECT id FROM session WHERE status = 'open'"))


async def test_a_new_number_without_a_conversation_is_only_written_down(office: Office) -> None:
    await moved(office, ["hari"], "hari2")
    assert [] == await office.rows("SELECT id FROM session")
    await office.say("job please", who="hari2", lane="main")
    assert [CONFIRM] == await office.said("Hari, hari@example.com", who="hari2", lane="main")


async def test_a_line_by_hand_opens_a_conversation_that_is_a_persons(office: Office) -> None:
    """The business writes first, on the phone: the bot does not answer the reply."""
    typed = OperatorSaid("e1", office.clock(), "Hello, here is the shop", "phone", sent=True)
    await office.say(typed, lane="main")
    assert [] == await office.said("job please", lane="main")
    assert isinstance(office.arrival("x").event, Said)
