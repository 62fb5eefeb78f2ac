"""Names that are words of another language, in bots of several languages."""

from __future__ import annotations

import pytest

from engine.readers import READERS, Hearing, Read


def names(text: str, *languages: str, asked: bool = True) -> list[str]:
    found = READERS["person_name"].read(text, Hearing(languages=languages, asked=asked))
    return [str(one.value) for one in found if isinstance(one, Read)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Made Arta", "Made Arta"),
        ("made arta", "Made Arta"),
        ("Made", "Made"),
        ("nama saya Made", "Made"),
        ("atas nama made arta", "Made Arta"),
    ],
)
def test_a_name_of_the_language_that_is_spoken_is_no_foreign_word(text: str, name: str) -> None:
    """Made is somebody in an Indonesian conversation, in an English one a word."""
    assert names(text, "id", "en") == [name]
    assert names(text, "en", "id") == []


def test_foreign_words_beside_it_stay_words() -> None:
    """Only what is a name here is taken out of the words that are none."""
    assert names("owner", "id", "en") == []
    assert names("who made this", "id", "en") == []
    assert names("made by hand", "id", "en", asked=False) == []
