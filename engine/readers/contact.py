"""Name, phone and e-mail in one message: each is read from what the others left."""

from __future__ import annotations

__all__ = ["read_contact"]

from dataclasses import replace

from engine.readers.email_address import read_email
from engine.readers.person_name import read_person_name
from engine.readers.phone import read_phone
from engine.readers.reading import Hearing, Reading

PARTS = (("email", read_email), ("phone", read_phone), ("person_name", read_person_name))


def read_contact(text: str, hearing: Hearing) -> list[Reading]:
    """Read up to one of each, marked with its kind."""
    found: list[Reading] = []
    for kind, read in PARTS:
        for reading in read(text, hearing):
            found.append(replace(reading, kind=kind))
            text = blank(text, reading.start, reading.end)
    return found


def blank(text: str, start: int, end: int) -> str:
    """Take out what was read and leave commas, so that all places stay and words do not join."""
    return text[:start] + "," * (end - start) + text[end:]
