"""The commands that work everywhere, and what a flow does differently with them."""

from __future__ import annotations

import pytest

from tests.core.conftest import Meet
from tests.core.flows import CONTACT, ENDED, JOB, MENU, asking, flow
from tests.core.talk import Talk

DESK: dict[str, dict[str, str]] = {"sales": {}}


def test_cancel_asks_first_and_leaves_the_whole_stack(meet: Meet) -> None:
    """Cancel inside a called flow, then yes: nothing is open any more."""
    outer = flow(
        "outer", {"calling": {"call": {"flow": "contact", "then": "ended"}}, "ended": ENDED}
    )
    talk = meet(outer, CONTACT)
    talk.say("outer please")
    talk.say("cancel")
    assert "contact.asking" == talk.state
    assert talk.session.pending is not None
    said = talk.say("yes")

    assert "idle" == talk.state
    assert ["All right, that is cancelled."] == said


def test_cancel_said_again_is_a_yes(meet: Meet) -> None:
    talk = meet(JOB)
    for text in ("job please", "cancel", "cancel"):
        talk.say(text)

    assert "idle" == talk.state


def test_back_in_a_burst_takes_back_the_text_before_it_alone(meet: Meet) -> None:
    talk = meet(JOB)
    talk.say("job please")
    talk.burst("Ana", "ana@example.com", "back")

    assert {"name": "Ana"} == talk.slots


def test_a_cancel_taken_back_repeats_the_question(meet: Meet) -> None:
    """Cancel, then no: the flow's own question comes again."""
    talk = meet(JOB)
    talk.say("job please")
    talk.say("cancel")
    assert ["Your name and email?"] == talk.tap("No")
    assert "job.collecting" == talk.state


def test_cancel_where_nothing_is_open_says_so(customer: Talk) -> None:
    """Cancel outside a flow is answered, not asked."""
    customer.say("hello")
    assert ["There is nothing to cancel right now."] == customer.say("cancel")
    assert ["There is nothing to begin again right now."] == customer.say("restart")


def test_restart_asks_first_and_begins_the_outermost_flow_again(meet: Meet) -> None:
    """Restart inside a called flow begins the caller again, empty."""
    outer = flow(
        "outer",
        {
            "first": asking("phone", then="calling"),
            "calling": {"call": {"flow": "contact", "then": "ended"}},
            "ended": ENDED,
        },
        slots={"phone": {"type": "phone"}},
    )
    talk = meet(outer, CONTACT, region="IN")
    talk.say("outer please")
    talk.say("8848850922")
    assert "contact.asking" == talk.state
    talk.say("restart")
    said = talk.say("yes")

    assert "outer.first" == talk.state
    assert {} == talk.slots
    assert ["All right, from the beginning.", "Your phone?"] == said


def test_back_takes_the_last_answer_back(meet: Meet) -> None:
    """Back after the e-mail asks for the e-mail again, once more for the name, then no further."""
    talk = meet(JOB)
    for text in ("job please", "Ana", "ana@example.com"):
        talk.say(text)
    assert ["All right, one step back.", "Your email?"] == talk.say("back")
    assert {"name": "Ana"} == talk.slots
    talk.say("back")
    assert {} == talk.slots
    talk.say("back")
    assert "job.collecting" == talk.state


def test_back_undoes_a_correction(meet: Meet) -> None:
    """A corrected value returns to what it was."""
    talk = meet(JOB)
    for text in ("job please", "Ana, ana@example.com", "no, bo@example.com", "back"):
        talk.say(text)

    assert "ana@example.com" == talk.slots["email"]
    assert "job.confirming" == talk.state


def test_a_choice_may_mean_back(meet: Meet) -> None:
    """The button "One back" does what the word does."""
    talk = meet(JOB)
    talk.say("job please")
    talk.say("Ana, ana@example.com")
    talk.tap("One back")

    assert {} == talk.slots
    assert "job.collecting" == talk.state


def test_a_choice_may_mean_cancel(meet: Meet) -> None:
    """The button "Stop it" asks like the word cancel."""
    halt = flow(
        "halt",
        {
            "choosing": {
                "say": "Go?",
                "choices": [
                    {"id": "go", "label": "Go ahead", "go": "ended"},
                    {"id": "out", "label": "Stop this", "means": "cancel"},
                ],
            },
            "ended": ENDED,
        },
    )
    talk = meet(halt)
    talk.say("halt please")
    talk.tap("Stop this")
    assert "cancel" == getattr(talk.session.pending, "kind", "")


