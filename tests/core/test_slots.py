"""Slots: optional ones, defaults, limits, several of one kind, and free text."""

from __future__ import annotations

from typing import Any

import pytest

from engine.readers import READERS, Hearing, Kind, Read, Reading
from tests.core.conftest import Meet
from tests.core.flows import ENDED, asking, flow
from tests.core.talk import Talk

NOTE = flow(
    "note",
    {
        "asking": asking("email", "remark", "company", then="checking"),
        "checking": {
            "say": "{email}: right?",
            "choices": [{"id": "go", "label": "Go ahead", "means": "yes", "go": "ended"}],
        },
        "ended": ENDED,
    },
    slots={
        "email": {"type": "email"},
        "remark": {"type": "text", "optional": True},
        "company": {"type": "order_ref", "optional": True},
    },
)


def test_optional_slots_are_asked_once_after_the_others(meet: Meet) -> None:
    """The required one first, then the optional ones, with a word on how to skip."""
    talk = meet(NOTE)
    assert ["Your email?"] == talk.say("note please")
    assert ['Your remark and company? Or just write "skip".'] == talk.say("ana@example.com")


@pytest.mark.parametrize("words", ["skip", "no", "no thanks"])
def test_optional_slots_are_declined_by_a_word(meet: Meet, words: str) -> None:
    """No or skip, and the flow goes on without them."""
    talk = meet(NOTE)
    talk.say("note please")
    talk.say("ana@example.com")
    assert [talk.line("skipped"), "ana@example.com: right?"] == talk.say(words)
    assert ("remark", "company") == talk.session.frames[-1].declined


def test_one_optional_slot_filled_declines_the_others(meet: Meet) -> None:
    """They are asked once: who fills one was asked for both."""
    talk = meet(NOTE)
    talk.say("note please")
    talk.say("ana@example.com")
    assert ["ana@example.com: right?"] == talk.say("please ring twice")
    assert "please ring twice" == talk.slots["remark"]


def test_no_is_not_read_as_declining_before_it_was_asked(meet: Meet) -> None:
    """A burst that fills the required slot and says no: nobody has asked for the optional yet."""
    talk = meet(NOTE)
    talk.say("note please")
    talk.burst("ana@example.com", "no")
    assert () == talk.session.frames[-1].declined
    assert "note.asking" == talk.state


def test_back_asks_a_declined_slot_again(meet: Meet) -> None:
    """What was declined after the answer that is taken back is open again."""
    talk = meet(NOTE)
    for text in ("note please", "ana@example.com", "skip", "back"):
        talk.say(text)
    assert () == talk.session.frames[-1].declined
    assert "note.asking" == talk.state


DEFAULT = flow(
    "ring",
    {
        "asking": asking("phone", "name", then="checking"),
        "checking": {
            "say": "We ring {name} at {phone}?",
            "choices": [{"id": "go", "label": "Go ahead", "means": "yes", "go": "ended"}],
        },
        "ended": ENDED,
    },
    slots={
        "phone": {"type": "phone", "default": "contact.phone"},
        "name": {"type": "person_name"},
    },
)


def test_a_default_is_not_asked_but_shown(meet: Meet) -> None:
    """What the channel vouches for fills the slot, and the customer sees it before it counts."""
    talk = meet(DEFAULT, person={"phone": "+918848850922"}, region="IN")
    assert ["Your name?"] == talk.say("ring please")
    assert ["We ring Ana at +91 88488 50922?"] == talk.say("Ana")


def test_a_default_can_be_corrected(meet: Meet) -> None:
    """A default is a value like any other."""
    talk = meet(DEFAULT, person={"phone": "+918848850922"}, region="IN")
    talk.say("ring please")
    talk.say("Ana")
    talk.say("no, ring me at 8848850933")
    assert "+918848850933" == talk.slots["phone"]


def test_without_anything_known_a_default_is_asked(meet: Meet) -> None:
    """A contact without a phone number is asked for one."""
    talk = meet(DEFAULT, region="IN")
    assert ["Your phone and name?"] == talk.say("ring please")


