"""Orders from a catalogue in a conversation: what is open about a line is asked, nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.conftest import Meet
from tests.core.flows import ENDED, asking, flow
from tests.core.talk import Talk

CATALOGUE = """id,name,name_es,aliases,price,unit,min,pack,stock
remote,Remote control,mando,remote|remotes,350 | 50: 320,,,,
fan_in,"Fan motor, indoor",,indoor fan motor,1450,,,,
fan_out,"Fan motor, outdoor",,outdoor fan motor,1650,,,,
nut,Flare nut,,flare nuts|nut|nuts,18,,10,20,
pipe,Copper pipe,,copper pipes,210,m,5,,
"""
PARTS = flow(
    "parts",
    {
        "asking": asking("items", then="who"),
        "who": asking("name", then="confirming"),
        "confirming": {
            "say": "{name}:\n{items}\nRight?",
            "choices": [
                {"id": "go", "label": "Go", "means": "yes", "go": "ended"},
                {"id": "change", "label": "Change", "means": "change", "ask": "What?"},
            ],
        },
        "ended": {"end": "completed", "say": "Thank you."},
    },
    slots={
        "items": {"type": "items", "from": "catalogue", "label": "parts"},
        "name": {"type": "person_name"},
    },
    start={"when": {"items": {"total_at_least": 10}}},
)
EMAIL = {"email": {"type": "email"}}
REMOTES = "- 11 x Remote control @ ₹350.00 = ₹3,850.00"


@pytest.fixture
def talk(meet: Meet) -> Talk:
    return shop(meet)


def shop(meet: Meet, **items: Any) -> Talk:
    slots = {**PARTS["slots"], "items": {**PARTS["slots"]["items"], **items}}
    return meet(PARTS | {"slots": slots}, catalogue=CATALOGUE, region="IN", currency="INR")


def test_an_order_is_shown_with_its_prices_and_the_total(talk: Talk) -> None:
    talk.say("11 remotes and 2 indoor fan motors, my name is Hari")
    assert [
        f"Hari:\n{REMOTES}\n- 2 x Fan motor, indoor @ ₹1,450.00 = ₹2,900.00\nTotal: ₹6,750.00\nRight?"
    ] == talk.said[-1:]


def test_a_single_line_has_no_total_and_many_are_cheaper(talk: Talk) -> None:
    talk.say("60 remotes, my name is Hari")
    assert "- 60 x Remote control @ ₹320.00 = ₹19,200.00\nRight?" in talk.said[-1]


def test_which_of_two_is_asked_by_its_line_and_the_rest_survives(talk: Talk) -> None:
    assert ["Line 2: Which fan motors: Fan motor, indoor or Fan motor, outdoor?"] == talk.say(
        "11 remotes and 3 fan motors"
    )
    assert ["Your name?"] == talk.say("the outdoor one")
    assert ["remote", "fan_out"] == [line["id"] for line in talk.slots["items"]]


def test_an_open_line_is_settled_by_a_tap(talk: Talk) -> None:
    talk.say("parts please")
    assert ["Which fan motors: Fan motor, indoor or Fan motor, outdoor?"] == talk.say(
        "3 fan motors"
    )
    assert ["Your name?"] == talk.tap("Fan motor, indoor")
    assert [3] == [line["quantity"] for line in talk.slots["items"]]


def test_a_line_is_left_out_by_a_tap_or_in_words(talk: Talk) -> None:
    talk.say("11 remotes and 3 fan motors")
    assert ["All right, without fan motors.", "Your name?"] == talk.tap("Leave it out")
    assert ["remote"] == [line["id"] for line in talk.slots["items"]]


@pytest.mark.parametrize("words", ["no", "leave it out", "remove it please"])
def test_words_leave_a_line_out(talk: Talk, words: str) -> None:
    talk.say("11 remotes and 3 fan motors")
    assert "All right, without fan motors." in talk.say(words)


def test_the_last_line_left_out_leaves_the_question(talk: Talk) -> None:
    talk.say("parts please")
    talk.say("3 fan motors")
    assert ["All right, without fan motors.", "Your parts?"] == talk.say("no")
    assert "items" not in talk.slots


def test_several_open_lines_are_asked_one_after_the_other(talk: Talk) -> None:
    talk.say("11 remotes, 3 fan motors, 15 nuts")
    assert ["Line 3: We sell Flare nut from 20 on. How many, please?"] == talk.say("indoor")
    assert ["Line 3: Flare nut comes in packs of 20. Shall I note 40 or 60?"] == talk.say("50")
    assert ["Your name?"] == talk.tap("60")
    assert [11, 3, 60] == [line["quantity"] for line in talk.slots["items"]]


def test_yes_takes_the_only_proposal(talk: Talk) -> None:
    talk.say("parts please")
    talk.say("15 nuts")
    assert ["Your name?"] == talk.say("ok")
    assert [20] == [line["quantity"] for line in talk.slots["items"]]


def test_a_name_said_meanwhile_is_kept_and_the_line_is_asked_again(talk: Talk) -> None:
    talk.say("parts please")
    asked = talk.say("3 fan motors")
    assert asked == talk.say("my name is Hari")
    assert "Hari" == talk.slots["name"]
    assert "- 3 x Fan motor, indoor" in talk.say("indoor")[-1]


def test_more_goods_instead_of_an_answer_come_beside_the_settled_lines(talk: Talk) -> None:
    talk.say("parts please")
    talk.say("11 remotes and 3 fan motors")
    talk.say("2 indoor fan motors and 1 outdoor fan motor")
    assert [("remote", 11), ("fan_in", 2), ("fan_out", 1)] == [
        (line["id"], line["quantity"]) for line in talk.slots["items"]
    ]


def test_what_is_not_sold_is_said_and_the_rest_is_taken(talk: Talk) -> None:
    talk.say("parts please")
    said = talk.say("11 remotes and 4 bananas")
    assert ['I do not find "bananas" in our list, so I left it out.', "Your name?"] == said


def test_nothing_that_is_sold_is_a_miss(talk: Talk) -> None:
    talk.say("parts please")
    assert 'I do not find "bananas" in our list, so I left it out.' in talk.say("4 bananas")
    assert 1 == talk.session.frames[-1].misses


def test_a_correction_may_open_a_line_too(talk: Talk) -> None:
    talk.say("11 remotes, my name is Hari")
    assert ["Line 2: Which fan motors: Fan motor, indoor or Fan motor, outdoor?"] == talk.say(
        "add 2 fan motors"
    )
    assert "2 x Fan motor, outdoor" in talk.say("outdoor")[-1]


def test_a_fraction_of_a_piece_is_asked_and_of_a_metre_taken(talk: Talk) -> None:
    talk.say("parts please")
    assert ["Remote control comes in whole pieces only. How many, please?"] == talk.say(
        "2.5 remotes"
    )
    talk.say("3")
    talk.say("change")
    talk.say("add 7.5 m copper pipe")
    assert {"remote": 3, "pipe": 7.5} == {
        line["id"]: line["quantity"] for line in talk.slots["items"]
    }


def test_the_slots_own_words_ask_where_it_has_some(meet: Meet) -> None:
    talk = shop(meet, unclear="{product}? {candidates}!", invalid="{product} from {min} on!")
    talk.say("parts please")
    assert ["fan motors? Fan motor, indoor or Fan motor, outdoor!"] == talk.say("3 fan motors")
    talk.say("no")
    assert ["Copper pipe from 5 on!"] == talk.say("2 m copper pipe")


def test_whatever_is_asked_meanwhile_the_open_line_is_not_forgotten(talk: Talk) -> None:
    talk.say("parts please")
    (asked,) = talk.say("3 fan motors")
    assert talk.say("cancel") != [asked]
    assert [asked] == talk.say("no")
    assert asked == talk.say("help")[-1]
    assert [asked] == talk.say("manoj p, manoj@example.com")
    assert asked in talk.say("bananas")
    assert ["Your name?"] == talk.say("the indoor one")


def test_a_label_is_no_position(meet: Meet) -> None:
    """Here "1.5 ton" names a size, and a lone "2" the second of them."""
    rows = "c1,Compressor 1 ton,,\nc15,Compressor 1.5 ton,,\nc2,Compressor 2 ton,,\n"
    for answer, product in (("1.5 ton", "c15"), ("2", "c15"), ("the last one", "c2")):
        talk = meet(PARTS, catalogue=f"id,name,aliases,price\n{rows}")
        talk.say("parts please")
        talk.say("14 compressors")
        talk.say(answer)
        assert [product] == [line["id"] for line in talk.slots["items"]]


def test_a_phone_number_is_no_quantity(talk: Talk) -> None:
    talk.say("parts please")
    (asked,) = talk.say("remotes")
    assert "Remote control: how many, please?" == asked
    assert [asked] == talk.say("9847206153")
    assert [asked] == talk.say("it is for the house number 12 in our street")
    assert ["Your name?"] == talk.say("12 please")


def test_packs_are_counted_in_pieces(talk: Talk) -> None:
    talk.say("parts please")
    talk.say("3 packs of nuts")
    assert [60] == [line["quantity"] for line in talk.slots["items"]]


def test_a_yes_with_a_number_changes_the_order(talk: Talk) -> None:
    talk.say("11 remotes, my name is Hari")
    assert "- 18 x Remote control" in talk.say("yes but make it 18 remotes")[-1]
    assert "ended" != talk.state


def test_that_is_all_refuses_nothing_and_a_question_decides_nothing(talk: Talk) -> None:
    talk.say("11 remotes, my name is Hari")
    talk.say("that's all")
    talk.say("no delivery? then I come by")
    assert "parts.confirming" == talk.state
    assert ["Thank you."] == talk.say("that's all, yes")


def test_an_unknown_product_of_the_first_message_is_asked_about(talk: Talk) -> None:
    said = talk.say("11 remotes and 4 fan blades")
    assert 'Line 2: I do not find "fan blades" in our list.' in said[-1]


def test_a_name_between_commas_is_taken_with_a_phone_number(meet: Meet) -> None:
    slots = {**PARTS["slots"], "phone": {"type": "phone"}}
    states = {**PARTS["states"], "who": asking("name", "phone", then="confirming")}
    changed = PARTS | {"slots": slots, "states": states}
    talk = meet(changed, catalogue=CATALOGUE, region="IN", currency="INR")
    talk.say("11 remotes, Sunitha Menon, 9961012345")
    assert "Sunitha Menon" == talk.slots["name"]


def test_a_mended_address_is_confirmed_by_a_yes_and_kept_by_a_no(meet: Meet) -> None:
    for answer, address in (("yes", "hari@gmail.com"), ("no", "hari@gmial.com")):
        ended = {**ENDED, "say": "To {email}."}
        talk = meet(flow("mail", {"asking": asking("email"), "ended": ended}, slots=EMAIL))
        talk.say("mail please")
        talk.say("hari@gmial.com")
        assert [f"To {address}."] == talk.say(answer)


def test_two_addresses_are_not_decided_by_a_yes(meet: Meet) -> None:
    talk = meet(flow("mail", {"asking": asking("email"), "ended": ENDED}, slots=EMAIL))
    talk.say("mail please")
    asked = talk.say("hari@example.com or office@example.com")
    assert asked == talk.say("yes")


def test_a_catalogue_that_changes_meanwhile_leaves_the_question_open(meet: Meet) -> None:
    """On Friday the smallest quantity is gone; the question is put as it was, without it."""
    talk = meet(PARTS, catalogue=CATALOGUE, region="IN", currency="INR")
    talk.say("parts please")
    talk.say("15 nuts")
    talk.book = meet(PARTS, catalogue=CATALOGUE.replace("18,,10,20,", "18,,,,")).book
    talk.say("help")
    assert ["Your name?"] == talk.say("15")
    assert [15] == [line["quantity"] for line in talk.slots["items"]]


def test_a_phrase_that_is_part_of_a_product_belongs_to_it(meet: Meet) -> None:
    cakes = flow("cakes", {"asking": asking("items"), "ended": {**ENDED, "say": "{items}."}})
    cakes |= {"slots": {"items": {"type": "items"}}, "start": {"phrases": ["cakes"]}}
    assert ["2 x lemon cakes."] == meet(cakes).say("2 lemon cakes")


def test_a_guard_may_look_at_every_line(meet: Meet) -> None:
    few = {"small": {**ENDED, "say": "Few."}, "large": {**ENDED, "say": "Many of each."}}
    ways = [{"when": {"items": {"at_least": 5}}, "go": "large"}, {"else": "small"}]
    each = flow("each", {"asking": asking("items", then=ways), **few})
    each |= {"slots": {"items": {"type": "items"}}}
    for text, said in (("5 cups and 6 plates", "Many of each."), ("5 cups and 4 plates", "Few.")):
        talk = meet(each)
        talk.say("each please")
        assert [said] == talk.say(text)
