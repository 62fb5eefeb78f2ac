"""Reads values out of what was posted, whatever stands there: what does not fit is empty, never an error."""

from __future__ import annotations

__all__ = ["ODD", "coordinates", "identifier", "items", "milliseconds", "record", "text"]

import math
import re
from collections.abc import Mapping, Sequence
from typing import Final

from adapters.whatsapp.updates import Ignored

ODD: Final = Ignored("odd")
"""What was posted has not the shape of anything we know."""

_NUMBER = re.compile(r"-?[0-9]{1,16}(?:\.[0-9]{1,16})?")
# A time below is told in seconds (as milliseconds it would be in 1973), one above in milliseconds,
# up to the year 5138.
_FIRST_MILLISECONDS, _END = 100_000_000_000, 100_000_000_000_000
# Providers' ids have up to 256 characters; PostgreSQL indexes 2,704 bytes, four to a character.
_MOST_OF_ID = 512
_NOTHING: Final[Mapping[str, object]] = {}


def record(value: object) -> Mapping[str, object]:
    """Return an object of JSON."""
    return value if isinstance(value, dict) else _NOTHING


def items(value: object) -> Sequence[object]:
    """Return a list of JSON."""
    return value if isinstance(value, list) else ()


def text(value: object) -> str:
    """Return a text, without what no database takes: half a character, and NUL."""
    if not isinstance(value, str):
        return ""
    try:
        value.encode()
    except UnicodeEncodeError:
        value = value.encode(errors="replace").decode()
    return value.replace("\0", "")


def identifier(value: object) -> str:
    """Return an id exactly as it came; a number may stand for one."""
    if isinstance(value, str):
        return value if len(value) <= _MOST_OF_ID and value.isprintable() else ""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**20:
        return str(value)
    return ""


def milliseconds(value: object) -> int:
    """Return a time, told as text or number, in seconds or milliseconds; 0 where it is none."""
    number = _number(value)
    if number is None or not 0 < number < _END:
        return 0
    return round(number * 1_000 if number < _FIRST_MILLISECONDS else number)


def coordinates(latitude: object, longitude: object) -> str:
    """Return a place on earth as a map takes it, "-6.2, 106.8"; nothing where it is none."""
    north, east = _number(latitude), _number(longitude)
    if north is None or east is None or not (-90 <= north <= 90 and -180 <= east <= 180):
        return ""
    return f"{round(float(north), 6)}, {round(float(east), 6)}"  # a tenth of a metre


def _number(value: object) -> int | float | None:
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if isinstance(value, int) or math.isfinite(value) else None
