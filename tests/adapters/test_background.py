"""What goes on beside conversations: figures are handed on, old conversations forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.assembly import build, build_book, find_bot, open_database, prepare
from adapters.metrics import exposition
from adapters.settings import Settings
from engine.language.book import Book
from engine.overview import Counts
from engine.runtime.counting import Counting
from engine.runtime.housekeeping import Housekeeping
from engine.runtime.metrics import Counters
from engine.stores.database import single

CREATED = ("created", ("shop",))


@pytest.fixture(scope="module")
def book() -> Book:
    return build_book(find_bot("parts_shop"))


class Sums:
    """Totals in memory, away as often as it is told."""

    def __init__(self, *, away: int = 0) -> None:
        self.counts: dict[tuple[str, tuple[str, ...]], float] = {}
        self.away = away
        self.added = 0
        self.go = asyncio.Event()
        self.go.set()

    async def add(self, counts: Counts) -> None:
        await self.go.wait()
        if self.away:
            self.away -= 1
            raise OSError("no database")
        self.added += 1
        for key, n in counts.items():
            self.counts[key] = self.counts.get(key, 0) + n

    async def all(self) -> Counts:
        return dict(self.counts)


async def test_what_was_counted_is_handed_on_once() -> None:
    counters, sums = Counters(), Sums()
    counting = Counting(counters, sums)
    counters.add("created", "shop")
    await counting.flush()
    counters.add("created", "shop", n=2)

    assert {CREATED: 1} == sums.counts
    assert {CREATED: 3} == await counting.sums()
    await counting.close()
    await counting.close()
    assert {CREATED: 3} == sums.counts
    assert 2 == sums.added  # nothing counted, nothing written


async def test_what_cannot_be_handed_on_is_kept() -> None:
    counters, sums = Counters(), Sums(away=1)
    counting = Counting(counters, sums)
    counters.add("created", "shop")

    await counting.flush()
    assert {} == sums.counts
    counters.add("created", "shop")
    await counting.flush()
    assert {CREATED: 2} == sums.counts


async def test_a_cancelled_wait_leaves_the_figures_right() -> None:
    """At its end a process cancels what runs beside; what was on its way is not counted twice."""
    counters, sums = Counters(), Sums()
    counting = Counting(counters, sums, every=0)
    counters.add("created", "shop")
    sums.go.clear()
    running = asyncio.create_task(counting.run())
    await asyncio.sleep(0.01)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    counters.add("created", "shop")
    closing = asyncio.create_task(counting.close())
    await asyncio.sleep(0)
    sums.go.set()
    await closing

    assert {CREATED: 2} == sums.counts


async def test_no_sum_is_ever_less_than_it_was_told_before() -> None:
    """Not when another process is asked, and not when the one that was asked is killed."""
    sums = Sums()
    counters = Counters(), Counters()
    one, other = (Counting(each, sums) for each in counters)
    counters[0].add("created", "shop", n=3)
    counters[1].add("created", "shop", n=2)

    assert {CREATED: 3} == await one.sums()
    assert {CREATED: 5} == await other.sums()
    counters[0].add("created", "shop")  # and it is killed with that
    assert {CREATED: 5} == await other.sums()


async def test_the_figures_are_written_as_prometheus_reads_them(book: Book, tmp_path: Path) -> None:
    """Those not handed on yet are in it; what is measured has a sum and a count."""
    settings = Settings(data=tmp_path)
    database = open_database(settings)
    await prepare(database)
    service = build(settings, database=database, books={"parts_shop": book}, clock=lambda: 9_000)
    for seconds in (0.25, 0.5):
        service.counters.add("turn_seconds", "parts_shop", n=seconds)
        service.counters.add("turn_seconds_count", "parts_shop")
        await service.counting.flush()
    service.counters.add("restored", "parts_shop", "redis")
    owed = "INSERT INTO effect VALUES ('e', 's', 1, 'send', '{}', 'owed', 0, 0, 1500)"
    await database.transact(lambda: single((owed, ())))

    told = await exposition(service)
    await service.stop()

    assert {
        'rejoinder_turn_seconds_sum{bot="parts_shop"} 0.75',
        'rejoinder_turn_seconds_count{bot="parts_shop"} 2.0',
        'rejoinder_sessions_restored_total{bot="parts_shop",tier="redis"} 1.0',
        'rejoinder_assistant_calls_in_flow_total{bot="parts_shop"} 0.0',
        "rejoinder_outbox_depth 1.0",
        "rejoinder_outbox_oldest_seconds 7.5",
    } <= set(told.splitlines())


async def test_what_fails_at_the_end_leaves_nothing_else_open(book: Book, tmp_path: Path) -> None:
    """The database may be away just then; threads and connections are closed all the same."""
    service = build(Settings(data=tmp_path), books={"parts_shop": book})
    closed: list[str] = []

    async def fails() -> None:
        raise OSError("no database")

    async def closes() -> None:
        closed.append("the rest")

    service.closing = [fails, *service.closing, closes]
    service.start()
    await service.stop()

    assert ["the rest"] == closed


class Kept:
    """Ended conversations by bot, and when they ended."""

    def __init__(self, ended: Mapping[str, list[int]], *, away: int = 0) -> None:
        self.ended = dict(ended)
        self.away = away
        self.asked = 0
        self.cleaned = asyncio.Event()

    async def clean(self, bot: str, *, ended_before: int, now: int) -> int:
        self.asked += 1
        if self.asked <= self.away:
            raise OSError("no database")
        self.cleaned.set()
        before = len(self.ended[bot])
        self.ended[bot] = [at for at in self.ended[bot] if at >= ended_before]
        return before - len(self.ended[bot])


async def test_only_bots_that_say_how_long_forget(book: Book) -> None:
    kept = Kept({"short": [10, 90], "long": [10], "never": [10]})
    books = {
        "short": replace(book, retention=50),
        "long": replace(book, retention=99),
        "never": book,
    }

    forgotten = await Housekeeping(kept, books, lambda: 100).sweep()

    assert 1 == forgotten
    assert {"short": [90], "long": [10], "never": [10]} == kept.ended


async def test_a_database_that_is_away_is_asked_again(book: Book) -> None:
    kept = Kept({"short": [10]}, away=2)
    books = {"short": replace(book, retention=50)}
    running = asyncio.create_task(Housekeeping(kept, books, lambda: 100, every=0, first=0).run())
    await kept.cleaned.wait()
    running.cancel()

    assert 3 <= kept.asked
    assert [] == kept.ended["short"]
