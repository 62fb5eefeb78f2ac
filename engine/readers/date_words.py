"""Days and times said in words: "tomorrow", "next friday", "in two hours", "tonight at 8"."""

from __future__ import annotations

__all__ = ["DateWords", "Found", "clock_of", "coming", "day_of", "vocabulary"]

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from engine.readers.folding import Word
from engine.readers.lexicon import phrases, phrases_by_value
from engine.readers.phrases import PhraseIndex

_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")
_YEAR = re.compile(r"\d{4}")
MINUTES = {"minute": 1, "hour": 60, "day": 1440, "week": 10080}
# "the 3rd of january 2026": the year stands at most this many words behind the month.
YEAR_REACH = 2
# "5:15 in the evening", "a las 5 de la tarde".
HALF_REACH = 4
LONGEST_HALF = 3  # words: "in the evening at 5"

Topic = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """A day or a time and its place; `loose`: the half of the day was not said."""

    day: date | None
    clock: time | None
    start: int
    end: int
    loose: bool = False


@lru_cache(256)
def vocabulary(
    languages: tuple[str, ...],
) -> tuple[PhraseIndex[Topic], dict[str, str], dict[str, str]]:
    """Collect the words of dates once: what marks them, the numbers, the halves of a day."""
    listed: dict[Topic, list[str]] = {}
    # Cues first: Indonesian "jam" is both the cue of a clock and the hour.
    for topic in ("ahead", "clock_cues"):
        listed[topic, ""] = list(phrases(languages, topic))
    for topic in ("weekdays", "months", "day_words", "time_units", "day_halves", "moments"):
        for phrase, value in phrases_by_value(languages, topic).items():
            listed.setdefault((topic, str(value)), []).append(phrase)
    numbers = phrases_by_value(languages, "numbers")
    halves = phrases_by_value(languages, "day_halves")
    return PhraseIndex(listed), {word: str(value) for word, value in numbers.items()}, halves


def day_of(year: int, month: int, day: int) -> date | None:
    """Give a day that exists."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def coming(month: int, day: int, year: str | None, now: datetime | None) -> date | None:
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


def clock_of(hour: int, minute: int, half: str) -> time | None:
    """Give a time of the day; "night" is late in the evening or early in the morning."""
    if half == "night":
        half = "pm" if 5 < hour < 12 else "am"
    if half == "pm" and hour < 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _surest(mark: tuple[int, tuple[str, str, int]]) -> tuple[bool, int]:
    """Put a date before a weekday: "sat 21 february" is no matter of the next saturday."""
    place, (topic, _, _) = mark
    return topic != "months", place


@dataclass(slots=True)
class DateWords:
    """One pass over the words of a text; `marks` are the known phrases by the place they begin."""

    said: list[Word]
    marks: dict[int, tuple[str, str, int]]
    numbers: dict[str, str]
    halves: dict[str, str]
    now: datetime | None
    tonight: str = ""  # the half of the day that the day itself names

    def __post_init__(self) -> None:
        """Find "tonight", "this evening", "esta tarde": a day and a half of it."""
        for place, (topic, _, end) in sorted(self.marks.items()):
            if topic == "day_words" and not self.tonight:
                named = [word for word, _, _ in self.said[place:end]]
                found = (self.halves.get(word, "") for word in (" ".join(named), *named))
                self.tonight = next(filter(None, found), "")

    def number(self, place: int) -> int | None:
        """Read a day, an hour or a count at a place: "3", "3rd", "three"."""
        word = self.said[place][0] if 0 <= place < len(self.said) else ""
        match = _DAY.fullmatch(self.numbers.get(word, word))
        return int(match[1]) if match else None

    def half(self, first: int, place: int) -> str:
        """Give the half of the day named soon behind a time, right before it, or by its day."""
        for near in range(place, place + HALF_REACH + 1):
            topic, value, _ = self.marks.get(near, ("", "", 0))
            if topic == "day_halves":
                return value
        for near in range(first - LONGEST_HALF, first):
            topic, value, end = self.marks.get(near, ("", "", 0))
            if topic == "day_halves" and end == first:
                return value
        return self.tonight

    def found(self) -> list[Found | None]:
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
            for place, (topic, value, end) in sorted(self.marks.items(), key=_surest)
            if topic in read
        ]

    def _span(self, first: int, last: int) -> tuple[int, int]:
        return self.said[first][1], self.said[last][2]

    def _hour(self, place: int, _value: str, end: int) -> Found | None:
        hour = self.number(end)
        if hour is None:
            return None
        half = self.half(place, end)
        return Found(None, clock_of(hour, 0, half), *self._span(place, end), loose=not half)

    def _moment(self, place: int, value: str, end: int) -> Found:
        return Found(None, time.fromisoformat(value), *self._span(place, end - 1))

    def _named_day(self, place: int, value: str, end: int) -> Found | None:
        if self.now is None:
            return None
        on = self.now.date() + timedelta(days=int(value))
        return Found(on, None, *self._span(place, end - 1))

    def _weekday(self, place: int, value: str, end: int) -> Found | None:
        if self.now is None:
            return None
        ahead = (int(value) - self.now.weekday()) % 7 or 7
        on = self.now.date() + timedelta(days=ahead)
        return Found(on, None, *self._span(place, end - 1))

    def _ahead(self, place: int, value: str, end: int) -> Found | None:
        """Read "in two hours"; "two hours" alone is a length, no time."""
        count = self.number(place - 1)
        cue = self.marks.get(place - 2, ("", "", 0))[0]
        if self.now is None or count is None or cue != "ahead":
            return None
        then = self.now + timedelta(minutes=count * MINUTES[value])
        clock = then.time() if MINUTES[value] < MINUTES["day"] else None
        return Found(then.date(), clock, *self._span(place - 2, end - 1))

    def _month(self, place: int, value: str, end: int) -> Found | None:
        """Read the day before or behind a month's name: "3rd of january", "january 3 2026"."""
        for at in (place - 1, place - 2, end):
            day = self.number(at)
            if day is not None:
                last = max(end, at + 1)
                years = range(last, min(last + YEAR_REACH, len(self.said)))
                year = next((i for i in years if _YEAR.fullmatch(self.said[i][0])), None)
                spoken = self.said[year][0] if year is not None else None
                on = coming(int(value), day, spoken, self.now)
                stop = last - 1 if year is None else year
                return Found(on, None, *self._span(min(place, at), stop))
        return None
