"""The chat of one page, as somebody in front of it uses it; and the server behind it."""

from __future__ import annotations

__all__ = ["Chat", "Server", "expect"]

import contextlib
import json
import re
import signal
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.adapters.programs import Program, start

# Milliseconds; the machine may have other things to do.
expect.set_options(timeout=10_000)

LINES = """chat => [...chat.shadowRoot.querySelectorAll('.line:not(.unsent)')].map(line => [
    line.className.split(' ')[1], line.querySelector('.text').innerText])"""


class Server:
    """`rejoinder serve` on a port and a folder of its own; killed and started again at will."""

    def __init__(self, folder: Path, *bots: str, **settings: str) -> None:
        """Start nothing yet."""
        self._port = "0"
        self._bots = [word for bot in bots for word in ("--bot", bot)]
        self._env: Mapping[str, str] = {
            "REJOINDER_DATA": str(folder),
            # Tests are one address, and faster than people.
            "REJOINDER_ADDRESS_RATE": "100000/60s",
            "REJOINDER_WEB_RATE": "1000/10s",
            **{f"REJOINDER_{name.upper()}": value for name, value in settings.items()},
        }
        self._process = ExitStack()
        self._program: Program | None = None
        self.url = ""

    def start(self) -> None:
        """Start it, from the second time on at the same address."""
        program = start("serve", "--port", self._port, *self._bots, env=self._env)
        self._program = self._process.enter_context(program)
        self._program.until("Rejoinder is listening on ")
        self.url = self._program.until("\n").strip()
        self._port = self.url.rpartition(":")[2]

    def kill(self) -> None:
        """`kill -9`: nothing is said goodbye to."""
        assert self._program is not None
        self._program.process.send_signal(signal.SIGKILL)
        self._process.close()

    def run(self, *args: str) -> str:
        """Run a command beside it; return what it said."""
        with start(*args, env=self._env) as command:
            code, said, faults = command.ended()
        assert code == 0, faults
        return said

    @contextlib.contextmanager
    def running(self) -> Iterator[Server]:
        """Serve until the block is left."""
        try:
            self.start()
            yield self
        finally:
            self._process.close()


class Chat:
    """The element on a page."""

    def __init__(self, page: Page) -> None:
        """Look at the first one of the page."""
        self.page = page
        self.element = page.locator("rejoinder-chat")
        self.panel = page.get_by_role("dialog")
        self.launcher = page.get_by_role("button", name=re.compile("^Open chat"))
        self.log = page.get_by_role("log")
        self.input = page.get_by_role("textbox", name="Write a message")
        self.notice = page.locator(".notice")

    async def open(self) -> None:
        """Open the panel and wait until what was said earlier is there."""
        await self.launcher.click()
        await self.ready()

    async def ready(self) -> None:
        """Wait for the history."""
        await expect(self.log).to_have_attribute("aria-live", "polite")

    async def say(self, text: str) -> None:
        """Type and press Enter."""
        await self.input.fill(text)
        await self.input.press("Enter")

    async def ask(self, text: str) -> None:
        """Say it and wait until it is taken and answered."""
        answers = await self.line("bot").count()
        await self.say(text)
        await expect(self.line("bot").nth(answers)).to_be_visible()
        await expect(self.unsent).to_have_count(0)

    def line(self, who: str) -> Locator:
        """Return what one side said."""
        return self.page.locator(f".line.{who}:not(.unsent) .text")

    @property
    def unsent(self) -> Locator:
        """What waits to be sent."""
        return self.page.locator(".unsent")

    def choice(self, label: str) -> Locator:
        """Return a button below a line."""
        return self.page.locator(".choices").get_by_role("button", name=label, exact=True)

    async def lines(self) -> list[tuple[str, str]]:
        """Return who said what, as it is shown."""
        return [(who, text) for who, text in await self.element.evaluate(LINES)]

    async def heard(self) -> list[str]:
        """Return what the visitor is shown to have said."""
        return [text for who, text in await self.lines() if who == "user"]


@contextlib.asynccontextmanager
async def opened(context: BrowserContext, url: str) -> AsyncIterator[Chat]:
    """Open a page that must run without an error of its own or of its security policy."""
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None,
    )
    await page.goto(url)
    yield Chat(page)
    assert faults == []
    await page.close()


def cards(text: str) -> list[dict[str, Any]]:
    """Return the rows a command printed as JSON."""
    rows: list[dict[str, Any]] = json.loads(text)
    return rows
