"""A bug of ours never costs a conversation: the guilty message is parked, the others are taken."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.errors import Refused
from engine.events import ActionFinished, FormSent, ModeChanged, Said
from engine.readers import READERS, Hearing, Reading
from engine.turn import Turn, take_turn
from tests.core.conftest import Build
from tests.core.flows import JOB, flow
from tests.core.talk import MINUTE, START, Talk, opened


def broken(text: str, hearing: Hearing) -> list[Reading]:
    """Read e-mail addresses, with a bug."""
    if "boom" in text:
        message = "a bug of ours"
        raise ZeroDivisionError(message)
    return READERS["email"].read(text, hearing)


READERS_WITH_A_BUG = {**READERS, "email": replace(READERS["email"], read=broken)}


def said(*texts: str) -> list[Said]:
    return [Said(f"m{n}", START + n, text) for n, text in enumerate(texts, 1)]


@pytest.fixture
def talk(build: Build) -> Talk:
    """Return a conversation with a bot one of whose readers is broken."""
    talk = Talk(build(JOB, readers=READERS_WITH_A_BUG))
    talk.say("job please")
    return talk


def test_the_guilty_message_is_parked_and_the_customer_told(talk: Talk) -> None:
    """Its line is stored with an error id, `trouble` is said, the version grows."""
    turn = take_turn(talk.book, talk.session, said("boom"))

    (parked,) = turn.parked
    assert "ZeroDivisionError: a bug of ours" == parked.error
    assert ["user", "system", "bot"] == [line.who for line in turn.lines]
    assert f"error {parked.error_id}" == turn.lines[1].text
    assert "Something went wrong on our side; a colleague will look at it." == turn.lines[2].text
    assert talk.session.version + 1 == turn.session.version


def test_the_others_of_a_burst_are_taken(talk: Talk) -> None:
    """Of three messages the broken one is parked and two are read."""
    turn = take_turn(talk.book, talk.session, said("Ana", "boom", "ana@example.com"))

    assert ["m2"] == [one.event.id for one in turn.parked]
    assert {"name": "Ana", "email": "ana@example.com"} == turn.session.frames[-1].slots
    assert {"m1", "m2", "m3"} == {line.inbound for line in turn.lines if line.who == "user"}


def test_a_parked_message_in_a_successor_is_not_lost(build: Build) -> None:
    """A message that opens the next session and is guilty is parked there."""
    book = build(JOB, readers=READERS_WITH_A_BUG, session={"idle": "30m"})
    talk = Talk(book)
    talk.say("hello")
    late = Said("x", talk.at + 31 * MINUTE, "boom job please")
    turn = take_turn(book, talk.session, [late])

    parts: list[Turn] = [turn]
    while (following := parts[-1].successor) is not None:
        parts.append(following)
    assert ["x"] == [line.inbound for part in parts for line in part.lines if line.who == "user"]


def test_the_session_given_stays_as_it_was(talk: Talk) -> None:
    """A parked turn leaves what it was given alone, too."""
    before = talk.session.to_json()
    take_turn(talk.book, talk.session, said("Ana", "boom"))
    assert before == talk.session.to_json()


def test_a_refused_form_is_no_bug(build: Build) -> None:
    """While a person talks a form is refused, also among other events."""
    forms: dict[str, Any] = {"enquiry": {"fields": {"phone": "phone"}, "address": "phone"}}
    book = build(JOB, forms=forms)
    session = opened(book)
    taken = ModeChanged("o", START, "manual")
    form = FormSent("f", START + 1, "enquiry", {"phone": "+4930123456"})
    with pytest.raises(Refused, match="person is talking"):
        take_turn(book, session, [taken, form])


def test_a_form_and_a_bug_in_one_turn_refuse_the_form(build: Build) -> None:
    """A bug beside a refused form does not turn the refusal into a parked event."""
    forms: dict[str, Any] = {"enquiry": {"fields": {"phone": "phone"}, "address": "phone"}}
    book = build(JOB, forms=forms, readers=READERS_WITH_A_BUG)
    talk = Talk(book)
    for text in ("job please", "Ana, ana@example.com", "yes"):
        talk.say(text)
    form = FormSent("f", talk.at + 1, "enquiry", {"phone": "+4930123456"})
    with pytest.raises(Refused, match="action"):
        take_turn(book, talk.session, [form])


# -- the nets below the checker: what it refuses cannot be written, and still nobody is lost ---------


def test_a_state_that_leads_nowhere_parks_the_message(build: Build) -> None:
    """A way without a target is a bug of ours, and costs one message."""
    book = build(JOB)
    talk = Talk(book)
    talk.say("job please")
    broken_flow = replace(book.flows["job"], fire=lambda state, trigger, slots: None)
    turn = take_turn(
        replace(book, flows={"job": broken_flow}), talk.session, said("Ana, ana@example.com")
    )

    assert "LookupError: job: 'then' leads nowhere from 'collecting'" == turn.parked[0].error
    assert {} == turn.session.frames[-1].slots


def test_states_that_lead_round_and_round_park_the_message(build: Build) -> None:
    """A circle without a wait ends after two hundred states."""
    states = {"told": {"say": "Round.", "then": "ended"}, "ended": {"end": "completed"}}
    book = build(flow("round", states))
    circle = replace(book.flows["round"], fire=lambda state, trigger, slots: "told")
    turn = take_turn(
        replace(book, flows={"round": circle}), opened(book), [Said("m", START, "round please")]
    )

    assert "RecursionError: round: more than 200 states without a wait" == turn.parked[0].error
    assert [] == turn.session.frames


def test_an_outcome_where_no_action_waits_is_parked(build: Build) -> None:
    """A session that says an action runs, in a state that has none, was not written by a turn."""
    book = build(JOB)
    talk = Talk(book)
    talk.say("job please")
    odd = talk.session.copy()
    odd.doing = "s1:1:1"
    turn = take_turn(book, odd, [ActionFinished("s1:1:1", talk.at, ok=True)])
    assert turn.parked[0].error.startswith("TypeError: job: 'collecting' waits for no action")
