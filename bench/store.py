"""What a stored turn costs: against the raw limits of the stores and, with --peers, other engines.

Every number comes from a process of its own. In each round every program runs once, so that a slow
moment of the machine hits all alike; ratios are taken inside a round, and medians are shown.
"""

from __future__ import annotations

__all__ = ["add_flags", "rows"]

import json
import os
import statistics
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.environment import PEERS
from bench.ground import IN_FLIGHT, Ground, ground
from bench.report import Row

READ_BACK = 20  # conversations of ours that are read from SQL after each run
SESSIONS = 100_000  # stored or cached, where many are asked for
LONG = 1_000  # turns of the one long conversation
MEGABYTE = 1_000_000

# Conversations of three turns, enough for some seconds of each; (program, in flight) is a key.
Key = tuple[str, int]
OURS: dict[Key, int] = {
    ("rejoinder-sqlite", IN_FLIGHT): 6_000,
    ("rejoinder-sqlite-redis", IN_FLIGHT): 6_000,
    ("rejoinder-pg-redis", IN_FLIGHT): 6_000,
    ("rejoinder-shop-sqlite-redis", IN_FLIGHT): 2_000,
    ("rejoinder-sqlite-redis", 1): 800,
}
OTHERS: dict[Key, int] = {
    ("langgraph-sqlite", IN_FLIGHT): 400,
    ("naive-sqlite", IN_FLIGHT): 700,
    ("burr-sqlite-wal", IN_FLIGHT): 2_500,
    ("langgraph-sqlite", 1): 250,
}
SQLITE, SQLITE_REDIS, POSTGRES_REDIS, SHOP, ALONE = OURS
LANGGRAPH, NAIVE, BURR, LANGGRAPH_ALONE = OTHERS
RAW_SQLITE, RAW_POSTGRES = ("raw SQLite", 64), ("raw PostgreSQL", 64)  # 64 turns per commit
NAMES = {
    SQLITE: "SQLite",
    SQLITE_REDIS: "SQLite + Redis",
    POSTGRES_REDIS: "PostgreSQL + Redis",
    SHOP: "parts_shop, SQLite + Redis",
    ALONE: "SQLite + Redis",
    LANGGRAPH: "LangGraph + SQLite",
    NAIVE: "naive SQLModel + Redis",
    BURR: "Burr, WAL",
    LANGGRAPH_ALONE: "LangGraph + SQLite",
    RAW_SQLITE: "raw SQLite, 64 per commit",
    RAW_POSTGRES: "raw PostgreSQL, 64 per commit",
}


def add_flags(parser: ArgumentParser) -> None:
    """Add what this bench can be asked for."""
    parser.add_argument("--peers", action="store_true", help="run other engines too")
    parser.add_argument("--rounds", type=int, default=3, help="how often each program runs")
    parser.add_argument("--dir", type=Path, help="a folder on the disk to be measured")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work: does all run?")


Figures = dict[str, Any]


def _turns(at: Ground, key: Key, conversations: int) -> Figures:
    """Run one engine on the workload."""
    name, in_flight = key
    conversations = max(in_flight, int(conversations * at.share))
    read_back = READ_BACK if key in OURS else 3
    asked = [name, "--convs", str(conversations), "--conc", str(in_flight), "--sample"]
    asked += [str(read_back), "--dir", str(at.folder), *at.urls()]
    if key in OURS:
        asked.append("--uvloop")  # as every process of ours runs
    figures: Figures = json.loads(at.run(PEERS / "bench_turns.py", *asked).splitlines()[-1])
    return figures


def _raw(at: Ground, script: str, case: str, where: list[str]) -> Figures:
    """Write prepared rows as fast as the store takes them."""
    seconds = str(1.5 * at.share)
    asked = ["--rounds", "1", "--secs", seconds, "--only", case, *where]
    return {"turns_s": at.written(PEERS / script, *asked)["turns_s"][case][0]}


def _workers(at: Ground, workers: int) -> Figures:
    many = at.work(6_000)
    asked = ["--workers", str(workers), "--conversations", many, *at.urls()]
    figures: Figures = json.loads(at.run("-m", "bench.several_workers", *asked))
    return figures


def _cached(at: Ground) -> Figures:
    asked = ["--sessions", at.work(SESSIONS)]
    # The peers' environment would measure the same; ours is the one that ships.
    said = at.run("-m", "bench.cached_sessions", *asked, python=sys.executable)
    figures: Figures = json.loads(said)
    return figures


def _cold(at: Ground) -> Figures:
    """Open a store of many sessions in a new process and go on with some."""
    asked = ["rejoinder-sqlite", "--sessions", at.work(SESSIONS), "--rounds", "1"]
    found = at.written(PEERS / "cold_restore.py", *asked, "--dir", at.folder, *at.urls())
    figures: Figures = found["peers"]["rejoinder-sqlite"][0]
    return figures


def _long(at: Ground) -> Figures:
    """Hold one conversation for very long."""
    # Warmed up, or turn 10 would be measured in a process that has hardly run.
    asked = ["rejoinder-sqlite", "--turns", str(LONG), "--warm", "200", "--rounds", "1"]
    found = at.written(PEERS / "growth.py", *asked, "--dir", at.folder, *at.urls())
    figures: Figures = found["peers"]["rejoinder-sqlite"][0]
    return figures


