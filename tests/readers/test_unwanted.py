"""What is named only to have something else is no part of an order."""

from __future__ import annotations

import pytest

from engine.readers.unwanted import unwanted, without_unwanted


@pytest.mark.parametrize(
    ("language", "text", "goods"),
    [
        ("en", "instead of the fans give me 12 caps", "the fans"),
        ("en", "12 caps instead of the 9 fans please", "the 9 fans"),
        ("en", "instead of 9 fans, caps", "9 fans"),
        ("en", "rather than fans twelve caps", "fans"),
        ("en", "in place of fans", "fans"),
        ("en", "12 caps instead of", ""),
        ("es", "en vez de los motores dame 12 relés", "los motores"),
        ("id", "daripada kipas 12 relay", "kipas"),
        ("hi", "nahi, fan ki jagah 12 relay bhejo", "fan"),
        ("hi", "fan ke bajay relay", "fan"),
        ("en", "12 caps and fans", None),
    ],
)
def test_what_is_unwanted_ends_where_the_wanted_begins(
    language: str, text: str, goods: str | None
) -> None:
    """A quantity, a comma or a word of an order begins what is wanted; in Hindi it stands behind."""
    found = unwanted(text, (language,))

    assert goods == (None if found is None else text[slice(*found[1])].strip())


def test_all_other_places_stay() -> None:
    """Readings of the rest are found where they stand in the text."""
    text = "instead of fans give me 12 caps"

    rest = without_unwanted(text, ("en",))

    assert len(text) == len(rest)
    assert text.index("12 caps") == rest.index("12 caps")
    assert "fans" not in rest
    assert "12 caps" == without_unwanted("12 caps", ("en",))
