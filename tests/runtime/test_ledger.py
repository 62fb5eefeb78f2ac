"""What actions enter, they enter once per key, in both kinds of database."""

from __future__ import annotations

import asyncio

from adapters.assembly import prepare
from engine.stores.database import Database, Transaction
from flows.ledger import NotEntered, SqlLedger
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


async def test_a_draft_decides_in_the_transaction_it_is_entered_by(database: Database) -> None:
    """Beside plain entries of the same moment; what is decided against fails alone."""
    await prepare(database)
    ledger = SqlLedger(database, CallbackRow, lambda: 1)

    def unless_known(key: str) -> Transaction[int]:
        known = yield from ledger.number_of(key)
        return known or (yield from ledger.write(key, {"phone": "+91", "time": "drafted"}))

    def never(key: str) -> Transaction[int]:
        yield from ledger.number_of(key)
        raise NotEntered("nobody is there")

    plain, refused, drafted, again = await asyncio.gather(
        ledger.enter("d1", {"phone": "+91", "time": "plain"}),
        ledger.enter("d2", never),
        ledger.enter("d3", unless_known),
        ledger.enter("d3", unless_known),
        return_exceptions=True,
    )

    assert isinstance(refused, NotEntered)
    assert drafted == again != plain
    rows = await database.read(("SELECT key FROM callback WHERE key LIKE 'd%' ORDER BY key", ()))
    assert [row[0] for row in rows] == ["d1", "d3"]
