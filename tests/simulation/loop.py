"""An event loop without a world: time is a number, and what runs next is drawn by the seed.

One callback runs at a time, drawn among all that are ready, so that every order which asyncio could
ever give is possible, and the same seed gives the same order again. Where nothing is ready, time
jumps to the next timer. A process that was killed is a `Life` that is over: whatever was to run for
it never runs, not even its `finally`.
"""

from __future__ import annotations

__all__ = ["LIFE", "Life", "NothingLeftError", "SimulatedLoop", "life"]

import asyncio
import heapq
from collections import deque
from contextvars import ContextVar
from random import Random
from types import CoroutineType
from typing import Any

MOST_STEPS = 200_000  # a usual world takes ten thousand; more is a circle
MOST_WAITS = 3  # of one that is being ended: a `finally` may wait, too


class NothingLeftError(Exception):
    """Nothing is ready and nobody waits for a time: whoever still waits does so for ever."""


class Life:
    """One process from its start to its end; everything that runs for it carries it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.asleep = False  # nothing runs for it: it is frozen, or over
        self.frozen = False
        self.was_frozen = False
        self.over_since = 0  # the step of its end
        self.kept: list[asyncio.Handle] = []  # what is to run when it goes on

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.over_since > 0

    def end(self, step: int) -> None:
        """Let nothing run for it any more."""
        self.over_since = step
        self.asleep = True


LIFE: ContextVar[Life | None] = ContextVar("life", default=None)


def life() -> Life | None:
    """Return the process this runs for; None: for the world outside."""
    return LIFE.get()


class SimulatedLoop(asyncio.BaseEventLoop):
    """Runs what is ready in an order of its own, at a time of its own."""

    _ready: deque[asyncio.Handle]
    _scheduled: list[asyncio.TimerHandle]

    def __init__(self, random: Random) -> None:
        super().__init__()
        self._random = random.random
        self._now = 0.0
        self.steps = 0
        self.failures: list[str] = []
        self._tasks: list[asyncio.Task[Any]] = []
        self.set_task_factory(self._new_task)
        self.set_exception_handler(self._failed)

    def time(self) -> float:
        """Return the seconds since the world began."""
        return self._now

    def jump(self, seconds: float) -> None:
        """Let time pass at once: whoever waited for any moment of it is late."""
        self._now += seconds

    def freeze(self, one: Life) -> None:
        """Let nothing happen for this process, as when its machine is suspended."""
        one.asleep = one.frozen = one.was_frozen = True

    def thaw(self, one: Life) -> None:
        """Let it go on; it does not know that time has passed."""
        one.frozen = False
        one.asleep = one.over
        self._ready.extend(one.kept)
        one.kept.clear()

    def _run_once(self) -> None:
        self._wake()
        ready = self._ready
        if not ready:
            return
        if (many := len(ready)) > 1:
            ready.rotate(-int(self._random() * many))
        handle = ready.popleft()
        one: Life | None = handle._context.get(LIFE)  # type: ignore[attr-defined]
        if one is not None and one.asleep:
            if one.frozen and not one.over_since:
                one.kept.append(handle)
        elif not handle.cancelled():
            self.steps += 1
            if self.steps > MOST_STEPS:
                raise NothingLeftError(f"after {MOST_STEPS} steps it goes on and on")
            handle._run()

    def _wake(self) -> None:
        """Make ready whose time has come; where nothing is ready, let time pass until then."""
        ready, scheduled = self._ready, self._scheduled
        while scheduled and (scheduled[0].cancelled() or (not ready and _dead(scheduled[0]))):
            heapq.heappop(scheduled)._scheduled = False  # type: ignore[attr-defined]
        if not ready:
            if not scheduled:
                raise NothingLeftError("nothing is left to happen, and somebody waits")
            self._now = max(self._now, scheduled[0].when())
        while scheduled and scheduled[0].when() <= self._now:
            timer = heapq.heappop(scheduled)
            timer._scheduled = False  # type: ignore[attr-defined]
            if not timer.cancelled():
                ready.append(timer)

    def _write_to_self(self) -> None:
        """There is no other thread that could wait for us."""

    def _new_task(self, loop: asyncio.AbstractEventLoop, coro: Any, **more: Any) -> Any:
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=loop, **more)
        task._log_destroy_pending = False  # type: ignore[attr-defined] # the killed leave them
        self._tasks.append(task)
        return task

    def _failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if "task" in str(context.get("message", "")).lower():
            self.failures.append(f"{context['message']}: {context.get('exception')!r}")

    def bury(self) -> None:
        """Take away what was never finished, and close."""
        for task in self._tasks:
            if not task.done():
                _end(task.get_coro())
        self.close()


def _end(coroutine: Any) -> None:
    """Let a coroutine end. Closed while it waits inside an `except`, a compiled one breaks."""
    try:
        for _ in range(MOST_WAITS):
            coroutine.throw(asyncio.CancelledError())
        if isinstance(coroutine, CoroutineType):
            coroutine.close()
    except BaseException:  # noqa: BLE001 - a `finally` of the dead may fail
        return


def _dead(handle: asyncio.Handle) -> bool:
    one: Life | None = handle._context.get(LIFE)  # type: ignore[attr-defined]
    return one is not None and one.over