def test_back_never_passes_an_action(meet: Meet) -> None:
    """After the action there is nothing to go back to but what was said since."""
    talk = meet(JOB)
    for text in ("job please", "Ana, ana@example.com", "yes"):
        talk.say(text)
    talk.done({"number": "7"})
    assert ["There is nothing to go back to.", "Your stars?"] == talk.say("back")
    assert "job.rating" == talk.state


def test_back_leads_into_a_called_flow_that_has_returned(meet: Meet) -> None:
    """The last answer of the callee is taken back though it has ended."""
    outer = flow(
        "outer",
        {
            "calling": {"call": {"flow": "contact", "saves": {"mail": "email"}, "then": "asking"}},
            "asking": asking("phone"),
            "ended": ENDED,
        },
        slots={"mail": {"type": "email"}, "phone": {"type": "phone"}},
    )
    talk = meet(outer, CONTACT, region="IN")
    for text in ("outer please", "Ana", "ana@example.com"):
        talk.say(text)
    assert "outer.asking" == talk.state
    said = talk.say("back")

    assert "contact.asking" == talk.state
    assert {"name": "Ana"} == talk.slots
    assert ["All right, one step back.", "Your email?"] == said
    talk.say("back")
    assert {} == talk.slots
    talk.say("Bo, bo@example.com")
    assert "outer.asking" == talk.state
    assert {"mail": "bo@example.com"} == talk.slots


def test_five_steps_back_are_kept(meet: Meet) -> None:
    """Of seven answers the last five can be taken back."""
    kinds = [f"q{n}" for n in range(7)]
    seven = flow(
        "seven",
        {
            **{f"s{n}": asking(f"q{n}", then=f"s{n + 1}") for n in range(7)},
            "s7": {"say": "Right?", "choices": [{"id": "go", "label": "Go ahead", "go": "ended"}]},
            "ended": ENDED,
        },
        slots={name: {"type": "number"} for name in kinds},
    )
    talk = meet(seven)
    talk.say("seven please")
    for n in range(7):
        talk.say(str(n))
    assert "seven.s7" == talk.state
    for _ in range(5):
        assert "All right, one step back." == talk.say("back")[0]
    assert "seven.s2" == talk.state
    assert "There is nothing to go back to." == talk.say("back")[0]
    assert {"q0": 0, "q1": 1} == talk.slots


def test_a_flow_may_turn_a_command_off(meet: Meet) -> None:
    """Without back and person these words are only words."""
    quiet = flow(
        "quiet",
        {"asking": asking("email"), "ended": ENDED},
        slots={"email": {"type": "email"}},
        always={"back": "off", "person": "off"},
    )
    talk = meet(quiet, hand_over=DESK)
    talk.say("quiet please")
    talk.say("person")
    assert "agent" == talk.session.mode
    assert 1 == talk.session.frames[-1].misses
    talk.say("back")
    assert 2 == talk.session.frames[-1].misses


def test_a_flow_may_send_a_command_to_a_state(meet: Meet) -> None:
    """Cancel, back and person lead where the flow says, with its own words."""
    own = flow(
        "own",
        {
            "asking": asking("email", then="second"),
            "second": asking("phone"),
            "ended": ENDED,
            "left": {"end": "cancelled", "say": "You left."},
            "desk": {"hand_over": "sales", "say": "Wait here."},
        },
        slots={"email": {"type": "email"}, "phone": {"type": "phone"}},
        always={
            "cancel": {"ask": "Leave us?", "say": "A pity.", "go": "left"},
            "back": {"go": "asking"},
            "person": {"go": "desk"},
            "help": {"say": "Just write."},
        },
    )
    talk = meet(own, hand_over=DESK)
    talk.say("own please")
    assert ["Just write.", "Your email?"] == talk.say("help")
    talk.say("ana@example.com")
    talk.say("back")
    # All of it is known, so entering it passes straight on.
    assert "own.second" == talk.state
    assert ["Leave us?"] == talk.say("cancel")
    assert ["A pity.", "You left."] == talk.say("yes")
    talk.say("own please")
    assert ["Wait here."] == talk.say("person")
    assert "own.desk" == talk.state


def test_a_state_called_person_is_where_the_word_leads(customer: Talk) -> None:
    """In the shop's callbacks a person is called by the flow's state, and the flow ends with it."""
    customer.say("call me back")
    assert ["A colleague will answer here shortly."] == customer.say("person")
    assert "callback.person" == customer.state
    assert "manual" == customer.session.mode


