"""People of the business: take-overs, hand-overs, handing back, and nobody coming."""

from __future__ import annotations

from engine.effects import Notify, Publish
from engine.events import AssistantAnswered, ModeChanged, OperatorSaid
from tests.core.conftest import Meet
from tests.core.flows import CONTACT, ENDED, JOB, MENU, asking, flow
from tests.core.talk import HOUR, MINUTE

DESK = flow(
    "desk",
    {
        "asking": asking("email", then="person"),
        "person": {"hand_over": "sales", "say": "One moment.", "nobody_after": {"15m": "none"}},
        "none": {"end": "cancelled", "say": "Nobody is free."},
    },
    slots={"email": {"type": "email"}},
)


def test_a_take_over_silences_the_bot(meet: Meet) -> None:
    """After an operator's line the customer's texts are recorded and not read."""
    talk = meet(JOB, route="wa:1")
    talk.say("job please")
    talk.operator("Ana here")
    assert talk.turn.withdraw
    assert ("Ana here", True) == (talk.sends[0].text, talk.sends[0].by_operator)
    assert [] == talk.say("Bo, bo@example.com")
    assert {} == talk.slots


def test_handing_back_says_nothing_and_the_next_text_is_an_answer(meet: Meet) -> None:
    """The interrupted question is open again; what fills it goes on."""
    talk = meet(JOB)
    talk.say("job please")
    talk.mode("manual")
    assert [] == talk.mode("agent")
    assert ["Ana, ana@example.com: right?"] == talk.say("Ana, ana@example.com")


def test_a_text_that_fills_nothing_after_handing_back_is_no_miss(meet: Meet) -> None:
    """The question is repeated as it was, and the miss is not counted."""
    talk = meet(JOB)
    talk.say("job please")
    talk.mode("manual")
    talk.mode("agent")
    assert ["Your name and email?"] == talk.say("12345 ???")
    assert 0 == talk.session.frames[-1].misses
    talk.say("12345 ???")
    assert 1 == talk.session.frames[-1].misses


def test_a_second_take_over_changes_nothing(meet: Meet) -> None:
    """Taking over what is taken over is no change."""
    talk = meet(JOB)
    talk.say("job please")
    talk.mode("manual")
    talk.mode("manual")
    assert "manual" == talk.session.mode
    assert not talk.turn.withdraw


def test_what_the_bot_said_in_the_turn_of_a_take_over_is_not_sent(meet: Meet) -> None:
    """A text and a take-over taken together: the bot's answer is a note."""
    talk = meet(JOB, faq=[{"id": "place", "ask": ["where are you"], "say": "Here."}], route="wa:1")
    talk.say("job please")
    talk.take(talk.said_event("where are you?"), OperatorSaid("o", talk.at + 1, "Ana here"))
    assert ["Ana here"] == [send.text for send in talk.sends]
    talk.mode("agent")
    talk.take(talk.said_event("where are you?"), ModeChanged("p", talk.at + 1, "manual"))
    assert [] == talk.sends


def test_a_hand_over_waits_and_tells_the_desk(meet: Meet) -> None:
    """The flow waits in its state, the desk is notified, other systems hear of it."""
    hook = {"to": "env:URL", "secret": "env:KEY", "events": ["hand_over.requested"]}
    talk = meet(DESK, hand_over={"sales": {}}, webhooks=[hook])
    talk.say("desk please")
    assert ["One moment."] == talk.say("ana@example.com")
    assert "desk.person" == talk.state
    assert "manual" == talk.session.mode
    assert ["sales"] == [one.desk for one in talk.effects if isinstance(one, Notify)]
    assert ["hand_over.requested"] == [
        one.event for one in talk.effects if isinstance(one, Publish)
    ]


def test_handing_back_ends_the_waiting_flow(meet: Meet) -> None:
    """A flow that waited for a person is over when the person is done."""
    talk = meet(DESK, hand_over={"sales": {}})
    talk.say("desk please")
    talk.say("ana@example.com")
    talk.operator("Hello")
    assert talk.session.nobody_at is None
    assert [] == talk.mode("agent")
    assert "idle" == talk.state
    assert ("handed_over", "desk") in talk.turn.happened


def test_nobody_came_and_the_flow_says_so(meet: Meet) -> None:
    """After its fifteen minutes the flow goes on by itself."""
    talk = meet(DESK, hand_over={"sales": {}})
    talk.say("desk please")
    talk.say("ana@example.com")
    assert ["Nobody is free."] == talk.ring(15 * MINUTE)
    assert "idle" == talk.state
    assert "agent" == talk.session.mode


def test_a_text_does_not_keep_nobody_from_ringing(meet: Meet) -> None:
    """The customer's own texts are no answer of a person."""
    talk = meet(DESK, hand_over={"sales": {}})
    talk.say("desk please")
    talk.say("ana@example.com")
    talk.say("hello?", after=10 * MINUTE)
    assert ["Nobody is free."] == talk.ring(5 * MINUTE)


