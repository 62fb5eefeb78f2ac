"""Phone numbers: E.164 where they can be dialled; digits with a fault where they cannot.

In free text only a valid number of the region (or one with its country code) is a phone: order
numbers and postcodes are digits too. Only an answer to the question may be undialable,
or what is called a phone.
"""

from __future__ import annotations

__all__ = ["read_phone"]

import re
from functools import cache
from importlib import import_module
from typing import Any

from engine.readers.candidates import one_of
from engine.readers.folding import words
from engine.readers.lexicon import word_set
from engine.readers.reading import Hearing, Read, Reading
from engine.readers.spoken_digits import Digits, spoken_digits

# Digits with what people put between them. Possessive, so that a long run is walked once.
_CANDIDATE = re.compile(r"(?<![\w@])(?:\+\s?)?\(?\d(?:[\s().\-/\u2010-\u2015]{0,3}\d)*+(?![\w%:])")
FEWEST, MOST = 7, 15  # digits: the shortest subscriber numbers; ITU-T E.164, 6.1
# Of digits that cannot be dialled, this many are meant as a phone even among other words.
SURELY_MEANT = 9
# "my phone number, the one at home, is": characters between a cue and its digits.
CUE_REACH = 40
# Groups of one number ("081 684 32 99"), and how often one message is tried: an answer holds one
# or two phones, a pasted table of digits none.
MOST_GROUPS = 6
MOST_TRIES = 40


def read_phone(text: str, hearing: Hearing) -> list[Reading]:
    """Read the phone number in a text."""
    if sum(map(str.isdecimal, text)) < FEWEST:
        # Most messages hold no phone, and need not load what tells phones apart.
        return one_of([_dictated(one, hearing) for one in _spoken(text, hearing)])
    found: list[Read] = []
    spare: list[Read] = []
    tries = MOST_TRIES
    for match in _CANDIDATE.finditer(text):
        groups = list(_GROUP.finditer(text, *match.span()))
        first = 0
        while first < len(groups) and tries > 0:
            for last in range(min(len(groups), first + MOST_GROUPS), first, -1):
                start, end = groups[first].start(), groups[last - 1].end()
                size = sum(map(str.isdecimal, text[start:end]))
                if size < FEWEST:
                    break
                tries -= 1
                value = _e164(text[start:end], hearing.region) if size <= MOST + 2 else ""
                if value:
                    found.append(Read(value, start, end))
                    first = last - 1
                    break
            # What stands behind a country code is no number of the region.
            first = len(groups) if text[groups[first].start()] == "+" else first + 1
        if not found:
            spare += _undialable(text, *match.span(), hearing)
    return one_of(found or spare)


_GROUP = re.compile(r"\S+")


def _spoken(text: str, hearing: Hearing) -> list[Digits]:
    found = spoken_digits(text, hearing.languages, FEWEST)
    return [one for one in found if len(one.digits) <= MOST]


def _dictated(said: Digits, hearing: Hearing) -> Read:
    """Read a number that was said digit by digit; nobody says so many for anything else."""
    value = _e164(said.digits, hearing.region)
    return Read(value or said.digits, said.start, said.end, "" if value else "not_dialable")


def _undialable(text: str, start: int, end: int, hearing: Hearing) -> list[Read]:
    """Take digits that were meant as a phone, to be shown and asked again."""
    digits = "".join(filter(str.isdecimal, text[start:end]))
    if not FEWEST <= len(digits) <= MOST:
        return []
    alone = not any(map(str.isalnum, text[:start] + text[end:]))
    before = words(text[max(0, start - CUE_REACH) : start])
    cues = word_set(hearing.languages, "phone_cues")
    cued = not cues.isdisjoint(word for word, _, _ in before)
    asked = hearing.asked and (alone or len(digits) >= SURELY_MEANT)
    if not (asked or cued):
        return []
    return [Read(digits, start, end, "not_dialable")]


def _e164(written: str, region: str) -> str:
    """Give the number as it is dialled from anywhere, or nothing when it cannot be."""
    phonenumbers = _phonenumbers()
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


@cache
def _phonenumbers() -> Any:
    """Load the table of the world's numbers when the first digits come."""
    return import_module("phonenumbers")
