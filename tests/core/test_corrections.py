"""Corrections: noticed by a cue or by a slot already filled, and followed wherever they matter."""

from __future__ import annotations

import pytest

from engine.effects import RunAction
from tests.core.conftest import Meet
from tests.core.flows import CONTACT, ENDED, JOB, asking, flow
from tests.core.talk import Talk


def job(meet: Meet, *said: str) -> Talk:
    talk = meet(JOB)
    for text in ("job please", *said):
        talk.say(text)
    return talk


def test_a_second_value_for_a_filled_slot_corrects_it(meet: Meet) -> None:
    """An e-mail address said again replaces the first, and the customer is told."""
    talk = job(meet, "Ana, ana@example.com")
    said = talk.say("ana@other.example")

    assert ["Noted, email: ana@other.example.", "Ana, ana@other.example: right?"] == said


def test_a_no_with_a_value_is_a_correction_and_no_refusal(meet: Meet) -> None:
    """At choices "no, my email is ..." corrects; a bare no drops."""
    talk = job(meet, "Ana, ana@example.com")
    said = talk.say("no, my email is bo@example.com")
    assert ["Noted, email: bo@example.com.", "Ana, bo@example.com: right?"] == said

    assert ["Dropped."] == talk.say("no")


def test_what_to_change_is_asked_then_the_value(meet: Meet) -> None:
    """Change, the slot's name, the value: three messages, one corrected slot."""
    talk = job(meet, "Ana, ana@example.com")
    assert [talk.line("changed_what")] == talk.say("change")
    assert [talk.line("new_value", label="name")] == talk.say("the name")
    assert ["Noted, name: Bo.", "Bo, ana@example.com: right?"] == talk.say("Bo")


def test_naming_a_slot_with_a_cue_asks_for_its_value(meet: Meet) -> None:
    """Words: "Actually my email is wrong" has no value, so the value is asked for."""
    talk = job(meet, "Ana, ana@example.com")
    asked = talk.line("new_value", label="email")
    assert [asked] == talk.say("sorry, the email is wrong")
    assert ["Noted, email: bo@example.com.", "Ana, bo@example.com: right?"] == talk.say(
        "bo@example.com"
    )


def test_what_an_action_has_used_cannot_be_changed_any_more(meet: Meet) -> None:
    """After the action an e-mail it was given answers too late, and stays."""
    talk = job(meet, "Ana, ana@example.com", "yes")
    talk.done({"number": "7"})
    said = talk.say("my email is bo@example.com")

    assert talk.line("too_late") == said[0]
    assert "ana@example.com" == talk.slots["email"]


# Looks something up by an e-mail, when the customer says so; then does what cannot be undone.
LOOK_UP = flow(
    "look",
    {
        "asking": asking("email", then="confirming"),
        "confirming": {
            "say": "{email}?",
            "choices": [{"id": "go", "label": "Go ahead", "means": "yes", "go": "looking"}],
        },
        "looking": {
            "do": "look",
            "with": ["email"],
            "saves": {"found": "found"},
            "done": [{"when": {"found": {"is": "no"}}, "go": "unknown"}, {"else": "rating"}],
            "again": "unknown",
            "failed": "ended",
        },
        "unknown": {
            "say": "I do not find {email}.",
            "choices": [{"id": "stop", "label": "Stop", "go": "ended"}],
        },
        "rating": asking("stars"),
        "ended": ENDED,
    },
    slots={
        "email": {"type": "email"},
        "found": {"type": "text", "optional": True},
        "stars": {"type": "number"},
    },
)


def test_what_an_action_did_nothing_with_can_be_changed_and_is_done_anew(meet: Meet) -> None:
    """Out of stock, not found: the question before the action comes again, with the new value."""
    talk = meet(LOOK_UP)
    for text in ("look please", "ana@example.com", "yes"):
        talk.say(text)
    assert ["I do not find ana@example.com."] == talk.done({"found": "no"})

    said = talk.say("sorry, bo@example.com")
    assert ["Noted, email: bo@example.com.", "bo@example.com?"] == said
    talk.say("yes")
    (run,) = [one for one in talk.effects if isinstance(one, RunAction)]
    assert {"email": "bo@example.com"} == run.arguments
    assert ["Your stars?"] == talk.done({"found": "yes"})
    assert talk.line("too_late") == talk.say("no, cy@example.com")[0]


