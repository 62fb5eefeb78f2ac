"""The order book over each kind of database, and over the memory that scripts use."""

from __future__ import annotations

__all__ = ["Book", "context", "emptied_orders", "open_database"]

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from adapters.assembly import prepare
from engine.stores.database import Database, single
from flows.actions import bind
from flows.callbacks import CALLBACKS, Callbacks
from flows.context import Context
from flows.ledger import Ledger, MemoryLedger, SqlLedger
from flows.order_rows import ORDERS
from flows.orders import Orders
from flows.requests import REQUESTS, Requests
from flows.stock import STOCK
from flows.tables import OrderRow
from tests.stores.conftest import DATABASES, open_database, opener

LINE = {"quantity": 2, "unit": "", "name": "Compressor 1.5 ton", "id": "c15"}
PHONE = "+918848850922"
EMAIL = "hari@example.com"


def context(key: str, *, contact: str = "hari", bot: str = "shop") -> Context:
    """Return who asks: a customer of a shop, in a conversation called as the contact is."""
    return Context(key, key.rsplit(":", 2)[0], f"web-{contact}", bot, "web", contact)


async def emptied_orders(database: Database) -> None:
    """Make the tables, and empty those of the flows."""
    await prepare(database)
    for table in ("placed_order", "stock"):
        await database.transact(lambda table=table: single((f"DELETE FROM {table}", ())))  # type: ignore[misc]


@dataclass(slots=True)
class Book:
    """An order book whose clock and stock a test sets, and the actions on it."""

    ledger: Ledger
    moment: list[int]
    figures: dict[str, float] = field(default_factory=dict)
    informative: bool = False
    contact: str = "hari"
    bot: str = "shop"
    calls: int = 0

    @property
    def orders(self) -> Orders:
        return Orders(
            self.ledger, figures=lambda _: self.figures, enforced=lambda _: not self.informative
        )

    async def do(self, action: str, *, key: str = "", **given: Any) -> dict[str, Any]:
        """Run an action as a worker does, under a key of its own unless one is given."""
        self.calls += 1

        async def who(key: str) -> Context:
            return context(key, contact=self.contact, bot=self.bot)

        books: Mapping[str, Any] = {
            "orders": self.orders, "callbacks": Callbacks(MemoryLedger(CALLBACKS)),
            "requests": Requests(MemoryLedger(REQUESTS)),
        }  # fmt: skip
        run: Callable[..., Any] = bind(contexts=who, **books)[action]
        result: dict[str, Any] = await run(key=key or f"s:{self.calls}:1", **given)
        return result

    async def place(self, *lines: Mapping[str, Any], key: str = "", **given: Any) -> dict[str, Any]:
        """Place an order of these lines, by Hari unless somebody else is given."""
        who = {"name": "Hari", "phone": PHONE, "email": EMAIL, **given}
        return await self.do("place_order", key=key, items=list(lines or (LINE,)), **who)

    async def stock(self) -> dict[str, float]:
        """Return what is left."""
        rows = await self.ledger.database.read(("SELECT product, quantity FROM stock", ()))
        return {row[0]: row[1] for row in rows}


@pytest.fixture(params=["memory", *DATABASES])
def open_orders(request: pytest.FixtureRequest) -> Callable[[], Database] | None:
    """Return what opens a database; None for the memory of scripts."""
    return None if request.param == "memory" else opener(request.param, request)


@pytest.fixture
async def book(open_orders: Callable[[], Database] | None) -> AsyncIterator[Book]:
    moment = [1_000_000]
    if open_orders is None:
        yield Book(MemoryLedger(ORDERS, STOCK), moment)
        return
    database = open_orders()
    await emptied_orders(database)
    yield Book(SqlLedger(database, OrderRow, lambda: moment[0]), moment)
    await database.close()
