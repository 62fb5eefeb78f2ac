"""What goes wrong on the way: waits, outages, lost answers. Healed, everything just works."""

from __future__ import annotations

__all__ = ["Faults"]

import asyncio
from random import Random

from engine.stores.database import Unavailable
from tests.simulation.record import Record

LOST = 0.006  # of database calls, each side of the call
SLOW = 0.02  # of database calls take up to half a second


class Faults:
    """The chances of one world; all of them zero once it is healed."""

    def __init__(self, random: Random, record: Record) -> None:
        self.random = random
        self.record = record
        self.healed = False
        self.database_down_until = 0
        self.cache_down_until = 0
        # Some worlds have a good network, some a bad one.
        self.harshness = random.choice((0.3, 1.0, 1.0, 3.0))

    def chance(self, probability: float) -> bool:
        """Draw whether something goes wrong."""
        return not self.healed and self.random.random() < probability

    def often(self, probability: float) -> bool:
        """Draw whether something goes wrong, more often in a harsh world."""
        return self.chance(probability * self.harshness)

    async def wait(self) -> None:
        """Let others go first: often at once, sometimes for a few turns, seldom for long."""
        drawn = self.random.random()
        if drawn < 0.4:
            return
        if drawn < 0.85:
            for _ in range(int(drawn * 100) % 4):
                await asyncio.sleep(0)
        else:
            await asyncio.sleep(drawn * drawn * 0.01)

    async def before_database(self, *, writing: bool) -> None:
        """Stand between a worker and the database; nothing has happened there yet."""
        await self.wait()
        if self.often(SLOW):
            await asyncio.sleep(self.random.random() / 2)
        if not self.healed and self.record.clock() < self.database_down_until:
            raise Unavailable("the database is away")
        if self.often(LOST):
            raise Unavailable("the connection broke before the database was asked")

    async def after_database(self, *, writing: bool) -> None:
        """Stand between the database and a worker; what was committed is committed."""
        await self.wait()
        if self.often(LOST):
            raise Unavailable("the connection broke before the database's answer came")

    def heal(self) -> None:
        """Nothing goes wrong from now on."""
        self.healed = True
        self.database_down_until = self.cache_down_until = 0
