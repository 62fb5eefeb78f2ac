"""Times of the day said in words: "at 5", "half past seven", "8 menos cuarto", "jam 3 sore"."""

from __future__ import annotations

__all__ = ["said_clocks"]

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time

from engine.readers.date_text import DateText, Found
from engine.readers.numerals import NUMBER, Token
from engine.readers.written_dates import ClockMatch

# How sure a clock is, surest first: "a quarter past 6pm" is no matter of 6pm.
RECKONED, WRITTEN, CUED, BARE = range(4)
NIGHT = "night"  # late in the evening or early in the morning; and nights are counted
# "20 to 2": only such minutes are told from "3 to 4 people".
FIVES = frozenset((5, 10, 15, 20, 25, 0.25))
# The hours of the parts of the day that have a name in every language; night ends after midnight.
PARTS = {"am": "0-12", "pm": "12-24", NIGHT: "18-30"}
HOUR_LETTERS = frozenset(("h", "hs", "hrs"))


def _of_day(hour: int, half: str) -> int:
    """Give the hour of the day that lies in this part of it, else the one that is nearer to it."""
    if not half or hour > 12:
        return hour
    first, end = map(int, PARTS.get(half, half).split("-"))
    return min(hour % 24, (hour + 12) % 24, key=lambda it: _outside(it, first, end))


def _outside(hour: int, first: int, end: int) -> int:
    """Count the hours between an hour and a part of the day, around the clock; 0 within it."""
    since = (hour - first) % 24
    return max(0, min(since - (end - first) + 1, 24 - since))


def clock_of(hour: int, minute: int, half: str) -> time | None:
    """Give a time of the day."""
    hour = _of_day(hour, half)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def said_clocks(words: DateText, written: list[ClockMatch], *, bare: bool) -> Iterator[Found]:
    """Read every time of the day; `bare`: a number alone is one, because a time was asked for."""
    for match in written:
        first, end = (bisect_left(words.starts, place) for place in (match.start, match.end))
        half = match.half or words.half(first, end)
        clock = clock_of(match.hour, match.minute, half)
        yield Found(None, clock, match.start, match.end, WRITTEN, loose=not half)
    for place, (topic, value, end) in words.marks.items():
        if topic == "moments":
            yield Found(None, time.fromisoformat(value), *words.span(place, end), CUED)
    numbers = [place for place, token in enumerate(words.said) if token.kind is NUMBER]
    clocks = _Clocks(words, bare=bare)
    for place in numbers:
        yield from clocks.reckoned(place)
        yield from clocks.moved(place)
        yield from clocks.hour(place)
    if bare and numbers:
        yield from clocks.alone(numbers[0])


def _minutes(value: int | float | None) -> int | None:
    """Give minutes as they are said: "ten", "a quarter", "half"."""
    if value in (0.25, 0.5):
        return int(value * 60)
    return int(value) if value is not None and value == int(value) and 0 < value < 60 else None


