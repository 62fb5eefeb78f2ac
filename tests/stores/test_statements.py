"""What a batch of turns costs, and that one bad turn costs the others nothing."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from typing import Any

import pytest

from engine.effects import RunAction
from engine.records import Committed, Duplicate, Outcome, Write
from engine.stores.database import Collision, Database, Rows, Statement
from engine.stores.postgres import PostgresDatabase
from engine.stores.sql import SqlStore
from engine.stores.sql_effects import CLAIMABLE, CUT, NO_QUESTIONS
from engine.stores.sqlite import SqliteDatabase
from engine.transcript import Line
from tests.stores.conftest import Open
from tests.stores.rows import commit, fresh, turn_on


def counting(database: Database) -> list[str]:
    """Have a database note every statement it executes."""
    said: list[str] = []
    assert isinstance(database, SqliteDatabase | PostgresDatabase)
    execute: Any = database._execute

    def execute_and_note(connection: Any, statement: Statement) -> Any:
        said.append(statement[0].split()[0])
        return execute(connection, statement)

    database._execute = execute_and_note  # type: ignore[method-assign]
    return said


async def committed(store: SqlStore, *writes: Write) -> list[Outcome]:
    """Commit these at one moment."""
    return list(await asyncio.gather(*(store.commit(write) for write in writes)))


@pytest.mark.parametrize("count", [1, 64, 256])
async def test_a_batch_costs_a_handful_of_statements_whatever_its_size(
    database: Database, count: int
) -> None:
    """Sessions that go on, sessions that begin, lines, effects, outcomes: one statement each.

    PostgreSQL holds the contacts of those that begin first; SQLite has one writer.
    """
    store = SqlStore(database)
    old = [fresh(f"old{n}", f"old{n}") for n in range(count)]
    await committed(
        store,
        *(
            Write(one, turn_on(one, f"hi {one.id}", effects=(RunAction(f"{one.id}:1:1", "x", {}),)))
            for one in old
        ),
    )
    loaded = await asyncio.gather(*(store.load(("shop", "web", one.contact)) for one in old))
    new = [fresh(f"new{n}", f"new{n}") for n in range(count)]
    said = counting(database)

    writes = [
        Write(
            one,
            turn_on(one, f"on {one.id}", effects=(RunAction(f"{one.id}:2:1", "x", {}),)),
            {f"{one.id}:1:1": "done"},
        )
        for one in loaded
        if one is not None
    ] + [Write(one, turn_on(one, f"ho {one.id}")) for one in new]
    outcomes = await committed(store, *writes)

    assert [Committed()] * (2 * count) == outcomes
    batches = -(-2 * count // 256)
    assert "BEGIN" == said[0]
    assert "COMMIT" == said[-1]
    most = 8 if database.name == "postgresql" else 7
    assert most * batches >= len(said)


async def test_outcomes_of_one_moment_are_one_statement(database: Database) -> None:
    """Sixty-four effects that no turn waits for are done; the first outcome of each is kept."""
    store = SqlStore(database)
    news = [fresh(f"s{n}", f"c{n}") for n in range(64)]
    owing = [turn_on(one, effects=(RunAction(f"{one.id}:1:1", "x", {}),)) for one in news]
    await committed(store, *(Write(one, turn) for one, turn in zip(news, owing, strict=True)))
    taken = await store.take(1, until=9, limit=64)
    said = counting(database)

    outcomes = ((work, status) for status in ("done", "failed") for work in taken)
    await asyncio.gather(*(store.settle(work, status) for work, status in outcomes))

    assert ["BEGIN", "WITH", "COMMIT"] == said
    rows = await database.read(("SELECT status, count(*) FROM effect GROUP BY status", ()))
    assert [("done", 64)] == [tuple(row) for row in rows]


# PostgreSQL reads a table of few rows whole, whatever its indexes are.
@pytest.mark.parametrize("open_database", ["sqlite"], indirect=True)
async def test_what_is_owed_is_not_looked_for_among_all_that_was_done(database: Database) -> None:
    """However long the shop has been open, the index of what is due is what is read."""
    claimable = [CLAIMABLE.format(others=others) for others in ("", NO_QUESTIONS)]
    for statement in (CUT, *claimable):
        plan = await database.read((f"EXPLAIN QUERY PLAN {statement}", (1, 1)))
        ways = [row[3] for row in plan]
        assert any("USING INDEX effect_due (not_before<?)" in way for way in ways), ways
        assert not any("SCAN" in way for way in ways), ways


async def test_loads_of_one_moment_are_one_query(database: Database) -> None:
    """Sixty-four customers come back at once."""
    store = SqlStore(database)
    news = [fresh(f"s{n}", f"c{n}") for n in range(64)]
    await committed(store, *(Write(one, turn_on(one, one.id)) for one in news))
    said = counting(database)

    found = await asyncio.gather(*(store.load(("shop", "web", f"c{n}")) for n in range(65)))

    assert [*(one.id for one in news), None] == [one and one.id for one in found]
    assert 1 == len(said)


POISON = [
    pytest.param({"text": "a\ud800"}, id="half a character"),
    pytest.param({"at": 2**70}, id="a number too big"),
    pytest.param({"text": object()}, id="no-text-at-all"),
]


@pytest.mark.parametrize("poison", POISON)
async def test_a_turn_that_no_column_takes_does_not_cost_the_others_theirs(
    database: Database, poison: dict[str, Any]
) -> None:
    """It fails alone, again and again; everybody else who wrote at that moment is answered."""
    store = SqlStore(database)
    news = [fresh(f"s{n}", f"c{n}") for n in range(3)]
    bad = turn_on(news[1], "bad")
    bad = replace(bad, lines=(replace(Line(1, 1, "user", "x", 0), **poison),))
    results = await asyncio.gather(
        commit(store, news[0], turn_on(news[0], "one")),
        commit(store, news[1], bad),
        commit(store, news[2], turn_on(news[2], "three")),
        return_exceptions=True,
    )

    assert [Committed(), Committed()] == [results[0], results[2]]
    assert isinstance(results[1], Exception)
    assert await store.load(("shop", "web", "c1")) is None
    assert 1 == len(await store.lines("s2"))


async def test_a_text_postgres_does_not_take_fails_alone(database: Database) -> None:
    """A NUL is a character to SQLite and none to PostgreSQL."""
    store = SqlStore(database)
    one, two = fresh("s1", "c1"), fresh("s2", "c2")
    results = await asyncio.gather(
        commit(store, one, turn_on(one, "a\0b")),
        commit(store, two, turn_on(two, "ho")),
        return_exceptions=True,
    )
    assert Committed() == results[1]
    assert ("sqlite" == database.name) == (Committed() == results[0])


async def test_a_batch_with_more_values_than_sqlite_takes_is_stored_one_by_one(
    open_database: Open,
) -> None:
    """Some builds of SQLite take 32,766 values in one statement; here it is made to take fewer."""
    from tests.stores.conftest import emptied  # noqa: PLC0415 - for this test alone

    database = open_database()
    if not isinstance(database, SqliteDatabase):
        return
    connect = database._connect

    def limited() -> sqlite3.Connection:
        connection = connect()
        connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 100)
        return connection

    database._connect = limited  # type: ignore[method-assign]
    await emptied(database)
    store = SqlStore(database)
    news = [fresh(f"s{n}", f"c{n}") for n in range(20)]
    outcomes = await committed(store, *(Write(one, turn_on(one, one.id)) for one in news))
    await database.close()

    assert [Committed()] * 20 == outcomes


async def test_a_repeat_in_a_batch_is_the_only_one_told_so(database: Database) -> None:
    """The others of its batch are stored as if it had not been there."""
    store = SqlStore(database)
    first, again, other = fresh("s1", "c1"), fresh("s2", "c2"), fresh("s3", "c3")
    await commit(store, first, turn_on(first, "m1"))

    outcomes = await committed(
        store, Write(again, turn_on(again, "m1")), Write(other, turn_on(other, "m2"))
    )

    assert [Duplicate(("m1",)), Committed()] == outcomes
    assert await store.load(("shop", "web", "c2")) is None


async def test_a_successor_whose_place_is_taken_gives_way(database: Database) -> None:
    """Somebody has begun a session where the successor was to stand: take the turn again."""
    store = SqlStore(database)
    one = fresh("s1", "c1")
    await commit(store, one, turn_on(one, "hi"))
    before = await store.load(("shop", "web", "c1"))
    assert before is not None
    other = fresh("s2", "c2")
    await commit(store, other, turn_on(other, "ho"))
    ended = turn_on(before, status="ended")
    follower = replace(fresh("s3", "c2"), version=2)

    outcome = await store.commit(
        Write(before, replace(ended, successor=turn_on(follower, "again")))
    )

    assert "Conflict()" == repr(outcome)
    still = await store.load(("shop", "web", "c1"))
    assert still == before


async def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    """Whatever happens between two statements, neither is kept."""

    def failing() -> Any:
        yield (
            "INSERT INTO counter (name, labels, value) VALUES ($1, $2, $3)",
            ("n", "l", 1.0),
        )
        raise LookupError("a bug")

    with pytest.raises(LookupError):
        await database.transact(failing)
    assert [] == list(await database.read(("SELECT * FROM counter", ())))


async def test_what_is_in_the_way_is_told_from_what_is_away(database: Database) -> None:
    """The same row twice is a collision: alone, it can be told which was first."""

    def twice() -> Any:
        for _ in range(2):
            rows: Rows = yield ("INSERT INTO counter VALUES ($1, $2, $3)", ("n", "l", 1.0))
        return rows

    with pytest.raises(Collision):
        await database.transact(twice)
