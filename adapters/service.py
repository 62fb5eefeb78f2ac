"""A running Rejoinder: conversations, worker and deadlines on one store; started, stopped, asked."""

from __future__ import annotations

__all__ = ["Service"]

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from engine.ports import SessionStore
from engine.runtime.conversations import Conversations
from engine.runtime.deadlines import Deadlines
from engine.runtime.metrics import Counters
from engine.runtime.worker import Worker

log = structlog.get_logger()


@dataclass(slots=True)
class Service:
    """The parts of one process, put together by `assembly.build`."""

    conversations: Conversations
    worker: Worker
    deadlines: Deadlines
    store: SessionStore
    counters: Counters
    beside: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()  # run as long as the worker does
    closing: Sequence[Callable[[], Awaitable[None]]] = ()  # in this order, when all has stopped
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def start(self) -> None:
        """Do effects and ring deadlines from now on; conversations are taken in any case."""
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(run()) for run in (self.worker.run, self.deadlines.run, *self.beside)
        ]

    async def stop(self) -> None:
        """Finish the turns that have begun, give back what is leased, close everything."""
        self.deadlines.stop()
        if self._tasks:
            await self.worker.stop()
        await self.conversations.stop()
        for task in self._tasks[2:]:
            task.cancel()
        for result in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(result, Exception):
                log.error("stopped_badly", why=f"{type(result).__name__}: {result}")
        for close in self.closing:
            await close()
