"""Restoring: all of a backup into an empty database, or nothing and a sentence about the file."""

from __future__ import annotations

# ruff: noqa: ASYNC240 - nobody else waits for a test's loop
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.assembly import parts, prepare
from adapters.backup import back_up
from adapters.restore import restore
from engine.errors import RejoinderError
from engine.stores.database import single
from engine.stores.schema import upgrade
from tests.adapters.lived_in import KINDS, Make, contents, lived_in
from tests.stores.rows import commit, fresh, turn_on
from tests.stores.test_schema import part


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