def test_a_default_does_not_overrule_what_was_said(meet: Meet) -> None:
    """A number in the first message wins."""
    talk = meet(DEFAULT, person={"phone": "+918848850922"}, region="IN")
    talk.say("ring please at 8848850933")
    assert "+918848850933" == talk.slots["phone"]


LIMITS: list[tuple[dict[str, Any], str, str]] = [
    ({"type": "number", "at_least": 2}, "1", "too_few"),
    ({"type": "number", "at_most": 5}, "9", "too_many"),
    ({"type": "items", "at_least": 2}, "1 fan", "too_few"),
    ({"type": "items", "at_most": 5}, "9 fans", "too_many"),
    ({"type": "money", "at_least": 100}, "50 euros", "too_few"),
    ({"type": "text", "length": "5..8"}, "abc", "too_short"),
    ({"type": "text", "length": "5..8"}, "abcdefghij", "too_long_value"),
    ({"type": "date", "at_least": "2026-02-01"}, "2026-01-06", "too_few"),
    ({"type": "date", "at_most": "2026-02-01"}, "2026-03-06", "too_many"),
]


@pytest.mark.parametrize(("slot", "said", "line"), LIMITS)
def test_a_value_out_of_bounds_is_refused_with_the_reason(
    meet: Meet, slot: dict[str, Any], said: str, line: str
) -> None:
    """The reason is said once, the question is not repeated as if nothing was heard."""
    bounded = flow("bounded", {"asking": asking("what"), "ended": ENDED}, slots={"what": slot})
    talk = meet(bounded)
    talk.say("bounded please")
    answer = talk.say(said)

    assert "bounded.asking" == talk.state
    assert "what" not in talk.slots
    reason = talk.book.texts[line]["en"].fill(lambda hole: "|")
    assert all(part in answer[0] for part in reason.split("|") if part)
    assert 1 == talk.session.frames[-1].misses


STAY = flow(
    "stay",
    {"asking": asking("until"), "ended": {"end": "completed", "say": "{until}!"}},
    slots={"until": {"type": "date", "want": "time", "at_least": "12:00", "at_most": "18:00"}},
)


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("until 6", "18:00"),
        ("at 2", "14:00"),
        ("at 12", "12:00"),
        ("1:30", "13:30"),
        ("1 pm", "13:00"),
        ("15:30", "15:30"),
    ],
)
def test_a_time_is_in_the_half_of_the_day_that_its_limits_leave(
    meet: Meet, text: str, until: str
) -> None:
    """From noon on "6" is six in the evening: as an answer, and in the first message."""
    talk = meet(STAY, region="GB")
    talk.say("stay please")

    assert [f"{until}!"] == talk.say(text)


def test_a_time_of_the_first_message_keeps_to_its_limits(meet: Meet) -> None:
    """What starts the flow is read as an answer would be."""
    assert ["14:00!"] == meet(STAY, region="GB").say("stay please, at 2")
    assert ["13:00!"] == meet(STAY, region="GB").say("stay please, at 1 pm")


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("6 am", "The least we can take is 12:00"),
        ("6 in the morning", "The least we can take is 12:00"),
        ("at 9", "The least we can take is 12:00"),
        ("19:30", "The most we can take is 18:00"),
    ],
)
def test_a_time_outside_its_limits_is_refused(meet: Meet, text: str, limit: str) -> None:
    """Who names the half of the day means it; nine is too early and too late."""
    for talk, before in ((meet(STAY, region="GB"), ""), (meet(STAY, region="GB"), "stay please, ")):
        if not before:
            talk.say("stay please")
        assert talk.say(f"{before}{text}")[0].startswith(limit)


def test_a_slot_may_refuse_in_its_own_words(meet: Meet) -> None:
    """`invalid` shows the value, the bounds and the product."""
    goods = {
        "type": "items",
        "at_least": 3,
        "at_most": 9,
        "invalid": "{value}? {product}: {min} to {max} ({label}).",
        "label": "goods",
    }
    own = flow("own", {"asking": asking("what"), "ended": ENDED}, slots={"what": goods})
    talk = meet(own)
    talk.say("own please")
    assert ["1 x fan? fan: 3 to 9 (goods)."] == talk.say("1 fan")


