"""Rejoinder itself, put together as it ships by adapters.assembly: worker, deadlines and listener run beside it.

rejoinder-sqlite             the workload's dialogue (bench/dialogue, the peers' extraction as readers), SQLite alone
rejoinder-sqlite-redis       the same with the sessions in Redis too
rejoinder-pg-redis           the same on PostgreSQL
rejoinder-shop-sqlite-redis  the shipped parts_shop with its own readers; the third turn also places the order: the
                             worker takes the effect, its outcome is a turn of its own, and both replies are waited for
"""
from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from itertools import count
from pathlib import Path
from zlib import crc32

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:  # run as a script of its folder, it needs the repository's packages
    sys.path.insert(1, str(ROOT))

from adapters.compiled import use_compiled

use_compiled()  # where the engine has been built, as the product does; before anything imports it

import structlog

from adapters.assembly import build, load_source, open_database, prepare
from adapters.running import spare_the_collector
from adapters.settings import Settings
from bench.peers import workload as w
from bench.readers import WORKLOAD_READERS
from engine.events import ActionFinished, Said
from engine.language.bot_compiler import compile_bot
from engine.records import Committed
from engine.runtime.arrivals import Arrival, contact_id, inbound_id
from engine.session import new_session
from engine.turn import take_turn

DATABASE = "rejoinder_bench"  # our own on the PostgreSQL server, made anew
ORDER = "SELECT items, name, phone, email FROM placed_order WHERE key LIKE $1"
PHONE, SHOWN, EMAIL = "8848850922", "+91 88488 50922", "techuse730"


def now() -> int:
    return time.time_ns() // 1_000_000


def said(lines) -> str:
    # What differs from conversation to conversation: the number of an order, and whose it is.
    text = re.sub(r"\bA-\d+", "A-1", "\n".join(line.text for line in lines if line.who == "bot"))
    return re.sub(r"techuse\d+", EMAIL, re.sub(r"\+91 98470 \d{5}", SHOWN, text))


def own(text: str, cid: str) -> str:
    """A customer's own phone and email: the order desk takes ten waiting orders of one customer."""
    number = crc32(cid.encode()) % 100_000
    return text.replace(PHONE, f"98470{number:05}").replace(EMAIL, f"techuse{number}")


