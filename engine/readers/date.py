"""Dates and times as customers say them, relative to the moment of the message.

Written days and clocks are found by shape; words ("tomorrow", "next friday", "in two hours") by
the language files. Nothing is guessed: without a moment to start from, relative words say nothing.
"""

from __future__ import annotations

__all__ = ["amend_date", "read_date"]

import re
from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from engine.readers.folding import Word, words
from engine.readers.lexicon import phrases, phrases_by_value
from engine.readers.phrases import PhraseIndex
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
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")
_YEAR = re.compile(r"\d{4}")
MINUTES = {"minute": 1, "hour": 60, "day": 1440, "week": 10080}
# "the 3rd of january 2026": the year stands at most this many words behind the month.
YEAR_REACH = 2
# "5:15 in the evening", "a las 5 de la tarde".
HALF_REACH = 4

Topic = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Found:
    """A day or a time, or a moment that is both, and its place."""

    day: date | None
    clock: time | None
    start: int
    end: int


@lru_cache(256)
def _vocabulary(languages: tuple[str, ...]) -> tuple[PhraseIndex[Topic], dict[str, str]]:
    listed: dict[Topic, list[str]] = {}
    # Cues first: Indonesian "jam" is both the cue of a clock and the hour.
    for topic in ("ahead", "clock_cues"):
        listed[topic, ""] = list(phrases(languages, topic))
    for topic in ("weekdays", "months", "day_words", "time_units", "day_halves", "moments"):
        for phrase, value in phrases_by_value(languages, topic).items():
            listed.setdefault((topic, str(value)), []).append(phrase)
    numbers = phrases_by_value(languages, "numbers")
    return PhraseIndex(listed), {word: str(value) for word, value in numbers.items()}


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


def _parts(
    text: str, now: datetime | None, hearing: Hearing
) -> tuple[_Found | None, _Found | None]:
    """Find the first day and the first time."""
    found = _written_days(text, now, hearing.date_order) + _said(text, now, hearing.languages)
    day = next((it for it in found if it.day is not None), None)
    clock = next((it for it in found if it.clock is not None), None)
    return day, clock


def _wanted(
    day: _Found | None, clock: _Found | None, now: datetime | None, want: str
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
    if on is not None and at is not None and want in ("", "datetime"):
        return [Read(f"{on.isoformat()}T{at:%H:%M}", start, end)]
    if on is not None and want in ("", "date", "datetime"):
        fault = "time_missing" if want == "datetime" else ""
        return [Read(on.isoformat(), start, end, fault)]
    if at is not None and want in ("", "time"):
        return [Read(f"{at:%H:%M}", start, end)]
    return []


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _coming(month: int, day: int, year: str | None, now: datetime | None) -> date | None:
    """Complete a day by its year; without one it is the next such day."""
    if year:
        # Two digits: this century, except birth years.
        full = int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 50 else 1900)
        return _day(full, month, day)
    if now is None:
        return None
    this_year = _day(now.year, month, day)
    if this_year is None or this_year >= now.date():
        return this_year
    return _day(now.year + 1, month, day)


def _written_days(text: str, now: datetime | None, order: str) -> list[_Found]:
    found = []
    for match in _ISO.finditer(text):
        on = _day(int(match[1]), int(match[2]), int(match[3]))
        found.append(_Found(on, None, *match.span()))
    for match in _SLASHED.finditer(text):
        first, second = int(match[1]), int(match[3])
        if match[2] == "." and not match[4]:
            continue  # 5.30 is a time or an amount
        month_first = (order == "mdy" and first <= 12) or second > 12
        month, day = (first, second) if month_first else (second, first)
        found.append(_Found(_coming(month, day, match[4], now), None, *match.span()))
    return [it for it in found if it.day is not None]


def _clock(hour: int, minute: int, half: str) -> time | None:
    if half == "night":
        half = "pm" if 5 < hour < 12 else "am"
    if half == "pm" and hour < 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    return time(hour, minute) if hour < 24 and minute < 60 else None


