"""What a webhook of a WhatsApp provider costs: against the same turns handed in directly, and steadily.

Rounds run in this process, each on a new SQLite file, turn and turn about; ratios are taken inside a
round, and medians are shown. The provider is a process of its own that takes everything at once.
"""

from __future__ import annotations

__all__ = ["add_flags", "rows"]

import asyncio
import gc
import json
import os
from argparse import ArgumentParser, Namespace
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory, gettempdir
from time import perf_counter
from typing import Any, cast

import httpx2
import structlog

from adapters.assembly import build, open_database, prepare
from adapters.running import run_loop, spare_the_collector
from adapters.service import Service
from adapters.settings import Settings
from adapters.web.app import web_app
from adapters.whatsapp.cloud_updates import cloud_updates
from adapters.whatsapp.reception import Reception
from adapters.whatsapp.standins.cloud import CloudStandin
from adapters.whatsapp.standins.inbound import Update
from adapters.whatsapp.standins.try_out import bot_for
from bench.http_turns import RAISED, Server, serving
from bench.peers.workload import TURNS
from bench.report import Row
from engine.delivery import Part
from engine.runtime.arrivals import Answer, Arrival

PEOPLE = 1_000  # and as many updates in one webhook: Meta sends at most so many
ADDRESS = "/api/whatsapp/main/webhook"
PER_SECOND = 100
IN_FLIGHT = 64
ERROR = 40  # as logs count
BOT = Path(__file__).parent / "dialogue"
Take = Callable[[bytes], Awaitable[float]]


def add_flags(parser: ArgumentParser) -> None:
    """Say how long it takes."""
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--dir", type=Path, help="a folder on the disk to be measured")
    parser.add_argument("--seconds", type=int, default=30, help="of messages at a steady rate")


def rows(options: Namespace) -> Iterator[Row]:
    """Take the figures."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(ERROR))
    os.environ |= CloudStandin().environment()
    # A temporary folder of many systems is in memory; this one outlives a reboot, so it is not.
    lasting = Path("/var/tmp")  # noqa: S108 - a folder of our own is made in it
    on_disk = options.dir or (lasting if lasting.is_dir() else Path(gettempdir()))
    with (
        TemporaryDirectory(prefix="rj-bench-", dir=on_disk) as name,
        serving("bench.whatsapp_provider") as provider,
    ):
        folder = Path(name)
        settings = {**CloudStandin().connection(), "base_url": provider.url}
        bot = bot_for(BOT, folder, {**settings, "pace": {"burst": PEOPLE, "every": "1s"}})
        figures = Figures()
        spare_the_collector()
        for n in range(options.rounds):
            run_loop(_round(figures, folder / f"round-{n}", bot, n))
        yield from figures.rows()
        yield from _steadily(folder / "steady", bot, options.seconds)


# -- a thousand at once ----------------------------------------------------------------------------


class Figures:
    """Seconds, by what was done, a figure for each round."""

    def __init__(self) -> None:
        self._taken: dict[str, list[float]] = defaultdict(list)

    def take(self, what: str, seconds: float) -> None:
        """Keep what something took."""
        self._taken[what].append(seconds)

    def rows(self) -> Iterator[Row]:
        """Tell what a thousand updates cost."""
        for who, told in (("number", "a number"), ("both", "a number and an id")):
            for when in ("new", "known"):
                name = f"1,000 messages of {when} people, {told}"
                posted, direct = f"posted {who} {when}", f"direct {who} {when}"
                yield Row(f"{name}: in one webhook", self._per_second(posted), "turns/s")
                yield Row("the same handed in directly", self._per_second(direct), "turns/s")
                ratio = self._ratio(posted, direct)
                yield Row("what the webhook costs of that", ratio, "x", floor=3, goal=2)
        yield Row("the same again in one webhook", self._per_second("again"), "messages/s")
        yield Row("one message per webhook, 64 in flight", self._per_second("single"), "turns/s")
        yield Row("1,000 statuses in one webhook", self._per_second("statuses"), "statuses/s")

    def _per_second(self, what: str) -> float:
        return PEOPLE / median(self._taken[what])

    def _ratio(self, one: str, other: str) -> float:
        pairs = zip(self._taken[one], self._taken[other], strict=True)
        return median(mine / theirs for mine, theirs in pairs)


class Recorder:
    """Stands where conversations are; keeps what is handed in."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []

    async def receive_all(self, arrivals: Sequence[Arrival]) -> list[Answer | None]:
        """Keep these."""
        self.arrivals += arrivals
        return [None for _ in arrivals]


