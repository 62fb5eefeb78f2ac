"""The database and the cache that settings name, and the desks that work on them."""

from __future__ import annotations

# ruff: noqa: PLC0415 - databases are imported by whoever opens one: a script or a check needs none

__all__ = [
    "ORDER_STATUSES",
    "Moved",
    "Order",
    "OrderDesk",
    "People",
    "Request",
    "RequestDesk",
    "StockDesk",
    "alone",
    "open_cache",
    "open_database",
    "open_directory",
    "open_orders",
    "open_requests",
    "open_stock",
    "parts",
    "prepare",
    "shown_items",
]

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.assembly.bots import FLOWS
from adapters.lock_file import only_one
from adapters.settings import Settings
from engine.ports import Clock
from engine.runtime.system import system_clock
from engine.stores.database import Database, Unavailable
from engine.stores.people import People
from flows.order_desk import Moved, OrderDesk
from flows.order_lines import shown as shown_items
from flows.order_rows import Order
from flows.order_status import MOVES
from flows.requests import Request, RequestDesk
from flows.stock import StockDesk

if TYPE_CHECKING:
    from engine.stores.cache import RedisCache
    from engine.stores.schema import Part

ORDER_STATUSES = tuple(MOVES)


def parts() -> tuple[Part, ...]:
    """Return the tables there are: the engine's, and the flows' own."""
    from engine.stores.schema import ENGINE, Part
    from flows.tables import METADATA as FLOW_TABLES

    return ENGINE, Part("flows", FLOWS / "migrations", FLOW_TABLES)


def open_database(settings: Settings) -> Database:
    """Return the database the settings name; nothing is asked of it yet."""
    from engine.stores.sqlite import SqliteDatabase

    url = settings.database_url
    if url.startswith("postgres"):
        from engine.stores.postgres import PostgresDatabase

        return PostgresDatabase(f"postgresql://{url.partition('://')[2]}")
    path = Path(url.removeprefix("sqlite:///")) if url else settings.data / "rejoinder.db"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"{path}: its folder cannot be made: {error.strerror}.") from error
    return SqliteDatabase(path)


def open_cache(settings: Settings) -> RedisCache | None:
    """Return the Redis the settings name, if they name one; nothing is asked of it yet."""
    if not settings.redis_url:
        return None
    from engine.stores.cache import RedisCache

    return RedisCache(settings.redis_url)


def open_orders(database: Database, clock: Clock = system_clock) -> OrderDesk:
    """Return everybody's orders, for the people of the shop."""
    return OrderDesk(database, clock)


def open_requests(database: Database) -> RequestDesk:
    """Return what customers asked for, for the people who see to it."""
    return RequestDesk(database)


def open_directory(database: Database) -> People:
    """Return the people bots know, for whoever keeps the list of them."""
    return People(database)


def open_stock(database: Database) -> StockDesk:
    """Return what is left of everything, for the people of the shop."""
    return StockDesk(database)


async def prepare(database: Database) -> bool:
    """Bring the tables of a database up to date; return whether anything was done."""
    from engine.stores.schema import upgrade

    return await upgrade(database, parts())


def alone(database: Database) -> AbstractContextManager[None]:
    """Hold off other processes that would serve the same file; a server holds off nobody."""
    path = getattr(database, "path", None)
    return only_one(path) if path else nullcontext()
