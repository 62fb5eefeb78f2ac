"""One world: some workers on one database, many customers, and chaos; then everything heals.

All that happens is drawn from one seed. After the chaos every message is handed in until it is
acknowledged and everything owed is done; then `invariants` looks at what is left.
"""

from __future__ import annotations

__all__ = ["World"]

import asyncio
import json
from collections.abc import Coroutine
from pathlib import Path
from random import Random
from typing import Any

from engine.records import Place
from engine.stores.database import Unavailable
from engine.stores.effect_rows import OPEN
from tests.simulation.cache import SharedCache
from tests.simulation.database import SimulatedDatabase
from tests.simulation.faults import Faults
from tests.simulation.loop import SimulatedLoop
from tests.simulation.operators import Operator, Reply
from tests.simulation.outside import Outside
from tests.simulation.people import Customer, Message, people
from tests.simulation.processes import Process
from tests.simulation.record import Record

MINUTE, HOUR, DAY = 60, 3_600, 86_400
JUMPS = (2 * MINUTE, 6 * MINUTE, 11 * MINUTE, 16 * MINUTE, 31 * MINUTE, 3 * HOUR, DAY + HOUR)
PATIENCE = 60  # so often something may still be owed after healing, a minute apart
_OPEN = f"({', '.join(repr(status) for status in OPEN)})"


