"""Commands run in this process, put back what they changed for all of it; and empty databases."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import structlog
from typer.testing import CliRunner, Result

from adapters.cli import app
from engine.stores.database import Database
from engine.stores.postgres import PostgresDatabase
from engine.stores.sqlite import SqliteDatabase
from tests.adapters.lived_in import Make
from tests.adapters.programs import ROOT


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    root.setLevel(level)
    root.handlers = handlers
    structlog.reset_defaults()


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command from the root of the repository."""
    monkeypatch.chdir(ROOT)

    def invoke(*args: str, given: str | bytes | None = None) -> Result:
        return CliRunner().invoke(app, args, input=given, prog_name="rejoinder")

    return invoke


@pytest.fixture
def server_url(request: pytest.FixtureRequest) -> str:
    """The server's address, for tests that say they need one; asked for outside any loop."""
    if "postgres" not in {
        name for mark in request.node.iter_markers("needs") for name in mark.args
    }:
        return ""
    url: str = request.getfixturevalue("database_url")
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)


@pytest.fixture
async def make(tmp_path: Path, server_url: str) -> AsyncIterator[Make]:
    """Open new, empty databases: files, or schemas of their own on the server."""
    opened: list[Database] = []
    schemas: list[str] = []

    async def on_server(statement: str) -> None:
        connection = await asyncpg.connect(server_url)
        await connection.execute(statement)
        await connection.close()

    async def making(kind: str) -> Database:
        name = f"b{uuid4().hex[:8]}"
        if kind == "sqlite":
            opened.append(SqliteDatabase(tmp_path / f"{name}.db"))
        else:
            schemas.append(name)
            await on_server(f"CREATE SCHEMA {name}")
            mark = "&" if "?" in server_url else "?"
            opened.append(PostgresDatabase(f"{server_url}{mark}search_path={name}"))
        return opened[-1]

    yield making
    for one in opened:
        await one.close()
    for name in schemas:
        await on_server(f"DROP SCHEMA {name} CASCADE")


KINDS = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param(
        "postgres", id="postgres", marks=[pytest.mark.needs("postgres"), pytest.mark.needs("redis")]
    ),
]


@pytest.fixture(params=KINDS)
def world(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[str]:
    """The settings of a database of each kind, the server's with Redis before it."""
    if request.param == "sqlite":
        monkeypatch.setenv("REJOINDER_DATA", str(tmp_path))
    else:
        monkeypatch.setenv("REJOINDER_DATABASE_URL", request.getfixturevalue("database_url"))
        monkeypatch.setenv("REJOINDER_REDIS_URL", request.getfixturevalue("redis_url"))
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def sqlite(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The settings of an empty SQLite database."""
    monkeypatch.setenv("REJOINDER_DATA", str(tmp_path))
    return tmp_path / "rejoinder.db"
