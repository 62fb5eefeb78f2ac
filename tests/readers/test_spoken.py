"""Which language a message is written in, told by its small words."""

from __future__ import annotations

import pytest

from engine.readers.folding import words
from engine.readers.spoken import spoken_language

LANGUAGES = ("en", "es", "id")


def spoken(text: str, languages: tuple[str, ...], *, asks: bool = False) -> str:
    """Tell the language of a text."""
    return spoken_language(text, words(text), languages, asks=asks)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("mi aire gotea, ¿qué hago?", "es"),
        ("¿Dan garantía?", "es"),  # "dan" is an Indonesian word
        ("¡hi!", "es"),
        ("necesito cinco filtros por favor", "es"),
        ("could you please send me two fans", "en"),
        ("halo, saya mau pesan dua kipas", "id"),
        ("hola", "es"),
        ("buenos dias", "es"),
        ("thanks", "en"),
        # One small word in a longer message may be a loan, and a shared one tells nothing.
        ("hola Latha Nair kochi", ""),
        ("1. 10 nos relays\n2. 5 nos fans", ""),
        ("10 nos, 5 nos and 3 nos relays", ""),
        ("two cans of paint, can you send them", "en"),
        ("ok", ""),
        ("hola thanks", ""),
        ("9400556677", ""),
        ("", ""),
    ],
)
def test_a_language_shows_by_its_small_words(text: str, language: str) -> None:
    """Only a clear case counts; anything else leaves the language as it is."""
    assert language == spoken(text, LANGUAGES)


def test_an_only_language_needs_no_telling() -> None:
    """Words of a language that the bot does not speak say nothing."""
    assert spoken("hola, por favor", ("en",)) == ""


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("quiero 20 relays", "es"),
        ("20 relays, necesito", "es"),
        ("nesecito 20 relays", "es"),
        ("need 20 reles", "en"),
        ("butuh 20 relay", "id"),
        # Names and loans show nothing, and neither does a word that another one speaks against.
        ("20 relays, Simon Das", ""),
        ("relays y 20 fans", ""),
        ("20 relays la 10 fans", ""),
        ("quiero 20 relays please", ""),
        ("20 relays", ""),
    ],
)
def test_in_an_order_one_clear_word_is_enough(text: str, language: str) -> None:
    """Who orders in a language is answered in it, however short the order."""
    assert language == spoken(text, LANGUAGES, asks=True)


def test_one_clear_word_of_talk_is_not_enough() -> None:
    """Outside an order or a question one word may be quoted."""
    assert spoken("relay quiero motors", LANGUAGES) == ""
