"""Choices, buttons, values that are unclear, and the engine's own questions."""

from __future__ import annotations

import pytest

from tests.core.conftest import Meet
from tests.core.flows import ENDED, JOB, MENU, asking, flow
from tests.core.talk import Talk


@pytest.mark.parametrize("said", ["A mail", "a mail, please", "1", "amail"])
def test_a_choice_is_made_by_its_label_or_number(meet: Meet, said: str) -> None:
    """A label, polite words around it, or its number; anything else asks again."""
    talk = meet(MENU)
    talk.say("pick please")
    talk.say(said)
    assert ("pick.mailing" if said != "amail" else "pick.choosing") == talk.state


def test_a_number_out_of_range_is_no_choice(meet: Meet) -> None:
    """Three of two is a miss."""
    talk = meet(MENU)
    talk.say("pick please")
    assert [talk.line("choose")] == talk.say("3")
    assert 1 == talk.session.frames[-1].misses


def test_a_button_works_once(meet: Meet) -> None:
    """The second tap on it is an old button, and the open question comes again."""
    talk = meet(MENU)
    talk.say("pick please")
    tap = talk.tap_of("A mail")
    talk.press(tap)
    assert [talk.line("old_button"), "Your email?"] == talk.press(tap)


def test_only_the_latest_showing_of_a_question_counts(meet: Meet) -> None:
    """After the question was repeated its first buttons are old."""
    talk = meet(MENU)
    talk.say("pick please")
    tap = talk.tap_of("A mail")
    talk.say("help")
    assert talk.line("old_button") == talk.press(tap)[0]
    talk.tap("A mail")
    assert "pick.mailing" == talk.state


@pytest.mark.parametrize("choice", ["nothing", "", "choosing.mail", "99"])
def test_a_forged_button_repeats_the_question(meet: Meet, choice: str) -> None:
    """A button that was never shown does nothing."""
    talk = meet(MENU)
    talk.say("pick please")
    shown = talk.session.shown
    assert shown is not None
    said = talk.press(f"{shown.place}.{choice}#{shown.seq}")
    assert "What is it?" == said[-1]
    assert "pick.choosing" == talk.state


@pytest.mark.parametrize("command", ["cancel", "restart", "change"])
def test_a_forged_button_on_an_own_question_does_nothing(meet: Meet, command: str) -> None:
    """Only the buttons that were shown answer the engine's own questions."""
    talk = meet(JOB)
    talk.say("job please")
    talk.say("Ana, ana@example.com" if command == "change" else "hm")
    talk.say(command)
    shown = talk.session.shown
    assert shown is not None
    talk.press(f"{shown.place}.zzz#{shown.seq}")
    assert "idle" != talk.state
    assert command == getattr(talk.session.pending, "kind", "")


def test_a_text_of_the_same_turn_does_not_answer_a_choice_it_has_not_seen(meet: Meet) -> None:
    """A burst that leads to choices and says yes: the yes was meant for something else."""
    talk = meet(JOB)
    talk.say("job please")
    talk.burst("Ana, ana@example.com", "yes")
    assert "job.confirming" == talk.state


def test_a_text_sent_before_the_question_does_not_answer_it(meet: Meet) -> None:
    """A late message from before the prompt is kept and not read as its answer."""
    talk = meet(JOB)
    talk.say("job please")
    talk.say("Ana, ana@example.com")
    early = talk.said_event("yes", after=-20_000)
    talk.take(early)
    assert "job.confirming" == talk.state
    assert 0 == talk.session.frames[-1].misses


def test_a_choice_stops_where_it_leads(meet: Meet) -> None:
    """A choice that leads back to a state whose slots are known asks it again."""
    again = flow(
        "again",
        {
            "asking": asking("email", then="choosing"),
            "choosing": {
                "say": "{email}: right?",
                "choices": [
                    {"id": "go", "label": "Go ahead", "go": "ended"},
                    {"id": "other", "label": "Another one", "go": "asking"},
                ],
            },
            "ended": ENDED,
        },
        slots={"email": {"type": "email"}},
    )
    talk = meet(again)
    talk.say("again please")
    talk.say("ana@example.com")
    assert ["Your email?"] == talk.tap("Another one")
    # It is what was asked for, and no correction.
    assert ["bo@example.com: right?"] == talk.say("bo@example.com")


def test_a_state_whose_slots_are_known_is_passed(meet: Meet) -> None:
    """Entered by `then`, a state that has all it asks for is not asked."""
    talk = meet(JOB)
    said = talk.say("job please, my name is Ana, ana@example.com")
    assert ["Ana, ana@example.com: right?"] == said


