"""Fixtures of the core's tests: bots built on the spot."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from engine.language.book import Book
from tests.core.talk import Talk, book_of, parts_shop

Build = Callable[..., Book]
Meet = Callable[..., Talk]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Build a bot from flows written as data, in a folder of its own."""
    numbers = count()

    def building(*flows: dict[str, Any], **bot: Any) -> Book:
        return book_of(tmp_path / f"bot_{next(numbers)}", *flows, **bot)

    return building


@pytest.fixture
def meet(build: Build) -> Meet:
    """Build a bot and open a conversation with it."""

    def meeting(
        *flows: dict[str, Any],
        route: str | None = None,
        person: dict[str, Any] | None = None,
        **bot: Any,
    ) -> Talk:
        return Talk(build(*flows, **bot), route=route, person=person)

    return meeting


@pytest.fixture(scope="session")
def shop() -> Book:
    """Compile the shipped bot once."""
    return parts_shop()


@pytest.fixture
def customer(shop: Book) -> Talk:
    """Open a conversation with the shipped bot."""
    return Talk(shop)
