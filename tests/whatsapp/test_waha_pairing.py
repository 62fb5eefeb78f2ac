"""Pairing a number through WAHA: the QR code that counts, what survives, and what a person is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from adapters.whatsapp.standins.waha import WahaStandin
from adapters.whatsapp.waha_pairing import (
    Connected,
    GivenUp,
    Pairing,
    Shown,
    Waiting,
    disconnect,
    pair,
)
from adapters.whatsapp.waha_sessions import (
    EVENTS,
    NoAnswer,
    Waha,
    WahaSession,
    WrongKey,
    state_of,
)
from adapters.whatsapp.wanted import WantedInMemory
from tests.whatsapp.waha_hook import WahaHook

SOON = 0.01  # seconds between two looks
OURS = "https://chat.example/api/whatsapp/shop/webhook"


@pytest.fixture
def waha() -> Iterator[WahaStandin]:
    """A WAHA that nobody has used."""
    with WahaStandin(paired=False, patience=0.05) as running:
        yield running


@asynccontextmanager
async def session(
    waha: WahaStandin, *, key: str = "key", hmac: str = "hmac", webhook: str = OURS
) -> AsyncIterator[WahaSession]:
    made = WahaSession(Waha("shop", waha.url, key, hmac, webhook))
    try:
        yield made
    finally:
        await made.close()


async def all_steps(made: WahaSession, wanted: WantedInMemory) -> list[Pairing]:
    return [step async for step in pair(made, wanted, every=SOON)]


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("", "disconnected"),
        ("STOPPED", "disconnected"),
        ("FAILED", "disconnected"),
        ("STARTING", "connecting"),
        ("SCAN_QR_CODE", "connecting"),
        ("PASSKEY_CONFIRMATION_REQUIRED", "connecting"),
        ("A_WORD_OF_NEXT_YEAR", "connecting"),
        ("WORKING", "connected"),
    ],
)
def test_every_word_of_waha_is_one_of_three_states(word: str, state: str) -> None:
    assert state == state_of(word)


async def test_each_new_qr_code_is_shown_until_one_is_scanned(waha: WahaStandin) -> None:
    """The codes live so long that only what the test does renews them."""
    wanted, shown = WantedInMemory(), []
    async with session(waha) as made:
        async for step in pair(made, wanted, every=SOON):
            if isinstance(step, Shown):
                assert waha.pairing.qr == step.value
                shown.append(step.nth)
                (waha.renew_qr if len(shown) < 3 else waha.scan)()
        last = step

    assert [1, 2, 3] == shown
    assert Connected("+6281100000001", already=False) == last
    assert await wanted.wanted("shop")


async def test_the_session_posts_what_we_need_where_we_are(waha: WahaStandin) -> None:
    """Made by us, it has our webhook, signed with our key; and it posts there."""
    with WahaHook() as hook:
        async with session(waha, webhook=hook.url) as made:
            await made.open()
            hook.until_status("SCAN_QR_CODE")
        (one,) = waha.pairing.config["webhooks"]

    assert (hook.url, list(EVENTS), {"key": "hmac"}) == (one["url"], one["events"], one["hmac"])
    assert "x-webhook-hmac" in hook.took[0].headers


async def test_the_picture_is_a_png_and_absent_where_no_code_is_shown(waha: WahaStandin) -> None:
    async with session(waha) as made:
        assert ("", b"") == (await made.qr(), await made.qr_picture())
        await made.open()
        assert (await made.qr_picture()).startswith(b"\x89PNG")
        waha.scan()
        assert ("", b"") == (await made.qr(), await made.qr_picture())


async def test_a_paired_number_needs_no_new_scan_after_our_restart(waha: WahaStandin) -> None:
    """Another process of ours asks: it is connected, and nothing was started anew."""
    async with session(waha) as made:
        await made.open()
        await made.qr()
        waha.scan()
    waha.calls.clear()

    async with session(waha) as again:
        steps = await all_steps(again, WantedInMemory())

    assert [Connected("+6281100000001", already=True)] == steps
    assert ["get"] == [call.name for call in waha.calls]


async def test_six_codes_nobody_scans_are_all_there_are(waha: WahaStandin) -> None:
    async with session(waha) as made:
        async for step in pair(made, WantedInMemory(), every=SOON):
            if isinstance(step, Shown):
                for _ in range(5 if step.nth == 2 else 1):
                    waha.renew_qr()
        assert GivenUp("FAILED", 2) == step

        # Pairing again begins with a first code: start alone would change nothing.
        async for step in pair(made, WantedInMemory(), every=SOON):
            if isinstance(step, Shown):
                waha.scan()
        assert isinstance(step, Connected)


async def test_a_word_we_do_not_know_is_waited_for(waha: WahaStandin) -> None:
    async with session(waha) as made:
        words = []
        async for step in pair(made, WantedInMemory(), every=SOON):
            if isinstance(step, Shown):
                waha.becomes("PASSKEY_REQUIRED")
            elif isinstance(step, Waiting) and step.word == "PASSKEY_REQUIRED":
                words.append(step.word)
                waha.becomes("SCAN_QR_CODE")
                waha.scan()

    assert ["PASSKEY_REQUIRED"] == words
    assert isinstance(step, Connected)


async def test_waha_may_be_away_for_a_moment_while_somebody_pairs(waha: WahaStandin) -> None:
    async with session(waha) as made:
        async for step in pair(made, WantedInMemory(), every=SOON):
            if isinstance(step, Shown):
                waha.fail_next("get", 502, times=3)
                waha.scan()

    assert isinstance(step, Connected)


async def test_a_wrong_key_is_said_at_once(waha: WahaStandin) -> None:
    async with session(waha, key="other") as made:
        with pytest.raises(WrongKey, match="refuses the api_key"):
            await all_steps(made, WantedInMemory())


async def test_a_waha_that_is_down_is_said_with_its_address(waha: WahaStandin) -> None:
    waha.down()

    async with session(waha) as made:
        with pytest.raises(NoAnswer, match=f"WAHA at {waha.url} does not answer"):
            await made.seen()


async def test_something_that_is_no_waha_is_said_so(waha: WahaStandin) -> None:
    waha.fail_next("get", 200, ["not", "a session"])

    async with session(waha) as made:
        with pytest.raises(NoAnswer, match="Is it WAHA"):
            await made.seen()


async def test_a_session_with_our_webhook_is_left_alone(waha: WahaStandin) -> None:
    """An update restarts the session: only who has to updates it."""
    async with session(waha) as made:
        first = await made.tell_us(await made.open())
        await made.tell_us(await made.seen())

    assert first.config["webhooks"][0]["url"] == OURS
    assert "update" not in [call.name for call in waha.calls]


async def test_our_webhook_moves_and_others_stay(waha: WahaStandin) -> None:
    """Only what leads to our path is ours; the rest of the config is somebody else's."""
    other = {"url": "https://other.example/hook", "events": ["*"], "hmac": None}
    old = {"url": "http://old.example/api/whatsapp/shop/webhook", "events": ["message"]}
    waha.opens("default", {"webhooks": [other, old], "metadata": {"tenant": "7"}})

    async with session(waha) as made:
        await made.open()

    config = waha.pairing.config
    assert {"tenant": "7"} == config["metadata"]
    assert [other["url"], OURS] == [one["url"] for one in config["webhooks"]]
    assert waha.pairing.running


