"""Keeps the numbers that are paired by QR code connected: one process each, whichever is there."""

from __future__ import annotations

__all__ = ["Connections", "Supervision", "waha_of"]

import asyncio
from collections.abc import Mapping
from typing import Any, Final, Protocol

import structlog

from adapters.terms import moment
from adapters.whatsapp.numbers import Number
from adapters.whatsapp.switchboard import Made, Switchboard
from adapters.whatsapp.updates import SessionState
from adapters.whatsapp.waha_sessions import Waha, WahaSession
from adapters.whatsapp.wanted import Since, Wanted
from adapters.whatsapp.watching_waha import Watch, WatchingWaha
from engine.language.schema_channels import WahaConnection
from engine.ports import Clock

log = structlog.get_logger()

LEASE: Final = 15_000  # milliseconds; so long a number is alone when its process was killed
LOOK_SECONDS: Final = 14.0  # what takes longer is broken off: the lease would be another's by then
HEARD_EVERY: Final = (
    60_000  # other processes hear of events no sooner; silence is a matter of hours
)


class Kept(Wanted, Since, Protocol):
    """What is known of numbers by all processes."""

    async def heard_at(self, connection: str) -> int:
        """Return when a number's provider told anything last."""
        ...

    async def heard(self, connection: str, at: int) -> None:
        """Keep that a number's provider told something."""
        ...

    async def watch(self, connection: str, who: str, now: int, *, until: int) -> bool:
        """Become the one who keeps a number connected; False while another does."""
        ...


class Connections(Kept, Made, Protocol):
    """What is known of numbers, and those that commands make."""

    async def make(self, name: str, bot: str, settings: Mapping[str, Any]) -> None:
        """Keep a number, in the place of an earlier one of this name."""
        ...

    async def remove(self, name: str) -> bool:
        """Forget a number that a command made; False where there is none."""
        ...


class Supervision:
    """All paired numbers of a process."""

    def __init__(
        self,
        switchboard: Switchboard,
        kept: Kept,
        *,
        our_url: str,
        who: str,
        clock: Clock,
        watch: Watch | None = None,
    ) -> None:
        """Look at nothing before `run`; `who` names this process."""
        self._switchboard = switchboard
        self._kept = kept
        self._our_url = our_url
        self._who = who
        self._clock = clock
        self._watch = watch or Watch()
        self._watching: dict[str, WatchingWaha] = {}
        self._sessions: dict[str, WahaSession] = {}
        self._working: set[str] = set()  # those that were connected at the last look
        self._mine: dict[str, bool] = {}
        self._heard: dict[str, int] = {}  # when this process last said so
        self._known: dict[str, int] = {}  # when any process did, as it was read last
        self._keeping: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()

    async def run(self) -> None:
        """Look at each number every few seconds, until cancelled."""
        try:
            while self._switchboard.bots:
                numbers = list(self._switchboard.numbers.values())
                paired = [
                    one
                    for one in numbers
                    if isinstance(one.settings, WahaConnection)
                    and not self._switchboard.lacking([one])
                ]
                # Side by side: one that hangs keeps no other from being looked at.
                await asyncio.gather(*(self._look(number) for number in paired))
                try:
                    await asyncio.wait_for(self._woken.wait(), self._watch.every / 1_000)
                except TimeoutError:
                    continue
                self._woken.clear()
        finally:
            for session in self._sessions.values():
                await session.close()

    def told(self, name: str, state: SessionState | None) -> None:
        """Hear that a number's provider posted something; of another state it is asked at once."""
        now = self._clock()
        if state is not None:
            self._working.discard(name)
            self._woken.set()
        if now - self._heard.get(name, 0) >= HEARD_EVERY:
            self._heard[name] = now
            task = asyncio.get_running_loop().create_task(self._keep_heard(name, now))
            self._keeping.add(task)
            task.add_done_callback(self._keeping.discard)

    async def health(self) -> dict[str, dict[str, Any]]:
        """Return how each number is, and since when; whichever process looks at it."""
        return {
            name: await self._health(number) for name, number in self._switchboard.numbers.items()
        }

    async def _health(self, number: Number) -> dict[str, Any]:
        channel = self._switchboard[number.name]
        if channel.trouble:
            since = moment(channel.since) if channel.since else None
            return {"ok": False, "state": "stopped", "since": since, "why": channel.trouble}
        if not isinstance(number.settings, WahaConnection):
            return {"ok": True}
        kept = await self._kept.since(number.name)
        state, at = kept or ("connecting", 0)
        # One that was disconnected on purpose is as it should be.
        ok = state == "connected" or not await self._kept.wanted(number.name)
        return {"ok": ok, "state": state, "since": moment(at) if at else None}

    async def _look(self, number: Number) -> None:
        name = number.name
        try:
            now = self._clock()
            self._mine[name] = await self._kept.watch(name, self._who, now, until=now + LEASE)
            if not self._mine[name]:
                return
            watching = self._of(number)
            heard = await self._kept.heard_at(name)
            if heard > self._known.get(name, 0):
                self._known[name] = heard
                watching.heard()
            async with asyncio.timeout(LOOK_SECONDS):
                await watching.look()
            await self._works(name, connected=watching.health()["state"] == "connected")
        except Exception as error:  # noqa: BLE001 - the database, or WAHA: the next look may succeed
            log.warning(
                "number_not_watched", connection=name, why=f"{type(error).__name__}: {error}"
            )

    async def _works(self, name: str, *, connected: bool) -> None:
        """Have what waited for a number go out as soon as it is connected again."""
        if not connected:
            self._working.discard(name)
        elif name not in self._working or self._switchboard[name].trouble:
            self._switchboard[name].wake()
            await self._switchboard.deliveries.hasten(name, self._clock())
            self._working.add(name)

    def _of(self, number: Number) -> WatchingWaha:
        watching = self._watching.get(number.name)
        if watching is None:
            session = WahaSession(waha_of(number, self._our_url))
            self._sessions[number.name] = session
            watching = WatchingWaha(
                session, self._kept, self._kept, clock=self._clock, watch=self._watch
            )
            self._watching[number.name] = watching
        return watching

    async def _keep_heard(self, name: str, now: int) -> None:
        try:
            await self._kept.heard(name, now)
        except Exception as error:  # noqa: BLE001 - a minute later it is said again
            log.debug("not_kept_as_heard", connection=name, why=type(error).__name__)


def waha_of(number: Number, our_url: str) -> Waha:
    """Return where a number's session is, and where it posts what happens."""
    settings = number.settings
    assert isinstance(settings, WahaConnection)  # noqa: S101 - only those are paired
    return Waha(
        connection=number.name,
        base_url=number.base_url.rstrip("/"),
        api_key=number.secrets["api_key"],
        hmac_key=number.secrets["hmac_key"],
        webhook=f"{our_url}/api/whatsapp/{number.name}/webhook",
        session=settings.session,
    )
