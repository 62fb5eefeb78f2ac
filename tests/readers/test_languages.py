"""Languages: a file each, with the same topics, none of which is left unused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import engine
from engine.readers import READERS, Hearing, Read
from engine.readers.lexicon import (
    FOLDER,
    all_languages,
    phrases,
    phrases_by_value,
    setting,
    spellings,
    word_set,
)

HOUSE = Path(engine.__file__).parent


def _topics(language: str) -> set[str]:
    loaded = YAML(typ="safe", pure=True).load((FOLDER / f"{language}.yaml").read_text("utf-8"))
    return set(loaded) - {"language"}


def test_english_comes_first() -> None:
    """The languages are listed by their files, in an order that does not change."""
    assert all_languages()[0] == "en"
    assert sorted(all_languages()) == sorted(path.stem for path in FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("language", all_languages())
def test_every_topic_of_a_language_is_read_by_something(language: str) -> None:
    """A topic that no code asks for is a misspelt one."""
    code = "".join(path.read_text("utf-8") for path in HOUSE.rglob("*.py"))

    assert {topic for topic in _topics(language) if f'"{topic}"' not in code} == set()


@pytest.mark.parametrize("language", all_languages())
def test_phrases_are_written_without_empty_entries(language: str) -> None:
    """Two commas in a row, or one at the end, are a slip of the author."""
    text = (FOLDER / f"{language}.yaml").read_text("utf-8")

    assert re.findall(r",\s*,|,\s*\n(?=\S)", text) == []


def test_the_language_named_first_is_right_about_a_word() -> None:
    """English "do" is no number, Hindi "do" is two."""
    assert phrases_by_value(("hi",), "numbers")["do"] == 2
    assert "do" not in phrases_by_value(("en",), "numbers")
    assert setting(("es", "en"), "grouping", "") == "."
    assert setting(("en", "es"), "grouping", "") == ","


def test_a_region_of_a_language_is_that_language() -> None:
    """``es-MX`` reads Spanish."""
    assert phrases(("es-MX",), "yes") == phrases(("es",), "yes")


def test_an_unknown_language_knows_no_words() -> None:
    """A language without a file has neither words nor settings."""
    assert phrases(("xx",), "yes") == ()
    assert word_set(("xx",), "yes") == frozenset()
    assert phrases_by_value(("xx",), "numbers") == {}
    assert spellings(("xx",), "units") == {}
    assert setting(("xx",), "grouping", "none") == "none"


def test_typed_hindi_is_mixed_with_english() -> None:
    """Hindi in Latin script understands English words as well, its own first."""
    assert phrases_by_value(("hi",), "numbers")["five"] == 5
    assert "yes" in word_set(("hi",), "yes")


def test_a_handful_of_malayalam_is_understood() -> None:
    """A customer of a shop in Kerala may answer and count in Malayalam."""
    said = {"athe": "yes", "sheri": "yes", "venda": "no", "illa": "no", "nirthu": "cancel"}
    for word, meant in said.items():
        reading = READERS["yes_no"].read(word, Hearing(languages=("ml",)))[0]

        assert isinstance(reading, Read)
        assert meant == reading.value
    assert phrases_by_value(("ml",), "numbers")["randu"] == 2
    assert "yes" in word_set(("ml",), "yes")  # mixed with English


def test_short_answers_are_understood_in_every_language() -> None:
    """A customer of an English bot may say yes in the language of the house."""
    answers = {"haan": "yes", "claro": "yes", "betul": "yes", "nahi": "no", "batalkan": "cancel"}
    for said, meant in answers.items():
        reading = READERS["yes_no"].read(said, Hearing())[0]

        assert isinstance(reading, Read)
        assert reading.value == meant
