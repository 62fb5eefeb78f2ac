"""Dates and times as customers say them, relative to the moment of the message.

Written days and clocks are found by shape; words ("tomorrow", "next friday", "in two hours") by
the language files. Nothing is guessed: without a moment to start from, relative words say nothing.
"""

from __future__ import annotations

__all__ = ["amend_date", "find_day", "read_date"]

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from engine.readers.date_text import DateText, Found, date_text
from engine.readers.reading import Hearing, Read, Reading
from engine.readers.said_clocks import said_clocks
from engine.readers.said_days import said_days
from engine.readers.written_dates import written_clocks, written_days


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
    if clock is not None and clock.clock is not None and day is None:
        return [_at(f"{on}T", clock.clock, clock.start, clock.end, loose=clock.is_either)]
    if day is not None and clock is None and at:
        return [Read(f"{day.day}T{at}", day.start, day.end)]
    return []


def find_day(text: str, hearing: Hearing) -> Found | None:
    """Find the day a text names, for readers that must leave its numbers alone."""
    return _parts(text, _moment(hearing), hearing)[0]


def _moment(hearing: Hearing) -> datetime | None:
    try:
        return datetime.fromisoformat(hearing.now)
    except ValueError:
        return None


def _parts(text: str, now: datetime | None, hearing: Hearing) -> tuple[Found | None, Found | None]:
    """Find the surest day and the surest time, of equals the first."""
    written = written_days(text, now, hearing.date_order, asked=hearing.asked)
    for it in written:  # its numbers are no hours
        text = f"{text[: it.start]}{',' * (it.end - it.start)}{text[it.end :]}"
    clocks = list(written_clocks(text))
    words = date_text(text, hearing.languages, now)
    if not (written or clocks or words.speaks):
        return None, None
    days = [*written, *said_days(words, asked=hearing.asked)]
    bare = hearing.asked and hearing.want in ("time", "datetime")
    times = [*said_clocks(words, clocks, bare=bare), *(it for it in days if it.clock is not None)]
    return _surest((it for it in days if it.day is not None), words), _surest(
        (it for it in times if it.clock is not None), words
    )


def _surest(found: Iterable[Found], words: DateText) -> Found | None:
    return min(found, key=lambda it: (words.denied(it.start), it.rank, it.start), default=None)


def _wanted(
    day: Found | None, clock: Found | None, now: datetime | None, want: str
) -> list[Reading]:
    parts = [it for it in (day, clock) if it is not None]
    if not parts:
        return []
    start, end = min(it.start for it in parts), max(it.end for it in parts)
    on = day.day if day is not None else None
    at = clock.clock if clock is not None else None
    loose = clock is not None and clock.is_either
    if now is not None and at is not None and loose and on in (None, now.date()):
        evening = at.replace(hour=at.hour % 12 + 12)
        if at <= now.time() and (on is not None or (want == "datetime" and evening > now.time())):
            at = evening  # "today at 8", said at nine in the morning
    if want == "datetime" and on is None and now is not None and at is not None:
        # The next time the clock shows it.
        on = now.date() + timedelta(days=int(at <= now.time()))
    if on is not None and at is not None and want in ("", "datetime"):
        return [_at(f"{on.isoformat()}T", at, start, end, loose=loose)]
    if on is not None and want in ("", "date", "datetime"):
        fault = "time_missing" if want == "datetime" else ""
        return [Read(on.isoformat(), start, end, fault)]
    if at is not None and want in ("", "time"):
        return [_at("", at, start, end, loose=loose)]
    return []


def _at(day: str, clock: time, start: int, end: int, *, loose: bool) -> Read:
    """Give a time of a day; a `loose` one may be in the other half of it."""
    other = None
    if loose:
        other = f"{day}{clock.replace(hour=(clock.hour + 12) % 24):%H:%M}"
    return Read(f"{day}{clock:%H:%M}", start, end, otherwise=other)