def test_a_person_is_asked_for_and_the_order_goes_on_afterwards(customer: Talk) -> None:
    """The shop's order has no such state: it waits where it was, and loses nothing."""
    customer.say("12 relays")
    customer.say("person")
    assert ("manual", "bulk_order.collecting_contact") == (customer.session.mode, customer.state)
    customer.mode("agent")
    said = customer.say("Hari Nair, 8848850922, hari@example.com")
    assert "Perfect, Hari Nair!" in said[-1]
    assert "12 x Relay" in said[-1]


@pytest.mark.parametrize(
    "words",
    [
        "let me talk to a human",
        "can i speak to someone",
        "i'd like to speak with a person, please",
        "quiero hablar con una persona",
        "hola, puedo hablar con alguien?",
    ],
)
def test_a_person_is_asked_for_in_a_sentence(customer: Talk, words: str) -> None:
    """Inside a flow and at its choices."""
    customer.say("12 relays")
    customer.say(words)
    assert "manual" == customer.session.mode


def test_a_person_is_asked_for_at_the_summary(customer: Talk) -> None:
    customer.say("12 relays, Hari Nair, 8848850922, hari@example.com")
    assert "bulk_order.confirming" == customer.state
    customer.say("can i talk to someone")
    assert "manual" == customer.session.mode


@pytest.mark.parametrize(
    "words",
    [
        "i dont want to talk to a person",
        "no need to speak to someone",
        "which rooms can someone clean, i want to talk to a person who knows it",
        "talk to a person at the desk downstairs",
        "where are you, can i speak to someone",
        "a person or a human, talk to a person or speak to someone",
    ],
)
def test_who_speaks_of_a_person_asks_for_none(customer: Talk, words: str) -> None:
    """What refuses one, or says something else besides, is read as what it says."""
    customer.say("12 relays")
    customer.say(words)
    assert "agent" == customer.session.mode


def test_a_person_can_be_called_outside_a_flow(customer: Talk) -> None:
    """Outside a flow the first desk is called and told why."""
    customer.say("hello")
    customer.say("I want to talk to a person")
    assert "manual" == customer.session.mode
    assert customer.session.nobody_at is not None


def test_without_a_desk_nobody_is_called(meet: Meet) -> None:
    """A bot without a desk says that it has none and goes on."""
    talk = meet(JOB)
    talk.say("job please")
    assert [talk.line("no_person"), "Your name and email?"] == talk.say("person")
    assert "agent" == talk.session.mode


def test_the_question_command_is_answered_and_the_flow_waits(meet: Meet) -> None:
    """Words: "I have a question" is no miss; the next text may be one."""
    talk = meet(JOB, faq=[{"id": "place", "ask": ["where are you"], "say": "Here."}])
    talk.say("job please")
    talk.say("I have a question")
    assert 0 == talk.session.frames[-1].misses
    said = talk.say("where are you?")
    assert "Here." == said[0]


@pytest.mark.parametrize("words", ["español", "spanish", "Spanish please"])
def test_a_language_is_changed_by_its_name(customer: Talk, words: str) -> None:
    """A language's own or English name changes it, also inside a flow."""
    customer.say("bulk order")
    said = customer.say(words)

    assert "es" == customer.session.language
    assert [
        "De acuerdo, seguimos en Español.",
        "¿Qué repuestos necesitas y cuántos de cada uno?",
    ] == said


def test_the_language_command_names_the_languages(customer: Talk) -> None:
    """Words: "Language" says which there are."""
    customer.say("hello")
    said = customer.say("change language")
    assert "English or Español" in said[0]


def test_help_repeats_the_open_question(meet: Meet) -> None:
    """Help inside a flow ends with the question that was open."""
    talk = meet(MENU)
    talk.say("pick please")
    said = talk.say("help")
    assert "What is it?" == said[-1]
    assert ("A mail", "A call") == tuple(label for _, label in talk.lines[-1].choices)


def test_a_command_in_a_pending_question_drops_the_question(meet: Meet) -> None:
    """Cancel asks; help answers and the cancel is forgotten."""
    talk = meet(JOB)
    talk.say("job please")
    talk.say("cancel")
    talk.say("back")
    assert talk.session.pending is None
    assert "job.collecting" == talk.state
