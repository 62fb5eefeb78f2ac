"""SQLite in the loop, on a file as in the product, with outages; and what it says was committed.

Nothing runs in threads: a statement runs at once, after and before waits that the seed draws. The
tables carry triggers that note every change of a session or an effect in the same transaction:
what a transaction did not keep is not noted either.
"""

from __future__ import annotations

__all__ = ["SimulatedDatabase", "empty_database"]

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from adapters.assembly import prepare
from engine.stores.sqlite import SqliteDatabase
from tests.simulation.faults import Faults

T = TypeVar("T")

NOTES = """
CREATE TABLE noted_session (step, ms, by, id, bot, lane, was_version, was_turn, was_mode, version,
 turn_id, mode, status, contact, body);
CREATE TRIGGER session_begins AFTER INSERT ON session BEGIN INSERT INTO noted_session VALUES
 (step(), ms(), by(), NEW.id, NEW.bot, NEW.lane, NULL, NULL, NULL, NEW.version, NEW.turn_id,
 NEW.mode, NEW.status, NEW.contact, NEW.body); END;
CREATE TRIGGER session_goes_on AFTER UPDATE ON session BEGIN INSERT INTO noted_session VALUES
 (step(), ms(), by(), NEW.id, NEW.bot, NEW.lane, OLD.version, OLD.turn_id, OLD.mode, NEW.version,
 NEW.turn_id, NEW.mode, NEW.status, NEW.contact, NEW.body); END;
CREATE INDEX noted_version ON noted_session (id, version);
CREATE TABLE noted_effect (step, ms, by, id, session, place, kind, was, status, attempts);
CREATE TRIGGER effect_begins AFTER INSERT ON effect BEGIN INSERT INTO noted_effect VALUES
 (step(), ms(), by(), NEW.id, NEW.session, NEW.place, NEW.kind, NULL, NEW.status, NEW.attempts);
 END;
CREATE TRIGGER effect_goes_on AFTER UPDATE ON effect
 WHEN OLD.status <> NEW.status OR OLD.attempts <> NEW.attempts BEGIN INSERT INTO noted_effect VALUES
 (step(), ms(), by(), NEW.id, NEW.session, NEW.place, NEW.kind, OLD.status, NEW.status,
 NEW.attempts); END;
"""


@cache
def empty_database() -> bytes:
    """Return a file with all tables and the triggers that note."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"

        async def make() -> None:
            database = SqliteDatabase(path)
            await prepare(database)
            await database.close()

        asyncio.run(make())
        connection = sqlite3.connect(path)
        connection.executescript(NOTES)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        return path.read_bytes()


class SimulatedDatabase(SqliteDatabase):
    """The product's database, without threads and with everything that can happen on the way."""

    def __init__(self, path: Path, faults: Faults, by: str = "") -> None:
        super().__init__(path)
        self._faults = faults
        self._by = by

    async def _in(self, executor: ThreadPoolExecutor, call: Callable[[], T]) -> T:
        writing = executor is self._writing
        await self._faults.before_database(writing=writing)
        result = call()
        await self._faults.after_database(writing=writing)
        return result

    async def close(self) -> None:
        """Close both connections."""
        self.cut()

    def cut(self) -> None:
        """Close both connections as a killed process does: what was not committed is gone."""
        self._close_reader()
        self._close_writer()
        self._reader = self._writer = None

    def _connect(self) -> sqlite3.Connection:
        # The file need not survive this machine: nothing waits for its disk.
        connection = sqlite3.connect(self.path, isolation_level=None, cached_statements=512)
        connection.execute("PRAGMA synchronous=OFF")
        connection.create_function("step", 0, self._faults.record.step)
        connection.create_function("ms", 0, self._faults.record.clock)
        connection.create_function("by", 0, lambda: self._by)
        return connection
