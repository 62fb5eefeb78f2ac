"""The write-through: memory before Redis before SQL on the way in, SQL first on the way out.

Only what is committed is ever cached, and only after its commit. A turn on an outdated copy loses
its compare-and-swap; then every copy of that place is dropped and the next load asks SQL.
"""

from __future__ import annotations

__all__ = ["Memory", "TieredStore"]

from collections import OrderedDict
from collections.abc import Callable, Sequence

import structlog

from engine.ports import Cache
from engine.records import Cached, Committed, Outcome, Place, Work, Write
from engine.session import Session
from engine.stores.encoding import Damaged, cached, decoded
from engine.stores.gathering import Gathering
from engine.stores.sql import SqlStore
from engine.stores.sql_commit import Prepared, prepare
from engine.transcript import Line

log = structlog.get_logger()

Restored = Callable[[str, str], None]
"""Called with (bot, tier) for every session that came back from below memory."""

Changed = Callable[[Place, int], None]
"""Called with the place and the version of every session this process has committed."""

HOT, COLD = 4_096, 200_000  # sessions: a live object takes 2 kB, its encoded form a quarter of it


class Memory:
    """Committed sessions in this process: the newest as they are, the others encoded."""

    def __init__(self, *, hot: int = HOT, cold: int = COLD) -> None:
        """Keep at most so many of both kinds."""
        self._most = hot, cold
        self._hot: OrderedDict[Place, tuple[Session, bytes]] = OrderedDict()
        self._cold: OrderedDict[Place, tuple[int, bytes]] = OrderedDict()

    def __len__(self) -> int:
        """Count what is kept."""
        return len(self._hot) + len(self._cold)

    def get(self, place: Place) -> Session | None:
        """Return the session kept of this place."""
        kept = self._hot.get(place)
        if kept is not None:
            self._hot.move_to_end(place)
            return kept[0]
        if (encoded := self._cold.pop(place, None)) is None:
            return None
        version, body = encoded
        session = decoded(body, version=version, of="in memory")
        self.put(place, session, body)
        return session

    def put(self, place: Place, session: Session, body: bytes) -> None:
        """Keep a committed session; an ended one only makes room."""
        if session.status != "open":
            self.drop(place)
            return
        self._cold.pop(place, None)
        self._hot[place] = session, body
        self._hot.move_to_end(place)
        if len(self._hot) > self._most[0]:
            old, (cooled, encoded) = self._hot.popitem(last=False)
            self._cold[old] = cooled.version, encoded
            if len(self._cold) > self._most[1]:
                self._cold.popitem(last=False)

    def drop(self, place: Place) -> None:
        """Let go of this place."""
        self._hot.pop(place, None)
        self._cold.pop(place, None)

    def drop_older(self, place: Place, version: int) -> None:
        """Let go of this place unless this version or a newer one is kept."""
        hot, cold = self._hot.get(place), self._cold.get(place)
        kept = hot[0].version if hot else cold[0] if cold else version
        if kept < version:
            self.drop(place)


