"""The first words of a conversation, forms, the assistant, and messages that are hardly messages."""

from __future__ import annotations

from typing import Any

import pytest

from engine.cleaning import LONGEST_TEXT, clean
from engine.effects import AskAssistant, Publish
from engine.errors import Refused
from engine.events import AssistantAnswered, FormSent, Said
from engine.turn import take_turn
from tests.core.conftest import Build, Meet
from tests.core.flows import CONTACT, ENDED, JOB, MENU, asking, flow
from tests.core.talk import SECOND, START, Talk, opened

FAQ = [
    {"id": "place", "ask": ["where are you"], "say": "Here."},
    {"id": "hi", "ask": ["hello"], "say": "Hey!"},
]


def test_a_new_conversation_is_welcomed_and_the_welcome_stands_alone(meet: Meet) -> None:
    """What was not understood is not mentioned beside the welcome."""
    talk = meet(JOB, welcome="Welcome!")
    assert ["Welcome!"] == talk.say("how deep is the sea")
    assert [talk.line("unknown", flows="job")] == talk.say("how deep is the sea")


def test_a_flow_started_at_once_needs_no_welcome(meet: Meet) -> None:
    """Who knows what they want is not greeted first, unless the bot says always."""
    assert ["Your name and email?"] == meet(JOB, welcome="Welcome!").say("job please")
    always = meet(JOB, welcome="Welcome!", session={"welcome": "always"})
    assert ["Welcome!", "Your name and email?"] == always.say("job please")


def test_a_flow_that_answers_at_once_needs_no_welcome(meet: Meet) -> None:
    """What it said is the answer; a greeting in front of it would only be in the way."""
    told = flow("hours", {"told": {"end": "completed", "say": "From nine to six."}})
    talk = meet(told, welcome="Welcome!")

    assert ["From nine to six."] == talk.say("hours please")


def test_a_greeting_is_answered_by_the_welcome(meet: Meet) -> None:
    """A greeting of a new conversation is no question; later it is answered by the FAQ."""
    talk = meet(JOB, welcome="Welcome!", faq=FAQ)
    assert ["Welcome!"] == talk.say("hello")
    assert ["Hey!"] == talk.say("hello")
    plain = meet(JOB, welcome="Welcome!")
    plain.say("hello")
    assert ["Welcome!"] == plain.say("good morning")


def test_a_question_in_the_first_message_is_answered_after_the_welcome(meet: Meet) -> None:
    """Welcome first, then the answer."""
    assert ["Welcome!", "Here."] == meet(JOB, welcome="Welcome!", faq=FAQ).say("where are you?")


BRING = flow(
    "bring",
    {
        "choosing": asking("items", then="where"),
        "where": asking("room", then="confirming"),
        "confirming": {
            "say": "{items} to {room}?",
            "choices": [{"id": "fine", "label": "Fine", "means": "yes", "go": "ended"}],
        },
        "ended": ENDED,
    },
    slots={
        "items": {"type": "items", "from": "catalogue"},
        "room": {"type": "number", "at_least": 101, "at_most": 512, "default": "contact.room"},
    },
)
BRING["start"]["when"] = {"items": {"total_at_least": 1}}
LINEN = "id,name,aliases\ntowel,Towel,towels\n"
GUESTS = {"people": "active", "else": "ignore"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2 towels", ["Your room?"]),
        ("two towels please", ["Your room?"]),
        ("2 towels, 310", ["2 x Towel to 310?"]),
        ("310, 2 towels", ["2 x Towel to 310?"]),
        ("202 towels", ["Your room?"]),
    ],
)
def test_a_number_that_starts_a_flow_is_taken_once(meet: Meet, text: str, said: list[str]) -> None:
    """The two of "2 towels" is a quantity, and no room number that could be refused."""
    assert said == meet(BRING, catalogue=LINEN, admit=GUESTS).say(text)


def test_a_number_that_starts_a_flow_spoils_nothing_that_is_known(meet: Meet) -> None:
    """Whose room is known is not asked for it, whatever they count."""
    talk = meet(BRING, catalogue=LINEN, admit=GUESTS, person={"room": 310})
    assert ["202 x Towel to 310?"] == talk.say("202 towels")


