"""Free text: whatever was said, without the blanks around it."""

from __future__ import annotations

__all__ = ["read_text"]

from engine.readers.reading import Hearing, Read, Reading


def read_text(text: str, _hearing: Hearing) -> list[Reading]:
    """Take the whole text, if there is any."""
    said = text.strip()
    start = text.find(said)
    return [Read(said, start, start + len(said))] if said else []