def test_a_refused_value_in_the_first_message_is_said(meet: Meet) -> None:
    """The flow starts, and what was wrong is asked again."""
    goods = {"type": "items", "at_least": 3}
    own = flow("own", {"asking": asking("what"), "ended": ENDED}, slots={"what": goods})
    talk = meet(own)
    said = talk.say("own please, 1 fan")
    assert "own.asking" == talk.state
    assert "what" not in talk.slots
    assert "The least we can take is 3 (what)." in said


def test_a_number_nobody_can_call_is_no_phone_number(meet: Meet) -> None:
    """The reader's own doubt is said in words."""
    ring = flow(
        "ring", {"asking": asking("phone"), "ended": ENDED}, slots={"phone": {"type": "phone"}}
    )
    talk = meet(ring, region="IN")
    talk.say("ring please")
    said = talk.say("my phone is 0000000000")
    assert "phone" not in talk.slots
    assert "ring.asking" == talk.state
    assert said


TWO = flow(
    "two",
    {
        "asking": asking("from_mail", "to_mail", then="checking"),
        "checking": {
            "say": "{from_mail} to {to_mail}?",
            "choices": [{"id": "go", "label": "Go ahead", "go": "ended"}],
        },
        "ended": ENDED,
    },
    slots={
        "from_mail": {"type": "email", "label": "sender"},
        "to_mail": {"type": "email", "label": "receiver"},
    },
)


def test_of_two_slots_of_one_kind_the_first_open_one_is_filled(meet: Meet) -> None:
    """Without a label the order of `collect` decides."""
    talk = meet(TWO)
    talk.say("two please")
    talk.say("ana@example.com")
    assert {"from_mail": "ana@example.com"} == talk.slots
    talk.say("bo@example.com")
    assert "bo@example.com" == talk.slots["to_mail"]


def test_a_label_before_a_value_decides_which_slot_is_meant(meet: Meet) -> None:
    """Words: "Receiver bo@..." fills the second slot first."""
    talk = meet(TWO)
    talk.say("two please")
    talk.say("receiver bo@example.com")
    assert {"to_mail": "bo@example.com"} == talk.slots
    talk.say("ana@example.com")
    assert {"from_mail": "ana@example.com", "to_mail": "bo@example.com"} == talk.slots


def test_two_values_for_two_slots_of_one_kind(meet: Meet) -> None:
    """Both in one message, each with its label: both are filled."""
    talk = meet(TWO)
    talk.say("two please")
    talk.say("receiver bo@example.com, sender ana@example.com")
    assert {"from_mail": "ana@example.com", "to_mail": "bo@example.com"} == talk.slots


def test_a_correction_without_a_label_meets_the_last_of_its_kind(meet: Meet) -> None:
    """Both are known: the one named, else the last, is corrected."""
    talk = meet(TWO)
    talk.say("two please")
    talk.say("ana@example.com")
    talk.say("bo@example.com")
    talk.say("no, sender x@example.com")
    assert "x@example.com" == talk.slots["from_mail"]
    talk.say("no, y@example.com")
    assert "y@example.com" == talk.slots["to_mail"]


FREE = flow(
    "free",
    {"asking": asking("remark", "email"), "ended": ENDED},
    slots={"remark": {"type": "text"}, "email": {"type": "email"}},
)


def free(meet: Meet) -> Talk:
    talk = meet(FREE, faq=[{"id": "place", "ask": ["where are you"], "say": "Here."}])
    talk.say("free please")
    return talk


def test_free_text_takes_what_no_other_reader_took(meet: Meet) -> None:
    """The address is read, the rest is the remark."""
    talk = free(meet)
    talk.say("please ring twice, ana@example.com")
    assert "idle" == talk.state or {"remark", "email"} == set(talk.slots)


def test_a_question_is_no_free_text(meet: Meet) -> None:
    """A question of the FAQ is answered, and the remark stays open."""
    talk = free(meet)
    assert ["Here.", "Your remark and email?"] == talk.say("where are you?")
    assert {} == talk.slots


