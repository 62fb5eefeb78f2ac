"""Run one peer on the workload and print one JSON line.

    python bench_turns.py PEER --convs 300 --conc 64 [--dir DIR] [--pg URL] [--redis URL]

N conversations of three turns; --conc of them in flight at any time, each turn awaited until the peer says
it is stored. After the run, sampled conversations are read back from the store (not from the cache).
"""
from __future__ import annotations

import argparse
import asyncio
import gc
import importlib
import json
import os
import resource
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import workload as w

REGISTRY = {  # name -> module; a module is imported only when its peer runs
    "langgraph-sqlite": "peer_langgraph", "langgraph-sqlite-sync": "peer_langgraph",
    "langgraph-sqlite-exit": "peer_langgraph", "langgraph-sqlite-lean": "peer_langgraph",
    "langgraph-sqlite-delta": "peer_langgraph", "langgraph-memory": "peer_langgraph",
    "langgraph-pg": "peer_langgraph", "langgraph-pg-pool": "peer_langgraph", "langgraph-pg-exit": "peer_langgraph",
    "burr-sqlite": "peer_burr", "burr-sqlite-wal": "peer_burr", "burr-sqlite-rebuild": "peer_burr",
    "burr-pg": "peer_burr", "burr-pg-rebuild": "peer_burr", "burr-none": "peer_burr",
    "aiogram-redis": "peer_aiogram", "aiogram-redis-msgs": "peer_aiogram", "aiogram-memory": "peer_aiogram",
    "ptb-pickle": "peer_ptb", "botbuilder-memory": "peer_botbuilder",
    "naive-sqlite": "peer_naive", "naive-sqlite-aio": "peer_naive", "naive-pg-aio": "peer_naive",
    "naive-sqlite-noredis": "peer_naive",
    "proto-none": "proto_groupcommit", "proto-sqlite": "proto_groupcommit", "proto-sqlite-redis": "proto_groupcommit",
    "proto-sqlite-inline": "proto_groupcommit", "proto-pg": "proto_groupcommit", "proto-pg-redis": "proto_groupcommit",
    "proto-redis": "proto_groupcommit", "proto-sqlite-rows": "proto_groupcommit",
    "proto-sqlite-then-redis": "proto_groupcommit", "proto-libs-sqlite": "proto_groupcommit", "proto-libs-pg": "proto_groupcommit",
    "rejoinder-sqlite": "peer_rejoinder", "rejoinder-sqlite-redis": "peer_rejoinder",
    "rejoinder-pg-redis": "peer_rejoinder", "rejoinder-shop-sqlite-redis": "peer_rejoinder",
}


@dataclass
class Env:
    dir: Path
    pg: str = ""
    redis: str = ""
    fresh: bool = True  # False: the store is already filled (restore bench)


def load_peer(name: str):
    return importlib.import_module(REGISTRY[name]).make(name)


def pct(sorted_xs: list[float], p: float) -> float:
    return sorted_xs[min(len(sorted_xs) - 1, int(p * len(sorted_xs)))]


def sample(convs: int, count: int) -> list[int]:
    """The first, the last and, evenly between them, as many more as make `count`."""
    return sorted({round(n * (convs - 1) / max(1, count - 1)) for n in range(count)})


async def drive(peer, prefix: str, convs: int, conc: int) -> tuple[float, float, list[float]]:
    lat: list[float] = []
    ids = iter(range(convs))
    clock = time.perf_counter
    turns, replies, sleep = w.TURNS, getattr(peer, "replies", w.REPLIES), asyncio.sleep

    async def worker():
        for i in ids:
            cid = f"{prefix}{i}"
            for k in range(3):
                t0 = clock()
                await sleep(0)  # queue behind the others, or a peer that blocks the loop would hide its waiting
                reply = await peer.turn(cid, turns[k])
                lat.append(clock() - t0)
                if reply != replies[k]:
                    raise AssertionError(f"{cid} turn {k}: {reply!r}")

    gc.collect()
    t0, cpu0 = clock(), time.process_time()
    await asyncio.gather(*(worker() for _ in range(conc)))
    return clock() - t0, time.process_time() - cpu0, lat


async def main_async(a) -> dict:
    tmp = Path(tempfile.mkdtemp(prefix="bench-", dir=a.dir))
    env = Env(tmp, a.pg, a.redis)
    peer = load_peer(a.peer)
    try:
        await peer.open(env)
        await drive(peer, "warm", max(a.conc, 10), a.conc)
        secs, cpu, lat = await drive(peer, "c", a.convs, a.conc)
        checked = 0
        if hasattr(peer, "stored"):
            for i in sample(a.convs, a.sample):
                state, data, msgs = await peer.stored(f"c{i}")
                assert state == w.PLACED and data == w.FINAL_DATA, (state, data)
                assert msgs in (6, None), msgs
                checked += 1
        await peer.close()
    finally:
        shutil.rmtree(tmp, ignore_errors=True)
    lat.sort()
    n = len(lat)
    return {"peer": a.peer, "conc": a.conc, "convs": a.convs, "turns_s": n / secs, "p50_ms": pct(lat, .5) * 1e3,
            "p99_ms": pct(lat, .99) * 1e3, "max_ms": lat[-1] * 1e3, "cpu_us_turn": cpu / n * 1e6,
            "checked": checked, "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "uvloop": a.uvloop}


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("peer", choices=sorted(REGISTRY))
    ap.add_argument("--convs", type=int, default=300)
    ap.add_argument("--conc", type=int, default=1)
    ap.add_argument("--dir", default=None, help="folder on the disk to measure (default: the temp folder)")
    ap.add_argument("--pg", default=os.environ.get("BENCH_PG", ""))
    ap.add_argument("--redis", default=os.environ.get("BENCH_REDIS", ""))
    ap.add_argument("--sample", type=int, default=3, help="conversations to read back from the store")
    ap.add_argument("--uvloop", action="store_true")
    a = ap.parse_args()
    if a.uvloop:
        import uvloop
        res = uvloop.run(main_async(a))
    else:
        res = asyncio.run(main_async(a))
    json.dump(res, sys.stdout)
    print()


if __name__ == "__main__":
    main()