def programs(at: Ground) -> dict[Any, Callable[[], Figures]]:
    """Return what runs in each round, in order."""

    def engine(key: Key, conversations: int) -> Callable[[], Figures]:
        return lambda: _turns(at, key, conversations)

    chosen = OURS | OTHERS if at.peers else OURS
    return {
        RAW_SQLITE: lambda: _raw(
            at, "limit_sqlite.py", "group  64 FULL   multi", ["--dir", str(at.folder)]
        ),
        RAW_POSTGRES: lambda: _raw(
            at, "limit_postgres.py", "asyncpg  group 64 unnest", ["--pg", at.pg]
        ),
        **{key: engine(key, conversations) for key, conversations in chosen.items()},
        "one worker": lambda: _workers(at, 1),
        "four workers": lambda: _workers(at, 4),
        "cold": lambda: _cold(at),
        "long": lambda: _long(at),
        "cached": lambda: _cached(at),
    }


class Found:
    """The figures of every round, by program."""

    def __init__(self) -> None:
        self._rounds: dict[Any, list[Figures]] = {}

    def take(self, at: Ground) -> None:
        """Run all programs, round by round."""
        for number in range(at.rounds):
            for key, run in programs(at).items():
                _progress(f"round {number + 1} of {at.rounds}: {key}")
                self._rounds.setdefault(key, []).append(run())
        _progress("")

    def __contains__(self, key: Any) -> bool:
        return key in self._rounds

    def median(self, key: Any, *path: str) -> float:
        """Return the middle one of a program's figures."""
        return statistics.median(_at(figures, path) for figures in self._rounds[key])

    def ratio(self, one: Any, other: Any, *path: str, under: tuple[str, ...] = ()) -> float:
        """Return the middle one of the ratios inside the rounds."""
        pairs = zip(self._rounds[one], self._rounds[other], strict=True)
        return statistics.median(_at(a, path) / _at(b, under or path) for a, b in pairs)


def _at(figures: Figures, path: tuple[str, ...]) -> float:
    value: Any = figures
    for part in path:
        value = value[part]
    return float(value)


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        width = os.get_terminal_size(sys.stderr.fileno()).columns - 1
        print(f"\r{text[:width]:<{width}}", end="" if text else "\r", file=sys.stderr, flush=True)


# --- the table -----------------------------------------------------------------------------------


def rows(options: Namespace) -> Iterator[Row]:
    """Yield every figure of the stores."""
    found = Found()
    with ground(options) as at:
        found.take(at)
    yield from _absolute(found)
    if options.peers:
        yield from _against_engines(found)
    yield from _against_limits(found)
    yield from _many_and_long(found)


def _absolute(found: Found) -> Iterator[Row]:
    for key, name in NAMES.items():
        if key in found:
            how = "" if name.startswith("raw") else f", {key[1]} in flight"
            yield Row(f"{name}{how}", found.median(key, "turns_s"), "turns/s")
    for key in (SQLITE_REDIS, SHOP, ALONE):
        what = f"a turn's CPU, {NAMES[key]}, {key[1]} in flight"
        yield Row(what, found.median(key, "cpu_us_turn"), "us")


def _against_engines(found: Found) -> Iterator[Row]:
    for ours, theirs, floor, goal in (
        (SQLITE_REDIS, LANGGRAPH, 40, 150),
        (SQLITE_REDIS, NAIVE, 12, 45),
        (SQLITE_REDIS, BURR, 2.5, 10),
        (ALONE, LANGGRAPH_ALONE, 7, 12),
        (SHOP, LANGGRAPH, 15, 40),
    ):
        what = "parts_shop" if ours is SHOP else "turns/s"
        how = "one conversation" if ours is ALONE else "64 in flight"
        ratio = found.ratio(ours, theirs, "turns_s")
        name = f"{what}, {how} / {NAMES[theirs]}"
        yield Row(name, ratio, "x", floor, goal, less_is_better=False)


def _against_limits(found: Found) -> Iterator[Row]:
    for ours, limit, least, goal in (
        (SQLITE, RAW_SQLITE, 7, 30),
        (POSTGRES_REDIS, RAW_POSTGRES, 15, 60),
    ):
        share = 100 * found.ratio(ours, limit, "turns_s")
        name = f"{NAMES[ours]}, share of {NAMES[limit]}"
        yield Row(name, share, "%", least, goal, less_is_better=False)
    p50, p99 = (found.median(SQLITE_REDIS, f"{what}_ms") for what in ("p50", "p99"))
    yield Row("p50 at 64 in flight, SQLite + Redis", p50, "ms", 8, 1.5)
    yield Row("p99 at 64 in flight, SQLite + Redis", p99, "ms", 20, 4)
    ratio = found.ratio("four workers", "one worker", "cpu_us_turn")
    yield Row("CPU of a turn, 4 workers / 1, PostgreSQL + Redis", ratio, "x", 1.5, 1.2)


def _many_and_long(found: Found) -> Iterator[Row]:
    cold, first = found.median("cold", "next_p50_ms"), found.median("cold", "first_ms")
    yield Row("a cold session's turn, 100,000 stored, p50", cold, "ms", 1, 0.5)
    yield Row("the first turn after opening that store", first, "ms", 5, 2)
    grown = found.ratio("long", "long", str(LONG), "ms", under=("10", "ms"))
    yield Row("turn 1,000 / turn 10 of one conversation", grown, "x", 1.2, 1.1)
    stored = found.median("long", str(LONG), "bytes") / MEGABYTE
    yield Row("stored after 1,000 turns", stored, "MB", 0.6, 0.3)
    yield Row("a cached session", found.median("cached", "bytes") / 1_000, "kB", 2, 0.8)
    pause = found.median("cached", "gc_ms")
    yield Row("a full gc, 100,000 sessions cached", pause, "ms", 100, 30)
