"""Puts the parts together: the one place that knows every concrete class.

`bots` is for authors, `databases` for those who keep records, `product` for whoever serves.
"""

from __future__ import annotations

__all__ = [
    "DEFAULT_BOT",
    "FLOWS",
    "ORDER_STATUSES",
    "Moved",
    "Order",
    "OrderDesk",
    "People",
    "Request",
    "RequestDesk",
    "StockDesk",
    "alone",
    "build",
    "build_book",
    "build_player",
    "find_bot",
    "load_script",
    "load_source",
    "open_cache",
    "open_database",
    "open_directory",
    "open_orders",
    "open_requests",
    "open_stock",
    "parts",
    "prepare",
    "shown_items",
    "stock_figures",
]

from adapters.assembly.bots import (
    DEFAULT_BOT,
    FLOWS,
    build_book,
    build_player,
    find_bot,
    load_script,
    load_source,
    stock_figures,
)
from adapters.assembly.databases import (
    ORDER_STATUSES,
    Moved,
    Order,
    OrderDesk,
    People,
    Request,
    RequestDesk,
    StockDesk,
    alone,
    open_cache,
    open_database,
    open_directory,
    open_orders,
    open_requests,
    open_stock,
    parts,
    prepare,
    shown_items,
)
from adapters.assembly.product import build