def test_free_text_is_not_searched_for_questions(meet: Meet) -> None:
    """Words of a question inside a longer remark do not make it one."""
    talk = free(meet)
    talk.say("tell the driver where are you and ring")
    assert "remark" in talk.slots


def test_an_answer_and_a_question_in_one_message_are_both_met(meet: Meet) -> None:
    """The name is filled, the question answered, the rest asked."""
    who = flow(
        "who",
        {"asking": asking("name", "email"), "ended": ENDED},
        slots={"name": {"type": "person_name"}, "email": {"type": "email"}},
    )
    talk = meet(who, faq=[{"id": "place", "ask": ["where are you"], "say": "Here."}])
    talk.say("who please")
    assert ["Here.", "Your name?"] == talk.say("ana@example.com, where are you?")


def test_questions_can_be_turned_off_in_a_flow(meet: Meet) -> None:
    """A flow without `question` does not answer the FAQ."""
    who = flow(
        "who",
        {"asking": asking("email"), "ended": ENDED},
        slots={"email": {"type": "email"}},
        always={"question": "off"},
    )
    talk = meet(who, faq=[{"id": "place", "ask": ["where are you"], "say": "Here."}])
    talk.say("who please")
    assert "Here." not in talk.say("where are you?")


def test_items_are_combined_when_corrected(meet: Meet) -> None:
    """A line of the order is replaced in place."""
    order = flow(
        "order",
        {
            "asking": asking("goods", then="checking"),
            "checking": {
                "say": "{goods}\nRight?",
                "choices": [{"id": "go", "label": "Go ahead", "go": "ended"}],
            },
            "ended": ENDED,
        },
        slots={"goods": {"type": "items"}},
    )
    talk = meet(order)
    talk.say("order please")
    talk.say("2 fans and 3 belts")
    talk.say("no, 5 fans")
    assert [5, 3] == [line["quantity"] for line in talk.slots["goods"]]


def test_values_are_shown_as_a_person_would_write_them(meet: Meet) -> None:
    """Labels of choices, yes and no in words, dates with their day, money with its currency."""
    showing = flow(
        "showing",
        {
            "sizing": asking("size", then="giving"),
            "giving": asking("gift", then="dating"),
            "dating": asking("day", then="pricing"),
            "pricing": asking("price", then="listing"),
            "listing": asking("goods", then="checking"),
            "checking": {
                "say": "{size}; {gift}; {day}; {price}; {goods}",
                "choices": [{"id": "go", "label": "Go ahead", "go": "ended"}],
            },
            "ended": ENDED,
        },
        slots={
            "size": {
                "type": "choice",
                "options": [{"id": "s", "label": "Small"}, {"id": "l", "label": "Large"}],
            },
            "gift": {"type": "yes_no"},
            "day": {"type": "date"},
            "price": {"type": "money"},
            "goods": {"type": "items"},
        },
    )
    talk = meet(showing, currency="EUR", region="GB")
    talk.say("showing please")
    for text in ("small", "yes", "2026-02-01", "20 euros"):
        talk.say(text)
    said = talk.say("2 boxes of nails")
    assert ["Small; Yes; Sunday, 1 February 2026; €20.00; 2 box nails"] == said


def test_two_values_without_labels_are_asked_about(meet: Meet) -> None:
    """Two addresses for two slots and no word which is which: the customer says."""
    talk = meet(TWO)
    talk.say("two please")
    assert ["Which one do you mean: ana@example.com or bo@example.com?"] == talk.say(
        "ana@example.com or bo@example.com"
    )


def test_a_second_reading_for_one_slot_is_left_alone(meet: Meet) -> None:
    """A reader that finds two values where one is asked fills the first."""

    def two(text: str, _hearing: Hearing) -> list[Reading]:
        return [Read("one@example.com", 0, 3), Read("two@example.com", 4, 7)] if text else []

    talk = meet(NOTE, readers={**READERS, "email": Kind(two, 10)})
    talk.say("note please")
    talk.say("one two")
    assert "one@example.com" == talk.slots["email"]
