"""A page that is only open costs nothing while others talk: counted, in this process, on real SQLite."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from starlette.types import Message, Scope

from adapters.assembly import build, prepare
from adapters.service import Service
from adapters.settings import Settings
from adapters.web.app import web_app
from engine.stores.database import Rows, Statement
from engine.stores.sqlite import SqliteDatabase
from tests.web.site import CONTACT, ORDER

STREAMS = 50


class Counted(SqliteDatabase):
    """A database that counts what it is asked outside transactions."""

    asked = 0

    async def read(self, statement: Statement) -> Rows:
        self.asked += 1
        return await super().read(statement)


class Page:
    """An open stream, driven as a server drives it; counts what it is sent."""

    def __init__(self) -> None:
        self.sent = 0
        self.told = asyncio.Event()
        self.closed: asyncio.Future[Message] = asyncio.get_running_loop().create_future()

    async def receive(self) -> Message:
        return await self.closed

    async def send(self, message: Message) -> None:
        self.sent += 1
        if b"event: state" in message.get("body", b""):
            self.told.set()

    def close(self) -> None:
        self.closed.set_result({"type": "http.disconnect"})


class Shop:
    """The application in this process; nothing works beside it, so that only requests are counted."""

    def __init__(self, settings: Settings, database: Counted) -> None:
        self.database = database
        self.app = web_app(settings, lambda: self._opened(build(settings, database=database)))
        transport = httpx2.ASGITransport(app=self.app)
        self.http = httpx2.AsyncClient(transport=transport, base_url="http://shop")

    @asynccontextmanager
    async def _opened(self, service: Service) -> AsyncIterator[Service]:
        yield service
        await service.stop()

    async def say(self, text: str, token: str = "") -> str:
        """Say something; return the token to go on with."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self.http.cookies.clear()
        answer = await self.http.post("/api/chat", json={"text": text}, headers=headers)
        return str(answer.raise_for_status().json()["session"])

    @asynccontextmanager
    async def page(self, token: str) -> AsyncIterator[Page]:
        """Have a page open until the block is left."""
        page = Page()
        scope: Scope = {
            "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": "/api/chat/stream", "raw_path": b"/api/chat/stream", "root_path": "",
            "query_string": b"", "client": ("10.0.0.1", 1), "server": ("shop", 80),
            "headers": [(b"host", b"shop"), (b"authorization", f"Bearer {token}".encode())],
        }  # fmt: skip
        stream = asyncio.create_task(self.app(scope, page.receive, page.send))
        await page.told.wait()
        yield page
        page.close()
        await stream

    async def cost(self, token: str) -> int:
        """Return how many queries some turns of one visitor take."""
        before = self.database.asked
        for text in (ORDER, CONTACT, "no, my email is hari@example.com", "cancel", "yes"):
            await self.say(text, token)
        return self.database.asked - before


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    settings = Settings(data=tmp_path, web_rate="100000/1s", address_rate="100000/1s")
    database = Counted(tmp_path / "rejoinder.db")
    await prepare(database)
    shop = Shop(settings, database)
    async with shop.app.router.lifespan_context(shop.app), shop.http:
        yield shop


async def test_an_open_page_costs_nothing_while_others_talk(shop: Shop) -> None:
    """No query more, nothing sent: with fifty pages as without any."""
    hari = await shop.say("hello")
    alone = await shop.cost(hari)
    async with AsyncExitStack() as open_pages:
        pages = [
            await open_pages.enter_async_context(shop.page(await shop.say("hello")))
            for _ in range(STREAMS)
        ]
        sent = [page.sent for page in pages]
        beside = await shop.cost(hari)
        # What might still be on its way to a page has had its moment.
        for _ in range(3):
            await asyncio.sleep(0)

        assert alone == beside
        assert sent == [page.sent for page in pages]


async def test_the_page_of_whoever_talks_reads_what_is_new_and_no_more(shop: Shop) -> None:
    """A turn wakes the pages of its own conversation: where it stands, and its lines."""
    hari = await shop.say("hello")
    alone = await shop.cost(hari)
    async with shop.page(hari) as page:
        sent = page.sent
        beside = await shop.cost(hari)

        assert sent < page.sent <= sent + 5
        assert alone < beside <= alone + 2 * 5
