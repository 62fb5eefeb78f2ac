"""Opening hours: is somebody there now, and when will somebody be there."""

from __future__ import annotations

__all__ = ["is_open", "next_opening", "opens"]

from datetime import UTC, datetime

from engine.language.book import Book

DAY = 24 * 60


def _now(book: Book, at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(book.timezone)


def is_open(book: Book, at: int) -> bool:
    """Tell whether the business is open at this moment; without hours it always is."""
    if book.hours is None:
        return True
    now = _now(book, at)
    minute = now.hour * 60 + now.minute
    return any(day == now.weekday() and a <= minute < b for day, a, b in book.hours.spans)


def next_opening(book: Book, at: int) -> int:
    """Return when somebody is there: now, or at the next opening."""
    if is_open(book, at) or book.hours is None or not book.hours.spans:
        return at
    now = _now(book, at)
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
    now = _now(book, at)
    _, day, start = _next_span(book, now)
    clock = f"{start // 60:02}:{start % 60:02}"
    if day == now.weekday() and start > now.hour * 60 + now.minute:
        return clock
    from babel import Locale  # noqa: PLC0415 - names of days, needed only when closed

    names = Locale.parse(language.partition("-")[0]).days["format"]["wide"]
    return f"{names[day]} {clock}"
