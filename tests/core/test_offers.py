"""A price that was asked is an order half said: offered with a quantity, remembered without one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.conftest import Meet
from tests.core.flows import asking, flow
from tests.core.talk import Talk

STOCK = "id,name,price\nfan,Fan,100\nbelt,Belt,20\n"
PRICE: dict[str, Any] = flow(
    "price",
    {
        "asking": asking(
            "part", then=[{"when": {"part": "known"}, "go": "told"}, {"else": "told"}]
        ),
        "told": {"end": "completed", "say": "{part.price}", "order": "buying"},
    },
    slots={"part": {"type": "choice", "from": "catalogue", "label": "part"}},
    start={"phrases": ["price of"]},
)
BUYING = flow(
    "buying",
    {"asking": asking("goods", "email"), "ended": {"end": "completed"}},
    slots={
        "goods": {"type": "items", "from": "catalogue", "label": "goods"},
        "email": {"type": "email", "label": "email"},
    },
)


@pytest.fixture
def talk(meet: Meet) -> Talk:
    return meet(PRICE, BUYING, catalogue=STOCK)


def goods(talk: Talk) -> list[tuple[str, int]]:
    return [(line["id"], line["quantity"]) for line in talk.slots["goods"]]


def test_a_price_with_a_quantity_is_offered_as_an_order(talk: Talk) -> None:
    said = talk.say("price of 20 fans")
    assert talk.line("order_offer", order_lines="20 x Fan") == said[-1]
    talk.say("yes")
    assert [("fan", 20)] == goods(talk)


def test_another_quantity_answers_the_offer(talk: Talk) -> None:
    talk.say("price of 20 fans")
    talk.say("make it 25 please")
    assert [("fan", 25)] == goods(talk)


def test_a_declined_offer_is_over(talk: Talk) -> None:
    talk.say("price of 20 fans")
    assert [talk.line("declined")] == talk.say("no thanks")
    assert talk.session.pending is None


def test_the_offer_is_put_again_to_what_says_neither(talk: Talk) -> None:
    offer = talk.say("price of 20 fans")[-1]
    assert [offer] == talk.say("let me think about it for a while")


@pytest.mark.parametrize("words", ["12", "i need 12 of them", "ok give me 12 pcs", "12 of those"])
def test_a_quantity_behind_a_price_is_of_that_product(talk: Talk, words: str) -> None:
    talk.say("price of a fan")
    talk.say(words)
    assert [("fan", 12)] == goods(talk)


@pytest.mark.parametrize(
    "words", ["12?", "what about 12 screwdrivers", "9847012345", "12 or 15", "0"]
)
def test_other_numbers_behind_a_price_order_nothing(talk: Talk, words: str) -> None:
    talk.say("price of a fan")
    talk.say(words)
    assert "goods" not in (talk.slots if talk.session.frames else {})


def test_a_price_without_a_quantity_asks_for_nothing(talk: Talk) -> None:
    """Who only wants to know is left alone, and a yes to nothing starts nothing."""
    assert 1 == len(talk.say("price of a fan"))
    talk.say("ok")
    assert "idle" == talk.state
    assert talk.session.pending is None


def test_a_question_in_between_does_not_end_it(meet: Meet) -> None:
    faq = [{"id": "place", "ask": ["where are you"], "say": "Here."}]
    talk = meet(PRICE, BUYING, catalogue=STOCK, faq=faq)
    talk.say("price of a fan")
    talk.say("where are you")
    talk.say("12 of them")
    assert [("fan", 12)] == goods(talk)


def test_a_price_in_the_middle_of_an_order_offers_nothing(meet: Meet) -> None:
    """The order that is open goes on."""
    talk = meet({**PRICE, "start": {**PRICE["start"], "during": "return"}}, BUYING, catalogue=STOCK)
    talk.say("buying please")
    assert "Your goods and email?" == talk.say("price of 20 fans")[-1]


def test_a_flow_that_ends_without_its_product_offers_nothing(meet: Meet) -> None:
    told = {"end": "completed", "say": "Sorry.", "order": "buying"}
    choices = [
        {"id": "no", "label": "No", "means": "no", "go": "told"},
        {"id": "yes", "label": "Yes", "means": "yes", "go": "asking"},
    ]
    sure = {"say": "Sure?", "choices": choices}
    states = {"sure": sure, "asking": asking("part", then="told"), "told": told}
    talk = meet({**PRICE, "states": states}, BUYING, catalogue=STOCK)
    talk.say("price of something")
    assert ["Sorry."] == talk.say("no")
    assert talk.session.pending is None
