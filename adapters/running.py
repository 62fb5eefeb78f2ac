"""A process that goes on working: until it is told to stop, and then without leaving anything half."""

from __future__ import annotations

__all__ = ["run_loop", "spare_the_collector", "until_told", "working"]

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress

import structlog

from adapters.compiled import runs_compiled
from adapters.operating import opened, parts_away
from adapters.service import Service
from adapters.settings import Settings
from adapters.terms import word

log = structlog.get_logger()


def run_loop(main: Coroutine[object, object, None]) -> None:
    """Run on uvloop where there is one: it takes a fifth less time per turn."""
    factory = None
    with suppress(ImportError):
        import uvloop  # noqa: PLC0415 - not on every system

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(main)


def spare_the_collector() -> None:
    """What is loaded by now lives as long as the process: no collection looks at it again."""
    gc.collect()
    gc.freeze()
    # What lives long here (sessions in memory, open streams) has no cycles, and looking through it takes
    # a quarter of the time while 2,000 streams are open (./run bench http). What has cycles is young.
    gc.set_threshold(20_000, 20, 50)


@asynccontextmanager
async def working(settings: Settings) -> AsyncIterator[tuple[Service, asyncio.Event]]:
    """Do effects and ring deadlines; the event is set by SIGTERM or SIGINT, then leave the block."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    async with opened(settings, exclusive=True) as service:
        for part, why in await parts_away(service):
            # SQL answered a moment ago; without Redis everything works, only slower.
            log.warning("part_away", part=part, why=why, remedy="it is tried again by itself")
        spare_the_collector()
        log.info("started", engine="compiled" if runs_compiled() else "sources")
        service.start()
        yield service, told
        log.info("stopping")
    log.info("stopped")


async def until_told(settings: Settings, greeting: str) -> None:
    """Do effects and ring deadlines until SIGTERM or SIGINT."""
    async with working(settings) as (_, told):
        word(greeting)
        await told.wait()