class World:
    """What a seed makes."""

    def __init__(self, seed: int, loop: SimulatedLoop, random: Random, path: Path) -> None:
        """Let nothing happen yet."""
        self.seed = seed
        self.loop = loop
        self.random = random
        self.path = path
        self.record = Record(loop.time)
        self.faults = Faults(random, self.record)
        # Looks at the same file from outside: what it sees is committed.
        self.eyes = SimulatedDatabase(path, self.faults)._connect()
        self.cache = SharedCache(self.faults, self.eyes, self._hear)
        self.outside = Outside(self.faults)
        self.processes: list[Process | None] = []
        self.going: list[Process] = []  # being stopped
        self.customers = [Customer(self, one) for one in people(random)]
        self.replies: list[Reply] = []
        self.kills = self.pauses = self.jumps = self.outages = 0
        self._ids = 0
        self._started = 0
        self._free = asyncio.Event()
        self._free.set()
        self._later: set[asyncio.Task[None]] = set()

    def sql(self, query: str, *values: Any) -> list[Any]:
        """Look into the database from outside."""
        return self.eyes.execute(query, values).fetchall()

    def messages(self) -> dict[str, Message]:
        """Return everything customers have sent, by its id."""
        return {one.id: one for customer in self.customers for one in customer.person.sent}

    def new_id(self) -> str:
        """Return the id of a new session."""
        self._ids += 1
        return f"s{self._ids}"

    def somebody(self) -> Process | None:
        """Return any worker that is there, as a load balancer finds one."""
        alive = [one for one in self.processes if one is not None and not one.stopping]
        return self.random.choice(alive) if alive else None

    def later(self, doing: Coroutine[Any, Any, None]) -> None:
        """Have this done beside everything else, before the world ends."""
        task = asyncio.get_running_loop().create_task(doing)
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def while_hushed(self) -> None:
        """Wait until it is not the quiet before a jump of time any more."""
        await self._free.wait()

    def start(self) -> Process:
        """Start one more worker."""
        self._started += 1
        return Process(self, f"w{self._started}")

    async def live(self) -> None:
        """Let it all happen."""
        random, loop = self.random, asyncio.get_running_loop()
        self.processes = [self.start() for _ in range(random.randint(2, 4))]
        lives = [loop.create_task(one.live(random.randrange(4, 12))) for one in self.customers] + [
            loop.create_task(Operator(self).live(random.randrange(8)))
        ]
        chaos = loop.create_task(self._chaos())
        for one in lives:
            await one
        chaos.cancel()
        await asyncio.wait({chaos})
        self.faults.heal()
        self.record.tell("world", "heals")
        for process in self.processes:
            if process is not None and process.life.frozen:
                self.loop.thaw(process.life)
        for n, process in enumerate(self.processes):
            if process is None:
                self.processes[n] = self.start()
        await self.rest()

    async def end(self) -> None:
        """Stop every worker as a deployment does."""
        for process in self.processes:
            if process is not None:
                await process.stop()
                self._look_into(process)

    def _look_into(self, process: Process) -> None:
        """Check what the memory of a process held when it ended, except copies that were wrong."""
        for cached in process.remembered:
            if json.loads(cached.body)["turn_id"] not in self.cache.made_up:
                self.cache.check(process.name, cached)

    # -- chaos ------------------------------------------------------------------------------------

    async def _chaos(self) -> None:
        random, faults = self.random, self.faults
        while True:
            await asyncio.sleep(random.random() * 0.8)
            drawn = random.random()
            if drawn < 0.25:
                self.later(self._replace(random.randrange(len(self.processes))))
            elif drawn < 0.32:
                await self._roll(random.randrange(len(self.processes)))
            elif drawn < 0.40:
                self.outages += 1
                lasts = random.choice((50, 500, 3_000))
                faults.database_down_until = self.record.clock() + lasts
                self.record.tell("database", f"is away for {lasts} ms")
            elif drawn < 0.5:
                lasts = random.choice((100, 2_000, 20_000))
                faults.cache_down_until = self.record.clock() + lasts
                self.record.tell("cache", f"is away for {lasts} ms")
            elif drawn < 0.7:
                self.cache.make_wrong()
            elif drawn < 0.87:
                await self._jump(random.choice(JUMPS))
            elif drawn < 0.92:
                await self._suspend(random.randrange(len(self.processes)))

    async def _replace(self, n: int) -> None:
        """Kill a worker at any moment; another takes its place some time later."""
        process = self.processes[n]
        if process is None or process.stopping:
            return
        self.kills += 1
        self.processes[n] = None
        process.kill()
        self._look_into(process)
        await asyncio.sleep(self.random.random() * self.random.choice((0.05, 1, 5)))
        if self.processes[n] is None:
            self.processes[n] = self.start()

    async def _roll(self, n: int) -> None:
        """Stop a worker and start its successor, as a deployment does."""
        process = self.processes[n]
        if process is None or process.stopping:
            return
        process.stopping = True
        self.going.append(process)
        self.later(self._stop(process))
        self.processes[n] = self.start()

    async def _stop(self, process: Process) -> None:
        try:
            await process.stop()
        except Unavailable as why:
            self.record.tell(process.name, f"could not stop in order: {why}")
            process.kill()
        self.going.remove(process)

    async def _suspend(self, n: int) -> None:
        """Let a worker sleep through its leases, as on a machine that is suspended; it goes on."""
        process = self.processes[n]
        if process is None or process.stopping:
            return
        self.pauses += 1
        self.record.tell(process.name, "is suspended")
        self.loop.freeze(process.life)
        await asyncio.sleep(self.random.random())
        await self._jump(self.random.choice((20, 80)))
        await asyncio.sleep(self.random.random())
        self.record.tell(process.name, "goes on")
        self.loop.thaw(process.life)

    async def _jump(self, seconds: int) -> None:
        """Let time pass while nobody does anything; what runs longer than a lease is another tale."""
        self._free.clear()
        for _ in range(60):
            if not self._busy():
                self.jumps += 1
                self.record.tell("world", f"{seconds} seconds pass")
                self.loop.jump(seconds)
                break
            await asyncio.sleep(0.05)
        self._free.set()
        await asyncio.sleep(0.05)

    def _busy(self) -> bool:
        return bool(self.going) or any(
            one is not None and one.busy and not one.life.frozen for one in self.processes
        )

    def _hear(self, by: str, place: Place, version: int, owes: bool) -> None:  # noqa: FBT001
        """Hand the word of a change to the other workers that live."""
        for process in self.processes:
            if process is not None and process.name != by:
                process.service.store.memory.drop_older(place, version)  # type: ignore[attr-defined]
                if owes:
                    process.service.worker.wake()

    # -- rest -------------------------------------------------------------------------------------

    async def rest(self) -> None:
        """Let time pass until nothing is left to do."""
        for _ in range(PATIENCE):
            await asyncio.sleep(0.3)
            if self._busy() or self._later or self._due():
                await asyncio.sleep(2)
            elif self.sql(f"SELECT 1 FROM effect WHERE status IN {_OPEN} LIMIT 1"):
                self.loop.jump(61)
            else:
                return
        owed = self.sql(f"SELECT id, kind, status, attempts FROM effect WHERE status IN {_OPEN}")
        self.record.broken("everything owed is done in the end", f"still owed: {owed[:5]}")

    def _due(self) -> bool:
        """Say whether a deadline is due, or will be within a second, as some clocks are ahead."""
        soon = self.record.clock() + 1_000
        query = "SELECT 1 FROM session WHERE status = 'open' AND wake_at <= ? LIMIT 1"
        return bool(self.sql(query, soon))
