"""News of conversations, for whoever shows them as they happen: that something changed, never what.

What is shown is read from SQL. A commit of this process wakes at once, one of another process by way
of Redis; and once a second all watched places are looked up in one query, because a command at the
terminal, or a worker without Redis, tells nobody.
"""

from __future__ import annotations

__all__ = ["Changes", "Watch"]

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import structlog

from engine.errors import RejoinderError
from engine.records import Place

log = structlog.get_logger()

LOOK = 1.0  # seconds; so often the worker looks as well, where nothing wakes it
AT_ONCE = 1_000  # places of one query: SQLite takes 32,766 values

Versions = Callable[[Sequence[Place]], Awaitable[Mapping[Place, tuple[str, int]]]]


class Watch:
    """One place, watched by one reader."""

    __slots__ = ("_ended", "_news", "_waiter", "seen")

    def __init__(self) -> None:
        # Which session its reader read last, and at which version; set by the reader.
        self.seen: tuple[str, int] | None = None
        self._news = False
        self._ended = False
        self._waiter: asyncio.Future[None] | None = None

    def wake(self, *, end: bool = False) -> None:
        """Say that there is something to read; `end`: and that nothing will follow."""
        self._news = True
        self._ended = self._ended or end
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    @property
    def ended(self) -> bool:
        """Whether this process is about to stop."""
        return self._ended

    async def news(self, within: float) -> bool:
        """Return whether something changed since the last call, as soon as it does."""
        if not self._news and within > 0:
            loop = asyncio.get_running_loop()
            self._waiter = waiter = loop.create_future()
            timer = loop.call_later(within, _expire, waiter)
            try:
                await waiter
            finally:
                timer.cancel()
                self._waiter = None
        news, self._news = self._news, False
        return news


def _expire(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


class Changes:
    """Who watches which conversation."""

    def __init__(self, versions: Versions) -> None:
        """Watch nothing yet."""
        self._versions = versions
        self._watches: dict[Place, list[Watch]] = {}
        self._closed = False

    @contextmanager
    def watching(self, place: Place) -> Iterator[Watch]:
        """Hear of a place until the block is left."""
        watch = Watch()
        if self._closed:
            watch.wake(end=True)
        watches = self._watches.setdefault(place, [])
        watches.append(watch)
        try:
            yield watch
        finally:
            watches.remove(watch)
            if not watches and self._watches.get(place) is watches:
                del self._watches[place]

    def tell(self, place: Place, _version: int) -> None:
        """Wake whoever watches this place."""
        for watch in self._watches.get(place, ()):
            watch.wake()

    def close(self) -> None:
        """Tell all who watch that this process stops; who comes later is told at once."""
        self._closed = True
        for watches in self._watches.values():
            for watch in watches:
                watch.wake(end=True)

    async def run(self) -> None:
        """Look for what other processes did, until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            try:
                await self.look()
            except RejoinderError as error:  # the database is away for a while
                log.warning("changes_not_seen", why=str(error))

    async def look(self) -> None:
        """Ask once for all that is watched."""
        places = list(self._watches)
        for start in range(0, len(places), AT_ONCE):
            asked = places[start : start + AT_ONCE]
            found = await self._versions(asked)
            for place in asked:
                now = found.get(place)
                for watch in self._watches.get(place, ()):
                    if watch.seen != now:
                        watch.wake()
