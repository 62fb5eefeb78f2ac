"""One form for a phone number at every door, E.164, and the other forms it may be stored under.

An id of WhatsApp is believed as it came. What a person typed is checked against the table of the
world's numbers.
"""

from __future__ import annotations

__all__ = ["canonical", "other_forms"]

import re
from functools import cache
from importlib import import_module
from typing import Any

# What people put between digits. International numbers are dialled with 00 in most of the world.
_TYPED = re.compile(r"\s*(?:\+|00)?[\d\s().\-/\u00a0\u2010-\u2015]{5,40}")
_ABROAD = re.compile(r"\s*00\s*")
# `:3` is the third device of a person.
_CHAT = re.compile(r"([0-9]{7,15})(?::[0-9]{1,3})?@(?:c\.us|s\.whatsapp\.net)")

# WhatsApp keeps a number as its owner registered it, which may have been before the plan changed:
# the 9 in front of Brazil's mobile numbers (all began with 6 to 9), the 1 behind Mexico's 52, the 9
# behind Argentina's 54 (area codes begin with 1 to 3).
_FORMS = (
    (re.compile(r"\+55([1-9][1-9])9([6-9][0-9]{7})"), r"+55\1\2"),
    (re.compile(r"\+55([1-9][1-9])([6-9][0-9]{7})"), r"+55\g<1>9\2"),
    (re.compile(r"\+521([2-9][0-9]{9})"), r"+52\1"),
    (re.compile(r"\+52([2-9][0-9]{9})"), r"+521\1"),
    (re.compile(r"\+549([1-3][0-9]{9})"), r"+54\1"),
    (re.compile(r"\+54([1-3][0-9]{9})"), r"+549\1"),
)


def canonical(text: str, region: str) -> str | None:
    """Return a number as it is dialled from anywhere; none where the text is no phone number.

    `region` ("ID", or empty) is where a number without a country code is dialled.
    """
    chat = _CHAT.fullmatch(text.strip())
    if chat:
        return f"+{chat[1]}"
    if not _TYPED.fullmatch(text):
        return None
    written = _ABROAD.sub("+", text, count=1) if _ABROAD.match(text) else text
    # Without a plus it is a number of the region, else one with its country code.
    return _dialled(written, region) or _dialled(f"+{written}", region)


def other_forms(e164: str) -> tuple[str, ...]:
    """Return under which other numbers an address book may hold this one.

    Never change the number of somebody who wrote to you: it is answered as it came.
    """
    return tuple(match.expand(form) for shape, form in _FORMS if (match := shape.fullmatch(e164)))


def _dialled(written: str, region: str) -> str | None:
    phonenumbers = _phonenumbers()
    try:
        number = phonenumbers.parse(written, region.upper() or None)
    except phonenumbers.NumberParseException:
        return None
    e164 = str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    # An outdated form is no valid number, and may be what WhatsApp knows somebody by.
    known = (number, *(phonenumbers.parse(form) for form in other_forms(e164)))
    return e164 if any(map(phonenumbers.is_valid_number, known)) else None


@cache
def _phonenumbers() -> Any:
    """Load the table of the world's numbers when the first one comes."""
    return import_module("phonenumbers")
