"""A number paired through WAHA stays connected, or it is said why not; time is the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from adapters.whatsapp.standins.waha import WahaStandin
from adapters.whatsapp.standins.waha_pairing import LIVES
from adapters.whatsapp.updates import SessionState
from adapters.whatsapp.waha_sessions import Waha, WahaSession
from adapters.whatsapp.wanted import SinceInMemory, WantedInMemory
from adapters.whatsapp.watching_waha import Watch, WatchingWaha
from tests.whatsapp.waha_hook import WahaHook

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
BEGAN = 1_767_583_800_000  # 2026-01-05T03:30:00Z
WATCH = Watch()


class Hours:
    """A clock that stands still unless it is told."""

    def __init__(self) -> None:
        self.now = BEGAN

    def __call__(self) -> int:
        return self.now


class Watched:
    """A watch over the stand-in, looked at as often as the test says."""

    def __init__(self, waha: WahaStandin, hook: WahaHook, key: str = "key") -> None:
        self.waha = waha
        self.hook = hook
        self.clock = Hours()
        self.wanted = WantedInMemory("shop")
        self.since = SinceInMemory()
        self.session = WahaSession(Waha("shop", waha.url, key, "hmac", hook.url))
        self.watch = self.begins()

    def begins(self, watch: Watch = WATCH) -> WatchingWaha:
        """A process of ours begins."""
        self.watch = WatchingWaha(
            self.session, self.wanted, self.since, clock=self.clock, watch=watch
        )
        return self.watch

    async def after(self, milliseconds: int = 0, times: int = 1) -> dict[str, Any]:
        """Look so many times, so far apart; return what /health says then."""
        for _ in range(times):
            self.clock.now += milliseconds
            await self.watch.look()
        return self.watch.health()

    async def until(self, word: str, step: int = SECOND) -> dict[str, Any]:
        """Look until WAHA says this word; the stand-in changes states in its own short time."""
        for _ in range(500):
            health = await self.after(step)
            if health["status"] == word:
                return health
            await asyncio.sleep(0.01)
        raise AssertionError(f"never {word}: {health}")

    def calls(self, *names: str) -> list[str]:
        """Which of these calls WAHA got."""
        return [call.name for call in self.waha.calls if call.name in names]


@pytest.fixture
def hook() -> Iterator[WahaHook]:
    with WahaHook() as listening:
        yield listening


@pytest.fixture
def waha(hook: WahaHook) -> Iterator[WahaStandin]:
    """A WAHA whose session is paired, works, and posts to us."""
    with WahaStandin(hmac_key="hmac", webhook=hook.url, patience=0.05) as running:
        yield running


@pytest.fixture
async def watched(waha: WahaStandin, hook: WahaHook) -> AsyncIterator[Watched]:
    made = Watched(waha, hook)
    yield made
    await made.session.close()


async def test_health_says_how_it_is_and_since_when(watched: Watched) -> None:
    before = watched.watch.health()
    health = await watched.after()
    watched.clock.now += 90 * SECOND

    assert ("connecting", None, 0) == (before["state"], before["since"], before["seconds"])
    assert {
        "state": "connected",
        "status": "WORKING",
        "since": "2026-01-05T03:30:00Z",
        "seconds": 0,
        "number": "+6281100000001",
        "reconnects": 0,
        "why": "",
    } == health
    assert 90 == watched.watch.health()["seconds"]


async def test_since_when_survives_a_restart_of_ours(watched: Watched) -> None:
    """Nothing changed at WAHA meanwhile, and nothing is done there: no new scan."""
    await watched.after()
    watched.begins()
    watched.waha.calls.clear()

    health = await watched.after(HOUR)

    assert ("2026-01-05T03:30:00Z", 3_600) == (health["since"], health["seconds"])
    assert ["get"] == [call.name for call in watched.waha.calls]


async def test_a_lost_connection_comes_back_by_itself(watched: Watched) -> None:
    await watched.after()
    watched.waha.loses_connection()

    lost = await watched.after(SECOND)
    back = await watched.until("WORKING")

    assert ("disconnected", "FAILED") == (lost["state"], lost["status"])
    assert ("connected", 1) == (back["state"], back["reconnects"])
    assert ["restart"] == watched.calls("restart", "logout", "start")


async def test_a_stopped_session_that_is_wanted_is_started(watched: Watched) -> None:
    await watched.after()
    watched.waha.becomes("STOPPED")

    await watched.until("WORKING")

    assert ["start"] == watched.calls("start")


async def test_a_session_that_was_removed_is_made_anew(watched: Watched) -> None:
    await watched.after()
    watched.waha.do(watched.waha.sessions.clear)

    with capture_logs() as logs:
        health = await watched.until("SCAN_QR_CODE")

    assert "connecting" == health["state"]
    assert ["create"] == watched.calls("create")
    assert 1 == [log["event"] for log in logs].count("whatsapp_wants_a_scan")


async def test_a_number_disconnected_on_purpose_is_left_alone(watched: Watched) -> None:
    await watched.after()
    await watched.wanted.want("shop", value=False)
    watched.waha.becomes("STOPPED")

    await watched.after(HOUR, times=3)
    watched.begins()
    health = await watched.after(HOUR, times=3)

    assert "disconnected" == health["state"]
    assert [] == watched.calls("start", "restart", "create", "update")


async def test_what_is_paired_elsewhere_is_kept_from_then_on(watched: Watched) -> None:
    """WAHA has a page of its own; whoever pairs there wants the number."""
    await watched.wanted.want("shop", value=False)

    await watched.after()

    assert await watched.wanted.wanted("shop")


async def test_restarts_that_do_not_help_end_in_a_new_qr_code(watched: Watched) -> None:
    """Each waits longer than the one before; then it is logged out once, and that is said loudly."""
    await watched.after()
    watched.waha.loses_connection(failures=WATCH.restarts)

    with capture_logs() as logs:
        health = await watched.until("SCAN_QR_CODE", step=8 * SECOND)

    assert "connecting" == health["state"]
    assert WATCH.restarts == len(watched.calls("restart"))
    assert ["logout", "start"] == watched.calls("logout", "start")
    loud = [log["event"] for log in logs if log["log_level"] == "error"]
    assert ["whatsapp_pairing_lost", "whatsapp_wants_a_scan"] == loud
    waited = watched.clock.now - BEGAN
    assert waited > sum(WATCH.first << n for n in range(WATCH.restarts - 1))


async def test_codes_nobody_scans_are_not_shown_for_ever(watched: Watched) -> None:
    """The phone forgot us: QR codes once, and then a person has to ask for them."""
    await watched.after()
    watched.waha.loses_connection(forgets=True)
    await watched.until("SCAN_QR_CODE")
    for _ in LIVES:
        watched.waha.renew_qr()
    watched.waha.calls.clear()

    health = await watched.after(HOUR, times=5)

    assert "nobody scanned the QR code. Go on with ./run whatsapp pair shop" == health["why"]
    assert [] == watched.calls("restart", "start", "logout")


async def test_a_scan_after_that_is_all_it_takes(watched: Watched) -> None:
    await watched.after()
    watched.waha.loses_connection(forgets=True)
    await watched.until("SCAN_QR_CODE")
    watched.waha.scan()

    assert "connected" == (await watched.until("WORKING"))["state"]
    watched.waha.loses_connection()
    assert "connected" == (await watched.until("WORKING"))["state"]


async def test_a_start_that_hangs_is_begun_again(watched: Watched) -> None:
    await watched.after()
    watched.waha.becomes("STARTING")

    await watched.after(SECOND)
    patient = watched.calls("restart")
    await watched.after(WATCH.starting)

    assert [] == patient
    assert ["restart"] == watched.calls("restart")


async def test_a_word_nobody_knows_is_between_and_nothing_is_done(watched: Watched) -> None:
    await watched.after()
    watched.waha.becomes("PASSKEY_REQUIRED")

    health = await watched.after(HOUR, times=3)

    assert ("connecting", "WAHA says PASSKEY_REQUIRED") == (health["state"], health["why"])
    assert [] == watched.calls("restart", "start", "logout")


async def test_a_session_that_flaps_is_repaired_less_and_less_often(watched: Watched) -> None:
    """It fails right after each restart: within an hour that is a handful of restarts, no loop."""
    await watched.after()
    for _ in range(60):
        watched.waha.becomes("FAILED")
        await watched.after(MINUTE)

    assert 2 < len(watched.calls("restart", "logout")) < 12


async def test_silence_ends_in_a_restart_and_each_further_one_waits_longer(
    watched: Watched,
) -> None:
    """It says it works and tells of nothing: it may be deaf."""
    await watched.after()
    watched.waha.goes_silent()

    await watched.after(WATCH.silence - 1)
    early = watched.calls("restart")
    await watched.after(1)
    once = watched.calls("restart")
    await watched.until("WORKING")
    await watched.after(WATCH.silence)
    still_once = watched.calls("restart")
    await watched.after(WATCH.silence)

    assert ([], ["restart"], ["restart"]) == (early, once, still_once)
    assert ["restart", "restart"] == watched.calls("restart")
    assert not watched.waha.pairing.silent


async def test_what_is_heard_of_is_not_silent(watched: Watched) -> None:
    await watched.after()
    for _ in range(5):
        await watched.after(WATCH.silence - 1)
        watched.watch.heard()

    assert [] == watched.calls("restart")


async def test_a_waha_that_is_down_is_not_connected_and_then_is_again(watched: Watched) -> None:
    """One unanswered look may be a restart of WAHA's own; two are a connection lost."""
    await watched.after()
    watched.waha.down()

    first = await watched.after(3 * SECOND)
    with capture_logs() as logs:
        second = await watched.after(3 * SECOND, times=5)
    watched.waha.up()
    back = await watched.after(3 * SECOND)

    assert "connected" == first["state"]
    assert ("disconnected", "") == (second["state"], second["status"])
    assert "does not answer" in second["why"]
    assert [] == logs  # it was said at the first one
    assert ("connected", "") == (back["state"], back["why"])


