"""Dates and times as customers say them, relative to the moment of the message.

Written days and clocks are found by shape; words ("tomorrow", "next friday", "in two hours") by
the language files. Nothing is guessed: without a moment to start from, relative words say nothing.
"""

from __future__ import annotations

__all__ = ["amend_date", "read_date"]

import re
from bisect import bisect_left
from datetime import datetime, timedelta
from typing import Any

from engine.readers.date_words import DateWords, Found, clock_of, coming, day_of, vocabulary
from engine.readers.folding import words
from engine.readers.reading import Hearing, Read, Reading

_ISO = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_SLASHED = re.compile(
    r"(?<![\d.,/-])(\d{1,2})([-/.])(\d{1,2})(?:\2(\d{4}|\d{2}))?(?![\d/]|[.,-]\d)"
)
_CLOCK = re.compile(
    r"(?<![\d:./,-])(\d{1,2})(?:[:.h ](\d{2}))?\s?([ap])\.?\s?m\b"
    r"|(?<![\d:])(\d{1,2})[:h](\d{2})(?!\d)",
    re.IGNORECASE,
)


def read_date(text: str, hearing: Hearing) -> list[Reading]:
    """Read a day, a time or both, as wanted; a day without the wanted time has a fault."""
    now = _moment(hearing)
    return _wanted(*_parts(text, now, hearing), now, hearing.want)


def amend_date(old: Any, text: str, hearing: Hearing) -> list[Reading]:
    """Change one half of a moment, or add the missing one: "make it 9pm" stays on its day."""
    day, clock = _parts(text, _moment(hearing), hearing)
    on, _, at = str(old).partition("T")
    if hearing.want in ("date", "time") or ":" in on:
        return []
    if clock is not None and day is None:
        return [Read(f"{on}T{clock.clock:%H:%M}", clock.start, clock.end)]
    if day is not None and clock is None and at:
        return [Read(f"{day.day}T{at}", day.start, day.end)]
    return []


def _moment(hearing: Hearing) -> datetime | None:
    try:
        return datetime.fromisoformat(hearing.now)
    except ValueError:
        return None


def _parts(text: str, now: datetime | None, hearing: Hearing) -> tuple[Found | None, Found | None]:
    """Find the first day and the first time."""
    found = _written_days(text, now, hearing.date_order) + _said(text, now, hearing.languages)
    day = next((it for it in found if it.day is not None), None)
    clock = next((it for it in found if it.clock is not None), None)
    return day, clock


def _wanted(
    day: Found | None, clock: Found | None, now: datetime | None, want: str
) -> list[Reading]:
    parts = [it for it in (day, clock) if it is not None]
    if not parts:
        return []
    start, end = min(it.start for it in parts), max(it.end for it in parts)
    on = day.day if day is not None else None
    at = clock.clock if clock is not None else None
    if want == "datetime" and on is None and now is not None and at is not None:
        # The next time the clock shows it.
        on = now.date() + timedelta(days=int(at <= now.time()))
    today = now is not None and on == now.date()
    if now and today and clock and clock.loose and at is not None and at <= now.time():
        at = at.replace(hour=at.hour % 12 + 12)  # "today at 8", said at nine in the morning
    if on is not None and at is not None and want in ("", "datetime"):
        return [Read(f"{on.isoformat()}T{at:%H:%M}", start, end)]
    if on is not None and want in ("", "date", "datetime"):
        fault = "time_missing" if want == "datetime" else ""
        return [Read(on.isoformat(), start, end, fault)]
    if at is not None and want in ("", "time"):
        return [Read(f"{at:%H:%M}", start, end)]
    return []


def _written_days(text: str, now: datetime | None, order: str) -> list[Found]:
    found = []
    for match in _ISO.finditer(text):
        on = day_of(int(match[1]), int(match[2]), int(match[3]))
        found.append(Found(on, None, *match.span()))
    for match in _SLASHED.finditer(text):
        first, second = int(match[1]), int(match[3])
        if match[2] == "." and not match[4]:
            continue  # 5.30 is a time or an amount
        month_first = (order == "mdy" and first <= 12) or second > 12
        month, day = (first, second) if month_first else (second, first)
        found.append(Found(coming(month, day, match[4], now), None, *match.span()))
    return [it for it in found if it.day is not None]


def _said(text: str, now: datetime | None, languages: tuple[str, ...]) -> list[Found]:
    index, numbers, halves = vocabulary(languages)
    said = words(text)
    marks = {start: (*topic, end) for topic, start, end in index.find(said)}
    spoken = DateWords(said, marks, numbers, halves, now)
    starts = [start for _, start, _ in said]
    found: list[Found | None] = []
    for match in _CLOCK.finditer(text):
        hour, minute = int(match[1] or match[4]), int(match[2] or match[5] or 0)
        places = (bisect_left(starts, place) for place in match.span())
        half = f"{match[3].lower()}m" if match[3] else spoken.half(*places)
        found.append(Found(None, clock_of(hour, minute, half), *match.span(), loose=not half))
    found += spoken.found()
    return [it for it in found if it is not None and (it.day is not None or it.clock is not None)]
