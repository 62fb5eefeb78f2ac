"""Days said in words: "tomorrow", "next friday", "3rd of june", "in two weeks", "el 19"."""

from __future__ import annotations

__all__ = ["said_days"]

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.readers.date_text import DateText, Found, Mark
from engine.readers.numerals import NUMBER
from engine.readers.written_dates import coming, day_of

MINUTES = {"minute": 1, "hour": 60, "day": 1440, "week": 10080}
MONTHS = {"month": 1, "year": 12}
_YEAR = re.compile(r"(?:19|20)\d\d")
_SHORT_YEAR = re.compile(r"\d\d")
# How sure a day is, surest first; a weekday beside a date only repeats it.
DATED, COUNTED, NUMBERED, NAMED, BARE = range(5)
# "friday 31st" may be months away; a calendar repeats itself after 28 years.
MONTHS_AHEAD = 60
NEAR = 35  # days: how far "friday 20" may be without a month
FARTHEST = 1200  # months or so; what lies beyond is no date anybody means


def said_days(words: DateText, *, asked: bool) -> Iterator[Found]:
    """Read every mark that says a day; without a moment to start from only full dates say one.

    "The 2nd" may be an option as well: it is a day only where one was `asked` for.
    """
    if words.now is None:
        for place, mark in words.marks.items():
            if mark[0] == "months":
                yield from _month(words, place, mark, None)
        return
    days = _Days(words, words.now, words.now.date(), asked)
    read = {
        "day_words": days.named,
        "weekdays": days.weekday,
        "time_units": days.counted,
        "feasts": days.feast,
    }
    for place, mark in words.marks.items():
        if mark[0] == "months":
            yield from _month(words, place, mark, words.now)
        elif mark[0] in read:
            yield from read[mark[0]](place, mark)
    yield from days.numbered()


def _month(words: DateText, place: int, mark: Mark, now: datetime | None) -> Iterator[Found]:
    """Read the day before or behind a month's name: "3rd of january", "january 3 2026"."""
    month, end = int(mark[1]), mark[2]
    before = words.day_before(words.aside_before("of_date", place))
    behind = words.day_number(words.aside("of_date", end))
    if before is not None:
        day, first = before[:2]
    elif behind is not None:
        (day, end, _), first = behind, place
    else:
        return
    year, end = _year(words, end)
    yield Found(coming(month, day, year, now), None, *words.span(first, end), DATED)


def _year(words: DateText, place: int) -> tuple[str, int]:
    """Give the year at a place: "2026", "of 87", "-95"."""
    at = words.aside("of_date", place)
    token = words.said[at] if at < len(words.said) else None
    if token is None or token.glued:
        return "", place
    apart = words.text[words.said[at - 1].end : token.start]
    joined = at > place or apart in ("-", "/") or apart.endswith(("'", "\u2019"))
    if _YEAR.fullmatch(token.word) or (joined and _SHORT_YEAR.fullmatch(token.word)):
        return token.word, at + 1
    return "", place


