"""The CPU of a turn when several workers share one store and each turn comes to any of them.

Conversations go on turn by turn: all first turns, then all second ones, each at a worker drawn by
lot, 64 in flight at each. Counted is the CPU of the workers, not that of the servers.
"""

from __future__ import annotations

__all__ = ["main"]

import asyncio
import json
import subprocess
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

from bench.peers import peer_rejoinder, workload

PEER = "rejoinder-pg-redis"
IN_FLIGHT = 64
WARM_UP = 200  # conversations before those that count


def shares(options: Namespace) -> dict[str, list[list[str]]]:
    """Return, for each run of turns, which conversations this worker takes."""
    lots = Random(options.conversations)  # noqa: S311 - every worker draws the same lots
    out = {}
    for prefix, many in (("warm", WARM_UP), ("c", options.conversations)):
        for turn in range(len(workload.TURNS)):
            taken: list[list[str]] = [[] for _ in range(options.workers)]
            for number in range(many):
                taken[lots.randrange(options.workers)].append(f"{prefix}{number}")
            out[f"{prefix} {turn}"] = taken
    return out


async def take(peer: Any, turn: int, waiting: Iterator[str]) -> None:
    """Take this turn of one waiting conversation after the other."""
    for conversation in waiting:
        reply = await peer.turn(conversation, workload.TURNS[turn])
        if reply != workload.REPLIES[turn]:
            raise AssertionError(f"{conversation}: {reply!r}")


async def work(options: Namespace) -> None:
    """Be one worker: take the turns one is told to take, say what they cost."""
    mine = {step: taken[options.worker] for step, taken in shares(options).items()}
    peer = peer_rejoinder.make(PEER)
    # The first worker makes the tables; the others come when it is ready.
    fresh = options.worker == 0
    at = SimpleNamespace(dir=options.dir, pg=options.pg, redis=options.redis, fresh=fresh)
    await peer.open(at)
    print(flush=True)
    for step, conversations in mine.items():
        if not await asyncio.to_thread(sys.stdin.readline):
            return  # whoever led us is gone
        waiting = iter(conversations)
        turn = int(step.split()[1])
        began = time.process_time()
        await asyncio.gather(*(take(peer, turn, waiting) for _ in range(IN_FLIGHT)))
        print(json.dumps(time.process_time() - began), flush=True)
    await peer.close()


def measure(options: Namespace) -> dict[str, float]:
    """Start the workers, lead them from turn to turn and add up their CPU."""
    steps = list(shares(options))
    workers = []
    try:
        for number in range(options.workers):
            command = [sys.executable, "-W", "ignore", "-m", "bench.several_workers"]
            command += ["--worker", str(number), *sys.argv[1:]]
            worker = subprocess.Popen(  # noqa: S603 - this program
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            workers.append(worker)
            said(worker)
        cpu = 0.0
        for step in steps:
            for worker in workers:
                print(file=worker.stdin, flush=True)
            spent = sum(float(said(worker)) for worker in workers)
            cpu += spent if step.startswith("c") else 0
        for worker in workers:
            worker.communicate()
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    return {"cpu_us_turn": cpu / (options.conversations * len(workload.TURNS)) * 1e6}


def said(worker: subprocess.Popen[str]) -> str:
    """Return a worker's next line."""
    line = worker.stdout.readline() if worker.stdout else ""
    if not line:
        raise RuntimeError(f"a worker ended with {worker.wait()}")
    return line


def main() -> None:
    """Measure, or be one of the workers."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--pg", required=True)
    parser.add_argument("--redis", required=True)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--conversations", type=int, default=6_000)
    parser.add_argument("--worker", type=int)
    parser.add_argument("--dir", type=Path, default=Path.cwd(), help="for files of the engine")
    options = parser.parse_args()
    if options.worker is not None:
        asyncio.run(work(options))
        return
    print(json.dumps(measure(options)))


if __name__ == "__main__":
    main()
