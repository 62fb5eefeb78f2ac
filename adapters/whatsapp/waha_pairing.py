"""Pairing a number by QR code, and parting from it: what the command and the console share."""

from __future__ import annotations

__all__ = ["Connected", "GivenUp", "Pairing", "Shown", "Waiting", "disconnect", "pair"]

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from adapters.whatsapp.waha_sessions import NoAnswer, Seen, WahaSession, WrongKey
from adapters.whatsapp.wanted import Wanted

EVERY = 1.0  # seconds between two looks; a QR code lives 20 s or longer
PATIENCE = 10  # looks without an answer; then WAHA is away


@dataclass(frozen=True, slots=True)
class Shown:
    """This QR code is to be scanned; another one is no longer."""

    value: str
    nth: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """WAHA is busy, in its own word."""

    word: str


@dataclass(frozen=True, slots=True)
class Connected:
    """It is paired, and works. `already`: it was before anybody asked."""

    phone: str
    already: bool


@dataclass(frozen=True, slots=True)
class GivenUp:
    """It does not go on by itself; `shown` QR codes were not scanned."""

    word: str
    shown: int


Pairing = Shown | Waiting | Connected | GivenUp


async def pair(
    session: WahaSession, wanted: Wanted, *, every: float = EVERY
) -> AsyncIterator[Pairing]:
    """Begin to pair, and tell each step until the number is connected or WAHA gives up."""
    seen = await session.open()
    if seen.state == "connected":
        await wanted.want(session.waha.connection, value=True)
        yield Connected(seen.phone, already=True)
        return
    if seen.word == "FAILED":
        seen = await session.restart()
    value, word, shown = "", "", 0
    while seen.state == "connecting":
        if seen.word == "SCAN_QR_CODE":
            new = await session.qr()
            if new not in ("", value):
                value, shown = new, shown + 1
                yield Shown(value, shown)
        elif seen.word != word:
            yield Waiting(seen.word)
        word = seen.word
        seen = await _again(session, every)
    if seen.state == "connected":
        await wanted.want(session.waha.connection, value=True)
        yield Connected(seen.phone, already=False)
    else:
        yield GivenUp(seen.word, shown)


async def _again(session: WahaSession, every: float) -> Seen:
    """Return how it is a moment later; WAHA may be away for a few of them."""
    for _ in range(PATIENCE):
        await asyncio.sleep(every)
        try:
            return await session.seen()
        except WrongKey:
            raise
        except NoAnswer:
            continue
    return await session.seen()


async def disconnect(session: WahaSession, wanted: Wanted) -> Seen:
    """Part from the number for good: nobody connects it again until it is paired."""
    await wanted.want(session.waha.connection, value=False)
    seen = await session.seen()
    if not seen.word:
        return seen
    # First out, then stopped: only a session that works can take itself off the phone's list of
    # devices, and what ran starts from scratch by itself.
    await session.logout()
    return await session.stop()
