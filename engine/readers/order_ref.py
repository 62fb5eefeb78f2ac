"""Order numbers like A-1001, also typed "a 1001" or "order 1001"."""

from __future__ import annotations

__all__ = ["read_order_ref"]

import re

from engine.readers.candidates import one_of
from engine.readers.reading import Hearing, Read, Reading

# One to three letters and four to eight digits: short enough to read out, too long for a size.
_REF = re.compile(r"(?<![\w-])([A-Za-z]{1,3})[-\s]?(\d{4,8})(?![\w-])")


def read_order_ref(text: str, _hearing: Hearing) -> list[Reading]:
    """Read the order number in a text, as it is printed."""
    found = [Read(f"{m[1].upper()}-{m[2]}", m.start(), m.end()) for m in _REF.finditer(text)]
    return one_of(found)
