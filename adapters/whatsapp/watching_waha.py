"""Keeps a number paired through WAHA connected: looks every few seconds, repairs, and tells how it is.

One process may watch a connection, not several. What is lost is tried again with growing intervals;
what only the owner can do, scanning a QR code, is said once and waited for.
"""

from __future__ import annotations

__all__ = ["Watch", "WatchingWaha"]

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog

from adapters.terms import moment
from adapters.whatsapp.updates import SessionState
from adapters.whatsapp.waha_sessions import NoAnswer, Seen, WahaSession, WrongKey, state_of
from adapters.whatsapp.wanted import Since, SinceInMemory, Wanted
from engine.ports import Clock
from engine.runtime.system import system_clock

log = structlog.get_logger()

MINUTE = 60_000
LOST_AFTER = 2  # unanswered looks; one alone may be a restart of WAHA's


@dataclass(frozen=True, slots=True)
class Watch:
    """How patient it is, in milliseconds."""

    every: int = 3_000  # between two looks
    first: int = 10_000  # after the first repair; each further one waits twice as long
    longest: int = 30 * MINUTE
    restarts: int = 5  # of a session that FAILED; then it is logged out: some 5 min after the first
    starting: int = 2 * MINUTE  # a session that is STARTING for longer hangs
    settled: int = MINUTE  # a connection that holds so long was repaired
    silence: int = 6 * 60 * MINUTE  # WORKING without any event; then it may be deaf (WAHA #2151)
    longest_silence: int = 48 * 60 * MINUTE


