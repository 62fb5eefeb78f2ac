"""Counters: what happened, by bot; handed on once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.effects import AskAssistant
from engine.frame import Frame
from engine.runtime.metrics import COUNTERS, Counters
from engine.runtime.scripted_assistant import ScriptedAssistant
from engine.session import new_session
from engine.turn import Turn
from tests.core.flows import JOB
from tests.core.talk import HOUR, book_of
from tests.runtime.conftest import Open
from tests.runtime.office import Clock, Office

SESSION = new_session(id="s", bot="shop", lane="web", contact="c", key="k", at=0)


async def test_a_conversation_is_counted_from_its_beginning_to_its_end(office: Office) -> None:
    """One created, flows begun and left, one ended; every turn."""
    await office.say("job please")
    await office.say("cancel")
    await office.say("yes")
    await office.say("pick please")
    await office.mode("ended")
    counted = office.counters.now()
    seconds = counted.pop(("turn_seconds", ("shop",)))

    assert 0 < seconds < 60
    assert {
        ("turn_seconds_count", ("shop",)): 5,
        ("created", ("shop",)): 1,
        ("turns", ("shop",)): 5,
        ("started", ("shop", "job")): 1,
        ("abandoned", ("shop", "job")): 1,
        ("started", ("shop", "pick")): 1,
        ("abandoned", ("shop", "pick")): 1,
        ("ended", ("shop", "closed")): 1,
    } == counted


async def test_a_conversation_that_follows_another_is_created_too(
    tmp_path: Path, open_office: Open, clock: Clock
) -> None:
    """After a day of silence a new one begins, in the same turn."""
    office = open_office(book_of(tmp_path / "bot", JOB, session={"idle": "1h"}))
    await office.say("hello")
    clock.now += 24 * HOUR
    await office.say("hello again")
    assert (2, 1) == (office.counted("created"), office.counted("ended"))


async def test_questions_to_the_assistant_are_counted(tmp_path: Path, open_office: Open) -> None:
    """One question, none of them in a flow."""
    asking = book_of(tmp_path / "bot", JOB, assistant={"use": "gemini"})
    office = open_office(asking, assistants={"shop": ScriptedAssistant("At noon.")})
    await office.say("when does the moon rise?")
    assert (1, 0) == (office.counted("assistant_calls"), office.counted("assistant_calls_in_flow"))


def test_a_question_asked_in_a_flow_would_be_seen() -> None:
    """It must not happen; if it does, this counter is above zero."""
    counters = Counters()
    session = replace(SESSION, frames=[Frame("job", "collecting", 1, "h", "")], version=4)
    counters.turn(session, [Turn(session, effects=(AskAssistant("e", "?"),))])
    assert 1 == counters.now()["assistant_calls_in_flow", ("shop",)]


def test_what_was_handed_on_is_not_handed_on_again_unless_it_came_back() -> None:
    """The database is away: the counts wait, and nothing counted meanwhile is lost."""
    counters = Counters()
    counters.add("turns", "shop", n=2)
    taken = counters.taken()
    assert {} == counters.taken()
    counters.add("turns", "shop")
    counters.put_back(taken)
    assert {("turns", ("shop",)): 3} == counters.taken()


def test_every_counter_has_a_name_of_its_own_and_says_what_it_counts() -> None:
    """Names are those of the interface, labels in a fixed order."""
    names = [counter.name for counter in COUNTERS.values()]
    assert len(names) == len(set(names))
    assert all(name.startswith("rejoinder_") for name in names)
    assert all(counter.help.endswith(".") for counter in COUNTERS.values())