async def test_disconnecting_takes_it_off_the_phone_and_stops_it(waha: WahaStandin) -> None:
    wanted = WantedInMemory("shop")
    async with session(waha) as made:
        await made.open()
        await made.qr()
        waha.scan()
        seen = await disconnect(made, wanted)

    assert ("STOPPED", "disconnected") == (seen.word, seen.state)
    assert waha.pairing.account is None
    assert ["logout", "stop"] == [call.name for call in waha.calls][-2:]
    assert not await wanted.wanted("shop")


async def test_what_is_not_there_is_disconnected_already(waha: WahaStandin) -> None:
    async with session(waha) as made:
        assert "disconnected" == (await disconnect(made, WantedInMemory())).state


async def test_two_may_pair_at_once(waha: WahaStandin) -> None:
    """Both find no session and make it; the second is told that it is there."""
    async with session(waha) as one, session(waha) as other:
        seen = await asyncio.gather(one.open(), other.open())

    assert {"connecting"} == {each.state for each in seen}
    assert ["default"] == list(waha.sessions)


async def test_a_password_in_the_address_is_not_repeated() -> None:
    made = WahaSession(Waha("shop", "http://me:secret@127.0.0.1:1", "key", "hmac", OURS))

    with pytest.raises(NoAnswer, match=r"WAHA at http://127\.0\.0\.1:1 does not answer"):
        await made.seen()
    await made.close()


def test_no_secret_can_be_printed() -> None:
    waha = Waha("shop", "http://waha", "the-api-key", "the-hmac-key", OURS)

    assert "-key" not in repr(waha)