class WatchingWaha:
    """Watches one connection."""

    def __init__(
        self,
        session: WahaSession,
        wanted: Wanted,
        since: Since | None = None,
        *,
        clock: Clock = system_clock,
        watch: Watch | None = None,
    ) -> None:
        self._session = session
        self._name = session.waha.connection
        self._wanted = wanted
        self._since = since or SinceInMemory()
        self._clock = clock
        self._watch = watch or Watch()
        self._woken = asyncio.Event()
        self._seen = Seen()
        self._state: str | None = None
        self._at = 0  # since when it is in that state
        self._word_at = 0  # since when WAHA calls it so
        self._why = "it was not asked yet"
        self._misses = 0
        self._said = ""  # what WAHA does not answer was logged so
        self._tries = 0  # repairs, until a connection held
        self._not_before = 0  # of the next repair
        self._failed = 0  # restarts that did not help
        self._asked_to_scan = False
        self._heard = 0  # when WAHA last told of anything that happened
        self._silences = 0  # restarts for silence, until it told of something
        self._has_our_webhook = False
        self._connected_before = False
        self.reconnects = 0

    async def run(self) -> None:
        """Look, and look again, until cancelled."""
        while True:
            try:
                await self.look()
            except Exception:
                # Whatever it is, the database for instance: the next look may succeed.
                log.exception("whatsapp_watching_failed", connection=self._name)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._watch.every / 1_000):
                    await self._woken.wait()
            self._woken.clear()

    def told(self, state: SessionState) -> None:
        """A webhook told of another state. Webhooks come late and out of order: look at once."""
        if state.status != self._seen.word:
            self._woken.set()

    def heard(self) -> None:
        """A webhook told of anything else: the session is not deaf."""
        self._heard = self._clock()
        self._silences = 0

    def health(self) -> dict[str, Any]:
        """Return how it is, and since when."""
        now = self._clock()
        return {
            "state": self._state or "connecting",
            "status": self._seen.word,  # in WAHA's own words
            "since": moment(self._at) if self._at else None,
            "seconds": max(0, now - self._at) // 1_000 if self._at else 0,
            "number": self._seen.phone,
            "reconnects": self.reconnects,
            "why": self._why,
        }

    # -- looking -----------------------------------------------------------------------------------

    async def look(self) -> None:
        """Ask WAHA once, and repair what is to be repaired."""
        wanted = await self._wanted.wanted(self._name)
        try:
            seen = await self._session.seen()
            if wanted and seen.word and not self._has_our_webhook:
                seen = await self._session.tell_us(seen)
                self._has_our_webhook = True
            await self._saw(seen, wanted=wanted)
            if wanted:
                await self._repair(seen)
        except NoAnswer as error:
            await self._missed(error)

    async def _saw(self, seen: Seen, *, wanted: bool) -> None:
        now = self._clock()
        self._misses, self._said = 0, ""
        before, self._seen = self._seen, seen
        if before.word != seen.word or not self._word_at:
            self._word_at = now
            self._why = _why(seen.word)
            log.info("whatsapp_session", connection=self._name, status=seen.word or "absent")
        if seen.state == "connected" and self._state != "connected":
            self._connected(now)
            # It was paired, here or on WAHA's own page: from now on it is kept.
            if not wanted:
                await self._wanted.want(self._name, value=True)
        if seen.state == "connected" and now - self._word_at >= self._watch.settled:
            self._tries = 0
        await self._becomes(seen.state, now)

    def _connected(self, now: int) -> None:
        if self._connected_before:
            self.reconnects += 1
            log.info("whatsapp_reconnected", connection=self._name, times=self.reconnects)
        self._connected_before = True
        self._failed = 0
        self._asked_to_scan = False
        self._heard = max(self._heard, now)

    async def _becomes(self, state: str, now: int) -> None:
        if state == self._state:
            return
        kept = await self._since.since(self._name) if self._state is None else None
        if kept and kept[0] == state:
            self._state, self._at = kept
            return
        self._state, self._at = state, now
        await self._since.changed(self._name, state, now)

    async def _missed(self, error: NoAnswer) -> None:
        """Note that WAHA did not answer, or not as it should."""
        self._misses += 1
        wrong = isinstance(error, WrongKey)
        if str(error) != self._said:
            self._said = str(error)
            say = log.error if wrong else log.warning
            say("whatsapp_away", connection=self._name, why=str(error))
        if wrong or self._misses >= LOST_AFTER or self._state is None:
            self._why = str(error)
            self._seen = Seen()
            self._word_at = 0
            await self._becomes("disconnected", self._clock())

    # -- repairing ---------------------------------------------------------------------------------

    async def _repair(self, seen: Seen) -> None:
        """Do what WAHA's word for the state asks for, if its time has come."""
        now = self._clock()
        act: Callable[[], Awaitable[object]] | None = None
        what = "restart"
        if seen.word in ("", "STOPPED"):
            act, what = self._session.open, "start"
        elif seen.word == "FAILED":
            act, what = self._of_failed()
        elif seen.word == "STARTING" and now - self._word_at >= self._watch.starting:
            act = self._session.restart
        elif seen.word == "SCAN_QR_CODE":
            self._ask_to_scan()
        elif seen.state == "connected" and self._is_silent(now):
            self._silences += 1
            self._heard = now
            log.warning("whatsapp_silent", connection=self._name, times=self._silences)
            await self._session.restart()
            return
        if act is None or now < self._not_before:
            return
        self._tries += 1
        wait = min(self._watch.first << min(self._tries - 1, 20), self._watch.longest)
        self._not_before = now + wait
        self._failed += seen.word == "FAILED"
        self._word_at = now
        log.warning(
            "whatsapp_repair",
            connection=self._name,
            status=seen.word or "absent",
            do=what,
            times=self._tries,
        )
        await act()

    def _of_failed(self) -> tuple[Callable[[], Awaitable[object]] | None, str]:
        """Return what helps a session that FAILED; nothing does where nobody scanned its QR codes."""
        if self._asked_to_scan:
            self._why = f"nobody scanned the QR code. Go on with ./run whatsapp pair {self._name}"
            return None, ""
        if self._failed == self._watch.restarts:
            return self._from_scratch, "logout"
        return self._session.restart, "restart"

    async def _from_scratch(self) -> None:
        log.error(
            "whatsapp_pairing_lost",
            connection=self._name,
            remedy=f"restarting did not help; scan again: ./run whatsapp pair {self._name}",
        )
        await self._session.logout()
        await self._session.start()

    def _ask_to_scan(self) -> None:
        if not self._asked_to_scan:
            self._asked_to_scan = True
            remedy = f"./run whatsapp pair {self._name}"
            log.error("whatsapp_wants_a_scan", connection=self._name, remedy=remedy)

    def _is_silent(self, now: int) -> bool:
        limit = self._watch.silence << min(self._silences, 20)
        return now - self._heard >= min(limit, self._watch.longest_silence)


def _why(word: str) -> str:
    """Say in words why it is not connected."""
    if state_of(word) == "connected":
        return ""
    return {
        "": "WAHA has no such session",
        "STOPPED": "the session is stopped",
        "FAILED": "the session failed; it is restarted",
        "STARTING": "the session is starting",
        "SCAN_QR_CODE": "it waits for its QR code to be scanned",
    }.get(word, f"WAHA says {word}")