@dataclass(slots=True)
class _Clocks:
    """One pass over the numbers of a text."""

    words: DateText
    bare: bool

    def reckoned(self, place: int) -> Iterator[Found]:
        """Read "ten past three", "a quarter past 6pm", "20 to 2"."""
        words = self.words
        value = words.number(place)
        minutes = _minutes(value)
        if minutes is None:
            return
        unit = words.mark(place + 1, "time_units")
        behind = unit[2] if unit is not None and unit[1] == "minute" else place + 1
        past, until = words.aside("past_hour", behind), words.aside("to_hour", behind)
        if past > behind:
            yield from self._from(place, past, minutes)
        elif until > behind and value in FIVES:
            said = self.bare or words.half(place, until + 1) or words.mark(until, "moments")
            if said or words.aside("clock_marks", until + 1) > until + 1:
                yield from self._from(place, until, -minutes)

    def _from(self, first: int, place: int, minutes: int) -> Iterator[Found]:
        """Move the hour at a place by the minutes that stand before it."""
        words = self.words
        noon = words.mark(place, "moments")
        hour = words.said[place] if place < len(words.said) else None
        if noon is not None:
            clock = _moved(int(noon[1][:2]), minutes, "")
            yield Found(None, clock, *words.span(first, noon[2]), RECKONED)
        elif hour is not None and hour.kind is NUMBER and 1 <= hour.value <= 24:
            half = words.half(first, place + 1)
            clock = _moved(int(hour.value), minutes, half)
            yield Found(None, clock, *words.span(first, place + 1), RECKONED, loose=not half)

    def moved(self, place: int) -> Iterator[Found]:
        """Read minutes behind an hour: "las 8 y veinte", "8 de la noche menos cuarto"."""
        words = self.words
        hour = words.whole(place, 24)
        if not hour:
            return
        half = words.mark(place + 1, "day_halves")
        at = half[2] if half is not None else place + 1
        for topic, sign in (("plus_minutes", 1), ("minus_minutes", -1)):
            behind = words.aside(topic, at)
            minutes = _minutes(words.number(behind)) if behind > at else None
            if minutes is None:
                continue
            named = half[1] if half is not None else words.half(place, behind + 1)
            if self.bare or named or words.aside_before("clock_cues", place) < place:
                clock = _moved(hour, sign * minutes, named)
                span = words.span(place, behind + 1)
                yield Found(None, clock, *span, RECKONED, loose=not named)

    def hour(self, place: int) -> Iterator[Found]:
        """Read an hour behind a cue ("at 5", "jam 8") or before a half ("7 this evening")."""
        words, token = self.words, self.words.said[place]
        if _is_dozen(words, token) or _in_code(words, token):
            return
        hour, minute, end = _digits(words, place)
        cue = words.aside_before("clock_cues", place)
        start = min(cue, words.aside_before("clock_cues_weak", place))
        if token.glued:
            letters = words.word(place + 1)
            if cue == place or letters not in HOUR_LETTERS.union("ap"):
                return
            half = words.half(start, end)  # 9p
            end = place + 2
        else:
            marked = words.aside("clock_marks", end)
            if words.mark(end, "time_units") or not words.follows(place):
                return
            weakly = start < place and words.closes(end)
            if cue == place and marked == end and not weakly and not self._half_follows(place, end):
                return
            end = marked
            half = words.half(start, end)
        clock = clock_of(hour, minute, half)
        yield Found(None, clock, *words.span(start, end), CUED, loose=not half)

    def _half_follows(self, place: int, end: int) -> bool:
        """Tell "7 this evening" from "2 nights": the one word "night" needs minutes."""
        half = self.words.mark(end, "day_halves")
        if half is None:
            return False
        return self.bare or half[1] != NIGHT or half[2] > end + 1 or end > place + 1

    def alone(self, place: int) -> Iterator[Found]:
        """Read the number that is all of an answer: "7", "7 30", "730 please", "9 tomorrow"."""
        words = self.words
        hour, minute, end = _digits(words, place)
        if words.said[place].glued or words.mark(end, "time_units"):
            return
        known = set(range(place, end))
        for first, mark in words.marks.items():
            known.update(range(first, mark[2]))
        if all(i in known or words.aside("beside_dates", i) > i for i in range(len(words.said))):
            half = words.half(place, end)
            clock = clock_of(hour, minute, half)
            yield Found(None, clock, *words.span(place, end), BARE, loose=not half)


def _is_dozen(words: DateText, token: Token) -> bool:
    last = words.text[token.start : token.end].lower().split()[-1]
    return token.spelt and last in words.known.scales


def _in_code(words: DateText, token: Token) -> bool:
    """Tell whether more digits follow: "650-650-6500" is no ten to seven."""
    behind = words.text[token.end : token.end + 2]
    return behind[:1] in ("-", ".") and behind[1:].isdecimal()


def _moved(hour: int, minutes: int, half: str) -> time:
    """Give an hour moved by some minutes."""
    total = (_of_day(hour % 24, half) * 60 + minutes) % 1440
    return time(total // 60, total % 60)


def _digits(words: DateText, place: int) -> tuple[int, int, int]:
    """Give hour, minute and the place behind: "7 30", "seven thirty", "730", "tres y media"."""
    token, value = words.said[place], words.said[place].value
    if words.known.half_before and value == 0.5 and words.whole(place + 1, 12):
        return (int(words.said[place + 1].value) - 1) % 12, 30, place + 2
    whole, _, part = token.word.partition(".")
    if part and not token.spelt:  # 15.30
        known = len(part) == 2 and part.isdecimal() and whole.isdecimal()
        return (int(whole), int(part), place + 1) if known else (99, 0, place + 1)
    if value != int(value):
        return int(value), round(value % 1 * 60), place + 1
    if not token.spelt and len(token.word) in (3, 4):
        return int(value) // 100, int(value) % 100, place + 1
    minutes = words.number(place + 1)
    if minutes is not None and not token.glued:
        behind = words.said[place + 1]
        close = words.text[token.end : behind.start] in (" ", "-")
        if close and behind.spelt and minutes == 0 and words.whole(place + 2, 9):
            return int(value), int(words.said[place + 2].value), place + 3  # seis cero dos
        two = len(behind.word) == 2 if not behind.spelt else minutes >= 10
        if close and two and minutes == int(minutes):
            return int(value), int(minutes), place + 2
    return int(value), 0, place + 1
