"""Hands on what a process counted to where all processes add it up, every two seconds and at its end.

A kill loses two seconds of counts, and never a conversation: those are counted by nobody.
"""

from __future__ import annotations

__all__ = ["FLUSH_SECONDS", "SUMMARIES", "Counting"]

import asyncio
from collections.abc import Mapping

import structlog

from engine.overview import Counts, Totals
from engine.runtime.metrics import Counter, Counters

log = structlog.get_logger()

FLUSH_SECONDS = 2.0

# What is measured, not only counted: ``add(name, *labels, n=seconds)`` and
# ``add(f"{name}_count", *labels)`` for each time.
SUMMARIES: Mapping[str, Counter] = {
    "turn_seconds": Counter(
        "rejoinder_turn_seconds", ("bot",), "From a message to its committed answer."
    ),
    "batch_size": Counter("rejoinder_batch_size", (), "Turns that shared a transaction."),
}


class Counting:
    """The counters of this process, and the sums of all."""

    def __init__(self, counters: Counters, totals: Totals, *, every: float = FLUSH_SECONDS) -> None:
        """Hand on nothing before `run` or `flush`."""
        self._counters = counters
        self._totals = totals
        self._every = every
        self._task: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Hand on until cancelled."""
        while True:
            await asyncio.sleep(self._every)
            await self.flush()

    async def flush(self) -> None:
        """Hand on what was counted; what cannot be handed on is counted again, and nothing raised."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._flush())
        # A cancelled wait must not leave it open whether the counts were added.
        await asyncio.shield(self._task)

    async def close(self) -> None:
        """Hand on the rest, after what is on its way."""
        await self.flush()
        await self.flush()

    async def sums(self) -> Counts:
        """Return what all processes counted, once this one has handed on what it has.

        Of what is stored alone: whoever is asked, and whoever was killed meanwhile, no sum is ever
        less than it was told before. Prometheus would take that for a restart and count all again.
        """
        await self.flush()
        return await self._totals.all()

    async def _flush(self) -> None:
        counts = self._counters.taken()
        if not counts:
            return
        try:
            await self._totals.add(counts)
        except Exception as error:  # noqa: BLE001 - nobody's conversation waits for a figure
            self._counters.put_back(counts)
            log.warning("counts_not_stored", why=f"{type(error).__name__}: {error}")
