"""One process of the crash points: has the conversation, and kills itself at a point.

    python -m tests.crash.process LOG AT (SQLITE FILE | POSTGRES URL REDIS URL)

LOG stands for the world outside: what was acknowledged, what the provider got. It is written at
once, so that it outlives the process.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from engine.effects import Send
from engine.records import Work
from engine.stores.cache import RedisCache
from engine.stores.database import Rows, Statement
from engine.stores.postgres import PostgresDatabase
from engine.stores.sqlite import SqliteDatabase
from tests.crash.points import CutCache, CutPostgres, Killer, _named, stepped
from tests.crash.scenario import Provider, World, talk


class ThreadedSqlite(SqliteDatabase):
    """SQLite with its threads as in the product, and the points of its statements."""

    killer: Killer

    def _execute(self, connection: Any, statement: Statement) -> Rows:
        self.killer.point(f"before {_named(statement)}")
        rows = super()._execute(connection, statement)
        self.killer.point(f"after {_named(statement)}")
        return rows


class WrittenProvider(Provider):
    """A provider whose list is a file."""

    def __init__(self, log: Path, world: World) -> None:
        super().__init__()
        self.log, self.world = log, world

    async def send(self, work: Work, message: Send) -> None:
        await super().send(work, message)
        self.write()

    def write(self) -> None:
        kept = {
            "got": self.got,
            "now": self.world.now,
            "acknowledged": sorted(self.world.acknowledged),
        }
        aside = self.log.with_suffix(".new")
        aside.write_text(json.dumps(kept))
        aside.replace(self.log)


class Acknowledged(set[int]):
    """The messages that were acknowledged; each is written down at once."""

    provider: WrittenProvider

    def add(self, n: int) -> None:
        super().add(n)
        self.provider.write()


def main(log: Path, at: int, where: list[str]) -> None:
    """Be the process."""
    killer = Killer(at, lambda _kind: os.kill(os.getpid(), signal.SIGKILL))
    world = World()
    provider = WrittenProvider(log, world)
    world.provider, world.acknowledged = provider, Acknowledged()
    if log.exists():
        kept = json.loads(log.read_text())
        provider.got = [tuple(one) for one in kept["got"]]
        # A worker that comes later: whatever was leased is free again.
        world.now = kept["now"] + 200_000
        world.acknowledged = Acknowledged(kept["acknowledged"])
        # Two processes never give out one id.
        world.started = len(kept["got"]) + 1_000
    assert isinstance(world.acknowledged, Acknowledged)
    world.acknowledged.provider = provider
    cache = RedisCache(where[1], breaker=CutCache(killer)) if len(where) > 1 else None
    database = CutPostgres(where[0]) if cache else ThreadedSqlite(Path(where[0]))
    assert isinstance(database, PostgresDatabase | SqliteDatabase)
    database.killer = killer

    async def process() -> None:
        asyncio.get_running_loop().set_task_factory(stepped(killer))
        service = world.service(database, cache, killer.around)
        await talk(world, service)
        await service.stop()

    asyncio.run(process())
    sys.stdout.write(f"{killer.seen}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
