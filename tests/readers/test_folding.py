"""Folding: what counts as the same word, and where words stand."""

from __future__ import annotations

import pytest

from engine.readers.folding import fold, singular, words


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Hari", "hari"),
        ("DON'T", "dont"),
        ("don\u2019t", "dont"),
        ("José Ñuñoa", "jose nunoa"),
        ("Straße", "strasse"),
        ("cafe\u0301", "cafe"),
        ("हिन्दी", "हिन्दी"),
        ("한국", "한국"),
        ("", ""),
    ],
)
def test_case_accents_and_apostrophes_fold_away(typed: str, folded: str) -> None:
    """Spellings that a reader takes for the same word fold to the same text."""
    assert folded == fold(typed)


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("send 2 fans", ["send", "2", "fans"]),
        ("two  blanks ", ["two", "blanks"]),
        ("  (a,b) don't!", ["a", "b", "dont"]),
        ("¿Dónde está? don\u2019t", ["donde", "esta", "dont"]),
        ("नमस्ते दुनिया।", ["नमस्ते", "दुनिया"]),
        ("snake_case", ["snake", "case"]),
        ("👍 ok", ["ok"]),
        ("…", []),
        ("", []),
        (" ", []),
    ],
)
def test_words_are_cut_at_everything_that_is_no_letter(text: str, cut: list[str]) -> None:
    """Blanks, signs and emoji separate words; marks and apostrophes do not."""
    assert cut == [word for word, _, _ in words(text)]


@pytest.mark.parametrize("text", ["send 2 fans", " (Don't)  stop ", "¿Qué? Straße İstanbul"])
def test_words_know_their_places(text: str) -> None:
    """The place of a word is where its letters stand in the text as typed."""
    for word, start, end in words(text):
        assert word == fold(text[start:end])


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("filters", "filter"),
        ("boxes", "box"),
        ("batteries", "battery"),
        ("cookies", "cookie"),
        ("brushes", "brush"),
        ("glass", "glass"),
        ("bus", "bus"),
        ("gas", "gas"),
        ("motor", "motor"),
    ],
)
def test_plurals_of_goods_are_cut(plural: str, one: str) -> None:
    """Names of goods compare equal in one and many."""
    assert one == singular(plural)
