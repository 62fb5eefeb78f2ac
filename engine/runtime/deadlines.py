"""Rings deadlines: a sweep over the sessions that are due, as often as their index is cheap to ask.

Every process sweeps; the compare-and-swap makes each deadline ring once. What rings without
changing anything (a session that waits for a newer worker) is left alone until it changes.
"""

from __future__ import annotations

__all__ = ["SWEEP", "Deadlines"]

import asyncio

import structlog

from engine.events import TimerRang
from engine.ports import Clock, SessionStore
from engine.runtime.conversations import Conversations
from engine.session import Session

log = structlog.get_logger()

SWEEP = 1_000
AT_ONCE = 100

Rung = tuple[str, int, int]  # session, version, deadline


class Deadlines:
    """Rings what is due, as long as it runs."""

    def __init__(self, store: SessionStore, conversations: Conversations, clock: Clock) -> None:
        """Ring nothing before `run`."""
        self._store = store
        self._conversations = conversations
        self._clock = clock
        self._in_vain: set[Rung] = set()
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        """Sweep until `stop`."""
        while not self._stopped.is_set():
            try:
                await self.sweep()
            except Exception as error:  # noqa: BLE001 - the database may be away for a while
                log.warning("sweep_failed", why=f"{type(error).__name__}: {error}")
            try:
                await asyncio.wait_for(self._stopped.wait(), SWEEP / 1_000)
            except TimeoutError:
                continue

    def stop(self) -> None:
        """Ring nothing more."""
        self._stopped.set()

    async def sweep(self) -> int:
        """Ring everything that is due now; return how much that was."""
        now = self._clock()
        # Those that ring in vain stay due: ask for more, so that they hide nobody.
        due = await self._store.due(now, limit=AT_ONCE + len(self._in_vain))
        waiting = {(one.id, one.version, one.wake_at or 0) for one in due}
        self._in_vain &= waiting
        ringing = [
            one for one in due if (one.id, one.version, one.wake_at or 0) not in self._in_vain
        ]
        await asyncio.gather(*(self._ring(one, now) for one in ringing))
        return len(ringing)

    async def _ring(self, session: Session, now: int) -> None:
        if session.bot not in self._conversations.books:
            self._in_vain.add((session.id, session.version, session.wake_at or 0))
            return
        place = (session.bot, session.lane, session.contact)
        rang = TimerRang(f"{session.id}:{session.version}:timer", now)
        try:
            answer = await self._conversations.deliver(place, rang, session=session.id)
        except Exception as error:  # noqa: BLE001 - one that cannot ring does not hold up the others
            log.warning(
                "deadline_failed", session=session.id, why=f"{type(error).__name__}: {error}"
            )
            return
        if answer is not None and answer.session.version == session.version:
            self._in_vain.add((session.id, session.version, session.wake_at or 0))
