"""Where actions enter what they did, once per key: in memory for scripts, in SQL for the product."""

from __future__ import annotations

__all__ = ["Ledger", "MemoryLedger", "SqlLedger"]

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from engine.stores.database import Bulk, Database, single
from engine.stores.gathering import Gathering

if TYPE_CHECKING:  # a script in memory needs no tables, and waits for none
    from sqlmodel import SQLModel

Entry = Mapping[str, str]


class Ledger(Protocol):
    """Numbers what is entered, from one on."""

    async def enter(self, key: str, entry: Entry) -> int:
        """Enter this; under a key that was used before, return the number it got then."""
        ...


class MemoryLedger:
    """A `Ledger` that forgets everything with its process."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    async def enter(self, key: str, entry: Entry) -> int:
        """Enter this; under a key that was used before, return the number it got then."""
        self._entries.setdefault(key, entry)
        return list(self._entries).index(key) + 1


class SqlLedger:
    """A `Ledger` in a table; what is entered in one moment goes in together."""

    def __init__(self, database: Database, table: type[SQLModel], clock: Callable[[], int]) -> None:
        """Enter into this table, whose columns are those of the entries."""
        columns = [name for name in table.model_fields if name != "id"]
        names = ", ".join(columns)
        self._columns = columns[3:]  # after key, at and status
        self._database = database
        self._clock = clock
        # DO UPDATE of nothing: that is what makes an old row be returned as well.
        self._insert = Bulk(
            f"WITH v AS ({{rows}}) INSERT INTO {table.__tablename__} ({names}) SELECT * FROM v"
            " WHERE true ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING key, id",
            tuple("bigint" if name == "at" else "text" for name in columns),
        )
        self._entries: Gathering[tuple[str, Entry], int] = Gathering(self._enter)

    async def enter(self, key: str, entry: Entry) -> int:
        """Enter this; under a key that was used before, return the number it got then."""
        return await self._entries.do((key, entry))

    async def _enter(self, batch: list[tuple[str, Entry]]) -> Sequence[int]:
        now = self._clock()
        # One row per key: PostgreSQL refuses to touch a row twice in one statement.
        rows: dict[str, list[Any]] = {
            key: [key, now, "placed", *(entry[name] for name in self._columns)]
            for key, entry in reversed(batch)
        }
        statement = self._database.bulk(self._insert, list(rows.values()))
        found = await self._database.transact(lambda: single(statement))
        numbers = {row[0]: row[1] for row in found}
        return [numbers[key] for key, _ in batch]
