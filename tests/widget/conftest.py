"""A server for the tests of the widget, and visitors with browsers of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext

from tests.widget.page import Chat, Server, opened

OPERATOR = "the-operator-token-of-these-tests-only"
NewContext = Callable[..., Awaitable[BrowserContext]]
Visit = Callable[..., Awaitable[Chat]]


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The parts shop; every visitor has a conversation of their own in it."""
    folder = tmp_path_factory.mktemp("shop")
    with Server(folder, "parts_shop", operator_token=OPERATOR).running() as server:
        yield server


@pytest.fixture
async def new_context(browser: Browser) -> AsyncIterator[NewContext]:
    """Somebody with a browser: cookies and a storage of their own."""
    async with AsyncExitStack() as contexts:

        async def new(**kwargs: Any) -> BrowserContext:
            context = await browser.new_context(**kwargs)
            contexts.push_async_callback(context.close)
            return context

        yield new


@pytest.fixture
async def visit(new_context: NewContext) -> AsyncIterator[Visit]:
    """Open a page in a browser of its own, or as another tab of `context`."""
    async with AsyncExitStack() as pages:

        async def visit(url: str, context: BrowserContext | None = None, **kwargs: Any) -> Chat:
            context = context or await new_context(**kwargs)
            return await pages.enter_async_context(opened(context, url))

        yield visit
