"""Takes the pictures of docs/ anew, from the real page: `.venv/bin/python -m tests.widget`."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from playwright.async_api import Browser

from tests.engines import running_browser
from tests.widget.page import Chat, Server, expect

DOCS = Path(__file__).parents[2] / "docs"
CONVERSATION = (
    "Hi so i need to buy 11 remote controls",
    "Name is Hari and phone number is 8848850922 and email is techuse730@gmail.com",
)
CONVERSACION = (
    "Hola, necesito comprar 11 controles remotos",
    "Me llamo Hari, mi teléfono es 8848850922 y mi correo techuse730@gmail.com",
)
PICTURES = {
    "widget": ("", 1280, 800),
    "widget-dark": ("?theme=dark", 390, 720),
    "widget-theme": ("?brand=plum&lang=es", 390, 720),
    "widget-small": ("", 320, 720),
}


async def picture(browser: Browser, url: str, name: str) -> None:
    """Place an order up to its confirmation and save what is seen."""
    look, width, height = PICTURES[name]
    context = await browser.new_context(viewport={"width": width, "height": height})
    page = await context.new_page()
    await page.goto(f"{url}/{look}")
    chat = Chat(page)
    await page.locator(".launcher").click()
    await chat.ready()
    for said in CONVERSACION if "lang=es" in look else CONVERSATION:
        answers = await chat.line("bot").count()
        await page.locator("textarea").fill(said)
        await page.locator("textarea").press("Enter")
        await expect(chat.line("bot").nth(answers)).to_be_visible()
    await expect(page.locator(".choices button").first).to_be_enabled()
    await page.wait_for_timeout(400)  # the panel has risen, and everything is drawn
    await page.screenshot(path=DOCS / f"{name}.png")
    await context.close()


async def main() -> None:
    """Take them all."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(Path(folder), "parts_shop").running() as server,
    ):
        async with running_browser() as (browser, _):
            for name in PICTURES:
                await picture(browser, server.url, name)


if __name__ == "__main__":
    asyncio.run(main())
