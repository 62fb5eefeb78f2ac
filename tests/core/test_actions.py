"""While an action runs and when it ends."""

from __future__ import annotations

import pytest

from engine.effects import RunAction
from engine.events import ActionFinished
from tests.core.conftest import Meet
from tests.core.flows import ENDED, JOB, asking, flow
from tests.core.talk import HOUR, Talk


@pytest.fixture
def working(meet: Meet) -> Talk:
    """Return a conversation whose action runs."""
    talk = meet(JOB, hand_over={"sales": {}})
    for text in ("job please", "Ana, ana@example.com", "yes"):
        talk.say(text)
    assert "job.working" == talk.state
    return talk


def test_an_action_is_requested_once_with_what_it_needs(working: Talk) -> None:
    """The effect carries the slots given to it, the attempts and the name of its result."""
    (run,) = [one for one in working.effects if isinstance(one, RunAction)]

    assert ("work", {"email": "ana@example.com"}, 3, "result") == (
        run.action,
        run.arguments,
        run.attempts,
        run.saves,
    )
    assert ["Working."] == working.said


def test_busy_is_said_once_per_run(working: Talk) -> None:
    """The first text while it runs is answered, the others wait silently."""
    assert [working.line("busy")] == working.say("hello?")
    assert [] == working.say("anybody?")


def test_cancel_is_refused_with_a_reason(working: Talk) -> None:
    """An action under way cannot be cancelled, and the customer learns why."""
    assert [working.line("no_cancel")] == working.say("cancel")
    assert () == working.session.held


def test_held_texts_are_read_after_the_outcome(working: Talk) -> None:
    """What was said meanwhile may fill the state that follows."""
    working.say("5 stars")
    said = working.done({"number": "A-1"})

    assert ["Number A-1, 5 stars."] == said
    assert "idle" == working.state


def test_ten_texts_are_held(working: Talk) -> None:
    """The eleventh text is a line, and is not read."""
    for n in range(12):
        working.say(f"text {n}")
    assert 10 == len(working.session.held)


def test_a_person_works_at_once_and_the_outcome_becomes_a_note(working: Talk) -> None:
    """The customer asks for a person; the action finishes for the console only."""
    said = working.say("person")
    assert [working.line("person_coming")] == said
    assert "manual" == working.session.mode
    assert [] == working.done({"number": "A-1"})
    assert "job.rating" == working.state
    assert "job please" not in working.said


def test_texts_held_before_a_person_was_called_are_the_persons(working: Talk) -> None:
    """After the hand-over the bot reads none of them."""
    working.say("5 stars")
    working.say("person")
    working.done({"number": "A-1"})
    assert {"number": "A-1"} == working.slots["result"]
    assert "stars" not in working.slots


def test_a_failed_action_leads_where_the_flow_says(working: Talk) -> None:
    """After its last attempt the flow goes to `failed`."""
    assert ["Dropped."] == working.failed()
    assert "idle" == working.state


def test_an_outcome_nobody_waits_for_is_a_note(working: Talk) -> None:
    """A late or unknown outcome says nothing and changes nothing."""
    working.take(ActionFinished("s1:99:1", working.at, ok=True))
    assert "job.working" == working.state
    assert [] == working.said
    assert 1 == len(working.notes)
    working.done({})
    working.take(ActionFinished("s1:4:1", working.at, ok=False, error="too late"))
    assert "job.rating" == working.state


def test_a_button_pressed_meanwhile_does_nothing_more(working: Talk) -> None:
    """While an action runs a second tap learns that it runs, once; nothing waits to be read."""
    assert [working.line("busy")] == working.press("job.confirming.go#5", "Go ahead")
    assert [] == working.press("job.confirming.go#5", "Go ahead")
    assert [working.line("no_cancel")] == working.press("job.confirming.drop#5", "Cancel")
    assert () == working.session.held


def test_an_action_may_run_for_days(working: Talk) -> None:
    """Nothing expires while it runs, nor at the moment it ends."""
    assert working.session.wake_at is None
    working.done({"number": "A-1"}, after=48 * HOUR)
    assert "job.rating" == working.state
    assert working.session.wake_at == working.at + 24 * HOUR


def test_fields_of_the_result_fill_slots(meet: Meet) -> None:
    """`saves` with a map takes parts; a part that did not come leaves its slot empty."""
    parts = flow(
        "parts",
        {
            "working": {
                "do": "work",
                "saves": {"code": "number", "note": "remark"},
                "done": "asking",
                "failed": "ended",
            },
            "asking": asking("email"),
            "ended": ENDED,
        },
        slots={"code": {"type": "text"}, "note": {"type": "text"}, "email": {"type": "email"}},
    )
    talk = meet(parts)
    talk.say("parts please")
    talk.done({"number": "A-1"})
    assert "A-1" == talk.slots["code"]
    assert "note" not in talk.slots or not talk.slots["note"]

    again = meet(parts)
    again.say("parts please")
    again.done("no map at all")
    assert "parts.asking" == again.state


def test_a_result_that_is_nothing_counts_as_done(meet: Meet) -> None:
    """An action without a result leads on all the same."""
    talk = meet(JOB)
    for text in ("job please", "Ana, ana@example.com", "yes"):
        talk.say(text)
    talk.done(None)
    assert "job.rating" == talk.state
    assert ["Number , 4 stars."] == talk.say("4")


def test_texts_wait_for_a_second_action_too(meet: Meet) -> None:
    """One action after the other: what was held waits until the second has ended."""
    chain = flow(
        "chain",
        {
            "one": {"do": "work", "done": "two", "failed": "ended"},
            "two": {"do": "work", "done": "asking", "failed": "ended"},
            "asking": asking("email"),
            "ended": ENDED,
        },
        slots={"email": {"type": "email"}},
    )
    talk = meet(chain)
    talk.say("chain please")
    talk.say("ana@example.com")
    talk.done({})
    assert 1 == len(talk.session.held)
    assert ["Thank you."] == talk.done({})
