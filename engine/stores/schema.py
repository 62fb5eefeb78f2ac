"""Brings a database's tables up to date: at start, under a lock, each part by its own history.

A part is a folder of migrations with a version table of its own: the engine's, and that of the
flows' tables. Alembic is loaded only where something is missing.
"""

from __future__ import annotations

__all__ = ["ENGINE", "Part", "SchemaError", "check_schema", "configured", "revision", "upgrade"]

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import Connection, MetaData, Table, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import create_async_engine

from engine.errors import RejoinderError
from engine.stores.database import Database, Unavailable
from engine.stores.postgres import PostgresDatabase
from engine.stores.sqlite import SqliteDatabase
from engine.stores.tables import METADATA

HERE = Path(__file__).parent
# Any number, the same in every process: whoever holds it upgrades.
LOCK = 0x72656A6F
PATIENCE_SECONDS = 60  # for another process that is upgrading


class SchemaError(RejoinderError):
    """The tables do not fit this program; the text says which way and what to do."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some tables and their migrations."""

    name: str
    folder: Path
    metadata: MetaData

    @property
    def version_table(self) -> str:
        """Where the database notes how far this part has come."""
        return f"schema_{self.name}"

    @property
    def tables(self) -> list[Table]:
        """The tables, those that others point to first."""
        return self.metadata.sorted_tables

    @property
    def revisions(self) -> list[str]:
        """The known revisions, oldest first."""
        files = sorted((self.folder / "versions").glob("[0-9]*.py"))
        return [file.name.split("_")[0] for file in files]


ENGINE = Part("engine", HERE / "migrations", METADATA)


async def check_schema(database: Database, parts: Sequence[Part]) -> bool:
    """Say whether every part is at its newest revision; a newer one than we know is an error."""
    newest = True
    for part in parts:
        found = await revision(database, part)
        if found is not None and found not in part.revisions:
            raise SchemaError(
                f"The database was made by a newer Rejoinder: its {part.name} tables are at revision "
                f'"{found}", this program knows up to "{part.revisions[-1]}". Update the program; '
                "the database was not touched."
            )
        newest = newest and found == part.revisions[-1]
    return newest


_HAS_TABLE = {
    "sqlite": "SELECT 1 FROM sqlite_master WHERE name = '{}'",
    "postgresql": "SELECT 1 WHERE to_regclass('{}') IS NOT NULL",  # as its search path finds it
}


async def revision(database: Database, part: Part) -> str | None:
    """Return how far a part has come in a database; None where it has no tables."""
    if not await database.read((_HAS_TABLE[database.name].format(part.version_table), ())):
        return None
    rows = await database.read((f"SELECT version_num FROM {part.version_table}", ()))
    return str(rows[0][0]) if rows else None


async def upgrade(database: Database, parts: Sequence[Part], *, to: Mapping[str, str] = {}) -> bool:
    """Bring every part to its newest revision, or the one named; return whether anything was done."""
    if await check_schema(database, parts):
        return False
    try:
        if isinstance(database, PostgresDatabase):
            # Connected as the store connects: SQLAlchemy takes some of a URL's options otherwise.
            connect = partial(asyncpg.connect, database.url)
            engine = create_async_engine("postgresql+asyncpg://", async_creator=connect)
            try:
                async with engine.connect() as connection:
                    await connection.run_sync(lambda one: _upgrade_postgres(one, parts, to))
                    await connection.commit()
            finally:
                await engine.dispose()
        else:
            assert isinstance(database, SqliteDatabase)  # noqa: S101 - there is no third kind
            _upgrade_sqlite(database.path, parts, to)
    except (OperationalError, DBAPIError) as error:
        raise Unavailable(f"The tables cannot be made: {error.orig}.") from error
    return True


def _upgrade_postgres(connection: Connection, parts: Sequence[Part], to: Mapping[str, str]) -> None:
    connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
    for part in parts:
        _run(connection, part, to)


def _upgrade_sqlite(path: Path, parts: Sequence[Part], to: Mapping[str, str]) -> None:
    # Python's driver would commit before every CREATE TABLE; without it, all is one transaction.
    options = {"isolation_level": None, "timeout": PATIENCE_SECONDS}
    engine = create_engine(f"sqlite:///{path}", connect_args=options)
    try:
        with engine.connect() as connection:
            # Whoever comes second waits here, and then finds nothing left to do.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            for part in parts:
                _run(connection, part, to)
            connection.commit()
    finally:
        engine.dispose()


def _run(connection: Connection, part: Part, to: Mapping[str, str]) -> None:
    from alembic import command  # noqa: PLC0415 - 70 ms, and most starts find nothing to do

    command.upgrade(configured(connection, part), to.get(part.name, "head"))


def configured(connection: Connection, part: Part) -> Any:
    """Return Alembic's configuration for one part on one connection."""
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(ENGINE.folder))
    config.set_main_option("version_locations", str(part.folder / "versions"))
    config.set_main_option("path_separator", "os")
    config.attributes |= {
        "connection": connection,
        "metadata": part.metadata,
        "version_table": part.version_table,
        "include_name": _only(part),
    }
    return config


def _only(part: Part) -> Callable[[str | None, str, Any], bool]:
    """Leave the tables of other parts alone."""

    def include(name: str | None, kind: str, _parents: Any) -> bool:
        return kind != "table" or name in part.metadata.tables

    return include
