"""What stands for Redis: it forgets, comes late, keeps what is outdated and what never was.

It never raises, as its port says. Whatever it gives, no turn may be lost or done twice by it.
"""

from __future__ import annotations

__all__ = ["SharedCache", "WorkersCache"]

import asyncio
import json
import sqlite3
from collections.abc import Callable, Sequence
from contextvars import Context
from dataclasses import replace

from engine.records import Cached, Place
from tests.simulation.faults import Faults

Hear = Callable[[str, Place, int, bool], None]
KEPT_OLD = 6  # outdated copies per place that may come back


class SharedCache:
    """The one cache of all workers."""

    def __init__(self, faults: Faults, committed: sqlite3.Connection, hear: Hear) -> None:
        self.faults = faults
        self.kept: dict[Place, Cached] = {}
        self.older: dict[Place, list[Cached]] = {}
        self.made_up: set[int] = set()  # the turns that no commit made
        self.wrong: list[Place] = []  # where a copy was put that no commit made, the latest last
        self._committed = committed
        self._hear = hear
        self._context = Context()  # what is on its way outlives the worker that sent it

    @property
    def down(self) -> bool:
        """Whether nobody reaches it now."""
        return self.faults.record.clock() < self.faults.cache_down_until

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        """Do this after a while, whoever lives then."""
        asyncio.get_running_loop().call_later(seconds, do, context=self._context)

    def put(self, cached: Cached, *, force: bool = False) -> None:
        """Keep this, unless something newer is kept already."""
        kept = self.kept.get(cached.place)
        if kept is None or kept.version < cached.version or force:
            self.kept[cached.place] = cached
            older = self.older.setdefault(cached.place, [])
            older.append(cached)
            del older[:-KEPT_OLD]

    def arrive(self, cached: Cached, *, force: bool) -> None:
        """Put what was on its way for long; where all is well, nothing is."""
        if not self.faults.healed:
            self.put(cached, force=force)

    def word(self, by: str, cached: Cached) -> None:
        """Tell the other workers that this place has changed."""
        self._hear(by, cached.place, cached.version, cached.owes)

    def make_wrong(self) -> None:
        """Keep a copy of what was never committed, as after a database was rolled back."""
        random = self.faults.random
        if not self.kept:
            return
        place = random.choice(sorted(self.kept))
        true = self.kept[place]
        body = json.loads(true.body)
        ahead = random.choice((0, 1, 1, 2, 3, 5))
        body["version"] = true.version + ahead
        body["turn_id"] = random.getrandbits(60)
        self.made_up.add(body["turn_id"])
        body["seq"] = body.get("seq", 0) + random.randrange(4)
        if random.random() < 0.3:
            body.pop("frames", None)
            body.pop("doing", None)
        version: int = body["version"]
        self.put(replace(true, version=version, body=json.dumps(body).encode()), force=True)
        self.wrong.append(place)
        self.faults.record.tell("cache", f"keeps a version {version} of {place[2]} nobody made")

    def check(self, by: str, cached: Cached) -> None:
        """Only what is committed is ever cached, and only after its commit."""
        body = cached.body.decode()
        found = self._committed.execute(
            "SELECT 1 FROM noted_session WHERE id = ? AND version = ? AND body = ?",
            (json.loads(body)["id"], cached.version, body),
        ).fetchone()
        if found is None:
            self.faults.record.broken(
                "caches hold only what is committed",
                f"{by} keeps a version {cached.version} of {cached.place}, which no commit made",
            )


class WorkersCache:
    """The cache as one worker reaches it."""

    def __init__(self, shared: SharedCache, by: str) -> None:
        self._shared = shared
        self._faults = shared.faults
        self._by = by

    async def get(self, place: Place) -> Cached | None:
        """Return what is kept of this place; None also when the cache cannot be reached."""
        await self._faults.wait()
        shared = self._shared
        if shared.down or self._faults.often(0.1):
            return None
        older = shared.older.get(place)
        if older and self._faults.often(0.08):
            return self._faults.random.choice(older)
        return shared.kept.get(place)

    async def put(self, many: Sequence[Cached]) -> None:
        """Keep each of these, unless something newer is kept already."""
        await asyncio.gather(*map(self._put, many))

    async def _put(self, cached: Cached) -> None:
        shared, faults = self._shared, self._faults
        shared.check(self._by, cached)
        await faults.wait()
        if shared.down or faults.often(0.05):
            return
        if faults.often(0.1):
            # On its way for long; it may even overtake what the cache holds by then.
            force = faults.random.random() < 0.5
            shared.later(faults.random.random() * 3, lambda: shared.arrive(cached, force=force))
        else:
            shared.put(cached)
        if not faults.often(0.25):
            shared.later(
                faults.random.random() * 0.02 * (50 if faults.often(0.1) else 1),
                lambda: shared.word(self._by, cached),
            )

    async def drop(self, place: Place) -> None:
        """Forget this place, whatever is kept."""
        await self._faults.wait()
        if not (self._shared.down or self._faults.often(0.1)):
            self._shared.kept.pop(place, None)