@pytest.mark.parametrize("text", ["", "   ", "\x00\x07", "\u202e\u2066"])
def test_an_empty_message_is_answered_politely(meet: Meet, text: str) -> None:
    """A message without content is a line and is asked for again."""
    talk = meet(JOB)
    talk.say("job please")
    assert [talk.line("misunderstood"), "Still your name and email."] == talk.say(text)
    idle = meet(JOB)
    assert idle.line("empty") in idle.say(text)


def test_what_nobody_can_see_is_not_stored() -> None:
    """Control characters, direction marks and lone surrogates go; line breaks and joiners stay."""
    assert "red" == clean("\x00\x1b\u202ered\u2069\ud800 ")
    assert "a\nb\tc" == clean("a\nb\tc")
    assert "\U0001f468\u200d\U0001f469" == clean("\U0001f468\u200d\U0001f469")
    assert "plain" == clean("  plain ")


def test_a_long_message_is_cut_and_told_so(meet: Meet) -> None:
    """The first four thousand characters are read and kept."""
    talk = meet(JOB)
    said = talk.say("Ana " + "x" * 5_000)
    assert talk.line("too_long", limit=str(LONGEST_TEXT)) in said
    assert LONGEST_TEXT == len(talk.lines[0].text)


def test_a_file_is_answered_and_its_text_is_read(meet: Meet) -> None:
    """A picture is not read; the words beside it are."""
    talk = meet(JOB)
    talk.say("job please")
    assert [talk.line("file"), "Your name and email?"] == talk.say("", file="a\x00b.jpg")
    assert "(file ab.jpg)" == talk.lines[0].text
    said = talk.say("Ana, ana@example.com", file="b.jpg")
    assert [talk.line("file"), "Ana, ana@example.com: right?"] == said
    idle = meet(JOB)
    assert idle.line("file") in idle.say("", file="c.jpg")


def test_a_message_is_taken_once_however_often_it_is_in_a_turn(meet: Meet) -> None:
    """Two events of one id are one message."""
    talk = meet(JOB)
    one = talk.said_event("job please")
    talk.take(one, one)
    assert ["job please"] == [line.text for line in talk.lines if line.who == "user"]


def test_messages_are_taken_in_the_order_they_were_sent(meet: Meet) -> None:
    """The later text arrives first; the earlier one is read first."""
    talk = meet(JOB)
    later = Said("b", START + 9 * SECOND, "Ana, ana@example.com")
    earlier = Said("a", START + SECOND, "job please")
    talk.take(later, earlier)
    assert "job.confirming" == talk.state


# -- the assistant -----------------------------------------------------------------------------------


def assisted(meet: Meet, **rules: Any) -> Talk:
    return meet(JOB, assistant={"use": "gemini", **rules}, faq=FAQ)


def test_what_no_rule_understands_is_the_assistants(meet: Meet) -> None:
    """Outside a flow it is asked once per turn, with everything that was not understood."""
    talk = assisted(meet)
    talk.burst("how deep is the sea", "and the lake")
    (asked,) = [one for one in talk.effects if isinstance(one, AskAssistant)]
    assert "how deep is the sea\nand the lake" == asked.text
    assert ["Very."] == talk.answered("Very.")
    assert talk.session.asking is None


def test_inside_a_flow_the_assistant_is_never_asked(meet: Meet) -> None:
    """A miss in a flow is a miss."""
    talk = assisted(meet)
    talk.say("job please")
    talk.say("12 ???")
    assert [] == talk.asks


def test_an_answer_that_comes_too_late_is_a_note(meet: Meet) -> None:
    """A flow has begun meanwhile: the answer is recorded and not said."""
    talk = assisted(meet)
    talk.say("how deep is the sea")
    asked = talk.asks[0]
    talk.say("job please")
    assert [] == talk.answered("Very.", id=asked.id)
    assert ["assistant answer dropped"] == talk.notes


def test_a_newer_question_replaces_the_open_one(meet: Meet) -> None:
    """The answer to the older question is not said."""
    talk = assisted(meet)
    talk.say("how deep is the sea")
    asked = talk.asks[0]
    talk.say("how deep is the lake")
    assert [] == talk.answered("Very.", id=asked.id)
    assert ["Not very."] == talk.answered("Not very.")


