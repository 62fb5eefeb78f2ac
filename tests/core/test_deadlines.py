"""Deadlines: reminders, expiry of flows and of conversations, opening hours."""

from __future__ import annotations

from typing import Any

import pytest

from engine.events import Said, TimerRang
from engine.hours import is_open, opens
from tests.core.conftest import Build, Meet
from tests.core.flows import ENDED, JOB, asking, flow
from tests.core.talk import HOUR, MINUTE, SECOND, START, Talk

NUDGED = flow(
    "nudged",
    {
        "asking": asking(
            "email", nudge={"after": "10m", "say": "Still there? Only {missing}."}, then="choosing"
        ),
        "choosing": {
            "say": "Right?",
            "choices": [{"id": "go", "label": "Go ahead", "go": "ended"}],
            "nudge": {"after": "5m", "say": "Just press it."},
        },
        "ended": ENDED,
    },
    slots={"email": {"type": "email"}},
    expires={"after": "2h", "say": "Put aside: {flow}."},
)


def nudged(meet: Meet, **more: Any) -> Talk:
    talk = meet(NUDGED, **more)
    talk.say("nudged please")
    return talk


def test_a_reminder_comes_once(meet: Meet) -> None:
    """After ten minutes the reminder is said, and not again."""
    talk = nudged(meet)
    assert ["Still there? Only email."] == talk.ring(10 * MINUTE)
    assert talk.session.nudge_at is None
    assert [] == talk.ring(10 * MINUTE)
    assert not talk.turn.changed


def test_choices_have_reminders_too(meet: Meet) -> None:
    """A choice state reminds after its own time."""
    talk = nudged(meet)
    talk.say("ana@example.com")
    assert ["Just press it."] == talk.ring(5 * MINUTE)


def test_who_has_just_written_needs_no_reminder(meet: Meet) -> None:
    """A text that comes after the deadline answers; nobody is reminded."""
    talk = nudged(meet)
    assert ["Right?"] == talk.say("ana@example.com", after=11 * MINUTE)


def test_a_late_reminder_is_skipped(meet: Meet) -> None:
    """Later than twice its delay a reminder would only puzzle."""
    talk = nudged(meet)
    assert [] == talk.ring(21 * MINUTE)
    assert talk.session.nudge_at is None


def test_nobody_is_reminded_outside_the_hours(meet: Meet) -> None:
    """Quiet hours are quiet."""
    talk = nudged(meet, hours={"tue": "09:00-18:00"})
    assert [] == talk.ring(10 * MINUTE)


def test_nobody_is_reminded_outside_the_window(meet: Meet) -> None:
    """On WhatsApp a business may not write freely a day after the customer's last message."""
    slow = flow(
        "slow",
        {"asking": asking("email", nudge={"after": "24h", "say": "Still there?"}), "ended": ENDED},
        slots={"email": {"type": "email"}},
        expires={"after": "7d"},
    )
    talk = meet(slow, route="wa:1")
    talk.say("slow please")
    assert [] == talk.ring(24 * HOUR)
    web = meet(slow)
    web.say("slow please")
    assert ["Still there?"] == web.ring(24 * HOUR)


def test_nobody_is_reminded_of_a_question_of_the_engines_own(meet: Meet) -> None:
    """While cancel is asked the flow's reminder waits for nothing."""
    talk = nudged(meet)
    talk.say("cancel")
    assert [] == talk.ring(10 * MINUTE)


def test_a_flow_expires_silently_and_the_next_text_hears_of_it(meet: Meet) -> None:
    """The sweep says nothing; the customer's text opens with the flow's own words."""
    talk = nudged(meet)
    assert [] == talk.ring(2 * HOUR)
    assert "idle" == talk.state
    assert "Put aside: nudged." == talk.say("hello")[0]
    assert "" == talk.session.lapsed


def test_a_text_after_the_deadline_expires_the_flow_itself(meet: Meet) -> None:
    """Without a sweep the same words are said."""
    talk = nudged(meet)
    assert "Put aside: nudged." == talk.say("hello", after=2 * HOUR)[0]


def test_a_flow_without_words_of_its_own_uses_the_built_in_ones(meet: Meet, build: Build) -> None:
    """Also when the flow is gone by then."""
    talk = meet(JOB)
    talk.say("job please")
    talk.ring(24 * HOUR)
    assert talk.line("expired", flow="job") == talk.say("hello")[0]

    talk.say("job please")
    talk.ring(24 * HOUR)
    talk.book = build(NUDGED)
    assert talk.line("expired", flow="job") == talk.say("hello")[0]


def test_texts_of_one_turn_are_activity_for_each_other(meet: Meet) -> None:
    """A text at ninety minutes keeps the flow open for one at three hours."""
    two = flow(
        "two",
        {"asking": asking("email", "phone"), "ended": ENDED},
        slots={"email": {"type": "email"}, "phone": {"type": "phone"}},
        expires={"after": "2h"},
    )
    talk = meet(two, region="IN")
    talk.say("two please")
    first = talk.said_event("ana@example.com", after=90 * MINUTE)
    second = talk.said_event("8848850922", after=90 * MINUTE)
    assert ["Thank you."] == talk.take(first, second)