@dataclass(slots=True)
class _Words:
    """One pass over the words of a text; `marks` are the known phrases by the place they begin."""

    said: list[Word]
    marks: dict[int, tuple[str, str, int]]
    numbers: dict[str, str]
    now: datetime | None

    def number(self, place: int) -> int | None:
        """Read a day, an hour or a count at a place: "3", "3rd", "three"."""
        word = self.said[place][0] if 0 <= place < len(self.said) else ""
        match = _DAY.fullmatch(self.numbers.get(word, word))
        return int(match[1]) if match else None

    def half(self, place: int) -> str:
        """Give the half of the day named at or soon behind a place."""
        for near in range(place, place + HALF_REACH + 1):
            topic, value, _ = self.marks.get(near, ("", "", 0))
            if topic == "day_halves":
                return value
        return ""

    def found(self) -> list[_Found | None]:
        """Read every mark that says a day or a time."""
        read = {
            "clock_cues": self._hour,
            "moments": self._moment,
            "months": self._month,
            "day_words": self._named_day,
            "weekdays": self._weekday,
            "time_units": self._ahead,
        }
        return [
            read[topic](place, value, end)
            for place, (topic, value, end) in sorted(self.marks.items())
            if topic in read
        ]

    def _span(self, first: int, last: int) -> tuple[int, int]:
        return self.said[first][1], self.said[last][2]

    def _hour(self, place: int, _value: str, end: int) -> _Found | None:
        hour = self.number(end)
        if hour is None:
            return None
        return _Found(None, _clock(hour, 0, self.half(end)), *self._span(place, end))

    def _moment(self, place: int, value: str, end: int) -> _Found:
        return _Found(None, time.fromisoformat(value), *self._span(place, end - 1))

    def _named_day(self, place: int, value: str, end: int) -> _Found | None:
        if self.now is None:
            return None
        on = self.now.date() + timedelta(days=int(value))
        return _Found(on, None, *self._span(place, end - 1))

    def _weekday(self, place: int, value: str, end: int) -> _Found | None:
        if self.now is None:
            return None
        ahead = (int(value) - self.now.weekday()) % 7 or 7
        on = self.now.date() + timedelta(days=ahead)
        return _Found(on, None, *self._span(place, end - 1))

    def _ahead(self, place: int, value: str, end: int) -> _Found | None:
        """Read "in two hours"; "two hours" alone is a length, no time."""
        count = self.number(place - 1)
        cue = self.marks.get(place - 2, ("", "", 0))[0]
        if self.now is None or count is None or cue != "ahead":
            return None
        then = self.now + timedelta(minutes=count * MINUTES[value])
        clock = then.time() if MINUTES[value] < MINUTES["day"] else None
        return _Found(then.date(), clock, *self._span(place - 2, end - 1))

    def _month(self, place: int, value: str, end: int) -> _Found | None:
        """Read the day before or behind a month's name: "3rd of january", "january 3 2026"."""
        for at in (place - 1, place - 2, end):
            day = self.number(at)
            if day is not None:
                last = max(end, at + 1)
                years = range(last, min(last + YEAR_REACH, len(self.said)))
                year = next((i for i in years if _YEAR.fullmatch(self.said[i][0])), None)
                spoken = self.said[year][0] if year is not None else None
                on = _coming(int(value), day, spoken, self.now)
                stop = last - 1 if year is None else year
                return _Found(on, None, *self._span(min(place, at), stop))
        return None


def _said(text: str, now: datetime | None, languages: tuple[str, ...]) -> list[_Found]:
    index, numbers = _vocabulary(languages)
    said = words(text)
    marks = {start: (*topic, end) for topic, start, end in index.find(said)}
    spoken = _Words(said, marks, numbers, now)
    starts = [start for _, start, _ in said]
    found: list[_Found | None] = []
    for match in _CLOCK.finditer(text):
        hour, minute = int(match[1] or match[4]), int(match[2] or match[5] or 0)
        behind = bisect_left(starts, match.end())
        half = f"{match[3].lower()}m" if match[3] else spoken.half(behind)
        found.append(_Found(None, _clock(hour, minute, half), *match.span()))
    found += spoken.found()
    return [it for it in found if it is not None and (it.day is not None or it.clock is not None)]
