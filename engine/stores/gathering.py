"""Group work without a timer: what comes while a batch is on its way makes the next batch.

A lone job starts at the end of the tick it came in; sixty-four that come together go together.
"""

from __future__ import annotations

__all__ = ["Gathering"]

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


class Gathering(Generic[Job, Result]):
    """Runs jobs in batches, at most `lanes` batches at once, each of at most `most` jobs.

    `run` returns one result per job, in order; a result that is an exception is raised where the
    job was handed in. Whoever hands one in and goes away stops nothing.
    """

    def __init__(
        self,
        run: Callable[[list[Job]], Awaitable[Sequence[Result | Exception]]],
        *,
        lanes: int = 1,
        most: int = 256,
    ) -> None:
        """Nothing runs before the first job."""
        self._run = run
        self._free = lanes
        self._most = most
        self._waiting: list[tuple[Job, asyncio.Future[Result]]] = []
        self._scheduled = False
        self._running: set[asyncio.Task[None]] = set()

    def do(self, job: Job) -> asyncio.Future[Result]:
        """Hand in a job; its result comes when its batch is through."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((job, future))
        if self._free and not self._scheduled:
            self._scheduled = True
            loop.call_soon(self._start)  # after everything that is ready now has joined
        return future

    def _start(self) -> None:
        self._scheduled = False
        if self._waiting and self._free:
            self._free -= 1
            task = asyncio.get_running_loop().create_task(self._work())
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._through(batch)
                await asyncio.sleep(0)  # let those just answered hand in their next one
        finally:
            self._free += 1

    async def _through(self, batch: list[tuple[Job, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._run([job for job, _ in batch])
        except Exception as error:  # noqa: BLE001 - each of the batch is told, whatever it is
            results = [error] * len(batch)
        for (_, future), result in zip(batch, results, strict=True):
            if future.done():
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)
