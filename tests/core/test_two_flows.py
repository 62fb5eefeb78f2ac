"""One flow inside another: called, interrupting, or asked for in the middle."""

from __future__ import annotations

from tests.core.conftest import Meet
from tests.core.flows import CONTACT, ENDED, JOB, MENU, asking, flow


def test_the_start_of_another_flow_asks_finish_or_leave(meet: Meet) -> None:
    """Inside one flow another is asked for: Continue or Leave."""
    talk = meet(JOB, MENU)
    talk.say("job please")
    assert [talk.line("leave_or_finish", flow="job")] == talk.say("pick please")
    assert ("Continue", "Leave") == tuple(label for _, label in talk.lines[-1].choices)
    assert ["Your name and email?"] == talk.say("continue")
    assert "job.collecting" == talk.state


def test_leaving_starts_the_other_flow_with_what_led_to_it(meet: Meet) -> None:
    """Leave: the other flow begins and reads the text that asked for it."""
    other = flow(
        "other",
        {"asking": asking("email", "phone"), "ended": ENDED},
        slots={"email": {"type": "email"}, "phone": {"type": "phone"}},
    )
    talk = meet(MENU, other)
    talk.say("pick please")
    talk.say("other please")
    assert ["Your email and phone?"] == talk.tap("Leave")
    assert "other.asking" == talk.state


def test_filling_the_open_slot_means_continue(meet: Meet) -> None:
    """An answer to the flow's question instead of Continue goes on with it."""
    talk = meet(JOB, MENU)
    talk.say("job please")
    talk.say("pick please")
    assert ["Ana, ana@example.com: right?"] == talk.say("Ana, ana@example.com")
    assert talk.session.pending is None


ASIDE = flow(
    "aside",
    {"asking": asking("phone"), "ended": {"end": "completed", "say": "Noted {phone}."}},
    slots={"phone": {"type": "phone"}},
    start={"during": "return"},
)


def test_a_flow_may_interrupt_and_return(meet: Meet) -> None:
    """`during: return`: the interrupted question is put again afterwards."""
    talk = meet(JOB, ASIDE, region="IN")
    talk.say("job please")
    talk.say("Ana")
    assert ["Your phone?"] == talk.say("aside please")
    assert 2 == len(talk.session.frames)
    assert ["Noted +91 88488 50922.", "Still your email."] == talk.say("8848850922")
    assert {"name": "Ana"} == talk.slots


def test_nobody_is_held_to_a_flow_that_interrupts(meet: Meet) -> None:
    """Where it interrupted nothing, whatever starts another flow leaves it: a phrase or a value."""
    order = flow(
        "order",
        {"asking": asking("items", then="ended"), "ended": ENDED},
        slots={"items": {"type": "items"}},
        start={"when": {"items": {"total_at_least": 5}}},
    )
    talk = meet(JOB, ASIDE, order, region="IN")
    talk.say("aside please")
    assert ["Your name and email?"] == talk.say("job please")
    assert ["job"] == [frame.flow for frame in talk.session.frames]

    talk = meet(JOB, ASIDE, order, region="IN")
    talk.say("aside please")
    assert ["Thank you."] == talk.say("6 lemon cakes")
    assert "idle" == talk.state


def test_an_interruption_of_three_frames_is_no_more(meet: Meet) -> None:
    """Three flows stand on each other at most; then the customer is asked which."""
    outer = flow(
        "outer", {"calling": {"call": {"flow": "middle", "then": "ended"}}, "ended": ENDED}
    )
    middle = {
        "flow": "middle",
        "states": {"calling": {"call": {"flow": "contact", "then": "ended"}}, "ended": ENDED},
    }
    talk = meet(outer, middle, CONTACT, ASIDE, region="IN")
    talk.say("outer please")
    assert 3 == len(talk.session.frames)
    talk.say("aside please")
    assert "leave" == getattr(talk.session.pending, "kind", "")


def test_a_cancelled_interruption_leaves_everything(meet: Meet) -> None:
    """Cancel leaves the whole stack, the interrupted flow too."""
    talk = meet(JOB, ASIDE, region="IN")
    talk.say("job please")
    talk.say("aside please")
    talk.say("cancel")
    talk.say("yes")
    assert "idle" == talk.state


