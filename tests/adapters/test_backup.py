"""Backups: written while the product runs, whole or not at all, and read back by either database."""

from __future__ import annotations

# ruff: noqa: ASYNC240 - nobody else waits for a test's loop
import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from adapters import backup as backup_module
from adapters.assembly import build, build_book, find_bot, parts, prepare
from adapters.backup import back_up, restore
from adapters.cli import app
from adapters.settings import Settings
from engine.errors import RejoinderError, UsageError
from engine.events import Said
from engine.runtime.arrivals import Arrival, inbound_id
from engine.stores.cache import RedisCache
from engine.stores.database import Database, Unavailable, single
from engine.stores.postgres import PostgresDatabase
from engine.stores.schema import upgrade
from engine.stores.sqlite import SqliteDatabase
from tests.stores.rows import commit, fresh, turn_on
from tests.stores.test_schema import part

TABLES = [table.name for one in parts() for table in one.metadata.sorted_tables]
TALK = (
    "Hi so i need to buy 11 remote controls",
    "Name is Hari, phone number is 8848850922 and email is techuse730@gmail.com",
    "yes",
)
Make = Callable[[str], Awaitable[Database]]


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


async def say(service: Any, who: str, text: str) -> Any:
    """Have a customer write."""
    id_ = inbound_id("parts_shop", "web", who, f"{who}:{text}")
    arrival = Arrival("parts_shop", "web", (who,), f"web-{who}", Said(id_, service.clock(), text))
    return await service.conversations.receive(arrival)


async def lived_in(database: Database) -> None:
    """Fill a database as customers do: conversations, orders, an address, a person."""
    await prepare(database)
    book = build_book(find_bot("parts_shop"))
    service = build(Settings(), database=database, books={book.bot: book})
    for who in ("ana", "bo"):
        for text in TALK:
            await say(service, who, text)
        await service.worker.drain()
    await say(service, "cy", "hello é☃")
    await service.conversations._directory.point(
        "parts_shop", ["phone:+1"], "ana", gives_up="nobody"
    )
    await database.transact(
        lambda: single(
            ("INSERT INTO person VALUES ($1, $2, $3, $4, $5)", ("b", "+1", "{}", None, 7))
        )
    )
    await database.transact(
        lambda: single(("INSERT INTO counter VALUES ($1, $2, $3)", ("turns", "[]", 2.5)))
    )