PICK = flow(
    "choose",
    {
        "asking": asking("what"),
        "ended": {"end": "completed", "say": "It is {what}."},
    },
    slots={
        "what": {
            "type": "choice",
            "options": [
                {"id": "small", "label": "Small fan", "words": ["little fan"]},
                {"id": "large", "label": "Large fan"},
                {"id": "belt", "label": "Belt"},
            ],
            "unclear": "Which: {candidates}?",
        }
    },
)


@pytest.mark.parametrize(
    ("answer", "meant"),
    [
        ("the second one", "Large fan"),
        ("1", "Small fan"),
        ("large", "Large fan"),
        ("the last one", "Large fan"),
    ],
)
def test_an_unclear_value_is_asked_and_answered_first(meet: Meet, answer: str, meant: str) -> None:
    """Two fans fit: the next text is read as which of them."""
    talk = meet(PICK)
    talk.say("choose please")
    assert ["Which: Small fan or Large fan?"] == talk.say("small fan or large fan")
    assert [f"It is {meant}."] == talk.say(answer)


def test_an_unclear_value_can_be_tapped(meet: Meet) -> None:
    """The candidates are buttons."""
    talk = meet(PICK)
    talk.say("choose please")
    talk.say("small fan or large fan")
    assert ["It is Large fan."] == talk.tap("Large fan")


@pytest.mark.parametrize("answer", ["the fourth one", "99", "hm?"])
def test_an_answer_that_is_none_of_them_asks_again(meet: Meet, answer: str) -> None:
    """What is none of the candidates leaves the question open."""
    talk = meet(PICK)
    talk.say("choose please")
    talk.say("small fan or large fan")
    talk.say(answer)
    assert "choose.asking" == talk.state
    assert "unclear" == getattr(talk.session.pending, "kind", "")


def test_another_value_settles_what_was_unclear(meet: Meet) -> None:
    """A clear value instead of an answer fills the slot."""
    talk = meet(PICK)
    talk.say("choose please")
    talk.say("small fan or large fan")
    assert ["It is Belt."] == talk.say("a belt then")


def test_misses_are_counted_and_lead_elsewhere(meet: Meet) -> None:
    """Reask after reask, then where the flow gives up."""
    patient = flow(
        "patient",
        {
            "asking": asking(
                "email", reask=["Mail, please.", "Only {missing}."], after_misses={3: "left"}
            ),
            "ended": ENDED,
            "left": {"end": "cancelled", "say": "Never mind."},
        },
        slots={"email": {"type": "email"}},
    )
    talk = meet(patient)
    talk.say("patient please")
    assert ["Mail, please."] == talk.say("hm")
    assert ["Only email."] == talk.say("hm")
    assert ["Never mind."] == talk.say("hm")


def test_any_fill_resets_the_misses(meet: Meet) -> None:
    """A miss, an answer, a miss: one miss in a row."""
    talk = meet(JOB)
    talk.say("job please")
    assert [talk.line("misunderstood"), "Still your name and email."] == talk.say("12 ???")
    assert 1 == talk.session.frames[-1].misses
    assert ["Still your email."] == talk.say("Ana")
    assert 0 == talk.session.frames[-1].misses


def test_a_burst_is_one_miss_at_most(meet: Meet) -> None:
    """Two texts nobody understands count once; beside an answer they do not count."""
    talk = meet(JOB)
    talk.say("job please")
    talk.burst("12 ???", "13 ???")
    assert 1 == talk.session.frames[-1].misses
    talk.burst("12 ???", "Ana")
    assert 0 == talk.session.frames[-1].misses


def change(meet: Meet) -> Talk:
    talk = meet(JOB)
    talk.say("job please")
    talk.say("Ana, ana@example.com")
    talk.tap("Change")
    return talk


def test_a_choice_may_stay_and_ask_what_to_change(meet: Meet) -> None:
    """The next text is read as a correction."""
    talk = change(meet)
    assert "change" == getattr(talk.session.pending, "kind", "")
    assert "bo@example.com, right?" not in talk.say("bo@example.com")
    assert "bo@example.com" == talk.slots["email"]


def test_what_is_no_correction_leaves_the_question_open(meet: Meet) -> None:
    """Something else asks again what is to be changed, and nothing is chosen by it."""
    talk = change(meet)
    talk.say("hm hm")
    assert "job.confirming" == talk.state
