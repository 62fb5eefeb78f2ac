"""A text as the readers of days and clocks see it: its words, numbers and the marks of time in it."""

from __future__ import annotations

__all__ = ["DateText", "Found", "Mark", "date_text"]

import re
from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache

from engine.readers.lexicon import phrases_by_value, setting, word_set
from engine.readers.numerals import LINE, NUMBER, SIGN, Token, tokens
from engine.readers.phrases import PhraseIndex

# What has a value of its own: friday, june, tomorrow, hours, evening, noon, christmas.
VALUED = ("weekdays", "months", "day_words", "time_units", "day_halves", "moments", "feasts")
# Small words that say how the others are meant.
ASIDES = (
    *("ahead", "ago", "ago_before", "hence", "coming", "gone", "this", "clock_cues", "clock_marks"),
    *("clock_cues_weak", "past_hour", "to_hour", "day_cues", "of_date", "beside_dates", "one"),
    *("plus_minutes", "minus_minutes", "denies"),
)
# "9-Jan-2026": hyphens between digits and letters join no word here.
_HYPHENS = re.compile(r"(?<=[^\W\d_])-(?=\d)|(?<=\d)-(?=[^\W\d_])")
# "3rd", "1er", "2do": what may be glued to a day.
SUFFIXES = frozenset(("st", "nd", "rd", "th", "er", "ro", "ra", "do", "da", "to", "o"))
SPACED_SUFFIXES = frozenset(("st", "nd", "rd", "th"))
# Behind such a sign, or before one, a number is something else.
NO_HOUR = frozenset("%$€£₹#+*/")
# "5:15 in the evening", "a las 5 de la tarde".
HALF_REACH = 4
LONGEST_HALF = 3  # words: "in the evening at 5"

Mark = tuple[str, str, int]
"""The topic of a phrase, its value and the place behind it."""


@dataclass(frozen=True, slots=True)
class Found:
    """A day or a time and its place; `loose`: the half of the day was not said.

    The lower its `rank` the surer: "friday 20 march" is no matter of the next friday.
    """

    day: date | None
    clock: time | None
    start: int
    end: int
    rank: int = 0
    loose: bool = False

    @property
    def is_either(self) -> bool:
        """Whether it may be in either half of the day: "15:30" names its own."""
        return self.loose and self.clock is not None and self.clock.hour <= 12


@dataclass(frozen=True, slots=True)
class _Asides:
    """The phrases of one topic; most words neither begin nor end one."""

    phrases: frozenset[str]
    first: frozenset[str]
    last: frozenset[str]
    longest: int

    @classmethod
    def of(cls, listed: frozenset[str]) -> _Asides:
        cut = [phrase.split() for phrase in listed]
        first, last = (frozenset(words[at] for words in cut) for at in (0, -1))
        return cls(listed, first, last, max(map(len, cut), default=0))


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    index: PhraseIndex[tuple[str, str]]
    asides: dict[str, _Asides]
    ordinals: dict[str, int]
    halves: dict[str, str]
    also_days: dict[str, str]  # "minggu" is a week, and beside a clock or a weekday sunday
    scales: frozenset[str]  # a dozen is no hour
    half_before: bool  # Indonesian "setengah 8" is half past seven


@lru_cache(256)
def _vocabulary(languages: tuple[str, ...]) -> _Vocabulary:
    listed: dict[tuple[str, str], list[str]] = {}
    units = phrases_by_value(languages, "time_units")
    weekdays = phrases_by_value(languages, "weekdays")
    also_days = {word: str(weekdays[word]) for word in weekdays if word in units}
    for topic in VALUED:
        for phrase, value in phrases_by_value(languages, topic).items():
            if topic == "weekdays" and phrase in also_days:
                continue
            listed.setdefault((topic, str(value)), []).append(phrase)
    ordinals = phrases_by_value(languages, "day_ordinals")
    return _Vocabulary(
        # "sundae" is no slip of "sunday".
        PhraseIndex(listed, known=word_set(languages, "not_dates")),
        {topic: _Asides.of(word_set(languages, topic)) for topic in ASIDES},
        {word: int(value) for word, value in ordinals.items()},
        phrases_by_value(languages, "day_halves"),
        also_days,
        frozenset(phrases_by_value(languages, "scales")),
        setting(languages, "half_before", "") != "",
    )


