"""How often each bot has asked its assistant, a row a day; all processes add to it."""

from __future__ import annotations

__all__ = ["SqlBudget"]

from collections.abc import Sequence

from engine.stores.database import Database, Transaction
from engine.stores.gathering import Gathering

# In one statement: two processes at the limit do not both take the last question.
SPEND = (
    "INSERT INTO asked (bot, day, questions) SELECT $1, $2, 1 WHERE $3 > 0"
    " ON CONFLICT (bot, day) DO UPDATE SET questions = asked.questions + 1"
    " WHERE asked.questions < $3 RETURNING questions"
)
MOST = 2**31 - 1  # that a column of integers counts to


class SqlBudget:
    """`Budget` in a database. What is asked at the same moment is counted in one transaction."""

    def __init__(self, database: Database) -> None:
        """Count nothing yet."""
        self._database = database
        self._spends: Gathering[tuple[str, str, int], bool] = Gathering(self._spend)

    async def spend(self, bot: str, day: str, *, limit: int) -> bool:
        """Count one question of this day; False where none is left."""
        return await self._spends.do((bot, day, min(limit, MOST)))

    async def _spend(self, asked: list[tuple[str, str, int]]) -> Sequence[bool]:
        return await self._database.transact(lambda: _counted(asked))


def _counted(asked: list[tuple[str, str, int]]) -> Transaction[list[bool]]:
    counted = []
    for one in asked:
        rows = yield SPEND, one
        counted.append(bool(rows))
    return counted
