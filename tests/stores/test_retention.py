"""How long ended conversations are kept: so long, and no open one is ever touched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from engine.effects import Effect
from engine.records import Committed, Duplicate, Outcome
from engine.stores.database import Database
from engine.stores.lists import SqlOverview
from engine.stores.retention import BATCH, REDELIVERED_FOR, SqlKeeping
from engine.stores.sql import SqlStore
from engine.transcript import Line
from tests.stores.rows import commit, fresh, send, turn_on

DAY = 86_400_000
NOW = 100 * DAY


async def store_one(
    database: Database,
    id_: str,
    at: int,
    *,
    status: str = "ended",
    effects: tuple[Effect, ...] = (),
    inbound: str = "",
) -> Outcome:
    """Store a session that was last heard of at this moment: one message and its answer."""
    before = fresh(id_, id_)
    turn = turn_on(before, "x", "y", status=status, effects=effects)
    lines = (
        Line(1, 1, "user", "my name is Hari", at, inbound=inbound or f"{id_}-m1"),
        Line(2, 1, "bot", "Hello Hari", at, (("a", "A"),)),
    )
    turn = replace(turn, session=replace(turn.session, last_at=at), lines=lines)
    return await commit(SqlStore(database), before, turn)


async def rows(database: Database, what: str) -> Sequence[Sequence[Any]]:
    return await database.read((what, ()))


async def clean(database: Database, *, keep: int, now: int = NOW) -> int:
    return await SqlKeeping(database).clean("shop", ended_before=now - keep, now=now)


async def test_what_ended_long_ago_is_gone_and_nothing_else(database: Database) -> None:
    """The open ones, the younger ones, and those that still owe a message stay whole."""
    await store_one(database, "old", NOW - 40 * DAY)
    await store_one(database, "open", NOW - 40 * DAY, status="open")
    await store_one(database, "young", NOW - 20 * DAY)
    await store_one(database, "owes", NOW - 40 * DAY, effects=(send("owes:1:1"),))

    assert 1 == await clean(database, keep=30 * DAY)

    left = sorted(row[0] for row in await rows(database, "SELECT id FROM session"))
    assert ["open", "owes", "young"] == left
    assert 6 == len(await rows(database, "SELECT seq FROM line WHERE text <> ''"))
    assert 0 == await clean(database, keep=30 * DAY)


async def test_of_another_bot_nothing_is_forgotten(database: Database) -> None:
    await store_one(database, "old", NOW - 40 * DAY)

    assert 0 == await SqlKeeping(database).clean("hotel", ended_before=NOW, now=NOW)


async def test_ids_that_may_come_again_stay_without_any_text(database: Database) -> None:
    """A redelivery is still a duplicate; eight days later nothing at all is left."""
    store = SqlStore(database)
    await store_one(database, "s1", NOW - 2 * DAY, effects=(send("s1:1:1"),))
    (work,) = await store.take(NOW, until=NOW + 1)
    await store.settle(work, "done")

    assert 1 == await clean(database, keep=DAY)

    assert [("", None)] == [
        tuple(row) for row in await rows(database, "SELECT text, data FROM line")
    ]
    assert [("{}", "done")] == [
        tuple(row) for row in await rows(database, "SELECT body, status FROM effect")
    ]
    assert [("forgotten", "", "", "")] == [
        tuple(row) for row in await rows(database, "SELECT status, key, contact, body FROM session")
    ]
    assert [] == await SqlOverview(database).sessions(ended=True)
    again = await store_one(database, "s2", NOW, status="open", inbound="s1-m1")
    assert Duplicate(("s1-m1",)) == again
    assert 1 == await clean(database, keep=DAY, now=NOW + REDELIVERED_FOR)
    for table in ("session", "line", "effect"):
        assert [] == list(await rows(database, f"SELECT * FROM {table}"))


async def test_many_are_forgotten_batch_by_batch(database: Database) -> None:
    for n in range(BATCH + 3):
        assert isinstance(await store_one(database, f"s{n:03}", 0), Committed)

    assert BATCH + 3 == await clean(database, keep=DAY)
    assert [] == list(await rows(database, "SELECT * FROM session"))
