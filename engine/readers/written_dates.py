"""Days and clocks written in digits: "2026-03-09", "9/3", "17 06 1981", "5:15", "5.30pm", "17h40"."""

from __future__ import annotations

__all__ = ["ClockMatch", "coming", "day_of", "written_clocks", "written_days"]

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from engine.readers.date_text import Found

_ISO = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_SLASHED = re.compile(
    r"(?<![\d.,/-])(\d{1,2})([-/.])(\d{1,2})(?:\2(\d{4}|\d{2}))?(?![\d/]|[.,-]\d)"
)
# "17 06 1981", "23-12 1962": only a year of four digits makes a day of such groups.
_SPACED = re.compile(
    r"(?<![\d.,/:-])(\d{1,2})[ .,/-]{1,3}(\d{1,2})[ .,/-]{1,3}((?:19|20)\d\d)(?!\d)"
)
_EIGHT = re.compile(r"(?<![\w.,/-])((?:19|20)\d\d)(\d\d)(\d\d)(?![\w/-])")
PARTS = frozenset((("1", "2"), ("1", "3"), ("2", "3"), ("1", "4"), ("3", "4"), ("1", "8")))
_CLOCK = re.compile(
    r"(?<![\d:./,-])(\d{1,2})(?:[:.h ](\d{2}))?\s?([ap])(?:\.?\s?m|\s\.\s?m)\b"
    r"|(?<![\d:])(\d{1,2})[:h](\d{2})(?::\d\d)?(?!\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ClockMatch:
    """A clock in digits; `half` is "am", "pm" or not said."""

    hour: int
    minute: int
    half: str
    start: int
    end: int


def day_of(year: int, month: int, day: int) -> date | None:
    """Give a day that exists."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def coming(month: int, day: int, year: str, now: datetime | None) -> date | None:
    """Complete a day by its year; without one it is the next such day."""
    if year:
        # Two digits: this century, except birth years.
        full = int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 50 else 1900)
        return day_of(full, month, day)
    if now is None:
        return None
    this_year = day_of(now.year, month, day)
    if this_year is None or this_year >= now.date():
        return this_year
    return day_of(now.year + 1, month, day)


def written_days(text: str, now: datetime | None, order: str, *, asked: bool) -> list[Found]:
    """Find the days in digits; eight of them in a row are one only as an answer."""
    found = []
    for pattern in (_ISO, _EIGHT) if asked else (_ISO,):
        for match in pattern.finditer(text):
            on = day_of(int(match[1]), int(match[2]), int(match[3]))
            found.append(Found(on, None, *match.span()))
    found += [
        _ordered(match, (match[1], match[2], match[3]), now, order)
        for match in _SPACED.finditer(text)
    ]
    for match in _SLASHED.finditer(text):
        # 5.30 is a time or an amount; 1/2 is a part, unless a day was asked for.
        part = match[2] == "/" and (match[1], match[3]) in PARTS and not asked
        if match[4] or (match[2] != "." and not part):
            found.append(_ordered(match, (match[1], match[3], match[4] or ""), now, order))
    return [it for it in found if it.day is not None]


def _ordered(
    match: re.Match[str], groups: tuple[str, str, str], now: datetime | None, order: str
) -> Found:
    first, second, year = int(groups[0]), int(groups[1]), groups[2]
    month_first = (order == "mdy" and first <= 12) or second > 12
    month, day = (first, second) if month_first else (second, first)
    return Found(coming(month, day, year, now), None, *match.span())


def written_clocks(text: str) -> Iterator[ClockMatch]:
    """Find the clocks in digits."""
    for match in _CLOCK.finditer(text):
        hour, minute = int(match[1] or match[4]), int(match[2] or match[5] or 0)
        half = f"{match[3].lower()}m" if match[3] else ""
        yield ClockMatch(hour, minute, half, *match.span())
