"""Opening hours: is somebody there now, and when will somebody be there."""

from __future__ import annotations

__all__ = ["is_open", "opens"]

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


def opens(book: Book, at: int, language: str) -> str:
    """Say when it opens next: "09:00" today, else with the name of the day."""
    if book.hours is None or not book.hours.spans:
        return ""
    now = _now(book, at)
    minute = now.hour * 60 + now.minute
    waits = []
    for day, start, _ in book.hours.spans:
        wait = (day - now.weekday()) % 7 * DAY + start - minute
        waits.append((wait if wait > 0 else wait + 7 * DAY, day, start))
    _, day, start = min(waits)
    clock = f"{start // 60:02}:{start % 60:02}"
    if day == now.weekday() and start > minute:
        return clock
    from babel import Locale  # noqa: PLC0415 - names of days, needed only when closed

    names = Locale.parse(language.partition("-")[0]).days["format"]["wide"]
    return f"{names[day]} {clock}"
