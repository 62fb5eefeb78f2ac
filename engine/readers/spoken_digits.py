"""A phone number dictated in words: "nine eight four seven, double zero ...", digit by digit."""

from __future__ import annotations

__all__ = ["Digits", "spoken_digits"]

from dataclasses import dataclass
from functools import lru_cache

from engine.readers.folding import words
from engine.readers.lexicon import phrases_by_value

# Spoken digits stand close together: a blank, a comma, a hyphen, a line's end.
WIDEST_GAP = 3


@dataclass(frozen=True, slots=True)
class Digits:
    """A run of dictated digits, and where: ``text[start:end]``."""

    digits: str
    start: int
    end: int


@lru_cache(256)
def _digit_of(languages: tuple[str, ...]) -> dict[str, str]:
    numbers = phrases_by_value(languages, "numbers")
    single = {word: str(value) for word, value in numbers.items() if value in range(10)}
    more = {word: str(value) for word, value in phrases_by_value(languages, "digit_words").items()}
    return single | more


def spoken_digits(text: str, languages: tuple[str, ...], fewest: int) -> list[Digits]:
    """Find runs of at least so many digits of which some are words."""
    digit_of, repeats = _digit_of(languages), phrases_by_value(languages, "repeats")
    found: list[Digits] = []
    digits, start, end, times, spelt = "", 0, 0, 1, False
    near = 0  # the end of the word before
    for word, first, last in [*words(text), ("", len(text) + WIDEST_GAP + 1, len(text))]:
        apart = bool(digits) and first - near > WIDEST_GAP
        known = word.isdecimal() or word in digit_of or (word in repeats and not apart)
        if apart or not known:
            if spelt and len(digits) >= fewest:
                found.append(Digits(digits, start, end))
            digits, times, spelt = "", 1, False
        near = last
        if word in repeats:
            start, end = (start if digits else first), (end if digits else last)
            times = repeats[word]
        elif known:
            begun = digits or times > 1
            start, end = (start if begun else first), last
            digits += (word if word.isdecimal() else digit_of[word]) * times
            times, spelt = 1, spelt or not word.isdecimal()
    return found
