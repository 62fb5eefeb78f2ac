"""Who an address belongs to, and whom a bot admits."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from engine.records import Committed, Conflict, Write
from engine.stores import directory as directory_module
from engine.stores.database import Database, Rows, Statement, Unavailable, single
from engine.stores.directory import SqlDirectory
from engine.stores.postgres import PostgresDatabase
from engine.stores.sql import SqlStore
from engine.stores.sqlite import SqliteDatabase
from tests.stores.conftest import emptied
from tests.stores.rows import fresh, turn_on


async def test_an_address_leads_where_it_was_pointed_last(database: Database) -> None:
    directory = SqlDirectory(database)
    assert [None] == list(await directory.contacts("shop", ["a"]))
    await directory.point("shop", ["a", "b"], "one", gives_up="x")
    await directory.point("shop", ["b"], "two", gives_up="x")

    assert ["one", "two", None] == list(await directory.contacts("shop", ["a", "b", "c"]))
    assert [None] == list(await directory.contacts("other", ["a"]))
    assert ["b"] == list(await directory.known_as("shop", ["two", "three"]))
    assert ["a", "b"] == list(await directory.known_as("shop", ["two", "one"]))


async def test_a_contact_with_a_conversation_is_not_given_up(database: Database) -> None:
    """A first message was faster than the merge: nothing is pointed away from under it."""
    directory = SqlDirectory(database)
    before = fresh(contact="one")
    await SqlStore(database).commit(Write(before, turn_on(before, "hi"), reached="a"))

    assert not await directory.point("shop", ["a", "b"], "two", gives_up="one")
    assert [None, None] == list(await directory.contacts("shop", ["a", "b"]))
    assert await directory.point("shop", ["a", "b"], "one", gives_up="two")


async def pointed(directory: SqlDirectory, *asked: tuple[str, str, str]) -> list[bool]:
    """Point these at one moment: an address, its contact, the one given up."""
    points = [
        directory.point("shop", [address], contact, gives_up=gives_up)
        for address, contact, gives_up in asked
    ]
    return list(await asyncio.gather(*points))


async def test_those_who_point_at_one_moment_are_in_nobodys_way(database: Database) -> None:
    """One transaction; where one of them must not, or two mean one address, each is alone."""
    directory = SqlDirectory(database)
    assert [True, True] == await pointed(directory, ("a", "one", "x"), ("b", "two", "x"))
    assert ["one", "two"] == list(await directory.contacts("shop", ["a", "b"]))

    before = fresh(contact="four")
    await SqlStore(database).commit(Write(before, turn_on(before, "hi"), reached="d"))
    found = await pointed(directory, ("c", "three", "x"), ("d", "five", "four"), ("e", "six", "x"))
    assert [True, False, True] == found
    assert ["three", None, "six"] == list(await directory.contacts("shop", ["c", "d", "e"]))

    assert [True, True] == await pointed(directory, ("f", "one", "x"), ("f", "two", "x"))
    assert ["two"] == list(await directory.contacts("shop", ["f"]))


async def test_where_an_address_was_just_pointed_is_known(database: Database) -> None:
    """Without a question, and as long as nobody forgets it."""
    directory = SqlDirectory(database)
    await directory.point("shop", ["a", "b"], "one", gives_up="x")
    assert ["one", "one"] == directory.remembered("shop", ["a", "b"])


async def test_a_pointer_that_no_column_takes_is_its_senders_fault_alone(
    database: Database,
) -> None:
    directory = SqlDirectory(database)
    found = await asyncio.gather(
        directory.point("shop", ["a"], "one", gives_up="x"),
        directory.point("shop", ["half \ud800 a letter"], "two", gives_up="x"),
        return_exceptions=True,
    )
    assert True is found[0]
    assert isinstance(found[1], Exception)


async def test_whoever_points_is_told_that_the_database_is_away() -> None:
    """Once: nobody of them is tried alone."""
    directory = SqlDirectory(SqliteDatabase(Path("/dev/null/rejoinder.db")))
    points = [directory.point("shop", [one], "one", gives_up="x") for one in "ab"]
    found = await asyncio.gather(*points, return_exceptions=True)
    assert [Unavailable, Unavailable] == [type(one) for one in found]
    assert found[0] is found[1]


async def test_a_conversation_does_not_begin_where_its_address_does_not_lead(
    database: Database,
) -> None:
    """A merge was faster than the first message: it is refused, and goes where the address leads."""
    directory, store = SqlDirectory(database), SqlStore(database)
    await directory.point("shop", ["a"], "two", gives_up="one")
    lost, right = fresh(contact="one"), fresh(contact="two")

    assert Conflict() == await store.commit(Write(lost, turn_on(lost, "hi"), reached="a"))
    assert [] == list(await store.lines("s1"))
    assert Committed() == await store.commit(Write(right, turn_on(right, "hi"), reached="a"))


@pytest.mark.needs("postgres")
async def test_nobody_begins_where_an_address_is_just_leaving(database_url: str) -> None:
    """Two processes at one moment: a merge that is not stored yet, and a first message under it."""
    url = database_url.replace("postgresql+asyncpg://", "postgresql://", 1)
    inside, go = asyncio.Event(), asyncio.Event()

    class Slow(PostgresDatabase):
        async def _execute(self, connection: Any, statement: Statement) -> Rows:
            if statement[0] == "COMMIT":
                inside.set()
                await go.wait()
            return await super()._execute(connection, statement)

    quick, slow = PostgresDatabase(url), Slow(url)
    await emptied(quick)
    merge = asyncio.ensure_future(
        SqlDirectory(slow).point("shop", ["a", "b"], "one", gives_up="two")
    )
    await inside.wait()
    before = fresh(contact="two")
    write = Write(before, turn_on(before, "hi"), reached="b")
    first = asyncio.ensure_future(SqlStore(quick).commit(write))
    await asyncio.wait([first], timeout=0.3)
    go.set()

    assert (True, Conflict()) == (await merge, await first)
    assert ["one"] == list(await SqlDirectory(quick).contacts("shop", ["b"]))
    for one in (quick, slow):
        await one.close()


async def test_a_merge_is_refused_where_the_one_given_up_has_begun_meanwhile(
    database: Database,
) -> None:
    """Its conversation would stay where no address leads: nothing of the merge is kept."""
    store = SqlStore(database)
    kept, begun = fresh("s1", "one"), fresh("s2", "two")
    await store.commit(Write(kept, turn_on(kept, "hi")))
    await store.commit(Write(begun, turn_on(begun, "ho")))
    before = await store.load(("shop", "web", "one"))
    assert before is not None
    merge = Write(before, turn_on(before, "on"), addresses=("a", "b"), gives_up="two")

    assert Conflict() == await store.commit(merge)
    assert before == await store.load(("shop", "web", "one"))
    assert [None, None] == list(await SqlDirectory(database).contacts("shop", ["a", "b"]))


async def test_what_was_asked_is_remembered_until_it_is_forgotten(database: Database) -> None:
    """An address that leads nowhere is remembered as well; another process may have moved it."""
    directory, other = SqlDirectory(database), SqlDirectory(database)
    assert None is directory.remembered("shop", ["a"])
    await directory.contacts("shop", ["a"])
    assert [None] == directory.remembered("shop", ["a"])
    assert None is directory.remembered("shop", ["a", "b"])
    await other.point("shop", ["a"], "one", gives_up="x")
    assert [None] == directory.remembered("shop", ["a"])
    directory.forget("shop", ["a", "never seen"])
    assert None is directory.remembered("shop", ["a"])


async def test_what_is_remembered_is_believed_for_a_while(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process may have given an old number to somebody else meanwhile."""
    monkeypatch.setattr(directory_module, "BELIEVED_SECONDS", 0.0)
    directory = SqlDirectory(database)
    await directory.contacts("shop", ["a"])
    assert None is directory.remembered("shop", ["a"])


