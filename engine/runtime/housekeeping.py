"""Forgets what is over, an hour after the other, for the bots that say how long they keep it."""

from __future__ import annotations

__all__ = ["Housekeeping"]

import asyncio
from collections.abc import Mapping

import structlog

from engine.language.book import Book
from engine.overview import Keeping
from engine.ports import Clock

log = structlog.get_logger()

EVERY_SECONDS = 3_600.0
FIRST_SECONDS = 60.0  # a process that just started has better things to do


class Housekeeping:
    """Cleans up, as long as it runs."""

    def __init__(
        self,
        keeping: Keeping,
        books: Mapping[str, Book],
        clock: Clock,
        *,
        every: float = EVERY_SECONDS,
        first: float = FIRST_SECONDS,
    ) -> None:
        """Forget nothing before `run`."""
        self._keeping = keeping
        self._books = books
        self._clock = clock
        self._every = every
        self._first = first

    async def run(self) -> None:
        """Clean up until cancelled."""
        await asyncio.sleep(self._first)
        while True:
            try:
                await self.sweep()
            except Exception as error:  # noqa: BLE001 - the database may be away for a while
                log.warning("clean_up_failed", why=f"{type(error).__name__}: {error}")
            await asyncio.sleep(self._every)

    async def sweep(self) -> int:
        """Forget what is over now; return how many conversations that was."""
        now = self._clock()
        forgotten = 0
        for bot, book in self._books.items():
            if book.retention is None:
                continue
            before = now - book.retention
            count = await self._keeping.clean(bot, ended_before=before, now=now)
            if count:
                log.info("conversations_forgotten", bot=bot, count=count)
            forgotten += count
        return forgotten
