"""Group work without a timer: what comes while a batch is on its way makes the next batch.

A lone job starts at the end of the tick it came in; sixty-four that come together go together.
"""

from __future__ import annotations

__all__ = ["Gathering"]

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Generic, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


class Gathering(Generic[Job, Result]):
    """Runs jobs in batches, at most `lanes` batches at once, each of at most `most` jobs.

    `run` returns one result per job, in order; a result that is an exception is raised where the
    job was handed in. Whoever hands one in and goes away stops nothing. What `then` does with the
    results is done before anybody is told, but the next batch does not wait for it.
    """

    def __init__(
        self,
        run: Callable[[list[Job]], Awaitable[Sequence[Result | Exception]]],
        *,
        then: Callable[[list[Job], Sequence[Result | Exception]], Awaitable[None]] | None = None,
        lanes: int = 1,
        most: int = 256,
    ) -> None:
        """Nothing runs before the first job."""
        self._run = run
        self._then = then
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
            self._spawn(self._work())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                try:
                    results = await self._run([job for job, _ in batch])
                except Exception as error:  # noqa: BLE001 - each of the batch is told, whatever it is
                    results = [error] * len(batch)
                if self._then is None:
                    _tell(batch, results)
                    await asyncio.sleep(0)  # let those just answered hand in their next one
                else:
                    self._spawn(self._finish(self._then, batch, results))
        finally:
            self._free += 1

    async def _finish(
        self,
        then: Callable[[list[Job], Sequence[Result | Exception]], Awaitable[None]],
        batch: list[tuple[Job, asyncio.Future[Result]]],
        results: Sequence[Result | Exception],
    ) -> None:
        try:
            await then([job for job, _ in batch], results)
        except Exception as error:  # noqa: BLE001 - as above
            results = [error] * len(batch)
        _tell(batch, results)


def _tell(
    batch: list[tuple[Job, asyncio.Future[Result]]], results: Sequence[Result | Exception]
) -> None:
    for (_, future), result in zip(batch, results, strict=True):
        if future.done():
            continue
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
