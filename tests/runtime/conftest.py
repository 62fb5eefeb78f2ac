"""A migrated database file per test, small bots compiled once, and offices on them."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import pytest

from engine.language.book import Book
from engine.stores.schema import ENGINE, upgrade
from engine.stores.sqlite import SqliteDatabase
from tests.core.flows import JOB, MENU
from tests.core.talk import book_of
from tests.runtime.office import Clock, Gated, Office

Open = Callable[..., Office]


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """A shop that takes jobs and lets pick, and answers one question."""
    return book_of(
        tmp_path_factory.mktemp("bot") / "shop",
        JOB,
        MENU,
        faq=[{"id": "place", "ask": ["where are you"], "say": "Here."}],
        hand_over={"sales": {}},
    )


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables, and nothing in them."""
    path = tmp_path_factory.mktemp("template") / "empty.db"

    async def make() -> None:
        database = SqliteDatabase(path)
        await upgrade(database, [ENGINE])
        await database.close()

    anyio.run(make)
    return path


@pytest.fixture
def file(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(template, tmp_path / "office.db"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def open_office(book: Book, file: Path, clock: Clock) -> AsyncIterator[Open]:
    """Open processes of the product, all on the same database file."""
    offices: list[Office] = []

    def opening(of: Any = None, **parts: Any) -> Office:
        offices.append(Office(of or book, Gated(file), clock, **parts))
        return offices[-1]

    yield opening
    for one in offices:
        with suppress(RuntimeError):  # a test has closed it
            await one.database.close()


@pytest.fixture
def office(open_office: Open) -> Office:
    """One process."""
    return open_office()
