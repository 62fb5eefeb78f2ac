"""A flow edited under a conversation: go on, map, or cut; never strand it."""

from __future__ import annotations

import json
from typing import Any

from engine.events import ActionFinished, TimerRang
from tests.core.conftest import Build, Meet
from tests.core.flows import CONTACT, ENDED, JOB, asking, flow
from tests.core.talk import HOUR, MINUTE, Talk


def edited(one: dict[str, Any], **names: str) -> dict[str, Any]:
    """Rename states or slots of a flow, wherever they are named."""
    text = json.dumps(one)
    for old, new in names.items():
        text = text.replace(f'"{old}"', f'"{new}"').replace(f"{{{old}", f"{{{new}")
    changed: dict[str, Any] = json.loads(text)
    return changed


def at_confirming(meet: Meet) -> Talk:
    talk = meet(JOB)
    talk.say("job please")
    talk.say("Ana, ana@example.com")
    return talk


def test_a_changed_comment_or_text_elsewhere_disturbs_nobody(meet: Meet, build: Build) -> None:
    """The same states and slots: the conversation goes on where it is, and nothing is said."""
    talk = at_confirming(meet)
    talk.book = build({**JOB, "title": "A better job"})
    assert ["Working."] == talk.say("yes")


def test_who_speaks_a_language_that_is_gone_is_answered_in_the_first(meet: Meet) -> None:
    """A conversation goes on, in the flow it is in, and outlives itself in no other language."""
    talk = at_confirming(meet)
    talk.session.language = "ml"

    assert ["Working."] == talk.say("yes")
    assert "" == talk.session.language


def test_a_state_renamed_with_migrate_is_found_again(meet: Meet, build: Build) -> None:
    """States and slots go by their new names; the question open is the same."""
    new = edited(JOB, confirming="checking", name="who")
    new["version"] = 3
    new["migrate"] = {"1": {"states": {"confirming": "checking"}, "slots": {"name": "who"}}}
    talk = at_confirming(meet)
    talk.book = build(new)
    said = talk.say("no, bo@example.com")

    assert "job.checking" == talk.state
    assert {"who": "Ana", "email": "bo@example.com"} == talk.slots
    assert "Ana, bo@example.com: right?" == said[-1]


def test_a_slot_that_migrate_drops_is_forgotten(meet: Meet, build: Build) -> None:
    """A dropped slot is gone, the others stay."""
    new = flow(
        "job",
        {
            "collecting": asking("email", then="confirming"),
            "confirming": {
                "say": "{email}: right?",
                "choices": [{"id": "go", "label": "Go ahead", "means": "yes", "go": "ended"}],
            },
            "ended": ENDED,
        },
        slots={"email": {"type": "email"}},
        version=2,
        migrate={"1": {"slots": {"name": "drop"}}},
    )
    talk = at_confirming(meet)
    talk.book = build(new)
    talk.say("what?")
    assert {"email": "ana@example.com"} == talk.slots


def test_a_state_that_is_gone_begins_the_flow_again_with_what_is_known(
    meet: Meet, build: Build
) -> None:
    """The flow begins again, says so, keeps what fits and passes on over it."""
    new = edited(JOB, confirming="checking")
    talk = at_confirming(meet)
    talk.book = build(new)
    said = talk.say("hello?")

    assert talk.line("flow_changed", flow="job") == said[0]
    assert "job.checking" == talk.state
    assert ["the flow was edited; the conversation began it again"] == talk.notes
    assert {"name": "Ana", "email": "ana@example.com"} == talk.slots


def test_a_slot_of_another_type_is_asked_again(meet: Meet, build: Build) -> None:
    """A slot whose type changed is not trusted."""
    new = json.loads(json.dumps(JOB))
    new["slots"]["email"] = {"type": "phone"}
    talk = at_confirming(meet)
    talk.book = build(new, region="IN")
    said = talk.say("hello?")

    assert {"name": "Ana"} == talk.slots
    assert "job.collecting" == talk.state
    assert "Your email?" == said[-1]


def test_a_flow_that_is_gone_is_left_and_said_so(meet: Meet, build: Build) -> None:
    """Without the flow the conversation is idle."""
    talk = at_confirming(meet)
    talk.book = build(CONTACT | {"start": {"phrases": ["contact please"]}})
    said = talk.say("yes")

    assert "idle" == talk.state
    assert talk.line("flow_changed", flow="job") == said[0]


