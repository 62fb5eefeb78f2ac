"""What others lose while 500 sessions wait for the assistant, and what a question costs.

The product in this process, on a new SQLite file, asks through Google's own client; a stand-in of Gemini,
a process of its own, takes two seconds for each answer; while the others are measured beside those who
wait, from the moment all of them do. What is compared is taken turn and turn about:
each stretch beside the waiting stands between two without, and medians are shown.
"""

from __future__ import annotations

__all__ = ["Figures", "add_flags", "bot_at", "rows"]

import asyncio
import os
import shutil
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory, gettempdir
from time import process_time

import httpx2
import structlog

from adapters.assembly import build, open_database, prepare
from adapters.running import run_loop, spare_the_collector
from adapters.service import Service
from adapters.settings import Settings
from bench.asking import ASKING, BOT, Askers, Others
from bench.assistant_vendor import KEEP, RELEASE, SECONDS, SEEN, SENT
from bench.http_turns import serving
from bench.report import Row
from engine.stores.database import Database

FOLDER = Path(__file__).parent / BOT
KEY = "REJOINDER_BENCH_KEY"
RULES = """\
assistant:
  use: gemini
  key: env:{key}
  base_url: {url}
  system: You answer customers of a shop for spare parts in two friendly sentences.
  fallback: I cannot answer now.
  per_session: 1000000
  per_day: 1000000000
"""
ANSWERS = "SELECT count(*) FROM line WHERE who = 'assistant'"
ERROR = 40  # as logs count
LOOK = 0.02
SETTLE = 0.5  # seconds, until what came with all at once is over
STEADY = 4.0  # seconds
LEAD_IN = 2 * SECONDS  # until questions and answers come evenly


def add_flags(parser: ArgumentParser) -> None:
    """Say how long it takes."""
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--steady", type=int, default=3, help="rounds in which all ask again")
    parser.add_argument("--dir", type=Path, help="a folder on the disk to be measured")


