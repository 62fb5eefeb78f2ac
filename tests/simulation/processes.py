"""The workers: real services on one database, started, asked, killed and stopped."""

from __future__ import annotations

__all__ = ["GoneError", "Process"]

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from random import Random
from typing import TYPE_CHECKING, TypeVar

from adapters.assembly import build
from adapters.service import Service
from adapters.settings import Settings
from engine.records import Cached
from engine.stores.tiered import TieredStore
from tests.simulation.bots import books
from tests.simulation.cache import WorkersCache
from tests.simulation.database import SimulatedDatabase
from tests.simulation.loop import LIFE, Life

if TYPE_CHECKING:
    from tests.simulation.world import World

T = TypeVar("T")
SETTINGS = Settings()


class GoneError(Exception):
    """The process was killed, or its answer did not come in time: the sender knows nothing."""


class Process:
    """One worker process, from its start to its end."""

    def __init__(self, world: World, name: str) -> None:
        """Start it."""
        self.name = name
        self.life = Life(name)
        self._asked: dict[asyncio.Future[object], None] = {}  # in order, for the same seed's sake
        self._serving: set[asyncio.Task[None]] = set()
        self._context = copy_context()
        self._context.run(LIFE.set, self.life)
        self._record = world.record
        self._faults = world.faults
        self.database = SimulatedDatabase(world.path, world.faults, name)
        self.service: Service = self._context.run(self._built, world)
        self._context.run(self.service.start)
        self.stopping = False
        self._record.tell(name, "starts")

    def _built(self, world: World) -> Service:
        # Clocks of different machines are a little apart.
        apart = world.random.randrange(-300, 300)
        return build(
            SETTINGS,
            database=self.database,
            cache=WorkersCache(world.cache, self.name),
            books=books(),
            actions=world.outside.actions(self.database, world.record.clock),
            channels=world.outside.channels(),
            assistants=world.outside.assistants(),
            clock=lambda: self._record.clock() + apart,
            ids=world.new_id,
            random=Random(world.random.getrandbits(32)),  # noqa: S311 - jitter
        )

    @property
    def busy(self) -> bool:
        """Whether anything runs here that a long pause would change."""
        service = self.service
        return bool(self._asked or service.worker._running or service.conversations._queues.at_work)

    @property
    def remembered(self) -> list[Cached]:
        """What its memory keeps."""
        store = self.service.store
        assert isinstance(store, TieredStore)
        return [
            Cached(place, session.version, ended=False, body=body)
            for place, (session, body) in store.memory._hot.items()
        ]

    async def ask(self, call: Callable[[], Awaitable[T]], *, patience: float = 30.0) -> T:
        """Have this process do something; whoever asks does not take it down by going away."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        asked: asyncio.Future[object] = answer  # type: ignore[assignment] # kept by identity only

        async def serve() -> None:
            try:
                await self._faults.wait()
                result = await call()
                await self._faults.wait()
            except Exception as error:  # noqa: BLE001 - the one who asked is told
                if not answer.done():
                    answer.set_exception(error)
            else:
                if not answer.done():
                    answer.set_result(result)
            finally:
                self._asked.pop(asked, None)

        self._asked[asked] = None
        serving = loop.create_task(serve(), context=self._context)
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)
        done, _ = await asyncio.wait({answer}, timeout=patience)
        if not done:
            raise GoneError("no answer in time")
        return answer.result()

    def kill(self) -> None:
        """End it as `kill -9` does: nothing runs any more, whoever asked hears nothing."""
        self.life.end(self._record.tell(self.name, "is killed"))
        self.database.cut()
        for answer in self._asked:
            if not answer.done():
                answer.set_exception(GoneError("killed"))
        self._asked.clear()

    async def stop(self) -> None:
        """End it as SIGTERM does."""
        self.stopping = True
        self._record.tell(self.name, "is stopped")
        await self.ask(self.service.stop, patience=3_600)
        self.life.end(self._record.tell(self.name, "has stopped"))