async def contents(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables."""
    found = {}
    for one in parts():
        for table in one.metadata.sorted_tables:
            names = ", ".join(column.name for column in table.columns)
            rows = await database.read((f"SELECT {names} FROM {table.name}", ()))
            found[table.name] = sorted(map(tuple, rows), key=repr)
    return found


KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.needs("postgres"))]


@pytest.mark.parametrize("target", KINDS)
@pytest.mark.parametrize("source", KINDS)
async def test_a_backup_is_restored_equal_from_either_database_to_either(
    make: Make, tmp_path: Path, source: str, target: str
) -> None:
    """Every row of every table; and the next order gets the next number."""
    one, two = await make(source), await make(target)
    await lived_in(one)
    counts = await back_up(one, parts(), tmp_path / "all.gz")
    restored = await restore(two, parts(), tmp_path / "all.gz")

    assert await contents(one) == await contents(two)
    assert counts == restored
    assert {"session": 3, "placed_order": 2, "person": 1, "address": 1, "counter": 1}.items() <= (
        counts.items()
    )
    assert set(TABLES) == set(counts)
    book = build_book(find_bot("parts_shop"))
    service = build(Settings(), database=two, books={book.bot: book})
    for text in TALK:
        await say(service, "di", text)
    await service.worker.drain()
    assert 3 == len((await contents(two))["placed_order"])
    goes_on = await say(service, "ana", "are you there?")
    assert goes_on.lines[0].turn > 3


@pytest.mark.parametrize("kind", KINDS)
async def test_a_backup_is_of_one_moment_while_the_product_runs(
    make: Make, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A customer writes while tables are read: neither their session nor their lines are in it."""
    database = await make(kind)
    await lived_in(database)
    before = await contents(database)
    book = build_book(find_bot("parts_shop"))
    service = build(Settings(), database=database, books={book.bot: book})
    snapshot = backup_module._snapshot

    def stepping_in(of: Database) -> Any:
        inner = snapshot(of)

        class Snapshot:
            async def __aenter__(self) -> Any:
                rows_of = await inner.__aenter__()

                async def rows(query: str) -> AsyncIterator[Any]:
                    async for some in rows_of(query):
                        yield some
                    if " FROM address" in query:  # the first of the tables
                        await say(service, "new", "hello")

                return rows

            async def __aexit__(self, *error: object) -> Any:
                return await inner.__aexit__(*error)  # type: ignore[arg-type]

        return Snapshot()

    monkeypatch.setattr(backup_module, "_snapshot", stepping_in)
    await back_up(database, parts(), tmp_path / "all.gz")
    other = await make("sqlite")
    await restore(other, parts(), tmp_path / "all.gz")

    assert before == await contents(other)
    assert 4 == len((await contents(database))["session"])


async def test_many_rows_go_in_some_at_a_time(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than fit into one statement, and a number that divides evenly as well."""
    monkeypatch.setattr(backup_module, "AT_ONCE", 3)
    one, two = await make("sqlite"), await make("sqlite")
    await prepare(one)
    for n in range(7):
        values = (f"n{n}", "[]", float(n))
        await one.transact(partial(single, ("INSERT INTO counter VALUES ($1, $2, $3)", values)))
    await back_up(one, parts(), tmp_path / "all.gz")
    assert 7 == (await restore(two, parts(), tmp_path / "all.gz"))["counter"]
    assert await contents(one) == await contents(two)


async def test_a_backup_is_its_owners_and_replaces_the_old_one_whole(
    make: Make, tmp_path: Path
) -> None:
    """Nobody else may read it, and nothing lies beside it afterwards."""
    database = await make("sqlite")
    await lived_in(database)
    folder = tmp_path / "backups"
    folder.mkdir()
    file = folder / "all.gz"
    file.write_bytes(b"the old one")
    await back_up(database, parts(), file)
    assert [file] == list(folder.iterdir())
    assert 0o600 == file.stat().st_mode & 0o777
    assert gzip.decompress(file.read_bytes()).startswith(b'{"rejoinder":1')


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), Unavailable("cut")], ids=["full", "cut"]
)
async def test_a_backup_that_fails_leaves_the_old_one(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """The disk is full, or the database is cut off: a sentence, and the file of yesterday."""
    database = await make("sqlite")
    await lived_in(database)
    folder = tmp_path / "backups"
    folder.mkdir()
    file = folder / "all.gz"
    file.write_bytes(b"the old one")

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(backup_module, "_keep", fail)
    with pytest.raises(RejoinderError, match=r"No space left|cut"):
        await back_up(database, parts(), file)
    assert b"the old one" == file.read_bytes()
    assert [file] == list(folder.iterdir())


async def test_what_cannot_be_backed_up_is_told(make: Make, tmp_path: Path) -> None:
    """No database, one of another age, a folder that is not there."""
    file = tmp_path / "all.gz"
    with pytest.raises(UsageError, match="There is no database"):
        await back_up(await make("sqlite"), parts(), file)
    old = await make("sqlite")
    await old.read(("SELECT 1", ()))
    with pytest.raises(RejoinderError, match=r"\./run db upgrade"):
        await back_up(old, parts(), file)
    await prepare(old)
    with pytest.raises(UsageError, match=r"nowhere.*cannot be written: No such file"):
        await back_up(old, parts(), tmp_path / "nowhere" / "all.gz")


async def test_a_database_that_breaks_in_the_middle_is_told(make: Make, tmp_path: Path) -> None:
    """SQLite: the file is damaged where the lines are."""
    database = await make("sqlite")
    assert isinstance(database, SqliteDatabase)
    await lived_in(database)
    assert database._writer is not None
    database._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    broken = await make("sqlite")
    assert isinstance(broken, SqliteDatabase)
    data = bytearray(database.path.read_bytes())
    data[8192:] = b"\xff" * (len(data) - 8192)
    broken.path.write_bytes(data)
    with pytest.raises(Unavailable):
        await back_up(broken, parts(), tmp_path / "all.gz")


@pytest.mark.needs("postgres")
async def test_a_server_that_stops_in_the_middle_is_told(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL: a table is gone when its turn comes."""
    database = await make("postgres")
    await prepare(database)
    await database.transact(lambda: single(("DROP TABLE session", ())))
    with pytest.raises(Unavailable, match="stopped in the middle of the backup"):
        await back_up(database, parts(), tmp_path / "all.gz")


async def test_a_table_that_is_gone_is_told(make: Make, tmp_path: Path) -> None:
    """SQLite: the same."""
    database = await make("sqlite")
    await prepare(database)
    await database.transact(lambda: single(("DROP TABLE session", ())))
    with pytest.raises(Unavailable, match="cannot be read: no such table"):
        await back_up(database, parts(), tmp_path / "all.gz")


# -- restoring -------------------------------------------------------------------------------------


@pytest.fixture
async def backup(make: Make, tmp_path: Path) -> Path:
    """A backup of a small database."""
    database = await make("sqlite")
    await lived_in(database)
    await back_up(database, parts(), tmp_path / "all.gz")
    return tmp_path / "all.gz"


def rewritten(backup: Path, change: Callable[[list[Any]], object]) -> Path:
    """Write a backup anew with its lines changed."""
    lines = [json.loads(line) for line in gzip.decompress(backup.read_bytes()).splitlines()]
    change(lines)
    backup.write_bytes(gzip.compress("\n".join(map(json.dumps, lines)).encode()))
    return backup


@pytest.mark.parametrize("kind", KINDS)
async def test_a_database_with_something_in_it_is_left_as_it_is(
    make: Make, backup: Path, kind: str
) -> None:
    """The customers who are in it already are not mixed with those of the backup."""
    from engine.stores.sql import SqlStore  # noqa: PLC0415 - for this test alone

    database = await make(kind)
    await prepare(database)
    await commit(SqlStore(database), fresh(), turn_on(fresh(), "hi"))
    before = await contents(database)
    with pytest.raises(RejoinderError, match="not empty: line has 1 rows"):
        await restore(database, parts(), backup)
    assert before == await contents(database)


DAMAGES: dict[str, Callable[[list[Any]], object]] = {
    "the end is missing": lambda lines: lines.pop(),
    "a row is missing": lambda lines: lines.pop(2),
    "a row is there twice": lambda lines: lines.insert(2, lines[2]),
    "a row is too short": lambda lines: lines[2].pop(),
    "a row of an unknown table": lambda lines: lines.insert(2, ["nobody", 1]),
    "an empty row": lambda lines: lines.insert(2, []),
    "a text for a row": lambda lines: lines.insert(2, "row"),
    "no counts": lambda lines: lines[-1].pop("rows"),
    "another count": lambda lines: lines[-1]["rows"].update(session=99),
    "no tables": lambda lines: lines[0].pop("tables"),
    "a table that is a statement": lambda lines: lines[0]["tables"].update({"x; DROP": []}),
    "a column that is a statement": lambda lines: lines[0]["tables"]["session"].append(
        ["id) --", "text"]
    ),
    "a kind nobody knows": lambda lines: lines[0]["tables"]["session"].append(["x", "bytea"]),
    "a column without a kind": lambda lines: lines[0]["tables"]["session"].append(["x"]),
}


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_damaged_backup_restores_nothing(make: Make, backup: Path, damage: str) -> None:
    """Whatever is wrong with it: a sentence, and the database stays empty."""
    database = await make("sqlite")
    await prepare(database)
    with pytest.raises(RejoinderError):
        await restore(database, parts(), rewritten(backup, DAMAGES[damage]))
    assert all(rows == [] for rows in (await contents(database)).values())


@pytest.mark.needs("postgres")
async def test_a_damaged_backup_restores_nothing_in_postgres_either(
    make: Make, backup: Path
) -> None:
    """The rows before the damage are taken back, and the sentence is about the file."""
    database = await make("postgres")
    await prepare(database)
    cut = backup.read_bytes()
    backup.write_bytes(cut[: len(cut) * 3 // 4])
    with pytest.raises(RejoinderError, match=r"all\.gz is damaged"):
        await restore(database, parts(), backup)
    assert all(rows == [] for rows in (await contents(database)).values())


@pytest.mark.parametrize("content", [b"hello", b"", gzip.compress(b"{}"), gzip.compress(b"[1]")])
async def test_a_file_that_is_no_backup_is_refused(
    make: Make, tmp_path: Path, content: bytes
) -> None:
    """Another file was named by mistake."""
    file = tmp_path / "notes.txt"
    file.write_bytes(content)
    with pytest.raises(RejoinderError, match="is no backup of Rejoinder"):
        await restore(await make("sqlite"), parts(), file)


async def test_a_backup_that_was_cut_says_so(make: Make, backup: Path) -> None:
    """The copy over the network ended early."""
    cut = backup.read_bytes()
    backup.write_bytes(cut[:-20])
    with pytest.raises(RejoinderError, match=r"is damaged: .*Nothing was restored"):
        await restore(await make("sqlite"), parts(), backup)


async def test_a_backup_of_a_newer_program_is_refused(make: Make, backup: Path) -> None:
    """Its format or its tables: update the program; the database is not touched."""
    database = await make("sqlite")
    rewritten(backup, lambda lines: lines[0]["schema"].update(engine="0999"))
    with pytest.raises(RejoinderError, match=r'newer Rejoinder: its engine tables.*"0999"'):
        await restore(database, parts(), backup)
    rewritten(backup, lambda lines: lines[0].update(rejoinder=2))
    with pytest.raises(RejoinderError, match=r"newer Rejoinder \(format 2\)"):
        await restore(database, parts(), backup)
    assert [] == list(await database.read(("SELECT name FROM sqlite_master", ())))


async def test_a_backup_of_other_tables_is_refused(make: Make, backup: Path) -> None:
    """Another program's parts."""
    rewritten(backup, lambda lines: lines[0]["schema"].pop("flows"))
    with pytest.raises(RejoinderError, match="holds the tables of engine; this program"):
        await restore(await make("sqlite"), parts(), backup)


async def test_a_backup_of_an_older_program_is_restored_and_brought_up_to_date(
    make: Make, tmp_path: Path
) -> None:
    """Into a database without tables; one whose tables are newer is refused."""
    first = ("0001", "blocks", "")
    old = [part(tmp_path, first)]
    one = await make("sqlite")
    await upgrade(one, old)
    await one.transact(lambda: single(("INSERT INTO blocks VALUES (7)", ())))
    await back_up(one, old, tmp_path / "old.gz")
    new = [part(tmp_path, first, ("0002", "dolls", ""))]

    two, three = await make("sqlite"), await make("sqlite")
    assert {"blocks": 1} == await restore(two, new, tmp_path / "old.gz")
    assert [(7,)] == [tuple(row) for row in await two.read(("SELECT x FROM blocks", ()))]
    assert [] == list(await two.read(("SELECT x FROM dolls", ())))
    await upgrade(three, new)
    with pytest.raises(RejoinderError, match="Restore it into a database without tables"):
        await restore(three, new, tmp_path / "old.gz")


# -- commands --------------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("REJOINDER_DATABASE_URL", raising=False)
    monkeypatch.delenv("REJOINDER_REDIS_URL", raising=False)

    def invoke(*args: str) -> Result:
        return CliRunner().invoke(app, args, prog_name="rejoinder")

    return invoke


def test_the_commands_say_what_they_did(run: Callable[..., Result], tmp_path: Path) -> None:
    """Upgrade, back up, restore elsewhere: tables on stdout, words beside, exit 0."""
    first, again = run("db", "upgrade"), run("db", "upgrade")
    assert (0, 0) == (first.exit_code, again.exit_code)
    assert "now up to date: engine 0003, flows 0004" in first.stderr
    assert "already up to date" in again.stderr
    written = run("backup", "all.gz")
    assert 0 == written.exit_code
    assert [["TABLE", "ROWS"], ["address", "0"]] == [
        row.split() for row in written.stdout.splitlines()[:2]
    ]
    assert "keep it where only you can read it" in written.stderr
    restored = run("restore", "all.gz", "--database-url", "sqlite:///other.db")
    assert 0 == restored.exit_code
    assert written.stdout == restored.stdout
    assert (tmp_path / "other.db").is_file()


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("db", "downgrade"), 2, "./run db upgrade"),
        (("backup", "all.gz"), 2, "There is no database"),
        (("restore", "no.gz"), 2, "There is no backup no.gz"),
        (("restore", "notes.txt"), 1, "is no backup of Rejoinder"),
        (("db", "upgrade", "--database-url", "postgresql://u@127.0.0.1:1/x"), 3, "PostgreSQL at"),
    ],
)
def test_what_goes_wrong_is_a_sentence_and_a_code(
    run: Callable[..., Result], tmp_path: Path, args: tuple[str, ...], code: int, said: str
) -> None:
    """No traceback, nothing on stdout."""
    (tmp_path / "notes.txt").write_text("hello", encoding="utf-8")
    result = run(*args)
    assert code == result.exit_code
    assert said in result.stderr
    assert "" == result.stdout


def test_copies_in_redis_are_dropped_with_a_restore(
    run: Callable[..., Result], redis_url: str
) -> None:
    """What Redis remembers is of the old database; other programs' keys stay."""

    async def keep() -> None:
        cache = RedisCache(redis_url)
        for n in range(3):
            await cache._redis.set(f"rejoinder:session:shop:web:{n}", "1 1 0 {}")
        await cache._redis.set("others:session:1", "x")
        await cache.close()

    async def kept() -> tuple[int, bool]:
        cache = RedisCache(redis_url)
        ours = [key async for key in cache._redis.scan_iter(match="rejoinder:session:*")]
        theirs = bool(await cache._redis.delete("others:session:1"))
        await cache.close()
        return len(ours), theirs

    run("db", "upgrade")
    run("backup", "all.gz")
    asyncio.run(keep())
    result = run(
        "restore", "all.gz", "--database-url", "sqlite:///other.db", "--redis-url", redis_url
    )
    assert 0 == result.exit_code
    assert "copies in Redis are dropped" in result.stderr
    assert (0, True) == asyncio.run(kept())


def test_a_redis_that_is_away_stops_a_restore_before_it_begins(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    """Its copies would contradict what was restored."""
    run("db", "upgrade")
    run("backup", "all.gz")
    result = run(
        "restore", "all.gz",
        "--database-url", "sqlite:///other.db",
        "--redis-url", "redis://127.0.0.1:1/0",
    )  # fmt: skip
    assert 3 == result.exit_code
    assert "Redis cannot be reached" in result.stderr
    assert not (tmp_path / "other.db").exists()
