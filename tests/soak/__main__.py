"""``./run soak --seconds 60``: two workers, one killed every few seconds; nothing lost, nothing doubled.

`accepted` is counted in the customers' log of 200s, `answered` in the receiver's log, orders in SQL.
The shop accepts each order meanwhile, which its customer is told in the middle of the next.
After the seconds the killing stops, and what is owed is waited for.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from adapters.assembly import prepare
from engine.runtime.arrivals import inbound_id
from engine.stores.postgres import PostgresDatabase
from flows.order_desk import OrderDesk
from flows.order_effects import TELL
from flows.stock import StockDesk
from tests.engines import running_postgres, running_redis
from tests.soak.node import BOT
from tests.soak.wire import post, serving

CUSTOMERS = 24
WORKERS = 2
KILL_EVERY = (2.0, 5.0)  # seconds, at random in between
PATIENCE = 180.0  # a cut message waits for its provider's status for a minute before it goes again

TEXTS = (
    "Hi so i need to buy {n} remote controls",
    "Name is Hari and phone number is 98470{who:05} and email is hari{who}@example.com",
    "yes",
)
PLENTY = 1e9  # of what they order: nobody is ever told that it is out of stock
THANKS = "Your order number is"


@dataclass(slots=True)
class Counts:
    """What the soak ends with."""

    seconds: float = 0.0
    kills: int = 0
    sent: int = 0  # attempts to hand a message in
    accepted: int = 0
    answered: int = 0
    orders: int = 0
    resent: int = 0  # after a cut attempt: the provider cannot tell
    lost: int = 0
    doubled: int = 0


@dataclass(slots=True)
class Soak:
    """The world around the workers."""

    folder: Path
    database: str
    redis: str
    random: Random
    counts: Counts = field(default_factory=Counts)
    accepted: dict[str, str] = field(default_factory=dict)  # inbound id -> phone
    received: list[tuple[str, bool]] = field(default_factory=list)  # effect, cut
    thanks: set[str] = field(default_factory=set)  # effects
    thanked: Counter[str] = field(default_factory=Counter)  # by whom
    nodes: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    over: bool = False

    def socket(self, n: int) -> Path:
        return self.folder / f"n{n}"

    def start(self, n: int) -> None:
        self.socket(n).unlink(missing_ok=True)  # of the one before, which was killed
        where = [self.database, self.redis, str(self.socket(n)), str(self.folder / "r")]
        with (self.folder / f"node{n}.log").open("ab") as log:
            command = [sys.executable, "-m", "tests.soak.node", *where]
            self.nodes[n] = subprocess.Popen(command, stderr=log, stdout=log)

    async def receive(self, body: Mapping[str, Any]) -> int:
        self.received.append((body["id"], body["cut"]))
        if THANKS in body["text"] and body["id"] not in self.thanks:
            self.thanks.add(body["id"])
            self.thanked[body["to"]] += 1
        return 200

    async def customer(self, n: int) -> None:
        """Order again and again; a message is handed in until it is accepted, often twice."""
        phone = f"91984{n:07d}"
        turn = 0
        while not self.over:
            for text in TEXTS:
                turn += 1
                said = text.format(n=10 + turn, who=n)
                told = {"phone": phone, "id": f"m{turn}", "text": said, "at": now()}
                await self.hand_in(told)
                if self.random.random() < 0.2:
                    await self.hand_in(told)
                await asyncio.sleep(self.random.uniform(0.0, 0.05))
            await self.answered(phone, turn // len(TEXTS))

    async def answered(self, phone: str, orders: int) -> None:
        """Wait for the thanks, so that the next order does not come while this one is placed."""
        while not self.over:
            if self.thanked[f"cloud:{phone}"] >= orders:
                return
            await asyncio.sleep(0.05)

    async def shop(self, desk: OrderDesk) -> None:
        """Accept what is placed, so that nobody has ten orders waiting; each customer is told."""
        while not self.over:
            for order in await desk.orders(status="placed"):
                await desk.move(order.number, "accepted", published=lambda _: frozenset())
            await asyncio.sleep(0.2)

    async def hand_in(self, told: Mapping[str, Any]) -> None:
        while True:
            self.counts.sent += 1
            if await post(self.socket(self.random.randrange(WORKERS)), told) == 200:
                self.accepted[inbound_id(BOT, "cloud", told["phone"], told["id"])] = told["phone"]
                return
            await asyncio.sleep(0.05)

    async def kill(self, seconds: float) -> None:
        """Kill a worker every few seconds, and start another in its place."""
        end = time.monotonic() + seconds
        while True:
            await asyncio.sleep(min(self.random.uniform(*KILL_EVERY), end - time.monotonic()))
            if time.monotonic() >= end:
                return
            n = self.random.randrange(WORKERS)
            self.nodes[n].send_signal(signal.SIGKILL)
            self.nodes[n].wait()
            self.counts.kills += 1
            self.start(n)
            if sys.stderr.isatty():
                left = end - time.monotonic()
                print(
                    f"\r{left:4.0f} s left, {len(self.accepted)} accepted", end="", file=sys.stderr
                )


def now() -> int:
    """Tell the time as messages do."""
    return time.time_ns() // 1_000_000


async def run(soak: Soak, seconds: float) -> list[str]:
    """Soak, drain, and return what is wrong."""
    database = PostgresDatabase(soak.database)
    await prepare(database)
    server = await serving(soak.folder / "r", soak.receive)
    for n in range(WORKERS):
        soak.start(n)
    began = time.monotonic()
    await StockDesk(database).set_left(BOT, "remote", PLENTY)
    people = [asyncio.create_task(soak.customer(n)) for n in range(CUSTOMERS)]
    people.append(asyncio.create_task(soak.shop(OrderDesk(database, now))))
    await soak.kill(seconds)
    soak.over = True
    await asyncio.gather(*people)
    if sys.stderr.isatty():
        print("\rwaiting for what is owed, a minute where it was cut", file=sys.stderr)
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        if not await database.read((OWED, ())):
            break
        await asyncio.sleep(0.5)
    soak.counts.seconds = time.monotonic() - began
    for node in soak.nodes.values():
        node.send_signal(signal.SIGTERM)
    faults = [
        f"a worker ended with {code}" for node in soak.nodes.values() if (code := node.wait())
    ]
    faults += await compared(soak, database)
    server.close()
    await database.close()
    return faults


OWED = "SELECT id FROM effect WHERE status IN ('owed', 'taken', 'sending', 'recalled', 'unsettled')"
TAKEN = "SELECT inbound, session, turn FROM line WHERE inbound IS NOT NULL"
SENDS = "SELECT id, session, place / 10000, status FROM effect WHERE kind = 'send'"
ACTIONS = (
    "SELECT e.id, o.key FROM effect e FULL JOIN placed_order o ON o.key = e.id"
    f" WHERE e.kind = 'run_action' AND e.body NOT LIKE '%{TELL}%' OR e.id IS NULL"
)
OWN = "SELECT count(*), count(DISTINCT seq), min(seq), max(seq) FROM line GROUP BY session"


async def compared(soak: Soak, database: PostgresDatabase) -> list[str]:
    """Compare the logs outside with SQL."""
    counts = soak.counts
    taken = {
        inbound: (session, turn) for inbound, session, turn in await database.read((TAKEN, ()))
    }
    sends = {(session, turn): id_ for id_, session, turn, _ in await database.read((SENDS, ()))}
    got = Counter(id_ for id_, cut in soak.received if not cut)
    again = Counter(id_ for id_, cut in soak.received if cut)
    counts.accepted, counts.resent = len(soak.accepted), again.total()
    faults = []
    for inbound in soak.accepted:
        answer = sends.get(taken.get(inbound, ("", 0)))
        if answer is None or not (got[answer] or again[answer]):
            counts.lost += 1
            faults.append(f"accepted and not answered: {inbound} {taken.get(inbound)} {answer}")
        else:
            counts.answered += 1
    for id_, n in got.items():
        if n > 1:
            counts.doubled += n - 1
            faults.append(f"sent {n} times without a cut: {id_}")
    actions = list(await database.read((ACTIONS, ())))
    counts.orders = sum(order is not None for _, order in actions)
    orphans = sum(effect is None for effect, _ in actions)
    missing = sum(order is None for _, order in actions)
    counts.doubled += orphans
    counts.lost += missing
    if orphans or missing:
        faults.append(f"{orphans} orders nobody asked for, {missing} asked for and not placed")
    faults += [
        f"the lines of a session are not 1..{last}: {tuple(row)}"
        for row in await database.read((OWN, ()))
        if not (row[0] == row[1] == (last := row[3]) and row[2] == 1)
    ]
    return faults


def main() -> int:
    """Soak; 0 when nothing was lost and nothing doubled."""
    parser = argparse.ArgumentParser(prog="./run soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with (
        running_postgres() as postgres,
        running_redis() as redis,
        tempfile.TemporaryDirectory(prefix="soak-") as folder,
    ):
        url = postgres.url.replace("postgresql+asyncpg://", "postgresql://", 1)
        soak = Soak(Path(folder), url, redis.url, Random(options.seed))  # noqa: S311 - no secret
        try:
            faults = asyncio.run(run(soak, options.seconds))
        finally:
            for node in soak.nodes.values():
                node.kill()
                node.wait()
    if options.json:
        print(json.dumps(asdict(soak.counts) | {"seed": options.seed, "faults": faults}))
    else:
        for fault in faults[:20]:
            print(fault)
        shown = asdict(soak.counts)
        lost, doubled = shown.pop("lost"), shown.pop("doubled")
        print(" ".join(f"{name}={value:g}" for name, value in shown.items()))
        print(f"lost={lost} doubled={doubled}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
