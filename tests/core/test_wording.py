"""Words: lists joined as a language does, values shown as a person writes them."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import AuthorError, Fault
from engine.language.wording import Voice, compile_text, join_list, show, template_of
from engine.validity import fits
from tests.core.conftest import Meet
from tests.core.flows import asking, flow

ENGLISH = Voice("en", "en_GB", ("and", "or"))
SPANISH = Voice("es", "es_MX", ("y", "o"))


@pytest.mark.parametrize(
    ("parts", "word", "said"),
    [
        ([], "y", ""),
        (["uno"], "y", "uno"),
        (["uno", "dos", "tres"], "y", "uno, dos y tres"),
        (["Ana", "Inés"], "y", "Ana e Inés"),
        (["agua", "hielo"], "y", "agua y hielo"),
        (["siete", "ocho"], "o", "siete u ocho"),
    ],
)
def test_spanish_joins_by_sound(parts: list[str], word: str, said: str) -> None:
    """Words: "y" becomes "e" before an i, "o" becomes "u" before an o."""
    assert said == join_list(parts, word, "es")


@pytest.mark.parametrize(
    ("value", "kind", "said"),
    [
        ("2026-02-01", "date", "Sunday, 1 February 2026"),
        ("17:30", "date", "17:30"),
        ("2026-02-01T17:30", "date", "Sunday, 1 February 2026, 17:30"),
        ("some day", "date", "some day"),
        (2.5, "number", "2.5"),
        (["a", 2], "text", "a, 2"),
        ({"number": "A-1"}, "text", "A-1"),
        ("+918848850922", "phone", "+91 88488 50922"),
        ("nonsense", "phone", "nonsense"),
        ({"amount": 20, "currency": "EUR"}, "money", "€20.00"),
        ([{"quantity": 2, "unit": "box", "name": "nails"}], "items", "2 box nails"),
    ],
)
def test_values_are_shown_by_their_kind(value: Any, kind: str, said: str) -> None:
    """What is not of its kind's shape is shown as it is."""
    assert said == show(value, kind, ENGLISH, block=False)


def test_items_alone_on_a_line_are_a_list() -> None:
    """In a line of their own they stand below each other."""
    lines = [
        {"quantity": 2, "unit": None, "name": "fans"},
        {"quantity": 1, "unit": None, "name": "belt"},
    ]
    assert "- 2 x fans\n- 1 x belt" == show(lines, "items", ENGLISH, block=True)
    assert "2 x fans y 1 x belt" == show(lines, "items", SPANISH, block=False)


def test_a_template_knows_which_holes_stand_alone() -> None:
    """A hole with nothing else on its line is a block."""
    template = template_of("Your order:\n  {items}\nfor {name}.\n")
    blocks = [part.block for part in template.parts if not isinstance(part, str)]
    assert [True, False] == blocks
    assert "Your order:\n  |\nfor |." == template.fill(lambda hole: "|")
    assert "{}" == template_of("{}").constant


def test_a_text_in_one_language_serves_all() -> None:
    """What is missing falls back to the bot's first language."""
    assert compile_text("Hi", ["en", "es"])["es"] == compile_text({"en": "Hi"}, ["en", "es"])["es"]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("items", [{"name": "fan", "quantity": 2}], [{"name": "fan"}]),
        ("money", {"amount": 2}, 2),
        ("number", 2, "two"),
        ("text", "two", None),
    ],
)
def test_a_value_from_outside_is_kept_only_in_its_kinds_shape(
    kind: str, good: Any, bad: Any
) -> None:
    """What an action returns fills a slot only when it fits."""
    assert fits(kind, good)
    assert not fits(kind, bad)


def test_faults_of_a_bot_are_listed_in_the_order_of_its_files() -> None:
    """Each once, with its place, its fault and its remedy."""
    second = Fault("b.yaml", 2, 1, "this is wrong.", "Mend it.")
    first = Fault("a.yaml", 9, 1, "this too.")
    error = AuthorError([second, first, second])
    assert "a.yaml:9:1: this too.\nb.yaml:2:1: this is wrong. Mend it." == str(error)


# --- what a product costs -------------------------------------------------------------------------

GOODS = """id,name,aliases,price,unit
remote,Remote control,remote,350 | 50: 320 | 200: 295.5,
pipe,Copper pipe,pipe,210,m
chip,Control chip,chip,,
"""
PRICE = flow(
    "price",
    {
        "asking": asking("part", then="told"),
        "told": {"end": "completed", "say": "{part}: {part.price}."},
    },
    slots={"part": {"type": "choice", "from": "catalogue"}},
)


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("remote", "Remote control: ₹350.00, from 50 on ₹320.00, from 200 on ₹295.50."),
        ("pipe", "Copper pipe: ₹210.00 / m."),
        ("chip", "Control chip: price on request."),
    ],
)
def test_a_text_may_say_what_a_product_costs(meet: Meet, part: str, told: str) -> None:
    talk = meet(PRICE, catalogue=GOODS, currency="INR", region="IN")
    talk.say("price please")

    assert [told] == talk.say(part)


def test_a_product_is_chosen_as_it_is_ordered(meet: Meet) -> None:
    """By a part of its name, in a longer message; what fits several is asked."""
    talk = meet(PRICE, catalogue=GOODS, currency="INR", region="IN")
    talk.say("price please")

    assert ["Which one do you mean: Remote control or Control chip?"] == talk.say("a control")
    assert ["Control chip: price on request."] == talk.say("the chip then")
    talk.say("price please")
    assert "price.asking" == talk.state
    talk.say("hm, 3 of something")
    assert "price.asking" == talk.state
    asked = ["Which one do you mean: Remote control or Copper pipe?"]
    assert asked == talk.say("the remote and the pipe")


def test_a_product_that_is_sold_no_more_has_no_price(meet: Meet) -> None:
    """It was chosen before the catalogue changed."""
    states = {
        **PRICE["states"],
        "asking": asking("part", then="who"),
        "who": asking("name", then="told"),
    }
    slots = {**PRICE["slots"], "name": {"type": "person_name"}}
    talk = meet(
        PRICE | {"states": states, "slots": slots}, catalogue=GOODS, currency="INR", region="IN"
    )
    for text in ("price please", "remote"):
        talk.say(text)
    talk.session.frames[-1].slots["part"] = "gone"

    assert ["gone: price on request."] == talk.say("Ana Silva")


def test_only_what_is_chosen_from_the_catalogue_has_a_price(meet: Meet) -> None:
    slots = {"part": {"type": "choice", "options": [{"id": "a", "label": "A"}]}}
    with pytest.raises(AuthorError, match=r"\{part.price\} is not known"):
        meet(PRICE | {"slots": slots}, currency="INR", region="IN")
