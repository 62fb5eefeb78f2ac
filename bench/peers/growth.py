"""How a turn's cost grows with the length of one conversation: latency and stored bytes at 10, 100, 1000 turns.

    python growth.py [PEER ...] [--turns 1000] [--rounds 3] [--dir DIR] [--pg URL] [--redis URL] [--json FILE]

One conversation: turn 1, then turns that keep its state ("one moment please ..."). Latency: median of the ten
turns ending at 10, 100, 1000. Bytes: growth of the store since it was opened (database pages, relations, AOF). 'reopen':
a new peer object on the same store handles the next turn.
"""
from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import sqlite3
import statistics as st
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import workload as w
from bench_turns import Env, load_peer

DEFAULT = ["langgraph-sqlite", "langgraph-sqlite-exit", "langgraph-sqlite-delta", "langgraph-pg", "burr-sqlite", "burr-pg",
           "aiogram-redis-msgs", "naive-sqlite", "proto-sqlite", "proto-pg", "rejoinder-sqlite"]


async def stored_bytes(name, env) -> int:
    if "sqlite" in name:
        total = 0
        for f in env.dir.glob("*.db"):
            db = sqlite3.connect(f)
            total += db.execute("PRAGMA page_count").fetchone()[0] * db.execute("PRAGMA page_size").fetchone()[0]
            db.close()
        return total
    if "pg" in name:
        import asyncpg
        c = await asyncpg.connect(env.pg)
        try:
            return await c.fetchval("SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class "
                                    "WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
        finally:
            await c.close()
    import redis.asyncio as aredis
    r = aredis.from_url(env.redis)
    try:
        return (await r.info("persistence"))["aof_current_size"]
    finally:
        await r.aclose()


async def child(name, d, pg, redis, turns, warm):
    env = Env(d, pg, redis)
    p = load_peer(name)
    await p.open(env)
    for i in range(warm):
        await p.turn("k99999996" if name.startswith("aiogram") else "warm", w.TURNS[0] if not i else w.STALL)
    base = await stored_bytes(name, env)
    cid = "k99999998" if name.startswith("aiogram") else "long"
    assert await p.turn(cid, w.TURNS[0]) == w.REPLIES[0]
    lat, out, rnd = [0.0], {}, random.Random(1)
    for i in range(2, turns + 1):
        text = f"{w.STALL} {rnd.getrandbits(256):064x}"  # every message differs, or compression flatters the bytes
        t0 = time.perf_counter()
        reply = await p.turn(cid, text)
        lat.append(time.perf_counter() - t0)
        assert reply == getattr(p, "stalled", w.REPLIES[0]), reply
        if i in (10, 100, 1000, 3000):
            out[str(i)] = {"ms": st.median(lat[max(1, i - 10):]) * 1e3, "bytes": await stored_bytes(name, env) - base}
    out["total_s"] = sum(lat)
    await p.close()
    p = load_peer(name)
    await p.open(Env(d, pg, redis, fresh=False))
    t0 = time.perf_counter()
    assert await p.turn(cid, w.TURNS[1]) == w.REPLIES[1]
    out["reopen_ms"] = (time.perf_counter() - t0) * 1e3
    await p.close()
    print(json.dumps(out))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("peers", nargs="*", default=DEFAULT)
    ap.add_argument("--turns", type=int, default=1000)
    ap.add_argument("--warm", type=int, default=0, help="turns of another conversation before, so that turn 10 is no first one")
    ap.add_argument("--rounds", type=int, default=3)
    ap.add_argument("--dir")
    ap.add_argument("--pg", default=os.environ.get("BENCH_PG", ""))
    ap.add_argument("--redis", default=os.environ.get("BENCH_REDIS", ""))
    ap.add_argument("--json")
    ap.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    a = ap.parse_args()
    if a.child:
        return asyncio.run(child(a.child[0], Path(a.child[1]), a.pg, a.redis, a.turns, a.warm))
    res: dict = {}
    for _ in range(a.rounds):
        for name in a.peers:
            d = tempfile.mkdtemp(prefix="growth-", dir=a.dir)
            try:
                out = subprocess.run([sys.executable, "-W", "ignore", __file__, "--child", name, d, "--turns", str(a.turns), "--warm", str(a.warm),
                                      "--pg", a.pg, "--redis", a.redis], check=True, capture_output=True, text=True)
                res.setdefault(name, []).append(json.loads(out.stdout.strip().splitlines()[-1]))
            finally:
                shutil.rmtree(d, ignore_errors=True)
    for name, v in res.items():
        marks = [k for k in v[0] if k.isdigit()]
        print(f"{name:24s} " + "  ".join(f"@{m}: {st.median(x[m]['ms'] for x in v):.2f} ms {st.median(x[m]['bytes'] for x in v) / 1e6:.2f} MB"
                                        for m in marks) + f"  reopen {st.median(x['reopen_ms'] for x in v):.2f} ms  total {st.median(x['total_s'] for x in v):.2f} s")
    if a.json:
        Path(a.json).write_text(json.dumps({"bench": "growth", "turns": a.turns, "peers": res}))


if __name__ == "__main__":
    main()