CALLEE = {
    "flow": "callee",
    "slots": {"email": {"type": "email"}, "code": {"type": "number"}},
    "states": {
        "asking": asking("email", "code", then="choosing"),
        "choosing": {
            "say": "{email}, {code}?",
            "choices": [
                {"id": "go", "label": "Go ahead", "go": "ended"},
                {"id": "no", "label": "Not so", "go": "dropped"},
            ],
        },
        "ended": {"end": "completed"},
        "dropped": {"end": "cancelled", "say": "Not so."},
    },
}


def caller(**call: str) -> dict[str, object]:
    return flow(
        "caller",
        {
            "first": asking("mail", then="calling"),
            "calling": {
                "call": {
                    "flow": "callee",
                    "with": {"email": "mail"},
                    "saves": {"number": "code"},
                    "then": "told",
                    **call,
                }
            },
            "told": {"say": "Back again.", "then": "ended"},
            "ended": ENDED,
            **({"sorry": {"end": "cancelled", "say": "Sorry."}} if call else {}),
        },
        slots={"mail": {"type": "email"}, "number": {"type": "number"}},
    )


def test_a_called_flow_is_given_slots_and_gives_some_back(meet: Meet) -> None:
    """`with` fills its slots, `saves` ours; what it was given it does not ask."""
    talk = meet(caller(), CALLEE)
    talk.say("caller please")
    assert ["Your code?"] == talk.say("ana@example.com")
    talk.say("17")
    said = talk.tap("Go ahead")
    assert ["Back again.", "Thank you."] == said


def test_a_callee_that_cancels_takes_the_whole_stack_with_it(meet: Meet) -> None:
    """Without `cancelled` the caller is cancelled too."""
    talk = meet(caller(), CALLEE)
    for text in ("caller please", "ana@example.com", "17"):
        talk.say(text)
    assert ["Not so."] == talk.tap("Not so")
    assert "idle" == talk.state


def test_a_caller_may_go_on_when_its_callee_cancels(meet: Meet) -> None:
    """With `cancelled` the caller goes where it says."""
    talk = meet(caller(cancelled="sorry"), CALLEE)
    for text in ("caller please", "ana@example.com", "17"):
        talk.say(text)
    assert ["Not so.", "Sorry."] == talk.tap("Not so")


def test_a_flow_called_with_what_is_not_known_yet_asks_it(meet: Meet) -> None:
    """An optional slot that is empty is simply not given."""
    loose = caller()
    loose["slots"] = {"mail": {"type": "email"}, "number": {"type": "number"}}
    talk = meet(loose, CALLEE)
    talk.say("caller please")
    talk.say("ana@example.com")
    assert {"email": "ana@example.com"} == talk.slots


def test_the_phrase_of_the_open_flow_is_no_miss(meet: Meet) -> None:
    """Saying again what started the flow puts its question again."""
    talk = meet(JOB)
    talk.say("job please")
    assert ["Your name and email?"] == talk.say("job please")
    assert 0 == talk.session.frames[-1].misses


def test_a_phrase_beats_a_value(meet: Meet) -> None:
    """A message that names one flow and holds what starts another starts the named one."""
    wholesale = flow(
        "wholesale",
        {"asking": asking("goods", "email"), "ended": ENDED},
        slots={"goods": {"type": "items"}, "email": {"type": "email"}},
        start={"when": {"goods": {"total_at_least": 10}}},
    )
    talk = meet(wholesale, JOB)
    talk.say("I need 12 fans")
    assert "wholesale.asking" == talk.state
    assert ["Your email?"] == talk.said
    other = meet(wholesale, JOB)
    other.say("job please, 12 fans")
    assert "job.collecting" == other.state


def test_too_little_does_not_start_by_value(meet: Meet) -> None:
    """Nine fans start nothing."""
    wholesale = flow(
        "wholesale",
        {"asking": asking("goods", "email"), "ended": ENDED},
        slots={"goods": {"type": "items"}, "email": {"type": "email"}},
        start={"when": {"goods": {"total_at_least": 10}}},
    )
    talk = meet(wholesale)
    talk.say("I need 9 fans")
    assert "idle" == talk.state
