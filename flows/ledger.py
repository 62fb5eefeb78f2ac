"""Where actions enter what they did, once per key: in memory for scripts, in SQL for the product.

What is entered is an entry, or a draft: a transaction of its own that looks, decides, and enters or
raises `NotEntered`. Either way nothing is entered twice, and what belongs together is one commit.
"""

from __future__ import annotations

__all__ = ["Draft", "Entry", "Ledger", "MemoryLedger", "NotEntered", "Sheet", "SqlLedger"]

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.stores.database import Bulk, Database, Transaction, single
from engine.stores.gathering import Gathering
from flows.memory_database import MemoryDatabase

if TYPE_CHECKING:  # a script in memory needs no tables, and waits for none
    from sqlmodel import SQLModel

Entry = Mapping[str, Any]
Draft = Callable[[str], Transaction[int]]
"""Enters under this key, by the ledger's `number_of` and `write`, and returns the number."""

FIRST = ("id", "key", "at", "status")  # what every table of entries begins with


class NotEntered(Exception):
    """A draft decided against it; nothing of it is kept."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of entries: its name, and its columns behind `FIRST` as PostgreSQL calls them."""

    name: str
    columns: Mapping[str, str]

    @classmethod
    def of(cls, table: type[SQLModel]) -> Sheet:
        """Read it off a model."""
        columns = {
            name: "bigint" if field.annotation is int else "text"
            for name, field in table.model_fields.items()
            if name not in FIRST
        }
        return cls(str(table.__tablename__), columns)

    @property
    def made(self) -> str:
        """How SQLite makes it, where no migration does."""
        return f"{self.name} (id INTEGER PRIMARY KEY, key UNIQUE, at, status, {', '.join(self.columns)})"


class Ledger(ABC):
    """Numbers what is entered, from one on."""

    def __init__(self, database: Database, sheet: Sheet, clock: Callable[[], int]) -> None:
        """Enter into this table."""
        self.database = database
        self._clock = clock
        self._columns = tuple(sheet.columns)
        names = ", ".join(("key", "at", "status", *self._columns))
        # DO UPDATE of nothing: that is what makes an old row be returned as well.
        self._insert = Bulk(
            f"WITH v AS ({{rows}}) INSERT INTO {sheet.name} ({names}) SELECT * FROM v"
            " WHERE true ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING key, id",
            ("text", "bigint", "text", *sheet.columns.values()),
        )
        self._known = f"SELECT id FROM {sheet.name} WHERE key = $1"

    @abstractmethod
    async def enter(self, key: str, entry: Entry | Draft) -> int:
        """Enter this; under a key that was used before, return the number it got then."""

    def now(self) -> int:
        """Tell the time that entries are dated by."""
        return self._clock()

    def number_of(self, key: str) -> Transaction[int | None]:
        """Return the number a key got, inside a transaction."""
        rows = yield self._known, (key,)
        return int(rows[0][0]) if rows else None

    def write(self, key: str, entry: Entry) -> Transaction[int]:
        """Enter this inside a transaction."""
        rows = yield from self._write([(key, entry)])
        return rows[key]

    def _write(self, entries: Sequence[tuple[str, Entry]]) -> Transaction[dict[str, int]]:
        now = self._clock()
        # One row per key: PostgreSQL refuses to touch a row twice in one statement.
        rows: dict[str, list[Any]] = {
            key: [key, now, "placed", *(entry[name] for name in self._columns)]
            for key, entry in reversed(entries)
        }
        found = yield from single(self.database.bulk(self._insert, list(rows.values())))
        return {row[0]: row[1] for row in found}

    def _batch(
        self, batch: Sequence[tuple[str, Entry | Draft]]
    ) -> Transaction[Sequence[int | Exception]]:
        plain = [(key, entry) for key, entry in batch if isinstance(entry, Mapping)]
        numbers: dict[str, int | Exception] = {}
        if plain:
            numbers.update((yield from self._write(plain)))
        for key, draft in batch:
            if not isinstance(draft, Mapping):
                try:
                    numbers[key] = yield from draft(key)
                except NotEntered as refused:
                    numbers[key] = refused
        return [numbers[key] for key, _ in batch]


class SqlLedger(Ledger):
    """A `Ledger` in a table; what is entered in one moment goes in together."""

    def __init__(self, database: Database, table: type[SQLModel], clock: Callable[[], int]) -> None:
        """Enter into this table, whose columns are those of the entries."""
        super().__init__(database, Sheet.of(table), clock)
        self._entries: Gathering[tuple[str, Entry | Draft], int] = Gathering(self._enter)

    async def enter(self, key: str, entry: Entry | Draft) -> int:
        """Enter this; under a key that was used before, return the number it got then."""
        return await self._entries.do((key, entry))

    async def _enter(self, batch: list[tuple[str, Entry | Draft]]) -> Sequence[int | Exception]:
        return await self.database.transact(lambda: self._batch(batch))


class MemoryLedger(Ledger):
    """A `Ledger` that forgets everything with its process, and never waits."""

    def __init__(self, sheet: Sheet, *others: str) -> None:
        """Have this table, and others that its drafts use."""
        super().__init__(MemoryDatabase(sheet.made, *others), sheet, lambda: 0)

    async def enter(self, key: str, entry: Entry | Draft) -> int:
        """Enter this; under a key that was used before, return the number it got then."""
        (number,) = await self.database.transact(lambda: self._batch([(key, entry)]))
        if isinstance(number, Exception):
            raise number
        return number