def rows(options: Namespace) -> Iterator[Row]:
    """Take the figures."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(ERROR))
    # A temporary folder of many systems is in memory; this one outlives a reboot, so it is not.
    lasting = Path("/var/tmp")  # noqa: S108 - a folder of our own is made in it
    on_disk = options.dir or (lasting if lasting.is_dir() else Path(gettempdir()))
    figures = Figures()
    with (
        TemporaryDirectory(prefix="rj-bench-", dir=on_disk) as name,
        serving("bench.assistant_vendor") as vendor,
    ):
        bot = bot_at(vendor.url, Path(name), os.environ.__setitem__)
        spare_the_collector()
        settings = Settings(data=Path(name) / "data", bot=[str(bot)])
        run_loop(_measure(figures, settings, vendor.url, options))
    yield from figures.rows()


def bot_at(url: str, folder: Path, setenv: Callable[[str, str], None]) -> Path:
    """Copy the bot of the benches so that it asks at this address; its key is in the environment."""
    bot = shutil.copytree(FOLDER, folder / BOT)
    with (bot / "bot.yaml").open("a", encoding="utf-8") as file:
        file.write(RULES.format(key=KEY, url=url))
    setenv(KEY, "any")
    return bot


# -- what was found --------------------------------------------------------------------------------


@dataclass(slots=True)
class Figures:
    """Everything that was measured, in the order it was."""

    quiet: list[float] = field(default_factory=list)  # turns/s with nobody waiting
    beside: list[float] = field(default_factory=list)  # with all waiting
    kept: list[float] = field(default_factory=list)  # percent of the quiet ones around it
    dearer: list[float] = field(default_factory=list)  # percent of the CPU of a turn in those
    busy: list[float] = field(default_factory=list)  # turns/s while all ask again and again
    kept_busy: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)  # answers/s meanwhile
    cost: list[float] = field(default_factory=list)  # milliseconds of CPU, a question
    alone: list[float] = field(default_factory=list)  # answers/s with nobody else
    late: list[float] = field(default_factory=list)  # seconds, of each answer, with nobody else
    late_busy: list[float] = field(default_factory=list)
    most: int = 0

    def rows(self) -> Iterator[Row]:
        """Tell it."""
        waiting = f"{ASKING} waiting"
        yield Row("turns/s of others, nobody waiting", median(self.quiet), "turns/s")
        yield Row(f"the same with {waiting}", median(self.beside), "turns/s")
        share = median(self.kept)
        yield Row("what is left of them", share, "%", floor=95, goal=98, less_is_better=False)
        low, _, high = quantiles(self.kept, n=4) if len(self.kept) > 1 else (share,) * 3
        yield Row(f"its lower quartile, of {len(self.kept)} stretches", low, "%")
        yield Row("its upper quartile", high, "%")
        yield Row("CPU of a turn, of one with nobody waiting", median(self.dearer), "%")
        yield Row(
            "most questions under way at once",
            self.most,
            "questions",
            floor=ASKING,
            less_is_better=False,
        )
        if not self.busy:
            return
        yield Row(
            f"turns/s of others while {ASKING} ask again and again", median(self.busy), "turns/s"
        )
        yield Row("what is left of them", median(self.kept_busy), "%")
        yield Row("answers meanwhile", median(self.rate), "answers/s")
        yield Row("answers with nobody else writing", median(self.alone), "answers/s")
        yield Row("CPU of one question, its turns and request", median(self.cost), "ms")
        for who, late in (("nobody else writing", self.late), ("others writing", self.late_busy)):
            cuts = quantiles(late, n=100)
            yield Row(f"an answer comes later than it was sent, {who}, p50", 1_000 * cuts[49], "ms")
            yield Row("its p99", 1_000 * cuts[98], "ms")


# -- taking it -------------------------------------------------------------------------------------


@dataclass(slots=True)
class Bench:
    """The product, who writes to it, and whom it asks."""

    service: Service
    database: Database
    others: Others
    vendor: httpx2.AsyncClient
    figures: Figures

    async def seen(self) -> dict[str, int]:
        """Ask the vendor how many questions are under way."""
        return dict((await self.vendor.get(SEEN)).json())

    async def late(self, askers: Askers) -> list[float]:
        """Return how much later than the vendor sent them answers were committed."""
        sent: dict[str, float] = (await self.vendor.get(SENT)).json()
        return [at - sent[text] for text, at in askers.answered.items()]

    async def answered(self) -> None:
        """Refuse figures of questions that were not answered."""
        ((answers,),) = await self.database.read((ANSWERS, ()))
        if answers != Askers.asked:
            raise RuntimeError(f"of {Askers.asked:,} questions only {answers:,} were answered")


async def _measure(figures: Figures, settings: Settings, url: str, options: Namespace) -> None:
    database = open_database(settings)
    await prepare(database)
    async with _opened(settings, database) as service:
        limits = httpx2.Limits(max_connections=1)
        async with httpx2.AsyncClient(base_url=url, trust_env=False, limits=limits) as vendor:
            bench = Bench(service, database, Others(service), vendor, figures)
            _progress("opening")
            await Askers(service).ask()  # loads the client, opens what stays open
            await bench.others.write(SECONDS)
            await bench.vendor.get(SENT)
            for n in range(options.rounds):
                _progress(f"all wait, round {n + 1} of {options.rounds}")
                await _all_wait(bench)
            for n in range(options.steady):
                _progress(f"all ask again, round {n + 1} of {options.steady}")
                await _all_ask_again(bench)
            await bench.answered()
            figures.most = (await bench.seen())["most"]
            _progress("")


@asynccontextmanager
async def _opened(settings: Settings, database: Database) -> AsyncIterator[Service]:
    service = build(settings, database=database)
    service.start()
    try:
        yield service
    finally:
        await service.stop()


async def _all_wait(bench: Bench) -> None:
    """Take a stretch while everybody waits, between two while nobody does."""
    before = await bench.others.write(SECONDS)
    await bench.vendor.get(KEEP)
    asking = asyncio.create_task(Askers(bench.service).ask())
    while (await bench.seen())["now"] < ASKING:  # noqa: ASYNC110 - in another process
        await asyncio.sleep(LOOK)
    await asyncio.sleep(SETTLE)
    beside = await bench.others.write(SECONDS)
    await bench.vendor.get(RELEASE)
    await asking
    await asyncio.sleep(SETTLE)
    after = await bench.others.write(SECONDS)
    figures = bench.figures
    figures.beside.append(beside.per_second)
    figures.quiet.append((before.per_second + after.per_second) / 2)
    figures.kept.append(100 * beside.per_second / figures.quiet[-1])
    figures.dearer.append(200 * beside.cost / (before.cost + after.cost))


async def _all_ask_again(bench: Bench) -> None:
    """Take a stretch while everybody asks again and again, between two while nobody does; and one alone."""
    figures = bench.figures
    before = await bench.others.write(STEADY / 2)
    askers = Askers(bench.service)
    async with _asking(askers):
        answered = len(askers.answered)
        busy = await bench.others.write(STEADY)
        figures.rate.append((len(askers.answered) - answered) / STEADY)
    figures.late_busy += await bench.late(askers)
    after = await bench.others.write(STEADY / 2)
    figures.busy.append(busy.per_second)
    figures.kept_busy.append(200 * busy.per_second / (before.per_second + after.per_second))
    askers = Askers(bench.service)
    async with _asking(askers):
        answered, spent = len(askers.answered), process_time()
        await asyncio.sleep(STEADY)
        answers = len(askers.answered) - answered
        figures.cost.append(1_000 * (process_time() - spent) / answers)
        figures.alone.append(answers / STEADY)
    figures.late += await bench.late(askers)


@asynccontextmanager
async def _asking(askers: Askers) -> AsyncIterator[None]:
    """Have everybody ask again and again, evenly, while the block runs and a little longer."""
    asking = asyncio.create_task(askers.ask_again(LEAD_IN + STEADY, spread=SECONDS))
    await asyncio.sleep(LEAD_IN)
    askers.answered.clear()
    yield
    await asking


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