def test_an_action_without_a_question_before_it_is_done_anew_at_once(meet: Meet) -> None:
    """A form opened the flow at the action."""
    states = {name: LOOK_UP["states"][name] for name in ("looking", "unknown", "rating", "ended")}
    states["unknown"] = {**states["unknown"], "say": "Not found."}
    slots = {**LOOK_UP["slots"], "email": {"type": "email", "optional": True}}
    begun = {**LOOK_UP, "start": {"form": "lead"}, "states": states, "slots": slots}
    fields = {"phone": "phone", "email": "email"}
    talk = meet(begun, forms={"lead": {"fields": fields, "address": "phone"}}, route="wa:1")
    talk.form("lead", phone="+4930123456", email="ana@example.com")
    talk.done({"found": "no"})

    assert ["Noted, email: bo@example.com."] == talk.say("sorry, bo@example.com")
    assert "look.looking" == talk.state


def test_what_no_action_has_used_can_still_be_changed(meet: Meet) -> None:
    """After the action a name it was not given can be corrected."""
    talk = job(meet, "Ana, ana@example.com", "yes")
    talk.done({"number": "7"})
    said = talk.say("sorry, my name is Bo")

    assert ["Noted, name: Bo.", "Your stars?"] == said


SIZES = flow(
    "sizes",
    {
        "counting": asking(
            "count",
            then=[{"when": {"count": {"at_least": 10}}, "go": "wholesale"}, {"else": "retail"}],
        ),
        "retail": asking("email", then="checking"),
        "wholesale": asking("company", "email", then="checking"),
        "checking": {
            "say": "{count} for {email}?",
            "choices": [{"id": "go", "label": "Go ahead", "go": "ended"}],
        },
        "ended": ENDED,
    },
    slots={
        "count": {"type": "number"},
        "company": {"type": "text"},
        "email": {"type": "email"},
    },
)


def test_a_correction_goes_back_to_the_first_state_that_decided_by_it(meet: Meet) -> None:
    """Twenty instead of two makes it wholesale, and only what is missing there is asked."""
    talk = meet(SIZES)
    for text in ("sizes please", "2", "ana@example.com"):
        talk.say(text)
    assert "sizes.checking" == talk.state
    said = talk.say("sorry, change it to 20")

    assert ["Noted, count: 20.", "Your company?"] == said
    assert "ana@example.com" == talk.slots["email"]


def test_slots_of_a_branch_that_was_left_are_kept(meet: Meet) -> None:
    """Back to two after twenty: the company stays known."""
    talk = meet(SIZES)
    for text in ("sizes please", "20", "Acme", "ana@example.com", "no, it is 2"):
        talk.say(text)

    assert "sizes.checking" == talk.state
    assert {"count": 2, "company": "Acme", "email": "ana@example.com"} == talk.slots


def test_two_corrections_at_once_go_back_to_the_earlier_state(meet: Meet) -> None:
    """A correction of two slots re-enters the earlier of their states."""
    two = flow(
        "two",
        {
            "counting": asking(
                "count",
                then=[{"when": {"count": {"at_least": 10}}, "go": "mailing"}, {"else": "mailing"}],
            ),
            "mailing": asking(
                "email",
                then=[
                    {"when": {"email": {"is": "x@example.com"}}, "go": "checking"},
                    {"else": "checking"},
                ],
            ),
            "checking": {
                "say": "{count} for {email}?",
                "choices": [{"id": "go", "label": "Go ahead", "go": "ended"}],
            },
            "ended": ENDED,
        },
        slots={"count": {"type": "number"}, "email": {"type": "email"}},
    )
    talk = meet(two)
    for text in ("two please", "2", "ana@example.com"):
        talk.say(text)
    said = talk.say("no wait, x@example.com and 12")

    assert {"count": 12, "email": "x@example.com"} == talk.slots
    assert "12 for x@example.com?" == said[-1]


