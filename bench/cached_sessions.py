"""What the cache costs: resident memory per session, and a full garbage collection with it filled."""

# ruff: noqa: E402 - where the engine comes from is decided before it is imported

from __future__ import annotations

__all__ = ["fill", "main"]

import gc
import json
import os
import resource
from argparse import ArgumentParser
from pathlib import Path
from time import perf_counter

from adapters.compiled import use_compiled

use_compiled()  # where the engine has been built, as the product does; before anything imports it

from bench.core import HERE, book_of, talk
from bench.peers import workload
from bench.readers import WORKLOAD_READERS
from engine.stores.encoding import encoded
from engine.stores.tiered import Memory

WARM_UP = 50  # sessions before those that count: imports and first allocations


def fill(count: int, first: int = 0) -> Memory:
    """Return a worker's memory of so many sessions that know items and contact."""
    book = book_of(HERE / "dialogue", readers=WORKLOAD_READERS)
    memory = Memory()
    for number in range(first, first + count):
        session = talk(book, workload.TURNS[:2], number)
        place = (session.bot, session.lane, session.contact)
        memory.put(place, session, encoded(session))
    return memory


def resident() -> int:
    """Return the bytes of memory this process has."""
    told = Path("/proc/self/statm")
    if not told.exists():  # a Mac tells the most it had, in bytes; it only grows here
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(told.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Fill the cache and say what it costs, as JSON."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=100_000)
    count = parser.parse_args().sessions
    kept = [fill(WARM_UP)]
    gc.collect()
    before = resident()
    kept.append(fill(count, first=WARM_UP))
    gc.collect()
    taken = resident() - before
    began = perf_counter()
    gc.collect()
    pause = perf_counter() - began
    print(json.dumps({"bytes": taken / count, "gc_ms": pause * 1e3, "filled": len(kept)}))


if __name__ == "__main__":
    main()