async def test_memory_of_addresses_has_an_end(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory_module, "REMEMBERED", 2)
    directory = SqlDirectory(database)
    await directory.contacts("shop", ["a", "b", "c"])
    assert None is directory.remembered("shop", ["a"])
    assert [None, None] == directory.remembered("shop", ["b", "c"])


async def test_a_person_is_admitted_by_phone_while_they_are_active(database: Database) -> None:
    directory = SqlDirectory(database)
    insert = "INSERT INTO person VALUES ($1, $2, $3, $4, $5)"
    for phone, begins, ends in (("+1", None, None), ("+2", 100, None), ("+3", None, 100)):
        values = ("shop", phone, '{"name": "x"}', begins, ends)
        await database.transact(partial(single, (insert, values)))

    async def admitted(phone: str, now: int, bot: str = "shop") -> bool:
        return await directory.admitted(bot, [f"lid:{phone}", f"phone:{phone}"], now) is not None

    assert {"name": "x"} == await directory.admitted("shop", ["phone:+1"], 0)
    assert [False, True] == [await admitted("+2", now) for now in (99, 100)]
    assert [True, False] == [await admitted("+3", now) for now in (99, 100)]
    assert not await admitted("+4", 0)
    assert not await admitted("+1", 0, bot="other")
    assert None is await directory.admitted("shop", ["lid:+1"], 0)


async def test_who_hides_their_number_is_admitted_by_the_one_they_showed_before(
    database: Database,
) -> None:
    directory = SqlDirectory(database)
    insert = "INSERT INTO person VALUES ($1, $2, $3, $4, $5)"
    values = ("shop", "+1", '{"name": "x"}', None, None)
    await database.transact(partial(single, (insert, values)))
    await directory.point("shop", ["phone:+1", "lid:a"], "one", gives_up="")
    await directory.point("shop", ["phone:+2", "lid:b"], "two", gives_up="")

    assert {"name": "x"} == await directory.admitted("shop", ["lid:a"], 0)
    assert None is await directory.admitted("shop", ["lid:b"], 0)
    assert None is await directory.admitted("other", ["lid:a"], 0)
    # A number that is shown is the one that counts.
    assert None is await directory.admitted("shop", ["phone:+2", "lid:a"], 0)
