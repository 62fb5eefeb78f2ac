"""What a store asks of a database, the same for SQLite and PostgreSQL.

A statement is a text with ``$1``, ``$2`` ... and its values. A transaction is a generator: it
yields statements, is sent their rows, and returns what came of it; it may be run again from the
start. Rows in bulk go in as one statement: `bulk` puts a source of rows where ``{rows}`` stands.
"""

from __future__ import annotations

__all__ = [
    "Bulk",
    "Collision",
    "Database",
    "Rows",
    "Statement",
    "Transaction",
    "Unavailable",
    "Undone",
    "single",
]

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from engine.errors import RejoinderError

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Rows = Sequence[Sequence[Any]]
Statement = tuple[str, Sequence[Any]]
Transaction = Generator[Statement, Rows, T]


class Unavailable(RejoinderError):
    """The database cannot be asked now; nothing is half-done, and trying again is right."""


class Collision(Exception):
    """A unique index or another transaction is in the way; alone, the job may succeed."""


@dataclass(frozen=True, slots=True)
class Undone(Generic[T_co]):
    """What a transaction returns that gave up: it is rolled back, and this is what came of it."""

    result: T_co


@dataclass(frozen=True, slots=True)
class Bulk:
    """A statement over many rows: ``{rows}`` in the text is where they come in."""

    text: str
    types: tuple[str, ...]  # of the columns, as PostgreSQL calls them


def single(statement: Statement) -> Transaction[Rows]:
    """Do one thing; what it returned is what comes of it."""
    rows = yield statement
    return rows


class Database(Protocol):
    """One database, opened."""

    name: str  # sqlite | postgresql
    lanes: int  # how many transactions can be on their way at once

    def bulk(self, statement: Bulk, rows: Rows) -> Statement:
        """Return the statement that does this to all the rows."""
        ...

    async def read(self, statement: Statement) -> Rows:
        """Return the rows of a query, outside any transaction."""
        ...

    async def transact(self, transaction: Callable[[], Transaction[T | Undone[T]]]) -> T:
        """Run a transaction and commit it; `Undone`, or whatever is raised: nothing is kept."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...