class Desk:
    """A product in this process, and a provider that posts to it."""

    def __init__(self, service: Service, client: httpx2.AsyncClient, cloud: CloudStandin) -> None:
        self._service, self._client, self.cloud = service, client, cloud

    async def posted(self, body: bytes) -> float:
        """Post a webhook; return the seconds."""
        headers = dict(self.cloud.proof(body))
        began = perf_counter()
        answer = await self._client.post(ADDRESS, content=body, headers=headers)
        took = perf_counter() - began
        answer.raise_for_status()
        return took

    async def handed_in(self, body: bytes) -> float:
        """Hand in the arrivals that a webhook makes; return the seconds."""
        recorder = Recorder()
        switchboard = self._service.switchboard
        number = switchboard.numbers["main"]
        service = replace(self._service, conversations=cast("Any", recorder))
        updates = cloud_updates(json.loads(body), phone_number_id=self.cloud.phone_number_id)
        reception = Reception(service, switchboard)
        await reception.take(number, updates, bot=number.bot, lane=number.name)
        receive = self._service.conversations.receive
        began = perf_counter()
        await asyncio.gather(*[receive(arrival) for arrival in recorder.arrivals])
        return perf_counter() - began


@asynccontextmanager
async def _desk(folder: Path, bot: Path, cloud: CloudStandin) -> AsyncIterator[Desk]:
    """Open the product on a new file; no worker runs, so nothing is answered meanwhile."""
    settings = Settings(data=folder, bot=[str(bot)])
    database = open_database(settings)
    await prepare(database)
    service = build(settings, database=database)

    @asynccontextmanager
    async def opening() -> AsyncIterator[Service]:
        yield service

    app = web_app(settings, opening)
    try:
        async with app.router.lifespan_context(app):
            transport = httpx2.ASGITransport(app=app)
            async with httpx2.AsyncClient(transport=transport, base_url="http://desk") as client:
                yield Desk(service, client, cloud)
    finally:
        await service.stop()


async def _round(figures: Figures, folder: Path, bot: Path, n: int) -> None:
    for who in ("number", "both"):
        for how in ("posted", "direct") if n % 2 else ("direct", "posted"):
            async with _desk(folder / f"{who}-{how}", bot, CloudStandin()) as desk:
                await _thousands(figures, desk, who, how)


async def _thousands(figures: Figures, desk: Desk, who: str, how: str) -> None:
    cloud = desk.cloud
    take: Take = desk.posted if how == "posted" else desk.handed_in
    people = [
        cloud.phone(f"9188{n:08d}", user_id="" if who == "number" else None) for n in range(PEOPLE)
    ]
    for when, text in zip(("new", "known"), TURNS, strict=False):
        # Written only now: nobody answers a question before it was asked.
        body = cloud.body_of([one.says(text, post=False) for one in people])
        gc.collect()
        figures.take(f"{how} {who} {when}", await take(body))
    if (who, how) != ("both", "posted"):
        return
    figures.take("again", await desk.posted(body))
    gc.collect()
    told = [_status(cloud, f"{one.number}:1:1", f"wamid.{one.number}") for one in people]
    figures.take("statuses", await desk.posted(cloud.body_of(told)))
    bodies = iter([cloud.body_of([one.says(TURNS[2], post=False)]) for one in people])
    began = perf_counter()
    await asyncio.gather(*[_each(desk, bodies) for _ in range(IN_FLIGHT)])
    figures.take("single", perf_counter() - began)


async def _each(desk: Desk, bodies: Iterator[bytes]) -> None:
    for body in bodies:
        await desk.posted(body)


def _status(cloud: CloudStandin, effect: str, message: str) -> Update:
    told = {
        "id": message,
        "status": "delivered",
        "timestamp": cloud.seconds(),
        "biz_opaque_callback_data": Part(effect, 1, 1).name,
    }
    return Update("messages", {"statuses": [told]}, message)


# -- at a steady rate ------------------------------------------------------------------------------


def _steadily(folder: Path, bot: Path, seconds: int) -> Iterator[Row]:
    """New people write to a served product, which answers them meanwhile."""
    folder.mkdir()
    env = {"REJOINDER_DATA": str(folder), "REJOINDER_LOG_LEVEL": "error", **RAISED}
    with serving("adapters", "serve", "--port", "0", "--bot", str(bot), **env) as server:
        took = asyncio.run(_at_a_rate(server, PER_SECOND * seconds))
    what = f"accepted at {PER_SECOND} messages/s of new people over {seconds} s"
    yield Row(f"{what}, p50", 1_000 * median(took), "ms")
    yield Row("its p99", 1_000 * quantiles(took, n=100)[-1], "ms")


async def _at_a_rate(server: Server, count: int) -> list[float]:
    cloud = CloudStandin()
    took: list[float] = []
    async with httpx2.AsyncClient(base_url=server.url, trust_env=False) as client:

        async def post(n: int) -> None:
            body = cloud.body_of([cloud.phone(f"9177{n:08d}").says(TURNS[0], post=False)])
            began = perf_counter()
            answer = await client.post(ADDRESS, content=body, headers=dict(cloud.proof(body)))
            took.append(perf_counter() - began)
            answer.raise_for_status()

        await post(count)  # the first opens what is open from then on
        took.clear()
        began = perf_counter()
        async with asyncio.TaskGroup() as group:
            for n in range(count):
                await asyncio.sleep(max(0.0, began + n / PER_SECOND - perf_counter()))
                group.create_task(post(n))
    return took
