"""Long texts: divided where a reader would, and nothing lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.whatsapp.long_texts import cut, divided, units

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
TEXTS = st.text(
    st.one_of(
        st.sampled_from(" \n\t\u00a0abc.,\U0001f600\u200d\u0301\U0001f1ee\U0001f1f3\u0d4d\u0d15"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=120,
)


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize(
    ("text", "most", "parts"),
    [
        ("", 10, []),
        (" \n ", 10, []),
        ("hello", 5, ["hello"]),
        ("  hello\n", 5, ["hello"]),
        ("one two six\n\nten four\nfive", 21, ["one two six", "ten four\nfive"]),
        ("one two three\nfour five", 19, ["one two three", "four five"]),
        ("one two three four", 10, ["one two", "three four"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("word next", 4, ["word", "next"]),
        # What fits into one more part is not spread over two for an early paragraph.
        ("Hi\n\n" + "word " * 7 + "word", 24, ["Hi\n\nword word word word", "word word word word"]),
        ("a bcdefghijkl", 8, ["a", "bcdefghi", "jkl"]),
        ("one   \n  \n  two", 12, ["one", "two"]),
    ],
)
def test_a_text_is_divided_at_the_best_place(text: str, most: int, parts: list[str]) -> None:
    """Paragraphs before lines, lines before words, words before letters."""
    assert parts == divided(text, most)


@pytest.mark.parametrize(
    "seen_as_one",
    [
        "\U0001f600",
        FAMILY,
        "\U0001f1ee\U0001f1f3",
        "\U0001f44d\U0001f3fd",
        "e\u0301",
        "\u0d15\u0d4d\u0d37",
        "\u1112\u1161\u11ab",
        "\u2764\ufe0f",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e007f",
        "\ud83d\ude00",
    ],
    ids=ascii,
)
def test_what_is_seen_as_one_character_stays_whole(seen_as_one: str) -> None:
    """A cut goes before an emoji, a flag or a letter with its marks, not through it."""
    text = seen_as_one * 9
    for most in range(units(seen_as_one), units(seen_as_one) * 4):
        parts = divided(text, most)
        assert [""] * len(parts) == [part.replace(seen_as_one, "") for part in parts]
        assert text == "".join(parts)


def test_two_flags_are_told_apart() -> None:
    """Flags are pairs counted from the first letter."""
    assert ["\U0001f1ee\U0001f1f3", "\U0001f1e9\U0001f1ea"] == divided(
        "\U0001f1ee\U0001f1f3\U0001f1e9\U0001f1ea", 7
    )


def test_marks_without_end_are_cut_somewhere() -> None:
    """A letter with a thousand marks is longer than any part: it is cut all the same."""
    text = "e" + "\u0301" * 1_000

    parts = divided(text, 100)

    assert text == "".join(parts)
    assert 11 == len(parts)


@given(TEXTS, st.integers(2, 40))
def test_nothing_is_lost_doubled_or_too_long(text: str, most: int) -> None:
    """The parts are the text again, up to the white space where it was cut."""
    parts = divided(text, most)

    assert squeezed(text) == squeezed("".join(parts))
    assert [part for part in parts if part == part.strip() != "" and units(part) <= most] == parts
    if units(text.strip()) <= most:
        assert ([text.strip()] if text.strip() else []) == parts


@given(TEXTS, st.integers(2, 40))
def test_words_stay_whole_where_they_fit(text: str, most: int) -> None:
    """No word is cut that a part could have held."""
    if all(units(word) <= most for word in text.split()):
        assert text.split() == [word for part in divided(text, most) for word in part.split()]


@given(TEXTS, st.integers(3, 40))
def test_a_text_cut_short_fits_and_says_so(text: str, most: int) -> None:
    """What did not fit is shown to be missing."""
    short = cut(text, most)

    assert units(short) <= most
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


def test_units_are_those_of_utf_16() -> None:
    """An emoji counts for two."""
    assert 3 == units("a\U0001f600")
