"""Who the customer is, said before any flow asks: taken into the next one, and asked for no more."""

from __future__ import annotations

from tests.core.conftest import Meet
from tests.core.flows import JOB
from tests.core.talk import Talk, stored

SAID = "Hi, I am Ravi Menon, ravi@menon.example"


def test_what_was_said_before_an_order_is_taken_into_it(customer: Talk) -> None:
    """Only what is missing is asked for, and the summary shows the rest."""
    assert customer.line("noted") == customer.say(SAID)[-1]
    assert customer.say("20 relays")[-1].endswith("please send your phone number.")
    said = customer.say("98470 12345")[-1]
    assert "Perfect, Ravi Menon!" in said
    assert "ravi@menon.example" in said


def test_it_is_used_once(customer: Talk) -> None:
    """An order that was cancelled leaves nothing: another person may write by then."""
    customer.say(SAID)
    customer.say("20 relays")
    assert {} == customer.session.told
    customer.say("cancel")
    customer.say("yes")
    assert customer.say("20 relays")[-1].endswith("send your name, phone number and email.")


def test_the_second_order_knows_who_it_is_for(customer: Talk) -> None:
    """It goes to its summary at once; what has changed is corrected there."""
    customer.say(SAID)
    customer.say("20 relays for 98470 12345")
    customer.say("confirm")
    customer.done({"number": "A-1001"})
    assert {"person_name": "Ravi Menon", "phone": "+919847012345"}.items() <= (
        customer.session.told.items()
    )
    said = customer.say("5 contactors")[-1]
    assert "Perfect, Ravi Menon!" in said
    assert "98470 12345" in said
    assert "office@menon.example" in customer.say("email office@menon.example")[-1]


def test_somebody_elses_contact_brings_its_name(customer: Talk) -> None:
    """A town beside a number is no name; who has the mailbox is."""
    customer.say(SAID)
    customer.say("20 relays for 98470 12345")
    customer.say("98470 12346, Kochi town")
    assert "Ravi Menon" == customer.slots["name"]
    customer.say("Sunitha, 98470 12347, sunitha.k@menon.example")
    assert "Sunitha" == customer.slots["name"]


def test_each_flow_takes_what_it_asks_for(customer: Talk) -> None:
    """A callback needs a number only; the name waits for the order."""
    customer.say("I am Ravi Menon, 98470 12345")
    customer.say("call me back")
    assert "callback.collecting_time" == customer.state
    assert {"person_name": "Ravi Menon"} == customer.session.told


def test_what_the_order_itself_says_counts(customer: Talk) -> None:
    """The older value does not wait for the order after it."""
    customer.say(SAID)
    customer.say("20 relays for office@menon.example")
    assert "office@menon.example" == customer.slots["email"]
    assert "Ravi Menon" == customer.slots["name"]
    assert {} == customer.session.told


def test_what_channels_vouch_for_stays_as_it_is(customer: Talk) -> None:
    """What is typed opens nothing and discloses nothing."""
    customer.say(SAID)
    assert {} == dict(customer.session.person)


def test_beside_a_question_it_is_kept_without_a_word(customer: Talk) -> None:
    """The answer is what the customer waits for; in a story nothing is claimed to be understood."""
    customer.say("hello")
    assert customer.line("noted") not in customer.say("where are you? I am Ravi Menon")
    assert "Ravi Menon" == customer.session.told["person_name"]
    said = customer.say("ravi@menon.example my machine makes strange noises")
    assert customer.line("noted") not in said
    assert "ravi@menon.example" == customer.session.told["email"]


def test_a_burst_that_orders_is_not_thanked_for_the_name(customer: Talk) -> None:
    said = customer.burst(SAID, "20 relays")
    assert customer.line("noted") not in said
    assert "Ravi Menon" == customer.slots["name"]


def test_a_session_without_it_is_stored_as_before(customer: Talk) -> None:
    """The stored body has the field only while there is something in it."""
    customer.say("hello")
    assert "told" not in customer.session.to_json()
    customer.say(SAID)
    assert {"person_name": "Ravi Menon", "email": "ravi@menon.example"} == stored(
        customer.session
    ).told


def test_a_bot_that_asks_for_no_name_keeps_none(meet: Meet) -> None:
    """Only kinds that some flow collects are read."""
    talk = meet(JOB)
    talk.say("hello")
    talk.say("my number is 98470 12345")
    assert {} == talk.session.told