@dataclass(slots=True)
class DateText:
    """The words of a text without its signs; `marks` are phrases by the place they begin."""

    said: list[Token]
    starts: list[int]
    marks: dict[int, Mark]
    known: _Vocabulary
    text: str
    now: datetime | None
    tonight: str = ""  # the half of the day that the day itself names

    @property
    def speaks(self) -> bool:
        """Tell whether anything in the text may be a day or a time."""
        return bool(self.marks) or any(
            token.kind is NUMBER or token.word in self.known.ordinals for token in self.said
        )

    def word(self, place: int) -> str:
        """Give the word at a place, nothing outside of the text."""
        return self.said[place].word if 0 <= place < len(self.said) else ""

    def span(self, first: int, end: int) -> tuple[int, int]:
        """Give where the words from `first` up to `end` stand in the text."""
        return self.said[first].start, self.said[end - 1].end

    def number(self, place: int) -> int | float | None:
        """Give the number at a place; sizes and codes are none."""
        token = self.said[place] if 0 <= place < len(self.said) else None
        if token is None or token.kind is not NUMBER:
            return None
        return None if token.glued else token.value

    def whole(self, place: int, most: int) -> int | None:
        """Give the number at a place as a whole one, up to `most`."""
        value = self.number(place)
        fits = value is not None and value == int(value) and 0 <= value <= most
        return int(value) if value is not None and fits else None

    def day_number(self, place: int) -> tuple[int, int, bool] | None:
        """Give the day of a month at a place, the place behind it, and whether it is an ordinal."""
        ordinals, word = self.known.ordinals, self.word(place)
        for phrase, end in (
            (f"{word} {self.word(place + 1)}", place + 2),  # twenty third
            (word.replace("-", " "), place + 1),  # twenty-first
        ):
            if phrase in ordinals:
                return ordinals[phrase], end, True
        token = self.said[place] if word else None
        if token is None or token.kind is not NUMBER:
            return None
        value = int(token.value) if token.value == int(token.value) else 0
        behind = self.said[place + 1] if place + 1 < len(self.said) else None
        if behind is not None and behind.glued and token.glued:
            return (value, place + 2, True) if behind.word in SUFFIXES and 0 < value < 32 else None
        if behind is not None and behind.word in SPACED_SUFFIXES and 0 < value < 32:
            return value, place + 2, True  # 10 th
        return (value, place + 1, False) if 0 < value < 32 and not token.glued else None

    def day_before(self, place: int) -> tuple[int, int, bool] | None:
        """Give the day of a month that ends right before a place, where it begins, as above."""
        for start in (place - 2, place - 1):
            day = self.day_number(start)
            if day is not None and day[1] == place:
                return day[0], start, day[2]
        return None

    def aside(self, topic: str, place: int) -> int:
        """Give the place behind the aside that begins at a place; the place itself without one."""
        listed = self.known.asides[topic]
        if self.word(place) in listed.first:
            for end in range(min(len(self.said), place + listed.longest), place, -1):
                if " ".join(token.word for token in self.said[place:end]) in listed.phrases:
                    return end
        return place

    def aside_before(self, topic: str, place: int) -> int:
        """Give where the aside begins that ends before a place; the place itself without one."""
        listed = self.known.asides[topic]
        if self.word(place - 1) in listed.last:
            for start in range(max(0, place - listed.longest), place):
                if " ".join(token.word for token in self.said[start:place]) in listed.phrases:
                    return start
        return place

    def mark(self, place: int, topic: str) -> Mark | None:
        """Give the mark of a topic that begins at a place."""
        mark = self.marks.get(place)
        return mark if mark is not None and mark[0] == topic else None

    def follows(self, place: int) -> bool:
        """Tell whether nothing but blanks or a colon parts the word at a place from the one before."""
        apart = self.text[self.said[place - 1].end : self.said[place].start]
        return NO_HOUR.isdisjoint(apart)

    def closes(self, place: int) -> bool:
        """Tell whether what stands at a place leaves the number before it a time: no noun does."""
        last = place >= len(self.said)
        until = len(self.text) if last else self.said[place].start
        apart = self.text[self.said[place - 1].end : until].strip()
        if apart:
            return apart[0] not in NO_HOUR
        return last or place in self.marks or self.aside("beside_dates", place) > place

    def hour_mark(self, place: int) -> bool:
        """Tell whether "o'clock" or a unit of time stands at a place."""
        marked = self.aside("clock_marks", place) > place
        return marked or self.mark(place, "time_units") is not None

    def names_day(self, first: int, end: int) -> bool:
        """Tell a weekday from the unit of time of the same name: one stands beside it, or a clock."""
        if any(self.aside(topic, end) > end for topic in ("coming", "gone", "this", "hence")):
            return False
        if self.aside("clock_cues", end) > end or self.mark(end, "day_halves") is not None:
            return True
        if self.number(first - 1) is not None:
            return self.aside_before("clock_cues", first - 1) < first - 1
        marks = (self.marks.get(near, ("", "", 0)) for near in range(first - 3, first))
        return any(
            (topic == "weekdays" and first - behind < 2)
            or (topic == "day_halves" and behind == first)
            for topic, _, behind in marks
        )

    def denied(self, start: int) -> bool:
        """Tell whether what begins at a place of the text is said not to be: "not friday"."""
        place = bisect_left(self.starts, start)
        end = self.said[place - 1].end if place else -1
        close = start - end == 1 and self.text[end].isspace()
        return close and self.aside_before("denies", place) < place

    def half(self, first: int, place: int) -> str:
        """Give the half of the day named soon behind a time, right before it, or by its day."""
        behind = self.said[place] if place < len(self.said) else None
        if behind is not None and behind.glued and behind.word in ("a", "p"):
            return f"{behind.word}m"  # 9p
        for near in range(place, place + HALF_REACH + 1):
            mark = self.mark(near, "day_halves")
            if mark is not None:
                return mark[1]
        for near in range(max(0, first - LONGEST_HALF), first):
            mark = self.mark(near, "day_halves")
            if mark is not None and mark[2] == first:
                return mark[1]
        return self.tonight


def date_text(text: str, languages: tuple[str, ...], now: datetime | None) -> DateText:
    """Cut a text into words and find the marks of time in it."""
    known = _vocabulary(languages)
    cut = tokens(_HYPHENS.sub(" ", text), languages)
    said = [token for token in cut if token.kind not in (SIGN, LINE)]
    marks: dict[int, Mark] = {}
    for key, first, end in known.index.find([(it.word, it.start, it.end) for it in said]):
        marks[first] = (*key, end)
    found = DateText(said, [it.start for it in said], marks, known, text, now)
    for place, (_, _, end) in sorted(marks.items()):
        day = known.also_days.get(found.word(place)) if end == place + 1 else None
        if day is not None and found.names_day(place, end):
            marks[place] = ("weekdays", day, end)
    for place, (topic, _, end) in sorted(marks.items()):
        if topic == "day_words" and not found.tonight:  # "tonight", "this evening", "esta tarde"
            named = [token.word for token in said[place:end]]
            halves = (known.halves.get(word, "") for word in (" ".join(named), *named))
            found.tonight = next(filter(None, halves), "")
    return found