class TieredStore:
    """A `SessionStore`: a `SqlStore` with memory and, where there is one, a shared cache before it."""

    def __init__(
        self,
        sql: SqlStore,
        cache: Cache | None = None,
        *,
        memory: Memory | None = None,
        restored: Restored = lambda _bot, _tier: None,
        changed: Changed = lambda _place, _version: None,
    ) -> None:
        """Keep nothing yet; `restored` hears of every session that was not in memory."""
        self.sql = sql
        self.cache = cache
        self.memory = memory or Memory()
        self._restored = restored
        self._changed = changed
        self._commits: Gathering[Prepared, Outcome] = Gathering(
            sql.together, then=self._keep, lanes=sql.database.lanes
        )

    async def load(self, place: Place, *, fresh: bool = False) -> Session | None:
        """Return the open session, or None; `fresh` asks SQL alone."""
        if not fresh:
            session = self.memory.get(place)
            if session is not None:
                return session
            session = await self._from_cache(place)
            if session is not None:
                self._restored(place[0], "redis")
                return session
        session = await self.sql.load(place)
        if session is not None:
            self._restored(place[0], "sql")
        return session

    async def _from_cache(self, place: Place) -> Session | None:
        if self.cache is None or (kept := await self.cache.get(place)) is None:
            return None
        if not kept.ended:
            try:
                return decoded(kept.body, version=kept.version, of="in Redis")
            except Damaged as damaged:
                log.warning("cached_session_damaged", why=str(damaged), remedy="reread from SQL")
        # An ended session is a miss; dropped, so that the next one of this place can be kept.
        await self.cache.drop(place)
        return None

    async def where(self, session: str) -> Place | None:
        """Return where this session is open; None when it has ended."""
        return await self.sql.where(session)

    async def open_of(self, bot: str, contact: str) -> Sequence[Session]:
        """Return a contact's open sessions, whatever lane they are in; from SQL alone."""
        return await self.sql.open_of(bot, contact)

    async def commit(self, write: Write) -> Outcome:
        """Store turns in SQL; after that, and only then, in the caches."""
        prepared = prepare(write)
        if not write.addresses:
            return await self._commits.do(prepared)
        outcome = await self.sql.alone(prepared)
        await self._keep([prepared], [outcome])
        return outcome

    async def _keep(
        self, batch: Sequence[Prepared], outcomes: Sequence[Outcome | Exception]
    ) -> None:
        """Cache what was committed, and drop what was not, or is somewhere else now."""
        latest: list[Session] = []
        kept: list[Cached] = []
        outdated: list[Place] = []
        for prepared, outcome in zip(batch, outcomes, strict=True):
            for before, turns in prepared.pairs:
                place = (before.bot, before.lane, before.contact)
                if isinstance(outcome, Committed):
                    session = turns[-1].session
                    owes = any(turn.effects for turn in turns)
                    latest.append(session)
                    kept.append(cached(session, prepared.bodies[session.id], owes=owes))
                    if kept[-1].place != place:  # it moved: two contacts became one
                        outdated.append(place)
                else:
                    outdated.append(place)
        if self.cache is not None and kept:
            await self.cache.put(kept)
        for session, one in zip(latest, kept, strict=True):
            self.memory.put(one.place, session, one.body)
            self._changed(one.place, one.version)
        for place in outdated:
            await self.drop(place)

    async def drop(self, place: Place) -> None:
        """Let every copy of this place go, whatever version it is."""
        self.memory.drop(place)
        if self.cache is not None:
            await self.cache.drop(place)

    async def lines(self, session: str, *, after: int = 0) -> Sequence[Line]:
        """Return the lines of a session numbered above `after`; history is in SQL alone."""
        return await self.sql.lines(session, after=after)

    async def answer(self, inbound: str) -> Sequence[Line]:
        """Return the lines of the turn that took this message; from SQL alone."""
        return await self.sql.answer(inbound)

    async def due(self, now: int, *, limit: int = 100) -> Sequence[Session]:
        """Return open sessions with a deadline at or before `now`, earliest first."""
        return await self.sql.due(now, limit=limit)

    async def take(
        self, now: int, *, until: int, limit: int = 1, questions: bool = True
    ) -> Sequence[Work]:
        """Lease the oldest effects that can be done now; after `until` others may take them."""
        return await self.sql.take(now, until=until, limit=limit, questions=questions)

    async def renew(self, works: Sequence[Work], *, until: int) -> None:
        """Keep what is being done leased for longer, where it is still ours."""
        await self.sql.renew(works, until=until)

    async def begin_sending(self, work: Work, *, until: int) -> bool:
        """Mark a message as on the wire; False when it was withdrawn or taken by another."""
        return await self.sql.begin_sending(work, until=until)

    async def put_back(
        self, work: Work, *, until: int, attempted: bool = True, aside: bool = False
    ) -> None:
        """Give a taken effect back; nobody takes it before `until`."""
        await self.sql.put_back(work, until=until, attempted=attempted, aside=aside)

    async def settle(self, work: Work, status: str) -> None:
        """Store the outcome of an effect that no turn waits for."""
        await self.sql.settle(work, status)
