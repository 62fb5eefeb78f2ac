"""A conversation from its first message to its last delivery, and what must be true in the end.

The channel hands a message in again until it is acknowledged, the second one twice in any case;
the worker's phone provider notes what it got. Time is a number: after a kill it moves past every
lease, so that another worker may go on.
"""

from __future__ import annotations

__all__ = ["BOT", "ORDER", "QUESTION", "Provider", "World", "finished", "talk"]

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx2

from adapters.assembly import build, build_book, find_bot
from adapters.gemini.standin import GeminiStandin, slow
from adapters.service import Service
from adapters.settings import Settings
from engine.effects import Send
from engine.events import Said
from engine.ports import Cache
from engine.questions import Question, Reply
from engine.records import Work
from engine.runtime.arrivals import Arrival, inbound_id
from engine.runtime.worker import LEASE
from engine.stores.database import Database
from engine.stores.effect_rows import OPEN, UNSETTLED_FOR
from tests.gemini.shared_client import NETWORK, shared_client

BOT = "parts_shop"
ROUTE = "cloud:918848850922"
START = 1_767_600_000_000
ORDER = (
    "Hi so i need to buy 11 remote controls",
    "Name is Hari and phone number is 8848850922 and email is techuse730@gmail.com",
    "yes",
)
QUESTION = ("what is the meaning of life?", ORDER[0])
BOOK = build_book(find_bot(BOT))


@dataclass(slots=True)
class Provider:
    """The phone provider: it keeps what it got, whatever became of the one who sent it."""

    got: list[tuple[str, str]] = field(default_factory=list)  # effect, text
    resends: bool = True

    async def hold(self, work: Work, message: Send) -> None:
        """Let everything go."""

    async def send(self, work: Work, message: Send) -> None:
        """Take a message."""
        self.got.append((message.id, message.text))


@dataclass(slots=True)
class World:
    """What survives the process."""

    messages: tuple[str, ...] = ORDER
    provider: Provider = field(default_factory=Provider)
    gemini: GeminiStandin = field(default_factory=lambda: GeminiStandin(slow(0.001)))
    now: int = START
    started: int = 0  # sessions that processes have begun
    acknowledged: set[int] = field(default_factory=set)
    kills: int = 0

    def service(
        self,
        database: Database,
        cache: Cache | None = None,
        around: Callable[[str, Any], Any] = lambda _kind, call: call,
    ) -> Service:
        """Return the product on this world, with `around` put around what it does outside."""
        service = build(
            Settings(),
            database=database,
            cache=cache,
            books={BOT: BOOK},
            channels={"cloud": Cut(self.provider, around)},
            assistants={BOT: CutGemini(self.gemini, around)},
            clock=lambda: self.now,
            ids=self.new_id,
            random=Random(1),  # noqa: S311 - jitter
        )
        actions: Mapping[str, Any] = service.worker._actions
        service.worker._actions = {
            name: around("action", action) for name, action in actions.items()
        }
        return service

    def new_id(self) -> str:
        """Return an id no session has yet."""
        self.started += 1
        return f"s{self.started}"


class Cut:
    """A provider with something around every request."""

    def __init__(self, provider: Provider, around: Callable[[str, Any], Any]) -> None:
        self.resends = provider.resends
        self.hold = provider.hold
        self.send = around("request", provider.send)


class CutGemini(httpx2.AsyncBaseTransport):
    """Gemini with something around every request."""

    def __init__(self, standin: GeminiStandin, around: Callable[[str, Any], Any]) -> None:
        self._handle = around("question", standin.transport().handle_async_request)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Hand a request over."""
        response: httpx2.Response = await self._handle(request)
        return response

    async def ask(self, work: Work, question: Question) -> Reply:
        """Ask by the real client."""
        NETWORK.set(self)
        return await shared_client().ask(work, question)


async def talk(world: World, service: Service) -> None:
    """Have the conversation, from where it was cut; the worker is done when this returns."""
    for n, text in enumerate(world.messages):
        for _ in range(2 if n == 1 else 1):  # a channel may deliver twice what was acknowledged
            if n not in world.acknowledged or n == 1:
                world.now += 1_000
                await service.conversations.receive(_arrival(world, n, text))
                world.acknowledged.add(n)
        if world.messages is QUESTION:  # whoever asks waits for the answer
            await finished(world, service)
        await service.worker.drain()
    await finished(world, service)


def _arrival(world: World, n: int, text: str) -> Arrival:
    id_ = inbound_id(BOT, "cloud", "918848850922", f"wamid.{n}")
    said = Said(id_, START + n * 60_000, text, ROUTE)
    return Arrival(BOT, "cloud", ("phone:+918848850922",), "wa-1-918848850922", said)


async def finished(world: World, service: Service) -> None:
    """Let time pass until nothing is owed: leases run out, cut messages are settled."""
    for _ in range(8):
        await service.worker.drain()
        owed = await service.store.sql.database.read((OWED, ()))  # type: ignore[attr-defined]
        if not owed:
            return
        world.now += LEASE + UNSETTLED_FOR
    raise AssertionError(f"still owed after a long time: {owed}")


OWED = f"SELECT id, status FROM effect WHERE status IN {OPEN}"
