"""The budget of a day in both databases: counted one by one, whatever an author calls "as often"."""

from __future__ import annotations

import asyncio

from engine.stores.budget import SqlBudget
from engine.stores.database import Database

DAY = "2026-01-05"


async def test_who_comes_together_is_counted_one_by_one(database: Database) -> None:
    budget = SqlBudget(database)
    asked = await asyncio.gather(*(budget.spend("shop", DAY, limit=2) for _ in range(3)))

    assert [True, True, False] == asked
    assert [True] == [await budget.spend("spa", DAY, limit=2)]


async def test_a_limit_may_be_larger_than_a_database_counts(database: Database) -> None:
    """Who writes ten thousand millions means no limit."""
    budget = SqlBudget(database)

    assert await budget.spend("shop", DAY, limit=10_000_000_000)
    assert await budget.spend("shop", DAY, limit=10_000_000_000)