@pytest.mark.parametrize(
    ("fallback", "said"), [({"fallback": "I cannot say."}, "I cannot say."), ({}, "")]
)
def test_an_assistant_that_fails_is_replaced_by_words(
    meet: Meet, fallback: dict[str, str], said: str
) -> None:
    """The fallback, else what is said when nothing was understood."""
    talk = assisted(meet, **fallback)
    talk.say("how deep is the sea")
    assert [said or talk.line("unknown", flows="job")] == talk.answered(failed=True)
    talk.say("how deep is the lake")
    assert [said or talk.line("unknown", flows="job")] == talk.answered("  ")


def test_a_spent_budget_says_what_the_bot_can_do(meet: Meet) -> None:
    """After so many questions per conversation the bot answers itself."""
    talk = assisted(meet, per_session=1)
    talk.say("how deep is the sea")
    assert [talk.line("unknown", flows="job")] == talk.say("how deep is the lake")
    assert [] == talk.asks


def test_an_offered_flow_starts_with_what_led_to_it(meet: Meet) -> None:
    """The assistant offers, the customer says yes, and the first text is read."""
    talk = assisted(meet)
    talk.say("somebody should mend it, ana@example.com")
    assert ["I can help.", talk.line("offer", flow="job")] == talk.answered(
        "I can help.", offer="job"
    )
    assert "idle" == talk.state
    assert ["Your name?"] == talk.tap("Yes")
    assert {"email": "ana@example.com"} == talk.slots


def test_an_offer_can_be_declined_or_passed_over(meet: Meet) -> None:
    """No is taken; another question drops the offer, and its button is old then."""
    talk = assisted(meet)
    talk.say("mend it")
    talk.answered("", offer="job")
    assert [talk.line("declined")] == talk.say("no")
    talk.say("mend it now")
    talk.answered("", offer="job")
    tap = talk.tap_of("Yes")
    assert "Here." == talk.say("where are you?")[0]
    assert talk.line("old_button") == talk.press(tap)[0]
    assert "idle" == talk.state


def test_an_offer_lets_go_of_who_asks_something_else(meet: Meet) -> None:
    """What no rule understands is asked again; the offer does not stand in its way for ever."""
    talk = assisted(meet)
    talk.say("mend it")
    talk.answered("", offer="job")
    assert [] == talk.say("how deep is the sea")
    assert talk.session.pending is None
    assert ["Very."] == talk.answered("Very.")


def test_an_offer_of_what_cannot_be_started_is_only_words(meet: Meet) -> None:
    """A flow that can only be called, one without a hint, or none at all, is not offered."""
    outer = flow(
        "outer", {"calling": {"call": {"flow": "contact", "then": "ended"}}, "ended": ENDED}
    )
    silent = flow("silent", {"ended": ENDED}, start={"hint": None})
    del silent["start"]["hint"]
    talk = meet(outer, CONTACT, silent, assistant={"use": "gemini"})
    for offer in ("contact", "silent", "nothing"):
        talk.say("how deep is the sea")
        assert ["Very."] == talk.answered("Very.", offer=offer)
        assert talk.session.pending is None


def test_the_language_stays_when_an_offer_is_open(meet: Meet) -> None:
    """A change of language repeats the offer in that language."""
    two = flow("pedido", {"ended": {"end": "completed"}})
    talk = meet(two, languages=["en", "es"], assistant={"use": "gemini"})
    talk.say("mend it")
    talk.answered("Well.", offer="pedido")
    said = talk.say("español")
    assert talk.line("offer", flow="pedido") == said[-1]


# -- forms -------------------------------------------------------------------------------------------

ENQUIRY: dict[str, Any] = {
    "enquiry": {
        "fields": {"phone": "phone", "name": "person_name"},
        "address": "phone",
        "greet": {"template": "hello", "with": ["name"], "say": "Hello {name}!"},
    }
}
ENQUIRED = flow(
    "enquired",
    {"asking": asking("name", "email"), "ended": {"end": "completed", "say": "Thank you, {name}."}},
    slots={"name": {"type": "person_name"}, "email": {"type": "email"}},
    start={"form": "enquiry"},
)
FIELDS = {"phone": "+4930123456", "name": "Ana"}


