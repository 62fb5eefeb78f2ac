"""Conversations of the assistant's bench: some write inside a flow, others ask and wait."""

from __future__ import annotations

__all__ = ["ASKING", "BOT", "IN_FLIGHT", "Askers", "Others", "Stretch"]

import asyncio
import time
from dataclasses import dataclass
from itertools import count
from time import perf_counter, process_time

from adapters.service import Service
from bench.peers.workload import TURNS
from engine.events import Said
from engine.runtime.arrivals import Arrival, contact_id
from engine.runtime.system import new_id, system_clock

BOT = "dialogue"
ASKING = 500
IN_FLIGHT = 64
WRITING = 640  # ten times as many as are in flight, so that nobody says two things at once
PATIENCE = 30.0  # seconds for one answer, on a machine that has other things to do


def _says(who: str, text: str) -> Arrival:
    event = Said(new_id(), system_clock(), text)
    return Arrival(BOT, "web", (f"web:{who}",), f"web-{who}", event)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What some seconds of writing came to."""

    per_second: float
    cost: float  # milliseconds of CPU, a turn


class Others:
    """Customers who order, message by message, as fast as they are answered."""

    def __init__(self, service: Service) -> None:
        """Nobody has written yet."""
        self._receive = service.conversations.receive
        self._said = [0] * WRITING

    async def write(self, seconds: float) -> Stretch:
        """Write for so long."""
        began, spent = perf_counter(), process_time()
        done = await asyncio.gather(*[self._write(n, began + seconds) for n in range(IN_FLIGHT)])
        turns = sum(done)
        return Stretch(turns / (perf_counter() - began), 1_000 * (process_time() - spent) / turns)

    async def _write(self, first: int, until: float) -> int:
        done = 0
        while perf_counter() < until:
            who = first + done % (WRITING // IN_FLIGHT) * IN_FLIGHT
            text = TURNS[self._said[who] % len(TURNS)]
            self._said[who] += 1
            await self._receive(_says(f"other-{who}", text))
            done += 1
        return done


class Askers:
    """New customers who ask what no flow understands: once, or again as soon as they are answered."""

    asked = 0  # by all of them
    _numbers = count(1)

    def __init__(self, service: Service, many: int = ASKING) -> None:
        """Nobody has asked yet."""
        self._service = service
        self._many = many
        self._round = next(self._numbers)
        self.answered: dict[str, float] = {}  # question -> when its answer was committed

    async def ask(self) -> None:
        """Ask once, all in the same moment; return when all are answered."""
        await asyncio.gather(*[self._ask(n, 1) for n in range(self._many)])

    async def ask_again(self, seconds: float, *, spread: float) -> None:
        """Ask, spread over some seconds, and again until the time is over; then wait for the last."""
        until = perf_counter() + seconds

        async def asking(n: int) -> None:
            await asyncio.sleep(n * spread / self._many)
            for time_ in count(1):
                await self._ask(n, time_)
                if perf_counter() >= until:
                    return

        await asyncio.gather(*[asking(n) for n in range(self._many)])

    async def _ask(self, n: int, time_: int) -> None:
        who = f"asks-{self._round}-{n}"
        text = f"Do you know {_name(self._round)}{_name(n)}{_name(time_)}?"
        Askers.asked += 1
        place = (BOT, "web", contact_id(BOT, f"web:{who}"))
        with self._service.changes.watching(place) as watch:
            await self._service.conversations.receive(_says(who, text))
            waits = True
            while waits:
                if not await watch.news(PATIENCE):
                    raise RuntimeError("a question was not answered")
                session = await self._service.store.load(place)
                waits = session is not None and session.asking is not None
        self.answered[text] = time.time()


def _name(number: int) -> str:
    """Write a number so that nobody takes it for a quantity: "ba", "bc" ..."""
    digits = "abcdefghij"
    return "q" + "".join(digits[int(digit)] for digit in str(number))
