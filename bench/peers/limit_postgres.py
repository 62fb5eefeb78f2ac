"""Raw PostgreSQL limit: turns per second when a turn is one session upsert + two message inserts.

    python limit_postgres.py --pg URL [--secs 2] [--rounds 3] [--json FILE]

single: one statement per turn (a CTE inserting both messages and upserting the session), its own transaction,
through asyncpg and psycopg3 with 1 and 32 connections. group: 64 (256) turns per transaction through executemany,
unnest, COPY (messages) + unnest (sessions), and asyncpg with two batches in flight. synchronous_commit=on.
"""
from __future__ import annotations

import argparse
import asyncio
import json
import statistics as st
import time
from pathlib import Path

import asyncpg

import workload as w

DDL = """DROP TABLE IF EXISTS lim_session; DROP TABLE IF EXISTS lim_message;
CREATE TABLE lim_session (id TEXT PRIMARY KEY, state TEXT NOT NULL, data TEXT NOT NULL, seq INT NOT NULL);
CREATE TABLE lim_message (sid TEXT NOT NULL, seq INT NOT NULL, role INT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (sid, seq))"""
UP = "ON CONFLICT (id) DO UPDATE SET state=excluded.state, data=excluded.data, seq=excluded.seq"
ONE = """WITH m AS (INSERT INTO lim_message VALUES ({0}::text, {1}::int, 0, {2}::text), ({0}, {3}::int, 1, {4}::text))
INSERT INTO lim_session VALUES ({0}, {5}::text, {6}::text, {3}) """ + UP
ONE_A = ONE.format(*(f"${i}" for i in range(1, 8)))
ONE_P = ONE.format(*(f"%({n})s" for n in ("id", "s1", "t", "s2", "r", "st", "d")))
MSG = "INSERT INTO lim_message VALUES ({0}, {1}, {2}, {3})"
SES = "INSERT INTO lim_session VALUES ({0}, {1}, {2}, {3}) " + UP
UNNEST = """WITH m AS (INSERT INTO lim_message SELECT * FROM unnest($1::text[], $2::int[], $3::int[], $4::text[]))
INSERT INTO lim_session SELECT * FROM unnest($5::text[], $6::text[], $7::text[], $8::int[]) """ + UP
UNNEST_P = UNNEST
for _i in range(1, 9):
    UNNEST_P = UNNEST_P.replace(f"${_i}::", "%s::")
SES_UNNEST = "INSERT INTO lim_session SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int[]) " + UP


def turns_source(blob: str, tag: str):
    base = 0
    while True:
        for k in range(3):
            for i in range(base, base + 256):
                yield f"{tag}{i:07d}", w.EXPECTED_STATES[k], blob, 2 * k + 2, w.TURNS[k], w.REPLIES[k]
        base += 256


def columns(batch):
    sid, seqs, roles, texts = [], [], [], []
    for c, _, _, q, t, r in batch:
        sid += (c, c)
        seqs += (q - 1, q)
        roles += (0, 1)
        texts += (t, r)
    ids, states, blobs, nums, _, _ = map(list, zip(*batch))
    return sid, seqs, roles, texts, ids, states, blobs, nums


async def case_asyncpg(dsn, conns, group, how, secs, blob) -> float:
    cs = [await asyncpg.connect(dsn) for _ in range(conns)]
    await cs[0].execute(DDL)
    done = 0
    clock = time.perf_counter
    start = clock()
    end = start + secs

    async def worker(c, n):
        nonlocal done
        src = turns_source(blob, f"{n}-")
        if how == "one":
            stmt = await c.prepare(ONE_A)
            while clock() < end:
                i, s, d, q, t, r = next(src)
                await stmt.fetch(i, q - 1, t, q, r, s, d)
                done += 1
        elif how == "unnest":
            stmt = await c.prepare(UNNEST)
            while clock() < end:
                await stmt.fetch(*columns([next(src) for _ in range(group)]))
                done += group
        elif how == "many":
            m, s = MSG.format("$1", "$2", "$3", "$4"), SES.format("$1", "$2", "$3", "$4")
            while clock() < end:
                b = [next(src) for _ in range(group)]
                sid, seqs, roles, texts, *ses = columns(b)
                async with c.transaction():
                    await c.executemany(m, list(zip(sid, seqs, roles, texts)))
                    await c.executemany(s, list(zip(*ses)))
                done += group
        elif how == "copy":
            stmt = await c.prepare(SES_UNNEST)
            while clock() < end:
                sid, seqs, roles, texts, *ses = columns([next(src) for _ in range(group)])
                async with c.transaction():
                    await c.copy_records_to_table("lim_message", records=zip(sid, seqs, roles, texts))
                    await stmt.fetch(*ses)
                done += group

    await asyncio.gather(*(worker(c, n) for n, c in enumerate(cs)))
    took = clock() - start
    for c in cs:
        await c.close()
    return done / took


