"""A running Rejoinder: conversations, worker and deadlines on one store; started, stopped, asked."""

from __future__ import annotations

__all__ = ["Service"]

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any

import structlog

from adapters.changes import Changes
from engine.overview import Overview
from engine.ports import Clock, SessionStore
from engine.readers.lexicon import read_languages
from engine.records import Place
from engine.runtime.conversations import Conversations
from engine.runtime.counting import Counting
from engine.runtime.deadlines import Deadlines
from engine.runtime.metrics import Counters
from engine.runtime.worker import Worker

if TYPE_CHECKING:
    from adapters.whatsapp.supervision import Connections, Supervision
    from adapters.whatsapp.switchboard import Switchboard

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
    _: KW_ONLY
    counting: Counting
    overview: Overview
    changes: Changes  # who waits for news of a conversation hears of them here
    checks: Mapping[str, Callable[[], Awaitable[object]]]  # each raises while its part is away
    forget: Callable[[Place], Awaitable[None]]  # every cached copy of a session
    tell: Callable[[], None]  # what is missing, and stops nothing
    switchboard: Switchboard
    supervision: Supervision
    connections: Connections
    clock: Clock
    ids: Callable[[], str]
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def start(self, *, whole: bool = True) -> None:
        """Do effects and ring deadlines from now on; conversations are taken in any case.

        `whole`: refuse where a secret is missing; else what needs it waits.
        """
        if whole:
            self.switchboard.demand()
            self.tell()
        read_languages()
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(run()) for run in (self.worker.run, self.deadlines.run, *self.beside)
        ]

    async def stop(self) -> None:
        """Finish the turns that have begun, give back what is leased, close everything.

        Whatever fails on the way, the database being away for one, the rest is still done.
        """
        self.deadlines.stop()
        steps: list[Callable[[], Awaitable[None]]] = [self.conversations.stop, self._end_tasks]
        if self._tasks:
            steps.insert(0, self.worker.stop)
        for step in (*steps, *self.closing):
            try:
                await step()
            except Exception as error:  # noqa: BLE001 - as said above
                log.warning("stopped_badly", why=f"{type(error).__name__}: {error}")

    async def _end_tasks(self) -> None:
        for task in self._tasks[2:]:
            task.cancel()
        for result in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(result, Exception):
                log.error("stopped_badly", why=f"{type(result).__name__}: {result}")
