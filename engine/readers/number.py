"""Numbers in digits and in words, in the languages of the bot."""

from __future__ import annotations

__all__ = ["read_number"]

from engine.readers.candidates import one_of
from engine.readers.lexicon import word_set
from engine.readers.numerals import NOTHING, NUMBER, tidy, tokens
from engine.readers.reading import Hearing, Read, Reading


def read_number(text: str, hearing: Hearing) -> list[Reading]:
    """Read the number a text names; codes, sizes ("600ml") and "this one" are none."""
    negative = word_set(hearing.languages, "minus")
    pointing = word_set(hearing.languages, "pointing")
    found: list[Read] = []
    last = NOTHING
    for token in tokens(text, hearing.languages):
        this_one = token.spelt and token.value == 1 and last.word in pointing
        if token.kind is NUMBER and not token.glued and not this_one:
            minus = last.word in negative or (last.word == "-" and last.end == token.start)
            value = tidy(-token.value if minus else token.value)
            found.append(Read(value, last.start if minus else token.start, token.end))
        last = token
    return one_of(found)