def test_a_conversation_ends_and_the_next_one_greets(meet: Meet) -> None:
    """After the idle time a text opens a new conversation; the old one is ended as idle."""
    talk = meet(JOB, session={"idle": "30m"}, welcome="Hello!")
    talk.say("nothing much")
    said = talk.say("hello again", after=31 * MINUTE)

    first, second = talk.turns
    assert ("ended", "idle") == (first.session.status, first.session.reason)
    assert first.session.id != second.session.id
    assert first.session.version + 1 == second.session.version
    assert "Hello!" == said[0]


def test_an_answer_that_comes_too_late_begins_no_conversation(meet: Meet) -> None:
    """It ends with the conversation that asked; whoever writes next is greeted."""
    rules = {"use": "gemini"}
    greets = {"idle": "30m", "welcome": "always"}
    talk = meet(JOB, session=greets, welcome="Hello!", assistant=rules)
    talk.say("how deep is the sea")
    talk.at += 31 * MINUTE
    assert [] == talk.answered("Very.")
    assert 0 == talk.session.seq
    assert "Hello!" == talk.say("hi there, how deep is it")[0]


def test_a_sweep_opens_an_empty_conversation(meet: Meet) -> None:
    """The sweep ends the old conversation; the new one has said nothing yet."""
    talk = meet(JOB, session={"idle": "30m"}, welcome="Hello!")
    talk.say("nothing much")
    assert [] == talk.ring(30 * MINUTE)
    assert 0 == talk.session.seq
    assert talk.session.wake_at is None


def test_inside_a_flow_the_idle_time_does_not_count(meet: Meet) -> None:
    """Unless the bot says so, the flow's own time holds."""
    talk = meet(JOB, session={"idle": "30m"})
    talk.say("job please")
    assert 24 * HOUR == (talk.session.wake_at or 0) - talk.at


def test_a_bot_may_end_flows_with_the_conversation(meet: Meet) -> None:
    """`in_flow: end`: the new conversation opens with the statement that the flow is put aside."""
    talk = meet(
        JOB, session={"idle": "30m", "in_flow": "end", "welcome": "always"}, welcome="Hello!"
    )
    talk.say("job please")
    said = talk.say("job please", after=31 * MINUTE)

    assert talk.line("expired", flow="job") in said
    assert "Hello!" in said
    assert "Your name and email?" == said[-1]


def test_the_successor_speaks_the_customers_language(meet: Meet) -> None:
    """The language goes on, the answers do not."""
    both = flow("pedido", {"ended": {"end": "completed", "say": {"en": "Done.", "es": "Listo."}}})
    talk = meet(both, languages=["en", "es"], session={"idle": "30m"})
    talk.say("español")
    talk.ring(30 * MINUTE)
    assert ["Listo."] == [line for line in talk.say("pedido please") if line == "Listo."]


def test_nothing_due_commits_nothing(meet: Meet) -> None:
    """A sweeper that comes too early leaves no trace."""
    talk = nudged(meet)
    talk.take(TimerRang("t", talk.at + SECOND))
    assert not talk.turn.changed
    assert talk.turn.session is talk.session


HOURS = {"mon-fri": ["09:00-13:00", "14:00-18:00"], "closed": "Closed."}


@pytest.mark.parametrize(
    ("after", "open_now", "next_time"),
    [
        (0, True, "14:00"),
        (4 * HOUR, False, "14:00"),
        (9 * HOUR, False, "Tuesday 09:00"),
        (4 * 24 * HOUR + 9 * HOUR, False, "Monday 09:00"),
        (5 * 24 * HOUR, False, "Monday 09:00"),
    ],
)
def test_opening_hours_say_when_somebody_is_there_again(
    build: Build, after: int, *, open_now: bool, next_time: str
) -> None:
    """Today by the clock, later with the name of the day."""
    book = build(JOB, hours=HOURS, timezone="Asia/Kolkata")
    monday_nine = START - 10 * MINUTE  # 2026-01-05 09:00 in India
    assert open_now == is_open(book, monday_nine + after)
    assert next_time == opens(book, monday_nine + after, "en")


def test_without_hours_it_is_always_open(build: Build) -> None:
    """No hours, no day without somebody."""
    book = build(JOB)
    assert is_open(book, START)
    assert "" == opens(book, START, "en")


def test_who_wrote_is_answered_though_the_flow_lapses_in_the_same_turn(meet: Meet) -> None:
    """A text that came late, and the deadline behind it: silence would answer neither."""
    talk = meet({**JOB, "expires": {"after": "24h", "say": "Put aside."}})
    talk.say("job please")
    at = talk.session.last_at
    said = talk.take(Said("late", at + SECOND, "restart"), TimerRang("rang", at + 25 * HOUR))
    assert ["Put aside."] == said
    assert "" == talk.session.lapsed
