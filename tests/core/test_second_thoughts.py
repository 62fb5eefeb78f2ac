"""Second thoughts about an order: what is refused, exchanged, repeated or said on a condition."""

from __future__ import annotations

import pytest

from tests.core.conftest import Meet
from tests.core.flows import asking, flow
from tests.core.talk import Talk
from tests.core.test_open_lines import PARTS

CATALOGUE = """id,name,name_es,aliases,price,unit,min,pack,stock
valve_3,Valve 3 inch,,3 inch valve,100,,,,
valve_4,Valve 4 inch,,4 inch valve,110,,,,
valve_5,Valve 5 inch,,5 inch valve,120,,,,
relay,Relay,,relays,85,,,,
lamp,Lamp,,lamps,30,,,,
cable,Cable,,cables,75,m,,,
nut,Flare nut,,nuts,18,,20,,
"""
WHICH = "Which valves: Valve 3 inch, Valve 4 inch or Valve 5 inch?"
LEFT = "Which valves: Valve 4 inch or Valve 5 inch?"
CALL = flow(
    "call",
    {"asking": asking("phone", then="ended"), "ended": {"end": "completed", "say": "Bye."}},
    slots={"phone": {"type": "phone"}},
    start={"phrases": ["call me"]},
)


@pytest.fixture
def talk(meet: Meet) -> Talk:
    slots = {**PARTS["slots"], "email": {"type": "email"}}
    states = {**PARTS["states"], "who": asking("name", "email", then="confirming")}
    parts = {
        **PARTS,
        "slots": slots,
        "states": states,
        "start": {"when": {"items": {"total_at_least": 5}}},
    }
    return meet(parts, CALL, catalogue=CATALOGUE, region="IN", currency="INR")


def order_of(talk: Talk) -> str:
    """Write the order as "10 relay, 5 lamp"."""
    return ", ".join(f"{line['quantity']} {line['id']}" for line in talk.slots["items"])


def shown(talk: Talk, order: str) -> None:
    """Order and go on to the summary."""
    talk.say(order)
    talk.say("my name is Hari, hari@example.com")
    assert "confirming" in talk.state


@pytest.mark.parametrize(
    ("answer", "then"),
    [
        ("not the 3 inch", [LEFT]),
        ("either 4 or 5 inch", [LEFT]),
        ("not 3 or 4", ["Your name and email?"]),
        ("not the 3 the 5", ["Your name and email?"]),
        ("3, not 4", ["Your name and email?"]),
        ("not 3 or 4 or 5", [WHICH]),
        ("today after 4 pm", [WHICH]),
        ("the 4 one please", ["Your name and email?"]),
        ("4 inch of course", ["Your name and email?"]),
        ("valve 4 inch", ["Your name and email?"]),
    ],
)
def test_of_several_products_some_are_refused(talk: Talk, answer: str, then: list[str]) -> None:
    talk.say("9 valves")
    assert then == talk.say(answer)[-1:]


def test_what_is_left_of_several_products_is_asked_again(talk: Talk) -> None:
    talk.say("9 valves")
    talk.say("not the 3 inch")
    talk.say("5 inch")
    assert "9 valve_5" == order_of(talk)


@pytest.mark.parametrize(
    "words",
    ["leave that line out", "leave it out, no other inch", "just ignore the valves", "skip it"],
)
def test_an_open_line_is_left_out_in_many_words(talk: Talk, words: str) -> None:
    talk.say("9 valves and 6 relays")
    assert "All right, without valves." == talk.say(words)[0]
    assert "6 relay" == order_of(talk)


@pytest.mark.parametrize(
    ("words", "order"),
    [
        ("add 20 lamps", "9 valve_4, 6 relay, 20 lamp"),
        ("lamps instead of the relays", "9 valve_4, 6 lamp"),
        ("remove the relays", "9 valve_4"),
        ("sorry, 5 relays", "9 valve_4, 5 relay"),
    ],
)
def test_what_changes_meanwhile_leaves_the_open_line_open(
    talk: Talk, words: str, order: str
) -> None:
    talk.say("9 valves and 6 relays")
    talk.say(words)
    talk.say("4 inch")
    assert order == order_of(talk)