OUTER = flow(
    "outer",
    {
        "calling": {"call": {"flow": "contact", "saves": {"mail": "email"}, "then": "asking"}},
        "asking": asking("phone"),
        "ended": ENDED,
    },
    slots={"mail": {"type": "email"}, "phone": {"type": "phone"}},
)


def test_an_edited_callee_begins_again_on_its_caller(meet: Meet, build: Build) -> None:
    """The caller waits as before; the called flow begins anew with what it knew."""
    talk = meet(OUTER, CONTACT, region="IN")
    talk.say("outer please")
    talk.say("Ana")
    talk.book = build(OUTER, edited(CONTACT, asking="inquiring"), region="IN")
    said = talk.say("hm")

    assert ["outer", "contact"] == [frame.flow for frame in talk.session.frames]
    assert "contact.inquiring" == talk.state
    assert "Your email?" == said[-1]


def test_an_edited_caller_that_calls_another_flow_is_cut(meet: Meet, build: Build) -> None:
    """A caller that does not wait for this callee any more begins again without it."""
    talk = meet(OUTER, CONTACT, region="IN")
    talk.say("outer please")
    talk.say("Ana")
    new = json.loads(json.dumps(OUTER))
    new["states"]["calling"]["call"] = {"flow": "address", "then": "asking"}
    del new["slots"]["mail"]
    address = {**edited(CONTACT), "flow": "address"}
    talk.book = build(new, address, region="IN")
    talk.say("hm")

    assert ["outer", "address"] == [frame.flow for frame in talk.session.frames]
    assert "Ana" not in str(talk.session.frames)


def test_an_interrupted_flow_that_still_asks_goes_on(meet: Meet, build: Build) -> None:
    """An edit of the flow below an interruption keeps both."""
    below = flow(
        "below", {"asking": asking("phone"), "ended": ENDED}, slots={"phone": {"type": "phone"}}
    )
    above = flow(
        "above",
        {"asking": asking("email"), "ended": ENDED},
        slots={"email": {"type": "email"}},
        start={"during": "return"},
    )
    talk = meet(below, above, region="IN")
    talk.say("below please")
    talk.say("above please")
    talk.book = build({**below, "title": "Under"}, above, region="IN")
    assert ["Thank you.", "Your phone?"] == talk.say("ana@example.com")


def test_an_interrupting_flow_that_is_gone_gives_way_to_the_one_below(
    meet: Meet, build: Build
) -> None:
    """The question of the flow below is put again."""
    below = flow(
        "below", {"asking": asking("phone"), "ended": ENDED}, slots={"phone": {"type": "phone"}}
    )
    above = flow(
        "above",
        {"asking": asking("email"), "ended": ENDED},
        slots={"email": {"type": "email"}},
        start={"during": "return"},
    )
    talk = meet(below, above, region="IN")
    talk.say("below please")
    talk.say("above please")
    talk.book = build(below, region="IN")
    said = talk.say("hm")

    assert "below.asking" == talk.state
    assert "Your phone?" == said[-1]


def test_an_action_under_way_is_not_waited_for_when_its_state_is_gone(
    meet: Meet, build: Build
) -> None:
    """The outcome meets a flow that begins again; it is a note."""
    talk = at_confirming(meet)
    talk.say("yes")
    doing = talk.session.doing
    talk.book = build(edited(JOB, working="toiling"))
    talk.take(ActionFinished(doing, talk.at, ok=True, value={"number": "7"}))

    assert "job.confirming" == talk.state
    assert "" == talk.session.doing
    assert 2 == len(talk.notes)


def test_an_action_under_way_goes_on_when_its_state_stands(meet: Meet, build: Build) -> None:
    """Texts held before the edit are read after the outcome."""
    talk = at_confirming(meet)
    talk.say("yes")
    talk.book = build({**JOB, "title": "A better job"})
    talk.say("5 stars")
    assert 1 == len(talk.session.held)
    assert ["Number 7, 5 stars."] == talk.done({"number": "7"})