def test_a_form_opens_with_its_greeting_and_the_flows_first_question(meet: Meet) -> None:
    """What the form holds is known; the message is a template where the channel wants one."""
    talk = meet(ENQUIRED, forms=ENQUIRY, route="wa:1")
    assert ["Hello Ana!", "Your email?"] == talk.form("enquiry", **FIELDS)
    assert "hello" == talk.sends[0].template
    assert ["form enquiry"] == [line.note for line in talk.lines if line.who == "system"]
    assert ["Thank you, Ana."] == talk.say("ana@example.com")
    assert "Ana" == talk.session.person["name"]


def test_a_form_without_a_flow_only_greets(meet: Meet) -> None:
    """Nobody starts by it: the greeting stands alone."""
    talk = meet(JOB, forms=ENQUIRY)
    assert ["Hello Ana!"] == talk.form("enquiry", **FIELDS)
    assert "idle" == talk.state


def test_a_form_supersedes_an_open_conversation(meet: Meet) -> None:
    """The old conversation ends, the new one begins with the form."""
    talk = meet(ENQUIRED, JOB, forms=ENQUIRY)
    talk.say("job please")
    assert ["Hello Ana!", "Your email?"] == talk.form("enquiry", **FIELDS)
    first, second = talk.turns
    assert ("ended", "superseded") == (first.session.status, first.session.reason)
    assert first.session.version + 1 == second.session.version


def test_a_form_after_the_idle_time_opens_without_the_old_flows_words(meet: Meet) -> None:
    """What lapsed is not mentioned to who begins anew by a form."""
    talk = meet(ENQUIRED, JOB, forms=ENQUIRY, session={"idle": "30m", "in_flow": "end"})
    talk.say("job please")
    talk.later(3_600_000)
    assert ["Hello Ana!", "Your email?"] == talk.form("enquiry", **FIELDS)


def test_a_form_is_refused_in_a_persons_hands_and_during_an_action(build: Build) -> None:
    """It would pull the conversation away under them."""
    book = build(ENQUIRED, JOB, forms=ENQUIRY)
    talk = Talk(book)
    talk.say("job please")
    talk.mode("manual")
    with pytest.raises(Refused, match="hand it back"):
        take_turn(book, talk.session, [FormSent("f", talk.at, "enquiry", FIELDS)])
    talk.mode("agent")
    talk.say("Ana, ana@example.com")
    talk.say("yes")
    with pytest.raises(Refused, match="running"):
        take_turn(book, talk.session, [FormSent("f", talk.at, "enquiry", FIELDS)])


# -- what others hear --------------------------------------------------------------------------------


def test_other_systems_hear_of_the_conversation(meet: Meet) -> None:
    """Opened, completed, ended: each once, each with an id of its own turn."""
    events = ["session.opened", "flow.completed", "session.ended"]
    quick = flow("quick", {"ended": ENDED})
    talk = meet(
        quick,
        webhooks=[{"to": "env:URL", "secret": "env:KEY", "events": events}],
        session={"idle": "30m"},
    )
    talk.say("quick please")
    told = [one for one in talk.effects if isinstance(one, Publish)]
    assert {"session.opened", "flow.completed"} == {one.event for one in told}
    assert {"s1:1"} == {one.id.rpartition(":")[0] for one in told}
    assert 2 == len({one.id for one in told})
    talk.ring(30 * 60 * SECOND)
    assert ["session.ended"] == [one.event for one in talk.effects if isinstance(one, Publish)]


def test_no_events_are_no_turn(meet: Meet) -> None:
    """Without an event nothing is committed."""
    book = meet(MENU).book
    session = opened(book)
    turn = take_turn(book, session, [])
    assert not turn.changed
    assert session is turn.session


def test_an_answer_to_nothing_asked_is_a_note(meet: Meet) -> None:
    """An answer of the assistant nobody waits for is recorded."""
    talk = meet(MENU)
    talk.take(AssistantAnswered("s1:9:1", START, "Well?"))
    assert [] == talk.said
    assert ["Well?"] == [line.text for line in talk.lines]