def test_goods_added_that_settle_the_open_line_stand_once(talk: Talk) -> None:
    talk.say("9 valves and 6 relays")
    talk.say("add 9 valves 4 inch")
    assert "9 valve_4, 6 relay" == order_of(talk)


def test_the_only_line_has_no_others_to_change(talk: Talk) -> None:
    talk.say("9 valves")
    assert ["Your name and email?"] == talk.say("add 7 lamps")
    assert "7 lamp" == order_of(talk)


def test_a_name_beside_an_address_is_kept_whatever_is_asked(talk: Talk) -> None:
    talk.say("9 valves")
    assert [WHICH] == talk.say("Akash Pillai akash@example.com")
    assert "Akash Pillai" == talk.slots["name"]


@pytest.mark.parametrize(
    "text", ["no lamps", "no relays please, take it out", "no, 10 relays", "no, 10"]
)
def test_a_no_about_goods_or_with_a_number_cancels_no_order(talk: Talk, text: str) -> None:
    shown(talk, "10 relays")
    talk.say(text)
    assert ("confirming" in talk.state, "10 relay") == (True, order_of(talk))


@pytest.mark.parametrize(
    "text",
    [
        "10 relays, yes",
        "yes the relays",
        "she will collect them. Yes, please.",
        "if it is wrong again i am gone. yes order",
    ],
)
def test_what_is_said_again_changes_nothing_and_the_yes_decides(talk: Talk, text: str) -> None:
    shown(talk, "10 relays")
    assert ["Thank you."] == talk.say(text)[-1:]


@pytest.mark.parametrize("text", ["10 relays", "10 relays. thanks", "are the relays new?"])
def test_what_is_said_again_alone_decides_nothing(talk: Talk, text: str) -> None:
    shown(talk, "10 relays")
    talk.say(text)
    assert ("confirming" in talk.state, "10 relay") == (True, order_of(talk))


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("19", "19 relay"),
        ("9", "9 relay"),
        ("also 7 lamps", "10 relay, 7 lamp"),
        ("aur 7 lamps bhi", "10 relay, 7 lamp"),
        ("12 only, not 10. and it is urgent", "12 relay"),
    ],
)
def test_an_order_is_changed_at_the_summary(talk: Talk, text: str, order: str) -> None:
    shown(talk, "10 relays")
    talk.say(text)
    assert order == order_of(talk)


def test_a_list_is_no_answer_to_shall_i_cancel(talk: Talk) -> None:
    talk.say("20 lamps")
    talk.say("cancel")
    talk.say("ok new list: 60 m cable and 20 lamps")
    assert "20 lamp, 60 cable" == order_of(talk)


def test_a_quantity_and_its_part_in_two_messages_are_one_line(talk: Talk) -> None:
    talk.burst("50", "relays")
    assert "50 relay" == order_of(talk)


@pytest.mark.parametrize("texts", [("hmmm", "50 relays"), ("50", "good morning", "10 relays")])
def test_other_messages_of_a_burst_are_read_alone(talk: Talk, texts: tuple[str, ...]) -> None:
    talk.burst(*texts)
    assert texts[-1] == f"{order_of(talk)}s"


def test_goods_go_before_what_is_asked_on_a_condition(talk: Talk) -> None:
    assert ["Your name and email?"] == talk.say("tell them 30 relays. Call me if in doubt")[-1:]


def test_a_condition_without_goods_starts_what_it_says(talk: Talk) -> None:
    assert ["Your phone?"] == talk.say("call me if you can")[-1:]


def test_what_is_not_sold_is_asked_about_at_its_place(talk: Talk) -> None:
    assert ['Line 2: I do not find "flare guns" in our list. Do you mean Flare nut?'] == talk.say(
        "10 relays, 3 flare guns, 20 lamps"
    )[-1:]


def test_rolls_of_what_is_sold_by_the_metre_are_asked_about(talk: Talk) -> None:
    assert ["Cable: how many, please?"] == talk.say("5 rolls of cable")
    talk.say("450")
    assert "450 cable" == order_of(talk)