async def case_psycopg(dsn, conns, group, how, secs, blob) -> float:
    import psycopg  # here, so that asyncpg's cases run where it is not installed
    cs = [await psycopg.AsyncConnection.connect(dsn, autocommit=True, prepare_threshold=0) for _ in range(conns)]
    await cs[0].execute(DDL, prepare=False)
    done = 0
    clock = time.perf_counter
    start = clock()
    end = start + secs

    async def worker(c, n):
        nonlocal done
        src = turns_source(blob, f"{n}-")
        cur = c.cursor()
        while clock() < end:
            if how == "one":
                i, s, d, q, t, r = next(src)
                await cur.execute(ONE_P, {"id": i, "s1": q - 1, "t": t, "s2": q, "r": r, "st": s, "d": d}, prepare=True)
                done += 1
                continue
            b = [next(src) for _ in range(group)]
            cols = columns(b)
            if how == "unnest":
                await cur.execute(UNNEST_P, cols, prepare=True)
            elif how == "many":
                async with c.transaction():
                    await cur.executemany(MSG.format(*["%s"] * 4), list(zip(*cols[:4])))
                    await cur.executemany(SES.format(*["%s"] * 4), list(zip(*cols[4:])))
            elif how == "copy":
                async with c.transaction():
                    async with cur.copy("COPY lim_message FROM STDIN") as cp:
                        for row in zip(*cols[:4]):
                            await cp.write_row(row)
                    await cur.execute(SES_UNNEST_P, cols[4:], prepare=True)
            done += group

    await asyncio.gather(*(worker(c, n) for n, c in enumerate(cs)))
    took = clock() - start
    for c in cs:
        await c.close()
    return done / took


SES_UNNEST_P = SES_UNNEST
for _i in range(1, 5):
    SES_UNNEST_P = SES_UNNEST_P.replace(f"${_i}::", "%s::")


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--pg", required=True)
    ap.add_argument("--secs", type=float, default=2)
    ap.add_argument("--rounds", type=int, default=3)
    ap.add_argument("--only", help="run only the cases whose label contains this")
    ap.add_argument("--json")
    a = ap.parse_args()
    blob = json.dumps(w.FINAL_DATA)
    cases = [("asyncpg", case_asyncpg), ("psycopg", case_psycopg)]
    plan = []
    for name, fn in cases:
        plan += [(f"{name:8s} single, 1 conn", fn, 1, 1, "one"), (f"{name:8s} single, 32 conn", fn, 32, 1, "one"),
                 (f"{name:8s} group 64 executemany", fn, 1, 64, "many"), (f"{name:8s} group 64 unnest", fn, 1, 64, "unnest"),
                 (f"{name:8s} group 64 copy", fn, 1, 64, "copy"), (f"{name:8s} group 256 unnest", fn, 1, 256, "unnest"),
                 (f"{name:8s} group 64 unnest, 2 conn", fn, 2, 64, "unnest")]
    res: dict = {}
    for _ in range(a.rounds):
        for label, fn, conns, group, how in plan:
            if a.only and a.only not in label:
                continue
            res.setdefault(label, []).append(asyncio.run(fn(a.pg, conns, group, how, a.secs, blob)))
    print(f"turns/s median (min-max) of {a.rounds}")
    for k, v in res.items():
        print(f"  {k:34s} {st.median(v):10,.0f}  ({min(v):,.0f}-{max(v):,.0f})")
    if a.json:
        Path(a.json).write_text(json.dumps({"bench": "limit_postgres", "turns_s": res}))


if __name__ == "__main__":
    main()
