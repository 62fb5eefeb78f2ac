"""What of a question is looked for."""

from __future__ import annotations

import pytest

from engine.runtime.search_terms import alike, slips, small, terms


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Café's 1.5 ton unit!", ["the", "cafes", "1.5", "ton", "unit"]),
        ("1/4 inch, 2 3 and v1.5", ["1.4", "inch", "2", "3", "and", "v1", "5"]),
        ("10,000 x. 5", ["10.000", "x", "5"]),
        ("गारंटी कितने महीने", ["गारंटी", "कितने", "महीने"]),
        ("റിമോട്ട് വേണം", ["റിമോട്ട്", "വേണം"]),
        ("退货政策 R32冷媒", ["退货", "货政", "政策", "r32", "冷媒"]),
        ("水", ["水"]),
        ("", []),
    ],
)
def test_a_text_is_cut_into_comparable_terms(text: str, found: list[str]) -> None:
    """Numbers with a point are one; what is written without blanks is looked for by its pairs."""
    assert terms(text) == found


def test_small_words_say_nothing_of_what_is_asked() -> None:
    """Those of all languages of the bot, and no others."""
    assert {"how", "the", "please", "is"} <= small(("en",))
    assert not {"como", "warranty", "gas"} & small(("en",))
    assert {"how", "como"} <= small(("en", "es"))


def test_words_that_mean_the_same_have_one_name() -> None:
    """Each language has its own; one without any has none."""
    assert alike(("en",))["receipt"] == alike(("en",))["invoices"] == "bill"
    assert alike(("es",))["recibo"] == "factura"
    assert alike(("xx",)) == {}


@pytest.mark.parametrize(
    ("term", "most"),
    [("read", 0), ("r410a", 0), ("refil", 1), ("waranty", 1), ("warrenty", 2), ("compresor", 2)],
)
def test_longer_words_may_be_misspelt(term: str, most: int) -> None:
    """A short word with a slip is another word, and so is the number of a model."""
    assert slips(term) == most