CALLER = flow(
    "caller",
    {
        "first": asking(
            "phone",
            then=[
                {"when": {"phone": {"is": "+918848850922"}}, "go": "calling"},
                {"else": "calling"},
            ],
        ),
        "calling": {
            "call": {
                "flow": "contact",
                "saves": {"mail": "email"},
                "then": [{"when": {"mail": "known"}, "go": "checking"}, {"else": "ended"}],
            }
        },
        "checking": {
            "say": "{phone}, {mail}?",
            "choices": [{"id": "go", "label": "Go ahead", "go": "ended"}],
        },
        "ended": ENDED,
    },
    slots={"phone": {"type": "phone"}, "mail": {"type": "email"}},
)


def test_an_outer_slot_corrected_inside_a_called_flow_repeats_the_inner_question(
    meet: Meet,
) -> None:
    """The caller's phone number is changed while the called flow asks for a name."""
    talk = meet(CALLER, CONTACT, region="IN")
    talk.say("caller please")
    talk.say("8848850922")
    assert "contact.asking" == talk.state
    said = talk.say("sorry, my phone is 8848850933")

    assert ["Noted, phone: +91 88488 50933.", "Your name and email?"] == said
    assert "+918848850933" == talk.session.frames[0].slots["phone"]
    assert ("phone",) == talk.session.frames[0].stale


def test_a_stale_outer_slot_is_reread_when_the_called_flow_returns(meet: Meet) -> None:
    """On return the caller begins again where it decided by the corrected slot."""
    talk = meet(CALLER, CONTACT, region="IN")
    for text in ("caller please", "8848850922", "sorry, my phone is 8848850933"):
        talk.say(text)
    said = talk.say("Ana, ana@example.com")

    # Re-entry passes the state whose slot is known, calls again, and the callee asks anew.
    assert "caller" == talk.session.frames[0].flow
    assert () == talk.session.frames[0].stale
    assert said


BRING = flow(
    "bring",
    {
        "asking": asking("items", "room", then="when"),
        "when": asking("at", then="confirming"),
        "confirming": {
            "say": "{items} to {room} at {at}?",
            "choices": [
                {"id": "fine", "label": "Fine", "means": "yes", "go": "ended"},
                {"id": "drop", "label": "Drop it", "means": "no", "go": "ended"},
            ],
        },
        "ended": ENDED,
    },
    slots={
        "items": {"type": "items", "from": "catalogue"},
        "room": {"type": "number"},
        "at": {"type": "date", "want": "time", "label": "time"},
    },
)


def brought(meet: Meet) -> Talk:
    """Order two towels, up to the question whether all is right."""
    talk = meet(BRING, catalogue="id,name,aliases\ntowel,Towel,towels\n", region="GB")
    for text in ("bring please", "2 towels", "305"):
        talk.say(text)
    assert ["2 x Towel to 305 at 15:00?"] == talk.say("3 pm")
    return talk


@pytest.mark.parametrize(
    ("text", "corrected"),
    [
        ("no, room 310", "2 x Towel to 310 at 15:00?"),
        ("no, room number 310", "2 x Towel to 310 at 15:00?"),
        ("sorry, room 310, 3 towels", "3 x Towel to 310 at 15:00?"),
        ("no, 3", "3 x Towel to 305 at 15:00?"),
        ("no, time 5 pm", "2 x Towel to 305 at 17:00?"),
        ("no, room 310 and time 5 pm", "2 x Towel to 310 at 17:00?"),
    ],
)
def test_a_number_behind_a_label_is_no_quantity(meet: Meet, text: str, corrected: str) -> None:
    """The only line of an order takes a bare number, and none that another slot is named for."""
    assert corrected == brought(meet).say(text)[-1]


@pytest.mark.parametrize("text", ["no, the room", "no, room number"])
def test_a_label_at_the_end_names_no_value(meet: Meet, text: str) -> None:
    """It is asked for then."""
    talk = brought(meet)
    assert [talk.line("new_value", label="room")] == talk.say(text)
