"""What all processes have counted, one row per name and labels; each adds what it has."""

from __future__ import annotations

__all__ = ["SqlTotals"]

from pydantic_core import from_json, to_json

from engine.overview import Counts
from engine.stores.database import Bulk, Database, single

ADD = Bulk(
    "WITH v AS ({rows}) INSERT INTO counter (name, labels, value) SELECT * FROM v WHERE true"
    " ON CONFLICT (name, labels) DO UPDATE SET value = counter.value + excluded.value",
    ("text", "text", "double precision"),
)
ALL = "SELECT name, labels, value FROM counter"


class SqlTotals:
    """`Totals` in a database."""

    def __init__(self, database: Database) -> None:
        """Add nothing yet."""
        self._database = database

    async def add(self, counts: Counts) -> None:
        """Add what one process counted."""
        # In one order, so that two processes that add at once do not wait for each other.
        rows = sorted(
            (name, to_json(labels).decode(), value) for (name, labels), value in counts.items()
        )
        statement = self._database.bulk(ADD, rows)
        await self._database.transact(lambda: single(statement))

    async def all(self) -> Counts:
        """Return the sums."""
        rows = await self._database.read((ALL, ()))
        return {(name, tuple(from_json(labels))): value for name, labels, value in rows}
