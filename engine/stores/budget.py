"""How often each bot has asked its assistant, a row a day; all processes add to it."""

from __future__ import annotations

__all__ = ["SqlBudget"]

from engine.stores.database import Database, single

# In one statement: two processes at the limit do not both take the last question.
SPEND = (
    "INSERT INTO asked (bot, day, questions) SELECT $1, $2, 1 WHERE $3 > 0"
    " ON CONFLICT (bot, day) DO UPDATE SET questions = asked.questions + 1"
    " WHERE asked.questions < $3 RETURNING questions"
)


class SqlBudget:
    """`Budget` in a database."""

    def __init__(self, database: Database) -> None:
        """Count nothing yet."""
        self._database = database

    async def spend(self, bot: str, day: str, *, limit: int) -> bool:
        """Count one question of this day; False where none is left."""
        return bool(await self._database.transact(lambda: single((SPEND, (bot, day, limit)))))
