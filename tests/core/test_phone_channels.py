"""What comes by phone and is more than a text: old messages, photos, lines typed by hand, new numbers."""

from __future__ import annotations

from dataclasses import replace

from engine.events import Moved, OperatorSaid, Said, Tapped
from tests.core.conftest import Meet
from tests.core.flows import JOB, MENU
from tests.core.talk import HOUR, Talk

ROUTE = "wa:1"
SALES: dict[str, dict[str, str]] = {"sales": {}}


def late(talk: Talk, text: str) -> Said:
    """Return a message of yesterday."""
    return replace(talk.said_event(text, after=0), late=True)


def test_an_old_message_is_recorded_and_not_answered(meet: Meet) -> None:
    """After an outage a week of backlog comes at once: nobody wants an answer to Monday's hello."""
    talk = meet(JOB, route=ROUTE, welcome="Hello!")
    assert [] == talk.take(late(talk, "job please"))
    assert ["job please"] == [line.text for line in talk.lines]
    assert "idle" == talk.state
    assert [] == talk.sends


def test_an_old_message_beside_a_new_one_is_only_recorded(meet: Meet) -> None:
    """The new one is answered, the welcome is said, what was old fills nothing."""
    talk = meet(JOB, route=ROUTE)
    talk.say("job please")
    talk.take(late(talk, "Bo, bo@example.com"), talk.said_event("hari@example.com"))
    assert {"email": "hari@example.com"} == talk.slots


def test_an_old_tap_presses_nothing(meet: Meet) -> None:
    talk = meet(MENU, route=ROUTE)
    talk.say("pick please")
    label = talk.lines[-1].choices[0][1]
    state = talk.state
    assert [] == talk.take(Tapped("t1", talk.at, talk.tap_of(label), label, ROUTE, late=True))
    assert state == talk.state


def test_an_old_message_does_not_say_that_a_flow_expired(meet: Meet) -> None:
    """Whoever writes next is told."""
    talk = meet({**JOB, "expires": {"after": "1h", "say": "Put aside."}}, route=ROUTE)
    talk.say("job please")
    talk.ring(2 * HOUR)
    assert [] == talk.take(late(talk, "Bo"))
    assert "Put aside." in talk.say("hello")


def test_ten_photos_are_told_once_that_they_cannot_be_read(meet: Meet) -> None:
    """And again after a text, or where one stands beside the photo."""
    talk = meet(JOB, route=ROUTE)
    talk.say("job please")
    assert [talk.line("file"), "Your name and email?"] == talk.say("", file="image")
    assert [] == talk.say("", file="image")
    assert [] == talk.say("", file="image")
    talk.say("what?")
    assert [talk.line("file"), "Your name and email?"] == talk.say("", file="image")
    assert [talk.line("file"), "Ana, ana@example.com: right?"] == talk.say(
        "Ana, ana@example.com", file="image"
    )


def test_an_order_out_of_a_channels_own_shop_is_handed_to_a_person(meet: Meet) -> None:
    talk = meet(JOB, route=ROUTE, hand_over=SALES)
    order = replace(talk.said_event("", file="order 2 x sku-1"), for_person=True)
    assert [talk.line("person_coming")] == talk.take(order)
    assert "manual" == talk.session.mode


def test_a_line_typed_on_the_phone_takes_over_and_is_not_sent_again(meet: Meet) -> None:
    """The customer has it already; the bot keeps quiet from now on."""
    talk = meet(JOB, route=ROUTE)
    talk.say("job please")
    talk.take(OperatorSaid("e1", talk.at, "I will come myself", "phone", sent=True))
    assert [] == talk.sends
    assert [("operator", "I will come myself", "typed on the phone")] == [
        (line.who, line.text, line.note) for line in talk.lines
    ]
    assert "manual" == talk.session.mode
    assert talk.turn.withdraw


def test_a_new_number_is_answered_to_from_now_on(meet: Meet) -> None:
    """Nothing is said about it, and the question stands as it was."""
    talk = meet(JOB, route=ROUTE, person={"phone": "+1", "name": "Ana"})
    talk.say("job please")
    assert [] == talk.take(Moved("s1", talk.at, "wa:2", {"phone": "+2"}))
    assert ("wa:2", {"phone": "+2", "name": "Ana"}) == (talk.session.route, talk.session.person)
    talk.route = None
    talk.say("Ana, ana@example.com")
    assert ["wa:2"] == [one.to for one in talk.sends]


def test_a_template_has_its_values_and_the_customers_language(meet: Meet) -> None:
    """What the business writes first: an approved template, its gaps filled from the form."""
    talk = meet(
        JOB,
        route=ROUTE,
        forms={
            "due": {
                "fields": {"name": "person_name", "phone": "phone"},
                "address": "phone",
                "greet": {"template": "hello", "with": ["name"], "say": "Hello {name}."},
            }
        },
    )
    talk.form("due", name="Ana", phone="+12")
    assert [("hello", ("Ana",), "en")] == [
        (one.template, one.values, one.language) for one in talk.sends
    ]
