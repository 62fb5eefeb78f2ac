"""Where somebody is reached, by phone or by email: whichever of the two they give."""

from __future__ import annotations

__all__ = ["read_address"]

from engine.readers.email_address import read_email
from engine.readers.phone import read_phone
from engine.readers.reading import Hearing, Reading


def read_address(text: str, hearing: Hearing) -> list[Reading]:
    """Read an email, else a phone number."""
    return read_email(text, hearing) or read_phone(text, hearing)