def test_a_desk_has_a_deadline_of_its_own(meet: Meet) -> None:
    """Without a deadline in the flow the desk's holds, and the flow is over."""
    plain = flow("plain", {"person": {"hand_over": "sales"}})
    talk = meet(plain, hand_over={"sales": {"nobody_after": "30m", "say": "Wait."}})
    assert ["Wait."] == talk.say("plain please")
    assert [talk.line("nobody_came")] == talk.ring(30 * MINUTE)
    assert "idle" == talk.state


def test_nobody_rings_into_a_question_of_the_flow(meet: Meet) -> None:
    """Where nobody came the flow may ask something; the question is put at once."""
    again = flow(
        "again",
        {
            "person": {"hand_over": "sales", "nobody_after": {"5m": "asking"}},
            "asking": asking("email"),
            "ended": ENDED,
        },
        slots={"email": {"type": "email"}},
    )
    talk = meet(again, hand_over={"sales": {}})
    talk.say("again please")
    assert ["Your email?"] == talk.ring(5 * MINUTE)
    assert ["Thank you."] == talk.say("ana@example.com")


def test_the_bot_takes_over_again_after_a_while(meet: Meet) -> None:
    """`manual.return_after`: without a line of the operator the bot is back."""
    talk = meet(JOB, manual={"return_after": "2h"})
    talk.say("job please")
    talk.operator("Hello")
    talk.later(HOUR)
    talk.operator("Still here")
    assert 2 * HOUR == (talk.session.nobody_at or 0) - talk.at
    assert [talk.line("nobody_came")] == talk.ring(2 * HOUR)
    assert "agent" == talk.session.mode
    assert "job.collecting" == talk.state


def test_nothing_expires_in_a_persons_hands(meet: Meet) -> None:
    """Days with a person do not count; after handing back the time begins anew."""
    talk = meet(JOB, session={"idle": "30m", "in_flow": "end"})
    talk.say("job please")
    talk.mode("manual")
    assert talk.wakes_in() is None
    talk.later(72 * HOUR)
    talk.mode("agent")
    assert 30 * MINUTE == talk.wakes_in()


def test_an_operator_closes_the_conversation(meet: Meet) -> None:
    """A closed conversation is ended with its reason; a text after it opens the next."""
    talk = meet(MENU)
    talk.say("pick please")
    end = ModeChanged("e", talk.at + 1, "ended", "ana")
    talk.take(end, talk.said_event("hello?"))
    first, second = talk.turns
    assert ("ended", "ana") == (first.session.status, first.session.reason)
    assert "open" == second.session.status
    assert ["hello?"] == [line.text for line in second.lines if line.who == "user"]


def test_an_answer_of_the_assistant_in_manual_is_a_note(meet: Meet) -> None:
    """The assistant's answer comes after a person has taken over."""
    talk = meet(MENU, assistant={"use": "gemini"})
    talk.say("how deep is the sea")
    asked = talk.asks[0]
    talk.mode("manual")
    talk.take(AssistantAnswered(asked.id, talk.at, "Very."))
    assert [] == talk.said
    assert ["assistant answer dropped"] == talk.notes


def test_a_person_called_inside_a_called_flow_ends_both_when_handed_back(meet: Meet) -> None:
    """Handing back ends the flow that waited and its callers."""
    outer = flow("outer", {"calling": {"call": {"flow": "inner", "then": "ended"}}, "ended": ENDED})
    inner = {"flow": "inner", "states": {"person": {"hand_over": "sales"}}}
    talk = meet(outer, inner, CONTACT | {"start": {"phrases": ["x y z"]}}, hand_over={"sales": {}})
    talk.say("outer please")
    assert "inner.person" == talk.state
    talk.mode("agent")
    assert "idle" == talk.state


def test_a_desk_is_told_how_a_flow_ended_and_nobody_has_to_come(meet: Meet) -> None:
    """The shop hears of a new order; the bot goes on talking and no hand-over is announced."""
    told = flow("told", {"asking": asking("email"), "ended": {**ENDED, "notify": "sales"}})
    talk = meet(
        told | {"slots": {"email": {"type": "email"}}},
        webhooks=[{"to": "env:HOOK", "secret": "env:S", "events": ["hand_over.requested"]}],
        hand_over={"sales": {}},
    )
    talk.say("told please")
    talk.say("ana@example.com")
    assert [("sales", "told.ended")] == [
        (one.desk, one.reason) for one in talk.effects if isinstance(one, Notify)
    ]
    assert not [one for one in talk.effects if isinstance(one, Publish)]
    assert ("agent", "idle") == (talk.session.mode, talk.state)