def test_a_hand_over_that_is_edited_waits_for_its_person(meet: Meet, build: Build) -> None:
    """A conversation in a person's hands is not moved by an edit."""
    desk = flow("desk", {"person": {"hand_over": "sales"}})
    talk = meet(desk, hand_over={"sales": {}})
    talk.say("desk please")
    talk.book = build({**desk, "title": "The desk"}, hand_over={"sales": {}})
    assert [] == talk.say("hello?")
    assert "desk.person" == talk.state
    talk.mode("agent")
    assert "idle" == talk.state


NEWER = {**edited(JOB, confirming="checking"), "version": 2}


def newer_waits(meet: Meet, build: Build) -> Talk:
    """Return a conversation of a newer flow, met by a worker with the older one."""
    talk = meet(NEWER)
    talk.say("job please")
    talk.say("Ana, ana@example.com")
    assert "job.checking" == talk.state
    talk.book = build(JOB)
    return talk


def test_a_newer_conversation_waits_a_minute_for_a_newer_worker(meet: Meet, build: Build) -> None:
    """What is said meanwhile is held; the newer worker reads it."""
    talk = newer_waits(meet, build)
    newer = build(NEWER)
    assert [] == talk.say("yes")
    assert MINUTE == (talk.session.newer_at or 0) - talk.at
    talk.book = newer
    assert ["Working."] == talk.ring(1_000) or talk.said == ["Working."]
    assert () == talk.session.held


def test_without_a_newer_worker_the_older_flow_takes_over(meet: Meet, build: Build) -> None:
    """After the minute the conversation is cut to what this worker has, and says so."""
    talk = newer_waits(meet, build)
    talk.say("yes")
    said = talk.ring(MINUTE)

    assert talk.line("flow_changed", flow="job") == said[0]
    assert "job.confirming" == talk.state
    assert talk.session.newer_at is None
    assert () == talk.session.held


def test_a_late_sweep_reads_what_was_held_first(meet: Meet, build: Build) -> None:
    """A sweeper that was down for a day loses no text."""
    talk = newer_waits(meet, build)
    talk.say("no, bo@example.com")
    talk.ring(30 * HOUR)
    assert "bo@example.com" == talk.slots["email"]


def test_an_outcome_for_a_newer_flow_is_held_too(meet: Meet, build: Build) -> None:
    """The outcome of an action waits for the worker that knows the state."""
    talk = meet(NEWER)
    for text in ("job please", "Ana, ana@example.com", "yes"):
        talk.say(text)
    newer = talk.book
    talk.book = build(JOB)
    talk.done({"number": "7"})
    assert "job.working" == talk.state
    assert {"number": "7"} == (talk.session.held[0].outcome or {})["value"]
    talk.book = newer
    talk.say("4 stars")
    assert ["Number 7, 4 stars."] == talk.said


def test_buttons_and_files_wait_for_the_newer_worker(meet: Meet, build: Build) -> None:
    """A tap and a picture are kept as lines and park nothing."""
    talk = newer_waits(meet, build)
    talk.press("job.checking.go#3", "Go ahead")
    talk.say("", file="photo.jpg")
    talk.operator("I see it")
    talk.mode("agent")
    assert "job.checking" == talk.state


def test_a_timer_of_a_flow_that_is_gone_says_nothing(meet: Meet, build: Build) -> None:
    """A reminder for a state that this book does not have is no reminder."""
    nudging = flow(
        "nudging",
        {"asking": asking("email", nudge={"after": "10m", "say": "Still there?"}), "ended": ENDED},
        slots={"email": {"type": "email"}},
    )
    talk = meet(nudging)
    talk.say("nudging please")
    talk.book = build(JOB)
    talk.take(TimerRang("t", talk.session.nudge_at or 0))
    assert [] == talk.said


def test_a_nobody_timer_of_a_flow_that_is_gone_gives_the_conversation_back(
    meet: Meet, build: Build
) -> None:
    """Nobody came, and the flow that waited is gone: the bot answers again."""
    desk = flow(
        "desk",
        {
            "person": {"hand_over": "sales", "nobody_after": {"5m": "none"}},
            "none": {"end": "cancelled"},
        },
    )
    talk = meet(desk, hand_over={"sales": {}})
    talk.say("desk please")
    talk.book = build(JOB, hand_over={"sales": {}})
    talk.ring(5 * MINUTE)
    assert "agent" == talk.session.mode
