"""What actions enter, they enter once per key, in both kinds of database."""

from __future__ import annotations

import asyncio

from adapters.assembly import prepare
from engine.stores.database import Database
from flows.ledger import SqlLedger
from flows.tables import CallbackRow
from tests.stores.conftest import database, open_database

__all__ = ["database", "open_database"]


async def test_what_is_entered_again_keeps_its_number(database: Database) -> None:
    await prepare(database)
    now = iter(range(1_000))
    ledger = SqlLedger(database, CallbackRow, lambda: next(now))
    call = {"phone": "+91", "time": "at nine"}

    first = await ledger.enter("s1:1:1", call)
    again = await ledger.enter("s1:1:1", call)
    several = await asyncio.gather(*(ledger.enter(key, call) for key in ("a", "b", "a", "s1:1:1")))

    assert again == first
    assert several[0] == several[2] != several[1]
    assert several[3] == first
    rows = await database.read(("SELECT key, phone, time, status FROM callback ORDER BY id", ()))
    assert {row[0] for row in rows} == {"s1:1:1", "a", "b"}
    assert tuple(rows[0]) == ("s1:1:1", "+91", "at nine", "placed")
