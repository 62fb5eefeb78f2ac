"""What processes count is added up in the database, whoever adds when."""

from __future__ import annotations

import asyncio

from engine.stores.counting import SqlTotals
from engine.stores.database import Database


async def test_what_two_processes_counted_is_added_up(database: Database) -> None:
    one, two = SqlTotals(database), SqlTotals(database)
    created, ended = ("created", ("shop",)), ("ended", ("shop", "idle"))

    await asyncio.gather(one.add({created: 2, ended: 1}), two.add({ended: 4, created: 0.5}))

    assert {created: 2.5, ended: 5.0} == await one.all()
