"""What customers ask for is noted once, listed with what they said of it, and struck off."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from adapters.assembly import FLOWS, build_book, prepare
from engine.language.book import Book as Bot
from engine.records import Write
from engine.stores.database import Database, single
from engine.stores.memory import MemoryStore
from engine.stores.sql import SqlStore
from flows.actions import bind
from flows.context import Contexts, SqlContexts, StoreContexts
from flows.ledger import SqlLedger
from flows.requests import Request, RequestDesk, Requests
from flows.tables import RequestRow
from tests.core.talk import Talk
from tests.flows.conftest import context
from tests.stores.conftest import DATABASES, emptied, opener

GUEST = {"name": "Sari", "room": 204}


@pytest.fixture(params=DATABASES)
def open_one(request: pytest.FixtureRequest) -> Callable[[], Database]:
    return opener(request.param, request)


@pytest.fixture
async def database(open_one: Callable[[], Database]) -> AsyncIterator[Database]:
    one = open_one()
    await emptied(one)
    await prepare(one)
    await one.transact(lambda: single(("DELETE FROM request", ())))
    yield one
    await one.close()


def requests_in(database: Database) -> Requests:
    return Requests(SqlLedger(database, RequestRow, lambda: 1_000))


@pytest.fixture(scope="module")
def hotel() -> Bot:
    return build_book(FLOWS / "hotel_desk")


async def test_a_request_is_noted_once_per_key_and_listed_until_it_is_done(
    database: Database,
) -> None:
    requests, desk = requests_in(database), RequestDesk(database)
    who = replace(context("s1:1:1", bot="hotel"), flow="laundry")
    numbers = [await requests.note(who, {"where": 204, "note": ""}) for _ in range(2)]
    await requests.note(replace(who, key="s1:2:1", flow="taxi"), {"what": None})

    assert len(set(numbers)) == 1
    first, second = await desk.requests()
    assert first == Request(
        first.id, "placed", 1_000, "laundry", '{"where": 204}', "web-hari", "hotel", "web"
    )
    assert (first.number, first.said, second.kind, second.said) == (
        numbers[0], {"where": "204"}, "taxi", {},
    )  # fmt: skip

    struck = await desk.strike(first.number.lower().replace("-", " "))
    assert struck == (replace(first, status="done"), True)
    assert [second] == list(await desk.requests())
    assert [first.id, second.id] == [one.id for one in await desk.requests(done=True)]
    again = await desk.strike(first.number)
    assert again is not None
    assert again[0].is_done
    assert not again[1]


@pytest.mark.parametrize("number", ["", "R-999999999", "A-1001", "laundry"])
async def test_a_number_nobody_got_is_no_request(database: Database, number: str) -> None:
    assert await RequestDesk(database).strike(number) is None


async def test_what_was_said_is_listed_as_people_read_it(database: Database) -> None:
    items = [{"quantity": 2, "unit": "", "name": "Towel", "id": "towel"}]
    given = {"what": items, "when": {"amount": "5", "currency": "IDR"}}
    await requests_in(database).note(context("s1:1:1"), given)

    (one,) = await RequestDesk(database).requests()
    assert one.said == {"what": "2 x Towel", "when": "5 IDR"}


async def test_the_flow_it_was_asked_in_comes_from_the_conversation(
    database: Database, hotel: Bot
) -> None:
    """From the row of the session, and in scripts from its store."""
    talk = Talk(hotel, person=GUEST)
    before = talk.session
    talk.take(talk.said_event("tolong bangunkan besok jam 5 pagi"))
    memory, sql = MemoryStore(), SqlStore(database)
    await sql.commit(Write(before, talk.turn))
    await memory.commit(Write(before, talk.turn))

    contexts: Contexts
    for contexts in (SqlContexts(database), StoreContexts(lambda: memory)):
        assert (await contexts(f"{before.id}:9:1")).flow == "wake_up"
        assert (await contexts("nobody:9:1")).flow == ""
    note = bind(contexts=SqlContexts(database), orders=None, callbacks=None,
                requests=requests_in(database))["note_request"]  # fmt: skip
    await note(key=f"{before.id}:9:1", where=204)
    (one,) = await RequestDesk(database).requests()
    assert (one.kind, one.said) == ("wake_up", {"where": "204"})


def test_a_guest_of_the_list_is_not_asked_for_the_room(hotel: Bot) -> None:
    """It is shown, so that it can be corrected, and noted with the request."""
    talk = Talk(hotel, person=GUEST)
    said = talk.take(talk.said_event("tolong bangunkan besok jam 5 pagi"))
    assert "Kami telepon kamar 204 pada Selasa, 06 Januari 2026, 05.00. Benar?" in said[-1]
    corrected = talk.take(talk.said_event("bukan, kamar 310"))
    assert "Kami telepon kamar 310" in corrected[-1]
    talk.take(talk.said_event("ya"))

    (run,) = talk.doing
    assert (run.action, run.arguments) == (
        "note_request", {"where": 310, "when": "2026-01-06T05:00"},
    )  # fmt: skip
