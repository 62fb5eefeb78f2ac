"""A row that cannot be read is refused, loudly; nobody else notices."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from engine.stores.database import Database, single
from engine.stores.encoding import Damaged
from engine.stores.sql import SqlStore
from tests.stores.rows import commit, fresh, turn_on

BODIES = [
    pytest.param("not json", id="no JSON"),
    pytest.param("[]", id="a list"),
    pytest.param('{"id": "s0", "unknown": 1}', id="another shape"),
    pytest.param('{"id": "s0", "frames": [7]}', id="a frame that is none"),
]


async def stored(database: Database, count: int = 3) -> SqlStore:
    """Store some sessions that are due, the first of which somebody will edit."""
    store = SqlStore(database)
    for n in range(count):
        before = fresh(f"s{n}", f"c{n}")
        await commit(store, before, turn_on(before, f"hi {n}", wake_at=n))
    return store


async def edit(database: Database, column: str, value: object, session: str = "s0") -> None:
    """Edit a row by hand."""
    statement = (f"UPDATE session SET {column} = $1 WHERE id = $2", (value, session))
    await database.transact(lambda: single(statement))


@pytest.mark.parametrize("body", BODIES)
async def test_a_damaged_session_is_refused_and_the_others_go_on(
    database: Database, body: str
) -> None:
    """They are asked for at the same moment, in one query; the log says what to do."""
    store = await stored(database)
    await edit(database, "body", body)
    with capture_logs() as logs:
        found = await asyncio.gather(
            *(store.load(("shop", "web", f"c{n}")) for n in range(3)), return_exceptions=True
        )

    assert isinstance(found[0], Damaged)
    assert not isinstance(found[1], BaseException)
    assert ["session_set_aside"] == [log["event"] for log in logs]
    assert "./run" in logs[0]["remedy"]
    assert body not in str(logs)


async def test_a_version_edited_by_hand_is_damage(database: Database) -> None:
    """The row says one thing, the session in it another: neither is believed."""
    store = await stored(database)
    await edit(database, "version", 8)
    with pytest.raises(Damaged, match="its body is version 1, its row 8"):
        await store.load(("shop", "web", "c0"))
    with pytest.raises(Damaged):
        await store.open_of("shop", "c0")


async def test_a_damaged_deadline_is_skipped_said_once_and_hides_nobody(
    database: Database,
) -> None:
    """The sweeper comes every second; its log must not fill with one row."""
    store = await stored(database, 5)
    await edit(database, "body", "{")
    await edit(database, "body", "{", "s1")
    with capture_logs() as logs:
        # The first look finds out who is damaged, the second makes room for the others.
        await store.due(10, limit=2)
        assert ["s2", "s3"] == [one.id for one in await store.due(10, limit=2)]
        assert ["s2", "s3", "s4"] == [one.id for one in await store.due(10, limit=9)]
    assert ["s0", "s1"] == [log["session"] for log in logs]


async def test_a_session_that_was_mended_rings_again(database: Database) -> None:
    store = await stored(database, 1)
    ((body,),) = await database.read(("SELECT body FROM session", ()))
    await edit(database, "body", "{")
    assert [] == await store.due(10)
    await edit(database, "body", body)
    assert ["s0"] == [one.id for one in await store.due(10)]