@dataclass(slots=True)
class _Days:
    """The days that depend on today."""

    words: DateText
    now: datetime
    today: date
    asked: bool

    def named(self, place: int, mark: Mark) -> Iterator[Found]:
        """Read "tomorrow"."""
        on = self.today + timedelta(days=int(mark[1]))
        yield Found(on, None, *self.words.span(place, mark[2]), NAMED)

    def feast(self, place: int, mark: Mark) -> Iterator[Found]:
        """Read "christmas", the coming one or that of a year; unasked it may be an occasion."""
        if not self.asked:
            return
        month, day = map(int, mark[1].split("-"))
        year, end = _year(self.words, mark[2])
        on = coming(month, day, year, self.now)
        yield Found(on, None, *self.words.span(place, end), COUNTED)

    def weekday(self, place: int, mark: Mark) -> Iterator[Found]:
        """Read a weekday alone, of a week, with its number, or counted."""
        words, end = self.words, mark[2]
        index = int(mark[1])
        ahead = (index - self.today.weekday()) % 7 or 7
        counted = words.day_before(place)
        if counted is not None:
            on = self._nth(index, counted, end)
            if on is not None:
                yield Found(on, None, *words.span(counted[1], end), COUNTED)
                return
        week = self._period(end, "week")
        if week is not None:
            monday = self.today - timedelta(days=self.today.weekday())
            on = monday + timedelta(days=index + 7 * week[0])
            yield Found(on, None, *words.span(place, week[1]), NUMBERED)
            return
        first, after = words.aside_before("gone", place), words.aside("gone", end)
        last = self._nth(index, (0, first, True), end) if first < place else None
        if last is not None:
            yield Found(last, None, *words.span(first, end), COUNTED)
            return
        if first < place or after > end:
            on = self.today + timedelta(days=ahead - 7 if ahead < 7 else -7)
            yield Found(on, None, *words.span(first, after), NUMBERED)
            return
        day = words.day_number(words.aside("day_cues", end))
        both = self._with_number(index, day) if day is not None else None
        if day is not None and both is not None:
            yield Found(both, None, *words.span(place, day[1]), NUMBERED)
            return
        yield Found(self.today + timedelta(days=ahead), None, *words.span(place, end), NAMED)

    def _nth(self, weekday: int, counted: tuple[int, int, bool], end: int) -> date | None:
        """Read "5 fridays from now", "first monday of march", "second tuesday of next month"."""
        number, _, ordinal = counted
        words = self.words
        if not ordinal:
            if words.aside("hence", end) == end:
                return None
            ahead = (weekday - self.today.weekday()) % 7 or 7
            return self.today + timedelta(days=ahead + 7 * (number - 1))
        at = words.aside("of_date", end)
        month = words.mark(at, "months")
        if month is not None:
            year = _year(words, month[2])[0] or str(self.today.year)
            first = day_of(int(year), int(month[1]), 1)
        else:
            period = self._period(end, "month")
            first = None if period is None else _months_on(self.today.replace(day=1), period[0])
        if first is None or number > 5:
            return None
        if number == 0:  # the last one
            first = first.replace(day=monthrange(first.year, first.month)[1])
            return first - timedelta(days=(first.weekday() - weekday) % 7)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))

    def _with_number(self, weekday: int, day: tuple[int, int, bool]) -> date | None:
        """Give the next day of this number that is such a weekday: "friday 31st".

        A plain number may be an hour: up to 12 only the coming weekday may have it.
        """
        number, end, ordinal = day
        words = self.words
        if not words.closes(end) or words.mark(end, "day_halves") or words.hour_mark(end):
            return None
        on = next(
            (on for on in self._numbered(number, MONTHS_AHEAD) if on.weekday() == weekday), None
        )
        near = timedelta(days=NEAR if number > 12 else 7)
        return on if ordinal or (on is not None and on - self.today <= near) else None

    def _numbered(self, day: int, months: int) -> Iterator[date]:
        """Yield the coming days of this number."""
        for ahead in range(months):
            month = _months_on(self.today.replace(day=1), ahead)
            on = day_of(month.year, month.month, day) if month is not None else None
            if on is not None and on >= self.today:
                yield on

    def _period(self, place: int, unit: str) -> tuple[int, int] | None:
        """Read "of next week", "de la semana pasada": how many such periods on, and its end."""
        words = self.words
        at = words.aside("of_date", place)
        for topic, periods in (("this", 0), ("coming", 1), ("gone", -1)):
            named = words.aside(topic, at)
            mark = words.mark(named, "time_units")
            if named > at and mark is not None and mark[1] == unit:
                return periods, mark[2]
        mark = words.mark(at, "time_units")
        if mark is not None and mark[1] == unit:
            for topic, periods in (("this", 0), ("coming", 1), ("gone", -1)):
                end = words.aside(topic, mark[2])
                if end > mark[2]:
                    return periods, end
        return None

    def counted(self, place: int, mark: Mark) -> Iterator[Found]:
        """Read "in two hours", "3 days ago"; "two hours" alone is a length, no time."""
        words, (_, unit, end) = self.words, mark
        first = words.aside_before("one", place)  # an hour
        count = self._count(place - 1) if first == place else 1.0
        if first < place and words.number(first - 1) == 0.5:
            count, first = 0.5, first - 1  # half an hour
        elif first == place:
            first -= 1
        if count is None:
            return
        ahead, ago = words.aside_before("ahead", first), words.aside_before("ago_before", first)
        hence, back = words.aside("hence", end), words.aside("ago", end)
        if back > end or ago < first:
            count, first, end = -count, ago, back
        elif ahead < first or hence > end:
            first, end = ahead, hence
        else:
            return
        yield from self._moved(count, unit, words.span(first, end))

    def _count(self, place: int) -> int | float | None:
        """Give the number before a unit of time, also "1h"."""
        token = self.words.said[place] if place >= 0 else None
        return token.value if token is not None and token.kind is NUMBER else None

    def _moved(self, count: int | float, unit: str, span: tuple[int, int]) -> Iterator[Found]:
        if abs(count) * MONTHS.get(unit, 1) > FARTHEST:
            return
        if unit in MONTHS:
            yield Found(_months_on(self.today, int(count * MONTHS[unit])), None, *span, COUNTED)
            return
        then = self.now + timedelta(minutes=count * MINUTES[unit])
        clock = then.time() if MINUTES[unit] < MINUTES["day"] else None
        yield Found(then.date(), clock, *span, COUNTED)

    def numbered(self) -> Iterator[Found]:
        """Read a day of this month or the next: "the 15th", "el 19", "22nd of next month"."""
        words = self.words
        for place in range(len(words.said)):
            day = words.day_number(place)
            if day is None:
                continue
            number, end, ordinal = day
            month = self._period(end, "month")
            if month is not None:
                first = _months_on(self.today.replace(day=1), month[0])
                on = day_of(first.year, first.month, number) if first is not None else None
                yield Found(on, None, *words.span(place, month[1]), COUNTED)
            elif ordinal or words.aside_before("day_cues", place) < place:
                yield from self._coming_number(place, number, end)

    def _coming_number(self, place: int, number: int, end: int) -> Iterator[Found]:
        words = self.words
        at = words.aside("of_date", end)
        month = words.whole(at, 12) if at > end else None
        if month and words.closes(at + 1):  # el 19 del 12
            on = coming(month, number, "", self.now)
            yield Found(on, None, *words.span(place, at + 1), COUNTED)
        elif self.asked and words.closes(end):
            on = next(self._numbered(number, 3), None)  # two months in a row may lack it
            yield Found(on, None, *words.span(place, end), BARE)


def _months_on(day: date, months: int) -> date | None:
    """Give the same day some months later, the month's last where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9998:
        return None
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
