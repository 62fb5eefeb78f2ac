"""Numbers in digits and in words, in the languages of the bot."""

from __future__ import annotations

__all__ = ["read_number"]

import re

from engine.readers.candidates import one_of
from engine.readers.lexicon import word_set
from engine.readers.numerals import NOTHING, NUMBER, is_pronoun, tidy, tokens
from engine.readers.reading import Hearing, Read, Reading

# "07700 900461", "4111-1111-1111": digits in groups.
_GROUPED = re.compile(r"\d+(?:[ ()\u2010-\u2015-]{1,3}\d+)++")
# Digits of a phone, an account or a card; no one counts that far in groups.
MEANT_AS_CODE = 9


def read_number(text: str, hearing: Hearing) -> list[Reading]:
    """Read the number a text names; codes, phones, sizes ("600ml") and "this one" are none."""
    text = _GROUPED.sub(_without_code, text)
    negative = word_set(hearing.languages, "minus")
    found: list[Read] = []
    last = NOTHING
    said = tokens(text, hearing.languages)
    for place, token in enumerate(said):
        counts = token.kind is NUMBER and not token.glued
        if counts and not is_pronoun(said, place, hearing.languages):
            minus = last.word in negative or (last.word == "-" and last.end == token.start)
            value = tidy(-token.value if minus else token.value)
            found.append(Read(value, last.start if minus else token.start, token.end))
        last = token
    return one_of(found)


def _without_code(run: re.Match[str]) -> str:
    digits = sum(map(str.isdigit, run[0]))
    return run[0] if digits < MEANT_AS_CODE else "," * len(run[0])
