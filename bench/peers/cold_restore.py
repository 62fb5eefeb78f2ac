"""Cold restore: a new process opens a store of many sessions, reads one and handles its second turn.

    python cold_restore.py [PEER ...] [--sessions 100000] [--rounds 3] [--dir DIR] [--pg URL] [--redis URL] [--json FILE]

The store is filled once per peer (one real conversation after turn 1, its rows copied under new ids inside the
store). Then, --rounds times, a new process: import, open the store, turn 2 of one session it has never seen
('first'), then turn 2 of 200 more ('next'). Redis holds nothing for the SQL peers: they restore from SQL.
"""
from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import statistics as st
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import workload as w
from bench_turns import Env, load_peer, pct

DEFAULT = ["langgraph-sqlite", "langgraph-pg", "burr-sqlite", "burr-pg", "aiogram-redis-msgs", "naive-sqlite",
           "naive-pg-aio", "proto-sqlite", "proto-pg", "rejoinder-sqlite"]


async def seed(name, d, pg, redis, n):
    p = load_peer(name)
    await p.open(Env(d, pg, redis, fresh=True))
    cid = "k99999999" if name.startswith("aiogram") else "seed"
    assert await p.turn(cid, w.TURNS[0]) == w.REPLIES[0]
    await p.clone(cid, n)
    await p.close()


async def child(name, d, pg, redis, n, seed_value):
    t0 = time.perf_counter()
    p = load_peer(name)
    t1 = time.perf_counter()
    await p.open(Env(d, pg, redis, fresh=False))
    t2 = time.perf_counter()
    ids = random.Random(seed_value).sample(range(n), 201)
    lat = []
    for i in ids:
        a = time.perf_counter()
        reply = await p.turn(f"k{i}", w.TURNS[1])
        lat.append(time.perf_counter() - a)
        assert reply == w.REPLIES[1], reply
    rest = sorted(lat[1:])
    print(json.dumps({"import_ms": (t1 - t0) * 1e3, "open_ms": (t2 - t1) * 1e3, "first_ms": lat[0] * 1e3,
                      "next_p50_ms": st.median(rest) * 1e3, "next_p99_ms": pct(rest, .99) * 1e3}))
    sys.stdout.flush()
    os._exit(0)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("peers", nargs="*", default=DEFAULT)
    ap.add_argument("--sessions", type=int, default=100_000)
    ap.add_argument("--rounds", type=int, default=3)
    ap.add_argument("--dir")
    ap.add_argument("--pg", default=os.environ.get("BENCH_PG", ""))
    ap.add_argument("--redis", default=os.environ.get("BENCH_REDIS", ""))
    ap.add_argument("--json")
    ap.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    ap.add_argument("--seed", nargs=2, help=argparse.SUPPRESS)
    a = ap.parse_args()
    if a.seed:
        return asyncio.run(seed(a.seed[0], Path(a.seed[1]), a.pg, a.redis, a.sessions))
    if a.child:
        return asyncio.run(child(a.child[0], Path(a.child[1]), a.pg, a.redis, a.sessions, int(a.child[2])))
    res: dict = {}
    me = [sys.executable, "-W", "ignore", __file__, "--sessions", str(a.sessions), "--pg", a.pg, "--redis", a.redis]
    dirs = {}
    try:
        for name in a.peers:
            dirs[name] = tempfile.mkdtemp(prefix="restore-", dir=a.dir)
            subprocess.run([*me, "--seed", name, dirs[name]], check=True)
            time.sleep(1)
            for r in range(a.rounds):
                t0 = time.perf_counter()
                out = subprocess.run([*me, "--child", name, dirs[name], str(r)], check=True, capture_output=True, text=True)
                d = json.loads(out.stdout.strip().splitlines()[-1])
                d["process_to_exit_ms"] = (time.perf_counter() - t0) * 1e3
                res.setdefault(name, []).append(d)
            v = res[name]
            print(f"{name:20s} " + "  ".join(f"{k} {st.median(x[k] for x in v):.2f} ({min(x[k] for x in v):.2f}-{max(x[k] for x in v):.2f})"
                                            for k in ("import_ms", "open_ms", "first_ms", "next_p50_ms", "next_p99_ms")), flush=True)
            shutil.rmtree(dirs[name], ignore_errors=True)
    finally:
        for d in dirs.values():
            shutil.rmtree(d, ignore_errors=True)
    if a.json:
        Path(a.json).write_text(json.dumps({"bench": "cold_restore", "sessions": a.sessions, "peers": res}))


if __name__ == "__main__":
    main()