async def test_a_wrong_key_is_said_without_the_key(waha: WahaStandin, hook: WahaHook) -> None:
    watched = Watched(waha, hook, "not-the-key")

    with capture_logs() as logs:
        health = await watched.after(SECOND, times=3)
    await watched.session.close()

    assert "disconnected" == health["state"]
    assert "refuses the api_key" in health["why"]
    assert ["whatsapp_away"] == [log["event"] for log in logs]
    assert "not-the-key" not in str(logs) + str(health)


async def test_our_webhook_is_put_back_once(watched: Watched) -> None:
    """Our address changed while we were away; each look after that leaves the session alone."""
    watched.waha.webhook = "http://elsewhere.example/hook"

    await watched.after()
    await watched.until("WORKING")

    assert watched.hook.url == watched.waha.pairing.config["webhooks"][0]["url"]
    assert ["update"] == watched.calls("update")


class NoDatabase(WantedInMemory):
    """Where what is wanted cannot be read, so often."""

    def __init__(self) -> None:
        super().__init__("shop")
        self.away = 2
        self.asked = asyncio.Event()

    async def wanted(self, connection: str) -> bool:
        self.away -= 1
        if self.away >= 0:
            raise ConnectionError("the database is away")
        self.asked.set()
        return await super().wanted(connection)


async def test_it_goes_on_whatever_happens_until_it_is_cancelled(watched: Watched) -> None:
    """Neither a database that is away nor anything else ends it."""
    watched.wanted = NoDatabase()
    watch = watched.begins(Watch(every=1))

    with capture_logs() as logs:
        running = asyncio.create_task(watch.run())
        await watched.wanted.asked.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    failed = [log for log in logs if log["event"] == "whatsapp_watching_failed"]
    assert 2 == len(failed)


class Told(SinceInMemory):
    """Says when a state was kept."""

    def __init__(self) -> None:
        super().__init__()
        self.states: asyncio.Queue[str] = asyncio.Queue()

    async def changed(self, connection: str, state: str, at: int) -> None:
        await super().changed(connection, state, at)
        self.states.put_nowait(state)


async def test_a_webhook_makes_it_look_at_once(watched: Watched) -> None:
    """Between two looks it would wait an hour; a told change does not."""
    told = Told()
    watched.since = told
    watch = watched.begins(Watch(every=HOUR))
    running = asyncio.create_task(watch.run())
    states = [await told.states.get()]

    watched.waha.loses_connection()
    watch.told(SessionState("FAILED", BEGAN))
    states.append(await told.states.get())
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert ["connected", "disconnected"] == states
