"""Is a turn stored when its reply is out? A child process dies (SIGKILL) right after each reply; a new one reads back.

    python check_durable.py [PEER ...] [--dir DIR] [--pg URL] [--redis URL]

This proves 'committed before the reply' against a killed process. Against a power cut it rests on the settings
(sqlite synchronous=FULL, PostgreSQL synchronous_commit=on; Redis everysec may lose a second).
"""
from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import workload as w
from bench_turns import Env, load_peer

DEFAULT = ["langgraph-sqlite", "langgraph-sqlite-sync", "langgraph-sqlite-exit", "langgraph-sqlite-lean", "langgraph-pg",
           "langgraph-pg-exit", "burr-sqlite", "burr-pg", "aiogram-redis-msgs", "naive-sqlite", "naive-sqlite-aio",
           "naive-pg-aio", "proto-sqlite", "proto-sqlite-inline", "proto-sqlite-redis", "proto-sqlite-then-redis",
           "proto-pg-redis", "proto-libs-sqlite", "proto-libs-pg", "rejoinder-sqlite", "rejoinder-sqlite-redis",
           "rejoinder-pg-redis", "rejoinder-shop-sqlite-redis"]


def cid_of(name: str) -> str:
    return "k99999997" if name.startswith("aiogram") else "dur"


async def child(name, d, pg, redis, k):
    p = load_peer(name)
    await p.open(Env(d, pg, redis, fresh=k == 0))
    reply = await p.turn(cid_of(name), w.TURNS[k])
    assert reply == getattr(p, "replies", w.REPLIES)[k], reply
    os.kill(os.getpid(), signal.SIGKILL)


async def read(name, d, pg, redis):
    p = load_peer(name)
    await p.open(Env(d, pg, redis, fresh=False))
    try:
        return await p.stored(cid_of(name))
    finally:
        await p.close()


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("peers", nargs="*", default=DEFAULT)
    ap.add_argument("--dir")
    ap.add_argument("--pg", default=os.environ.get("BENCH_PG", ""))
    ap.add_argument("--redis", default=os.environ.get("BENCH_REDIS", ""))
    ap.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    a = ap.parse_args()
    if a.child:
        return asyncio.run(child(a.child[0], Path(a.child[1]), a.pg, a.redis, int(a.child[2])))
    for name in a.peers:
        d = tempfile.mkdtemp(prefix="dur-", dir=a.dir)
        try:
            verdict = "stored after every kill"
            for k in range(3):
                r = subprocess.run([sys.executable, "-W", "ignore", __file__, "--child", name, d, str(k), "--pg", a.pg,
                                    "--redis", a.redis], capture_output=True, text=True)
                if r.returncode != -signal.SIGKILL:
                    verdict = f"turn {k + 1} failed: {r.stderr.strip().splitlines()[-1:]}"
                    break
                state, _, n = asyncio.run(read(name, Path(d), a.pg, a.redis))
                if state != w.EXPECTED_STATES[k] or n not in (None, 2 * k + 2):
                    verdict = f"LOST turn {k + 1}: {state} {n}"
                    break
            print(f"{name:24s} {verdict}", flush=True)
        finally:
            shutil.rmtree(d, ignore_errors=True)


if __name__ == "__main__":
    main()
