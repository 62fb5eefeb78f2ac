"""Goods that somebody bought, sells or has repaired are no part of an order; what stands beside is."""

from __future__ import annotations

import pytest

from engine.readers import Hearing
from engine.readers.other_deeds import without_other_deeds

CATALOGUE = {"fan": ("Fan",), "cap": ("Capacitor", "cap"), "valve": ("Return valve",)}


def _rest(text: str, language: str = "en", *, sold: bool = True) -> str:
    """Give what is left of a text, its blanks and commas as one."""
    hearing = Hearing(languages=(language,), asked=False, catalogue=CATALOGUE if sold else {})
    rest = without_other_deeds(text, hearing)
    assert len(text) == len(rest)
    return " ".join(rest.replace(",", " ").split())


@pytest.mark.parametrize(
    ("language", "text", "rest"),
    [
        ("en", "i bought 2 fans last week", "i"),
        ("en", "can i exchange the 2 fans for 3 caps?", "can i ?"),
        ("en", "want to sell 5 fans", "want to"),
        ("en", "my brother bought 2 fans", "my brother"),
        ("en", "warranty for 2 fans", ""),
        ("en", "need repair for 2 fans", "need"),
        ("en", "need exchange 2 fans", "need"),
        ("en", "send 2 caps and repair 1 fan", "send 2 caps and"),
        ("es", "compré 2 motores ayer", ""),
        ("id", "mau jual 5 kipas", "mau"),
        ("hi", "bhai 2 fan bechna hai", "hai"),
        ("hi", "maine 2 fan kharida tha", "tha"),
        ("ml", "5 fan vilkkan undu", "undu"),
        ("en", "2 fan ka warranty kitna hai", "kitna hai"),
        ("en", "2 caps and 3 nuts please", "2 caps and 3 nuts please"),
    ],
)
def test_a_verb_of_another_deed_governs_goods(language: str, text: str, rest: str) -> None:
    """Those behind it, in Hindi and Malayalam those before it, whatever the bot's language."""
    assert rest == _rest(text, language)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("repair my ac and send me 2 caps", "send me 2 caps"),
        ("i bought fans so 2 caps", "i so 2 caps"),
        ("returned 2 fans. 3 caps", ". 3 caps"),
        ("as in the list i bought: 2 fans", "as in the list i bought: 2 fans"),
        ("2 fan bechna hai, 3 cap bhejo", "hai 3 cap bhejo"),
        ("2 cap chahiye aur 3 fan bechna hai", "2 cap chahiye hai"),
        ("3 cap bhejo because 2 fan bechna hai", "3 cap bhejo because hai"),
        ("bought 2 fans, 3 caps last week", ""),
        ("bought 2 fans, and 3 caps last week, ok", "ok"),
        ("bought 2 fans, 3 caps please", "3 caps please"),
        ("bought 2 fans, the caps", "the caps"),
        ("bought 2 fans, and", "and"),
        ("bought fans, 3 caps", "3 caps"),
    ],
)
def test_a_real_order_beside_it_stays_one(text: str, rest: str) -> None:
    """A sign, or a verb of an order, ends what the deed governs; a plain list goes on."""
    assert rest == _rest(text)


@pytest.mark.parametrize(
    "text",
    [
        "need 5 repair kits",
        "need 5 ac repair kits and 3 caps",
        "need repair kits 5",
        "need 3 caps to repair 2 fans",
        "need the same fans i bought last month 2 pieces",
        "caps 3 to 4, repair",
        "sell me 2 fans",
        "do you sell fans",
        "sold out? then 2 caps",
        "as i ordered last time 2 fans",
        "return valve 5, 2 fans",
    ],
)
def test_goods_that_are_ordered_may_be_described_by_such_a_word(text: str) -> None:
    """Their kind, what they are for, or what one had before."""
    assert " ".join(text.replace(",", " ").split()) == _rest(text)


def test_goods_of_no_catalogue_are_governed_too() -> None:
    assert "i" == _rest("i bought 2 cakes", sold=False)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("i bought 2 fans last week, now send 3 more", "i fans last week now send 3 more"),
        ("i bought fans. please send me 3", "i fans please send me 3"),
        ("i bought 2 fans and 1 cap, now send 3 more", "i now send 3 more"),
        ("i bought 2 fans, need a reply in 3 days", "i need a reply in 3 days"),
        ("i bought 2 fans, i need it in 5", "i i need it in 5"),
        ("i bought 2 fans, send 3 days", "i send 3 days"),
        ("i bought 2 fans, please send. 3", "i please send. 3"),
    ],
)
def test_more_of_what_was_bought_is_an_order(text: str, rest: str) -> None:
    """The goods stay where another clause orders a number of nothing that it names."""
    assert rest == _rest(text)
