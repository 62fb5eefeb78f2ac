"""What is looked for in a business's texts: the words of a question, cut and made comparable."""

from __future__ import annotations

__all__ = ["alike", "slips", "small", "terms"]

import re
from functools import lru_cache

from engine.readers.folding import words
from engine.readers.lexicon import mixed, own_words, spellings

# What most questions hold, whatever they are about.
SMALL = (
    *("questions", "fillers", "polite", "greetings", "pointing", "one", "and", "of", "not"),
    *("name_beside", "clock_cues", "clock_cues_weak"),
)
# Han, Kana, Thai, Lao, Burmese and Khmer are written without blanks: their pairs of signs are looked
# for instead of words.
_UNSPACED = "\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff"
_RUNS = re.compile(f"([{_UNSPACED}]+)|[^{_UNSPACED}]+")
_JOINING = (".", ",", "/")
SHORTEST = 5  # signs of a word that may be misspelt; "dead" and "read" are two words
LONG = 8  # signs of a word that may be misspelt twice


def terms(text: str) -> list[str]:
    """Cut a text into what is looked for; "1.5" and "1/4" are one term."""
    found: list[str] = []
    end = 0
    for word, start, behind in words(text):
        joined = text[end:start] in _JOINING and found and _is_number(found[-1])
        if joined and word.isdecimal():
            found[-1] += f".{word}"
        elif word.isascii():
            found.append(word)
        else:
            for run in _RUNS.finditer(word):
                found.extend(_pairs(run[0]) if run[1] else (run[0],))
        end = behind
    return found


def _is_number(term: str) -> bool:
    return term[-1:].isdecimal() and term[:1].isdecimal()


def _pairs(signs: str) -> list[str]:
    return [signs[place : place + 2] for place in range(max(1, len(signs) - 1))]


@lru_cache(256)
def small(languages: tuple[str, ...]) -> frozenset[str]:
    """Collect the words that say nothing of what a question is about."""
    known = (own_words(language, topic) for language in mixed(languages) for topic in SMALL)
    return frozenset().union(*known)


def alike(languages: tuple[str, ...]) -> dict[str, str]:
    """Map words that mean the same to one name: "invoice" and "receipt" to "bill"."""
    return spellings(languages, "alike")


def slips(term: str) -> int:
    """Say how often a word may be misspelt; short ones and models' numbers are other words then."""
    if len(term) < SHORTEST or any(sign.isdigit() for sign in term):
        return 0
    return 1 if len(term) < LONG else 2
