"""How the shop moves orders on, and how their customers learn of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import pytest

from adapters.assembly import build, build_book, find_bot, open_orders
from adapters.service import Service
from engine.effects import Send
from engine.events import Event, ModeChanged, Said, Tapped
from engine.records import Conflict, Outcome, Work, Write
from engine.runtime.arrivals import Arrival, Busy
from engine.stores.database import Database, single
from engine.transcript import Line
from flows.order_desk import Moved, OrderDesk, WrongMove
from flows.order_effects import TELL
from flows.order_news import RETAKES
from flows.order_status import MOVES, NEWS, news
from tests.flows.conftest import emptied_orders, open_database
from tests.stores.conftest import database

__all__ = ["database", "open_database"]

ORDER = ("i need 11 remote controls", "Hari, 8848850922, hari@example.com")
DONE = "bulk_order.confirming.confirm"


@dataclass(slots=True)
class Phone:
    """A customer's phone, which gets everything."""

    resends: bool = True
    got: list[str] = field(default_factory=list)

    async def hold(self, work: Work, message: Send) -> None:
        pass

    async def send(self, work: Work, message: Send) -> None:
        self.got.append(f"{message.to}: {message.text}")


@dataclass(slots=True)
class Shop:
    """A shop at work, and one customer of it."""

    service: Service
    desk: OrderDesk
    database: Database
    phone: Phone
    lane: str = "wa"
    route: str | None = "cloud:918848850922"
    said: int = 0

    async def hear(self, text: str) -> None:
        """Have the customer say something, and do what comes of it."""
        self.said += 1
        if text.startswith("["):
            (button,) = [line for line in (await self.lines())[-1:] if line.choices]
            event: Event = Tapped(
                f"m{self.said}", self.service.clock(), f"{DONE}#{button.seq}", text, self.route
            )
        else:
            event = Said(f"m{self.said}", self.service.clock(), text, self.route)
        await self.receive(event)

    async def receive(self, event: Event) -> None:
        """Take an event of the customer's conversation, and do what comes of it."""
        arrival = Arrival("parts_shop", self.lane, ("phone:+918848850922",), "wa-hari", event)
        await self.service.conversations.receive(arrival)
        await self.service.worker.drain()

    async def order(self) -> str:
        """Have the customer order; return the number."""
        for text in (*ORDER, "[Confirm]"):
            await self.hear(text)
        return (await self.desk.orders())[0].number

    async def lines(self) -> Sequence[Line]:
        """Return what stands in the customer's newest conversation."""
        found = await self.service.overview.by_key("wa-hari")
        return await self.service.store.lines(found.id) if found else []

    async def move(self, number: str, status: str, *, subscribed: bool = False) -> Moved:
        """Move an order on, as another process does; then work."""
        events = frozenset({"order.status_changed"}) if subscribed else frozenset[str]()
        moved = await self.desk.move(number, status, published=lambda _: events)
        assert moved is not None
        await self.service.worker.drain()
        return moved

    async def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database."""
        return [tuple(row) for row in await self.database.read((query, values))]


@pytest.fixture
async def shop(database: Database) -> Shop:
    await emptied_orders(database)
    book = replace(
        build_book(find_bot("parts_shop")),
        published=frozenset({"order.placed", "order.status_changed"}),
    )
    times, numbers = count(1_767_583_800_000, 1_000), count(1)
    phone = Phone()
    service = build(
        _settings(),
        database=database,
        books={"parts_shop": book},
        channels={"cloud": phone},
        clock=lambda: next(times),
        ids=lambda: f"s{next(numbers)}",
    )
    return Shop(service, open_orders(database, lambda: next(times)), database, phone)


def _settings() -> Any:
    from adapters.settings import Settings  # noqa: PLC0415 - only what its defaults are

    return Settings()


async def test_an_order_goes_its_way_and_the_customer_reads_of_each_step(shop: Shop) -> None:
    number = await shop.order()
    shop.phone.got.clear()

    for status in ("accepted", "ready", "collected"):
        moved = await shop.move(number, status)
        assert (moved.order.status, moved.changed, moved.told) == (status, True, True)

    told = [news(status, number, "en") for status in ("accepted", "ready", "collected")]
    assert shop.phone.got == [f"cloud:918848850922: {text}" for text in told]
    last = (await shop.lines())[-3:]
    assert [(line.who, line.text) for line in last] == [("operator", text) for text in told]
    assert ["done"] == [row[0] for row in await shop.rows("SELECT DISTINCT status FROM effect")]


async def test_a_step_is_told_once_and_leaves_everything_else_as_it_was(shop: Shop) -> None:
    """Also when its worker dies before anybody writes down that it was told."""
    number = await shop.order()
    await shop.hear("i need 12 fan blades")
    await shop.move(number, "accepted")
    again = await shop.move(number, "accepted")
    assert (again.changed, again.told) == (False, False)
    open_again = f"UPDATE effect SET status = 'owed', not_before = 0 WHERE body LIKE '%{TELL}%'"
    await shop.database.transact(lambda: single((open_again, ())))
    await shop.service.worker.drain()

    texts = [line.text for line in await shop.lines()]
    assert texts.count(news("accepted", number, "en")) == 1
    assert 1 == sum("is accepted." in got for got in shop.phone.got)
    await shop.hear("Ana, 8848850922, ana@example.com")
    assert "Perfect, Ana!" in (await shop.lines())[-1].text


async def test_a_customer_reads_it_in_their_language(shop: Shop) -> None:
    number = await shop.order()
    await shop.hear("español")
    await shop.move(number, "accepted")

    assert shop.phone.got[-1].endswith(f"Tu pedido {number} está aceptado.")


async def test_a_person_who_has_taken_over_keeps_the_conversation(shop: Shop) -> None:
    number = await shop.order()
    session = (await shop.desk.orders())[0]
    place = (session.bot, session.lane, session.contact)
    taken = ModeChanged("o1", shop.service.clock(), "manual", "operator")
    await shop.service.conversations.deliver(place, taken)
    await shop.move(number, "accepted")

    assert shop.phone.got[-1].endswith("is accepted.")
    found = await shop.service.store.load(place)
    assert found is not None
    assert found.mode == "manual"


async def test_who_has_left_reads_it_in_a_new_conversation(shop: Shop) -> None:
    """It is answered there, without a welcome."""
    number = await shop.order()
    order = (await shop.desk.orders())[0]
    ended = ModeChanged("o1", shop.service.clock(), "ended", "operator")
    await shop.service.conversations.deliver((order.bot, order.lane, order.contact), ended)
    await shop.move(number, "accepted")

    assert shop.phone.got[-1] == f"cloud:918848850922: {news('accepted', number, 'en')}"
    assert [line.seq for line in await shop.lines()] == [1]
    await shop.hear("when are you open")
    assert "9:00" in (await shop.lines())[-1].text
    assert len(await shop.rows("SELECT id FROM session WHERE key = 'wa-hari'")) == 2


async def test_a_visitor_of_the_web_chat_reads_it_there(shop: Shop) -> None:
    shop.lane, shop.route = "web", None
    number = await shop.order()
    await shop.move(number, "accepted")

    assert (await shop.lines())[-1].text == news("accepted", number, "en")
    assert shop.phone.got == []


async def test_nobody_is_told_whose_conversation_is_not_kept(shop: Shop) -> None:
    number = await shop.order()
    forget = "UPDATE session SET status = 'forgotten', body = ''"
    await shop.database.transact(lambda: single((forget, ())))

    moved = await shop.move(number, "accepted")
    assert (moved.changed, moved.told) == (True, False)


async def test_what_was_forgotten_before_it_was_told_is_not_told(shop: Shop) -> None:
    number = await shop.order()
    await shop.desk.move(number, "accepted", published=lambda _: frozenset())
    forget = "UPDATE session SET status = 'forgotten', body = ''"
    await shop.database.transact(lambda: single((forget, ())))
    action = _tell(shop)
    key = f"{(await shop.desk.orders())[0].session}:{number}:accepted"

    await action(key=key, number=number, status="accepted")

    assert not [one for one in shop.phone.got if "is accepted." in one]


def _tell(shop: Shop) -> Any:
    return shop.service.worker._actions[TELL]


async def test_a_conversation_that_never_stands_still_is_told_later(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await shop.order()
    key = f"{(await shop.desk.orders())[0].session}:{number}:accepted"
    tried = []

    async def commit(write: Write) -> Outcome:
        tried.append(write)
        return Conflict()

    monkeypatch.setattr(shop.service.store, "commit", commit)
    with pytest.raises(Busy, match="told later"):
        await _tell(shop)(key=key, number=number, status="accepted")
    assert len(tried) == RETAKES


# -- where it can go -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "says"),
    [
        (
            "collected",
            'is "placed" and cannot become "collected": from there it can become accepted or cancelled.',
        ),
        ("placed", ""),
    ],
)
async def test_a_step_that_is_left_out_is_refused(shop: Shop, to: str, says: str) -> None:
    number = await shop.order()
    if not says:
        assert not (await shop.move(number, to)).changed
        return
    with pytest.raises(WrongMove, match=says):
        await shop.move(number, to)
    assert (await shop.desk.orders())[0].status == "placed"


async def test_where_an_order_ends_it_stays(shop: Shop) -> None:
    number = await shop.order()
    await shop.move(number, "cancelled")

    with pytest.raises(WrongMove, match="that is where it ends"):
        await shop.move(number, "accepted")


async def test_a_cancelled_order_gives_back_what_it_took(shop: Shop) -> None:
    """Once, and only what it had taken."""
    number = await shop.order()
    row = (await shop.desk.orders())[0].id
    for statement in (
        ("INSERT INTO stock (bot, product, quantity) VALUES ('parts_shop', 'c15', 3)", ()),
        ("UPDATE placed_order SET taken = $2 WHERE id = $1", (row, json.dumps({"c15": 2}))),
    ):
        await shop.database.transact(lambda one=statement: single(one))  # type: ignore[misc]
    await shop.move(number, "accepted")
    await shop.move(number, "cancelled")
    await shop.move(number, "cancelled")

    assert await shop.rows("SELECT quantity FROM stock") == [(5,)]


async def test_an_order_nobody_placed_is_not_found(shop: Shop) -> None:
    assert await shop.desk.order("A-999999") is None
    assert await shop.desk.move("A-999999", "ready", published=lambda _: frozenset()) is None


async def test_orders_are_listed_the_latest_first(shop: Shop) -> None:
    one = await shop.order()
    two = await shop.order()
    await shop.move(one, "accepted")

    assert [order.number for order in await shop.desk.orders()] == [two, one]
    assert [order.number for order in await shop.desk.orders(status="accepted")] == [one]


def test_every_status_but_the_first_is_told_in_every_language() -> None:
    assert set(NEWS) == set(MOVES) - {"placed"}
    assert {frozenset(texts) for texts in NEWS.values()} == {frozenset({"en", "es", "id", "hi"})}
    assert news("ready", "A-1", "fr") == "Your order A-1 is ready."


# -- other systems ---------------------------------------------------------------------------------


async def test_who_subscribed_is_told_of_orders_and_their_steps(shop: Shop) -> None:
    number = await shop.order()
    await shop.move(number, "accepted", subscribed=True)
    await shop.move(number, "ready")

    found = await shop.rows("SELECT id, body FROM effect WHERE kind = 'publish' ORDER BY at")
    bodies = [json.loads(body) for _, body in found]
    assert [body["event"] for body in bodies] == ["order.placed", "order.status_changed"]
    assert [body["data"]["number"] for body in bodies] == [number] * 2
    assert bodies[0]["data"]["key"] == "wa-hari"
    assert bodies[1]["data"]["status"] == "accepted"
