"""Tables in memory, for scripts: the statements of the product, and nothing that waits."""

from __future__ import annotations

__all__ = ["MemoryDatabase"]

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar
from weakref import finalize

from engine.stores.sqlite import SqliteDatabase

T = TypeVar("T")


class MemoryDatabase(SqliteDatabase):
    """A `Database` that forgets everything with its process; its coroutines end at once."""

    def __init__(self, *tables: str) -> None:
        """Make these tables at the first statement."""
        super().__init__(Path(":memory:"))
        self._tables = tables
        self._only: sqlite3.Connection | None = None

    async def _in(
        self,
        executor: ThreadPoolExecutor,  # noqa: ARG002 - no thread has it to do
        call: Callable[[], T],
    ) -> T:
        return call()

    def _connect(self) -> sqlite3.Connection:
        if self._only is None:
            self._only = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
            finalize(self, self._only.close)
            for table in self._tables:
                self._only.execute(f"CREATE TABLE {table}")
        return self._only
