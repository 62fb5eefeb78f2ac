"""Opening hours: is somebody there now, and when will somebody be there; the time where they are."""

from __future__ import annotations

__all__ = ["DAY_NAMES", "is_open", "local_time", "next_opening", "opens", "time_of_day"]

from datetime import UTC, datetime

from engine.language.book import Book

DAY = 24 * 60
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def local_time(book: Book, at: int) -> datetime:
    """Return a moment as the clocks of the business show it."""
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(book.timezone)


def time_of_day(minute: int) -> str:
    """Write a minute of the day as 09:30."""
    return f"{minute // 60:02}:{minute % 60:02}"


def is_open(book: Book, at: int) -> bool:
    """Tell whether the business is open at this moment; without hours it always is."""
    if book.hours is None:
        return True
    now = local_time(book, at)
    minute = now.hour * 60 + now.minute
    return any(day == now.weekday() and a <= minute < b for day, a, b in book.hours.spans)


def next_opening(book: Book, at: int) -> int:
    """Return when somebody is there: now, or at the next opening."""
    if is_open(book, at) or book.hours is None or not book.hours.spans:
        return at
    now = local_time(book, at)
    wait, _, _ = _next_span(book, now)
    minute = now.replace(second=0, microsecond=0)
    return int(minute.timestamp()) * 1000 + wait * 60_000


def _next_span(book: Book, now: datetime) -> tuple[int, int, int]:
    """Return the next opening: minutes until then, its day, its minute."""
    minute = now.hour * 60 + now.minute
    waits = []
    for day, start, _ in book.hours.spans if book.hours is not None else ():
        wait = (day - now.weekday()) % 7 * DAY + start - minute
        waits.append((wait if wait > 0 else wait + 7 * DAY, day, start))
    return min(waits)


def opens(book: Book, at: int, language: str) -> str:
    """Say when it opens next: "09:00" today, else with the name of the day."""
    if book.hours is None or not book.hours.spans:
        return ""
    now = local_time(book, at)
    _, day, start = _next_span(book, now)
    clock = time_of_day(start)
    if day == now.weekday() and start > now.hour * 60 + now.minute:
        return clock
    from babel import Locale  # noqa: PLC0415 - names of days, needed only when closed

    names = Locale.parse(language.partition("-")[0]).days["format"]["wide"]
    return f"{names[day]} {clock}"
