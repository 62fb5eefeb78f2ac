"""What operators see: by columns alone, so that a session nobody can read is seen as well."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.effects import AskAssistant, RunAction
from engine.events import ActionFinished, Said
from engine.records import Committed
from engine.stores.database import Database, single
from engine.stores.encoding import Damaged
from engine.stores.lists import SqlOverview
from engine.stores.sql import SqlStore
from engine.turn import Parked
from tests.stores.rows import PLACE, commit, fresh, send, turn_on


async def said(
    database: Database, id_: str, contact: str, at: int, *, status: str = "open"
) -> None:
    """Store a session of one turn."""
    before = replace(fresh(id_, contact), opened_at=at)
    turn = turn_on(before, f"{id_}-1", status=status)
    turn = replace(turn, session=replace(turn.session, last_at=at))
    assert isinstance(await commit(SqlStore(database), before, turn), Committed)


async def test_open_sessions_are_listed_the_latest_first(database: Database) -> None:
    overview = SqlOverview(database)
    await said(database, "s1", "hari", 1)
    await said(database, "s2", "ana", 2)
    await said(database, "s3", "eva", 3, status="ended")

    assert ["s2", "s1"] == [one.id for one in await overview.sessions()]
    assert ["s3", "s2", "s1"] == [one.id for one in await overview.sessions(ended=True)]
    assert [] == await overview.sessions(bot="hotel")
    assert ["web-ana", "web-hari"] == await overview.keys()


async def test_a_key_names_its_newest_open_session(database: Database) -> None:
    """An ended one of the same key is told only where none is open."""
    overview = SqlOverview(database)
    await said(database, "s1", "hari", 1)
    await said(database, "s2", "hari", 2, status="ended")
    await said(database, "s3", "ana", 3, status="ended")
    hari, ana = await overview.by_key("web-hari"), await overview.by_key("web-ana")

    assert hari is not None
    assert ana is not None
    assert ("s1", "open", "shop", "web", "agent", None, "idle") == (
        hari.id, hari.status, hari.bot, hari.lane, hari.mode, hari.flow, hari.state,
    )  # fmt: skip
    assert ("s3", "ended") == (ana.id, ana.status)
    assert await overview.by_key("web-eva") is None
    assert await overview.by_key("web-hari", bot="hotel") is None
    assert hari == await overview.by_key("web-hari", bot="shop")


async def test_a_key_and_a_bot_name_a_whole_session(database: Database) -> None:
    """Whoever shows a conversation reads it so: the open one, else the last that ended."""
    overview = SqlOverview(database)
    await said(database, "s1", "hari", 1)
    await said(database, "s3", "ana", 3, status="ended")
    hari = await overview.session("web-hari", bot="shop")
    ana = await overview.session("web-ana", bot="shop")

    assert hari is not None
    assert ana is not None
    assert ("s1", "open", 1) == (hari.id, hari.status, hari.version)
    assert ("s3", "ended") == (ana.id, ana.status)
    assert await overview.session("web-hari", bot="hotel") is None
    assert await overview.session("web-eva", bot="shop") is None


async def test_a_whole_session_that_cannot_be_read_is_an_error_until_it_has_ended(
    database: Database,
) -> None:
    overview = SqlOverview(database)
    await said(database, "s1", "hari", 1)
    await database.transact(lambda: single(("UPDATE session SET body = 'x'", ())))
    with pytest.raises(Damaged):
        await overview.session("web-hari", bot="shop")

    found = await overview.by_key("web-hari")
    assert found is not None
    await overview.end_unread(found, at=9, reason="ended by hand")

    assert await overview.session("web-hari", bot="shop") is None


async def test_the_versions_of_many_places_are_one_question(database: Database) -> None:
    overview = SqlOverview(database)
    await said(database, "s1", "hari", 1)
    await said(database, "s3", "ana", 3, status="ended")
    places = [("shop", "web", who) for who in ("hari", "ana", "eva")]

    assert {places[0]: ("s1", 1)} == await overview.versions(places)
    assert {} == await overview.versions([])


async def test_a_session_that_cannot_be_read_is_ended_by_its_columns(database: Database) -> None:
    """Its place is free again, its lines stay, and a note says what happened."""
    overview, store = SqlOverview(database), SqlStore(database)
    await said(database, "s1", "hari", 1)
    await database.transact(lambda: single(("UPDATE session SET body = 'x'", ())))
    found = await overview.by_key("web-hari")
    assert found is not None
    assert found.damaged

    ended = [await overview.end_unread(found, at=9, reason="ended by hand") for _ in range(2)]

    assert [True, False] == ended
    assert await store.load(PLACE) is None
    lines = await store.lines("s1")
    assert [("user", ""), ("system", "ended by hand")] == [(one.who, one.note) for one in lines]
    await said(database, "s2", "hari", 2)
    assert (await overview.by_key("web-hari")).id == "s2"  # type: ignore[union-attr]


async def test_a_parked_event_is_listed_with_all_it_was(database: Database) -> None:
    """Its own error and that of the event are told apart; what is struck off is not listed."""
    overview = SqlOverview(database)
    before = fresh()
    said_, finished = Said("m1", 5, "boom"), ActionFinished("e1", 6, ok=False, error="no stock")
    parked = (Parked(said_, "aa", "KeyError: 'x'"), Parked(finished, "bb", "TypeError: y"))
    await commit(SqlStore(database), before, replace(turn_on(before, "m1"), parked=parked))

    one, two = await overview.parked()

    assert ("aa", "Said", "KeyError: 'x'", "boom") == (
        one.id, one.kind, one.error, one.fields["text"],
    )  # fmt: skip
    assert ("bb", "ActionFinished", "TypeError: y", "no stock") == (
        two.id, two.kind, two.error, two.fields["error"],
    )  # fmt: skip
    assert "web-hari" == one.session.key
    await overview.retried("aa")
    assert ["bb"] == [left.id for left in await overview.parked()]


async def test_what_the_turns_of_a_session_asked_for_is_listed_in_their_order(
    database: Database,
) -> None:
    """With the turn it was asked in and how far it came; a message that goes out again, too."""
    overview, store = SqlOverview(database), SqlStore(database)
    before = fresh()
    parked = (Parked(Said("m1", 5, "boom"), "aa", "KeyError: 'x'"),)
    effects = (send("s1:1:1"), RunAction("s1:1:2", "place", {}))
    turn = replace(turn_on(before, "m1", effects=effects), parked=parked)
    await commit(store, before, turn)
    later = turn_on(turn.session, "m2", effects=(AskAssistant("s1:2:1", "why"),))
    await commit(store, turn.session, later)
    (work,) = await store.take(0, until=10, limit=1)
    await store.settle(work, "done")
    again = "UPDATE effect SET place = -place WHERE id = 's1:1:1'"
    await database.transact(lambda: single((again, ())))

    asked = await overview.requested("s1")

    assert [
        ("s1:1:1", 1, "send", "done"), ("s1:1:2", 1, "run_action", "owed"),
        ("aa", 1, "parked", "parked"), ("s1:2:1", 2, "ask_assistant", "owed"),
    ] == [(one.id, one.turn, one.kind, one.status) for one in asked]  # fmt: skip
    assert "place" == asked[1].fields["action"]
    assert [] == await overview.requested("s2")


async def test_the_outbox_counts_what_is_still_to_be_done(database: Database) -> None:
    overview, store = SqlOverview(database), SqlStore(database)
    assert (0, None) == ((await overview.outbox()).depth, (await overview.outbox()).oldest_at)
    before = fresh()
    effects = (send("s1:1:1"), send("s1:1:2"))
    await commit(store, before, turn_on(before, "m1", effects=effects))

    assert (2, 0) == ((await overview.outbox()).depth, (await overview.outbox()).oldest_at)
    (work,) = await store.take(0, until=10, limit=1)
    await store.settle(work, "done")
    assert 1 == (await overview.outbox()).depth
