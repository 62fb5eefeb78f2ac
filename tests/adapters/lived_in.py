"""A database that customers have lived in, and all its rows."""

from __future__ import annotations

__all__ = ["KINDS", "TALK", "Make", "contents", "lived_in", "say"]

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from adapters.assembly import build, build_book, find_bot, parts, prepare
from adapters.settings import Settings
from engine.events import Said
from engine.runtime.arrivals import Arrival, inbound_id
from engine.stores.database import Database, single

TALK = (
    "Hi so i need to buy 11 remote controls",
    "Name is Hari, phone number is 8848850922 and email is techuse730@gmail.com",
    "yes",
)


Make = Callable[[str], Awaitable[Database]]


async def say(service: Any, who: str, text: str) -> Any:
    """Have a customer write."""
    id_ = inbound_id("parts_shop", "web", who, f"{who}:{text}")
    arrival = Arrival("parts_shop", "web", (who,), f"web-{who}", Said(id_, service.clock(), text))
    return await service.conversations.receive(arrival)


async def lived_in(database: Database) -> None:
    """Fill a database as customers do: conversations, orders, an address, a person."""
    await prepare(database)
    book = build_book(find_bot("parts_shop"))
    service = build(Settings(), database=database, books={book.bot: book})
    for who in ("ana", "bo"):
        for text in TALK:
            await say(service, who, text)
        await service.worker.drain()
    await say(service, "cy", "hello é☃")
    await service.conversations._directory.point(
        "parts_shop", ["phone:+1"], "ana", gives_up="nobody"
    )
    await database.transact(
        lambda: single(
            ("INSERT INTO person VALUES ($1, $2, $3, $4, $5)", ("b", "+1", "{}", None, 7))
        )
    )
    await database.transact(
        lambda: single(("INSERT INTO counter VALUES ($1, $2, $3)", ("turns", "[]", 2.5)))
    )


async def contents(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables."""
    found = {}
    for one in parts():
        for table in one.tables:
            names = ", ".join(column.name for column in table.columns)
            rows = await database.read((f"SELECT {names} FROM {table.name}", ()))
            found[table.name] = sorted(map(tuple, rows), key=repr)
    return found


KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.needs("postgres"))]