class RejoinderPeer:
    # Who asks for patience is not asked again, as the others do (growth.py).
    stalled = "All right."

    def __init__(self, name: str):
        self.name = name
        self.shop = "-shop-" in name
        self.bot = "parts_shop" if self.shop else "dialogue"
        self.replies = w.REPLIES
        self.outcomes: dict[str, asyncio.Future] = {}

    async def open(self, env):
        # stdout belongs to the results.
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
        if "pg" in self.name:
            if env.fresh:
                await self.new_database(env.pg)
            url = f"{env.pg.rpartition('/')[0]}/{DATABASE}"
        else:
            url = f"sqlite:///{env.dir}/rejoinder.db"
        redis_url = env.redis if "redis" in self.name else ""
        if redis_url and env.fresh:
            from redis.asyncio import Redis
            async with Redis.from_url(redis_url) as client:
                await client.flushdb()
        folder = ROOT / ("flows/parts_shop" if self.shop else "bench/dialogue")
        readers = {} if self.shop else {"readers": WORKLOAD_READERS}
        book = compile_bot(load_source(folder), **readers)
        settings = Settings(data=env.dir, database_url=url, redis_url=redis_url)
        self.database = open_database(settings)
        await prepare(self.database)
        self.service = build(settings, database=self.database, books={book.bot: book})
        self.messages = count(time.time_ns())
        if self.shop:
            self.replies = self.played(book)
            self.watch()
        spare_the_collector()
        self.service.start()

    @staticmethod
    async def new_database(server: str):
        import asyncpg
        c = await asyncpg.connect(server)
        await c.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        await c.execute(f"CREATE DATABASE {DATABASE}")
        await c.close()

    def played(self, book) -> list[str]:
        """What the bot says to the three turns, taken from the core alone."""
        session, replies = new_session(id="s", bot=self.bot, lane="web", contact="c", key="k", at=0), []
        for k, text in enumerate(w.TURNS):
            turn = take_turn(book, session, [Said(f"m{k}", k, text)])
            lines = list(turn.lines)
            if turn.session.doing:
                done = ActionFinished(turn.session.doing, k, ok=True, value={"number": "A-1"})
                turn = take_turn(book, turn.session, [done])
                lines += turn.lines
            session = turn.session
            replies.append(said(lines))
        return replies

    def watch(self):
        """Hear of outcomes as they are committed, as a customer's screen would."""
        store, outcome = self.service.store, self.outcome

        class Heard:
            async def commit(self, write):
                told = await store.commit(write)
                if isinstance(told, Committed):
                    for effect in write.settles:
                        outcome(effect).set_result(write.turn)
                return told

            def __getattr__(self, name):
                return getattr(store, name)
        # A compiled class takes no method of ours, but a store of any kind.
        self.service.conversations._store = Heard()

    def outcome(self, effect: str) -> asyncio.Future:
        return self.outcomes.setdefault(effect, asyncio.get_running_loop().create_future())

    async def turn(self, cid: str, text: str) -> str:
        id_ = inbound_id(self.bot, "web", cid, str(next(self.messages)))
        event = Said(id_, now(), own(text, cid) if self.shop else text)
        arrival = Arrival(self.bot, "web", (f"web:{cid}",), cid, event)
        answer = await self.service.conversations.receive(arrival)
        lines = list(answer.lines)
        if effect := answer.session.doing:
            lines += (await self.outcome(effect)).lines
            del self.outcomes[effect]
        return said(lines) if self.shop else "\n".join(line.text for line in lines if line.who == "bot")

    async def stored(self, cid: str):
        """The whole conversation, from SQL alone; checked line by line."""
        store = self.service.store
        session = await store.load((self.bot, "web", contact_id(self.bot, f"web:{cid}")), fresh=True)
        lines = await store.lines(session.id)
        told = [line.text for line in lines if line.who == "user"]
        assert told == [own(text, cid) if self.shop else text for text in w.TURNS[:len(told)]], told
        replies = "\n".join(self.replies[:len(told)])
        assert said(lines) == replies, said(lines)
        assert [line.seq for line in lines] == list(range(1, session.seq + 1)), session.seq
        if session.frames:
            known = session.frames[-1].slots
            contact = {key: known[key] for key in ("name", "phone", "email") if key in known}
            items = [{"name": one["name"], "qty": one["quantity"]} for one in known["items"]]
            return session.state, {"items": items} | ({"contact": contact} if contact else {}), len(lines)
        # The flow has ended, and its slots with it: what was ordered stands in the lines, checked above.
        if self.shop:  # and in the order book
            rows = await self.database.read((ORDER, (f"{session.id}:%",)))
            assert [row[1:] for row in rows] == [("Hari", "+91" + own(PHONE, cid), own(EMAIL, cid) + "@gmail.com")], rows
            assert [(line["quantity"], line["id"]) for line in json.loads(rows[0][0])] == [(11, "remote")], rows
        return w.PLACED, w.FINAL_DATA, 2 * len(told)

    async def clone(self, cid: str, n: int):
        """n more conversations after their first turn: real ones, many at once."""
        ids = iter(range(n))

        async def begin():
            for i in ids:
                await self.turn(f"k{i}", w.TURNS[0])
        await asyncio.gather(*(begin() for _ in range(256)))

    async def close(self):
        cache = self.service.store.cache
        await self.service.stop()
        # A Redis that fails is left alone for a while, which would count as speed.
        assert cache is None or not cache.breaker.failures, cache.breaker.failures


def make(name: str):
    return RejoinderPeer(name)
