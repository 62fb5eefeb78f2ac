"""What customers can do with orders: the same in scripts, in SQLite and in PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.assembly import open_database, prepare
from adapters.settings import Settings
from engine.stores.database import Database, Transaction
from flows.ledger import Sheet, SqlLedger
from flows.order_lines import plain, shown_total, total_of
from flows.order_rows import ORDERS, row_of
from flows.orders import MOST_WAITING, WAITING, WAITS_FOR, Orders
from flows.tables import OrderRow
from tests.flows.conftest import EMAIL, LINE, PHONE, Book, context, emptied_orders

RUPEES = {"amount": 350.0, "currency": "INR"}


# -- placing ---------------------------------------------------------------------------------------


async def test_an_order_is_placed_once_per_key(book: Book) -> None:
    placed = [await book.place(key=key) for key in ("s1:1:1", "s1:1:1", "s1:2:1")]

    assert [one["outcome"] for one in placed] == ["placed"] * 3
    assert placed[0] == placed[1]
    assert row_of(placed[2]["number"]) == (row_of(placed[0]["number"]) or 0) + 1
    rows = await book.ledger.database.read(("SELECT items FROM placed_order", ()))
    assert [json.loads(row[0]) for row in rows] == [[LINE]] * 2


async def test_an_order_knows_who_asked_for_it(book: Book) -> None:
    await book.place(key="s7:3:1", note="at noon")

    columns = "session, session_key, bot, lane, contact, note, status"
    rows = await book.ledger.database.read((f"SELECT {columns} FROM placed_order", ()))
    assert tuple(rows[0]) == ("s7", "web-hari", "shop", "web", "hari", "at noon", "placed")


async def test_the_total_is_known_where_every_price_is(book: Book) -> None:
    priced = {**LINE, "price": RUPEES}

    known = await book.place(priced, {**priced, "quantity": 0.5})
    unknown = await book.place(priced, LINE)

    assert (known["total"], known["sum"]) == ("₹875.00", {"amount": 875.0, "currency": "INR"})
    assert (unknown["total"], unknown["sum"]) == ("", None)


def test_two_currencies_have_no_total() -> None:
    lines = [{**LINE, "price": RUPEES}, {**LINE, "price": {"amount": 1, "currency": "EUR"}}]

    assert total_of(lines) is None
    assert total_of([]) is None
    assert shown_total(None, None) == ""


async def test_the_eleventh_order_that_nobody_looked_at_is_refused(book: Book) -> None:
    """By whichever of contact, phone and e-mail it is the same customer."""
    for n in range(MOST_WAITING):
        book.contact = f"visitor{n}"
        assert (await book.place(email=EMAIL.upper()))["outcome"] == "placed"

    book.contact = "another"
    assert (await book.place(key="s:99:1"))["outcome"] == "waiting"
    assert (await book.place(phone="+911"))["outcome"] == "waiting"
    assert (await book.place(email="a@b.co"))["outcome"] == "waiting"
    assert (await book.place(phone="+911", email="a@b.co"))["outcome"] == "placed"

    await book.ledger.database.transact(accept_one)
    book.contact = "a third"
    assert (await book.place(key="s:99:1"))["outcome"] == "placed"


def accept_one() -> Transaction[None]:
    """Accept the oldest order, as the shop does."""
    oldest = "SELECT min(id) FROM placed_order"
    yield f"UPDATE placed_order SET status = 'accepted' WHERE id = ({oldest})", ()


async def test_a_contact_is_one_customer_whatever_they_type(book: Book) -> None:
    for n in range(MOST_WAITING):
        await book.place(phone=f"+91{n}", email=f"{n}@b.co")

    assert (await book.place(phone="+9199", email="99@b.co"))["outcome"] == "waiting"


async def test_customers_who_left_no_address_are_not_one_customer(book: Book) -> None:
    for n in range(MOST_WAITING + 1):
        book.contact = f"visitor{n}"
        assert (await book.place(phone="", email=""))["outcome"] == "placed"


async def test_orders_forgotten_for_a_week_stop_no_customer(book: Book) -> None:
    if book.ledger.now() == 0:
        return  # a script's order book has no clock
    for _ in range(MOST_WAITING):
        await book.place()
    book.moment[0] += WAITS_FOR + 1

    assert (await book.place())["outcome"] == "placed"


async def test_another_bots_orders_do_not_count(book: Book) -> None:
    for _ in range(MOST_WAITING):
        await book.place()
    book.bot = "other"

    assert (await book.place())["outcome"] == "placed"


# -- stock -----------------------------------------------------------------------------------------


async def test_an_order_takes_what_it_needs_once(book: Book) -> None:
    book.figures = {"c15": 5, "fan": 9}

    await book.place(key="s1:1:1")
    await book.place(key="s1:1:1")

    assert (await book.stock()) == {"c15": 3}


async def test_an_order_takes_all_of_it_or_nothing(book: Book) -> None:
    """What is short is named, with what is left; nothing was entered and nothing taken."""
    book.figures = {"c15": 4, "fan": 9}
    fans = {"quantity": 3, "unit": "", "name": "Fan", "id": "fan"}
    more = {**LINE, "quantity": 2.5}

    refused = await book.place(fans, more, more)

    assert (refused["outcome"], refused["number"]) == ("short", "")
    assert refused["short"] == "Compressor 1.5 ton (4 left)"
    assert [(one["id"], one["quantity"]) for one in refused["left"]] == [("c15", 4)]
    assert (await book.stock()) == {"c15": 4, "fan": 9}
    assert not await book.ledger.database.read(("SELECT id FROM placed_order", ()))
    assert (await book.place(fans, more))["outcome"] == "placed"
    assert (await book.stock()) == {"c15": 1.5, "fan": 6}


async def test_what_is_not_counted_is_never_short(book: Book) -> None:
    book.figures = {"c15": 5}

    placed = await book.place(
        {"quantity": 900, "unit": "", "name": "belts"},
        {"quantity": 900, "unit": "", "name": "Fan", "id": "fan"},
    )

    assert placed["outcome"] == "placed"


async def test_where_stock_only_informs_it_is_taken_as_far_as_it_goes(book: Book) -> None:
    book.figures, book.informative = {"c15": 1}, True

    placed = await book.place()
    assert (placed["outcome"], await book.stock()) == ("placed", {"c15": 0})
    await book.place()
    await book.do("cancel_order", number=placed["number"], address=PHONE)

    assert (await book.stock()) == {"c15": 1}


async def test_of_two_orders_for_the_last_piece_one_wins(
    open_database: Callable[[], Database],
) -> None:
    """In two processes at once, and in one batch of the same."""
    databases = [open_database(), open_database()]
    await emptied_orders(databases[0])
    books = [
        Orders(SqlLedger(one, OrderRow, lambda: 1), figures=lambda _: {"c15": 3})
        for one in databases
    ]
    given = {"name": "Hari", "phone": PHONE, "email": EMAIL}

    results = await asyncio.gather(
        *(
            books[n % 2].place(context(f"s{n}:1:1", contact=f"c{n}"), [LINE], **given)
            for n in range(6)
        )
    )

    assert sorted(one["outcome"] for one in results) == ["placed", *["short"] * 5]
    assert {one["short"] for one in results if one["short"]} == {"Compressor 1.5 ton (1 left)"}
    left = await databases[0].read(("SELECT quantity FROM stock", ()))
    assert [row[0] for row in left] == [1]
    for one in databases:
        await one.close()


async def test_two_workers_with_one_key_take_stock_once(
    open_database: Callable[[], Database],
) -> None:
    """The lease of the first ran out while it was asleep."""
    databases = [open_database(), open_database()]
    await emptied_orders(databases[0])
    books = [
        Orders(SqlLedger(one, OrderRow, lambda: 1), figures=lambda _: {"c15": 9})
        for one in databases
    ]

    results = await asyncio.gather(
        *(
            one.place(context("s1:1:1"), [LINE], name="Hari", phone=PHONE, email=EMAIL)
            for one in books
        )
    )

    assert results[0] == results[1]
    left = await databases[0].read(("SELECT quantity FROM stock", ()))
    assert [row[0] for row in left] == [7]
    for one in databases:
        await one.close()


# -- finding, cancelling, the same again -----------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [PHONE, "8848850922", "088488 50922", "+91 88488-50922", EMAIL, " HARI@Example.com "],
)
async def test_a_number_and_its_address_open_an_order(book: Book, address: str) -> None:
    number = (await book.place({**LINE, "price": RUPEES}))["number"]

    found = await book.do("find_order", number=number, address=address)

    assert found == {
        "found": "yes",
        "number": number,
        "status": "placed",
        "items": "2 x Compressor 1.5 ton",
        "lines": [{**LINE, "price": RUPEES}],
        "total": "₹700.00",
        "sum": {"amount": 700.0, "currency": "INR"},
        "name": "Hari",
        "phone": PHONE,
        "email": EMAIL,
    }


async def test_whose_an_order_is_learns_nobody_else(book: Book) -> None:
    """Its number can be guessed, and his phone number many know."""
    number = (await book.place())["number"]
    book.contact = "ana"

    found = await book.do("find_order", number=number, address=PHONE)

    assert found["found"] == "yes"
    assert (found["name"], found["phone"], found["email"]) == (None, None, None)


@pytest.mark.parametrize("address", ["", "+911", "nobody@example.com", "call me", "@", "Hari"])
async def test_a_number_alone_opens_nothing(book: Book, address: str) -> None:
    """A wrong address and a wrong number are answered alike."""
    number = (await book.place())["number"]

    wrong = await book.do("find_order", number=number, address=address)
    assert wrong == await book.do("find_order", number="A-9999", address=PHONE)
    assert (wrong["found"], wrong["number"], wrong["items"]) == ("no", "", "")
    book.bot = "other"
    assert wrong == await book.do("find_order", number=number, address=PHONE)
    unknown = await book.do("cancel_order", number=number, address=address)
    assert (unknown["found"], unknown["outcome"]) == ("no", "unknown")


async def test_an_order_without_an_address_is_opened_by_none(book: Book) -> None:
    number = (await book.place(phone="", email=""))["number"]

    for address in ("", "@", " "):
        assert (await book.do("find_order", number=number, address=address))["found"] == "no"


@pytest.mark.parametrize(
    ("typed", "row"),
    [
        ("A-1001", 1), ("a 1001", 1), ("a1001", 1), (" 1002 ", 2), ("A-1000", None), ("B-1001", None),
        ("A-12345678901234567890", None), ("one", None), ("١٠٠١", None), ("", None),
    ],
)  # fmt: skip
def test_a_number_is_read_as_people_type_it(typed: str, row: int | None) -> None:
    assert row_of(typed) == row


async def test_a_customer_cancels_until_the_shop_has_accepted(book: Book) -> None:
    """What it had taken is back, once."""
    book.figures = {"c15": 5}
    one, two = [(await book.place())["number"] for _ in range(2)]
    await book.ledger.database.transact(accept_one)

    late = await book.do("cancel_order", number=one, address=PHONE)
    done = await book.do("cancel_order", number=two, address=EMAIL)
    again = await book.do("cancel_order", number=two, address=EMAIL)

    assert (late["found"], late["outcome"], late["status"]) == ("yes", "too_late", "accepted")
    assert (done["outcome"], done["status"]) == ("cancelled", "cancelled")
    assert again == done
    assert (await book.stock()) == {"c15": 3}


async def test_the_same_again_is_what_this_contact_ordered_last(book: Book) -> None:
    """Cancelled ones do not count, and nobody gets another's by typing a number."""
    belts = {"quantity": 3, "unit": "", "name": "belts"}
    await book.place(belts)
    cancelled = await book.place()
    await book.do("cancel_order", number=cancelled["number"], address=PHONE)

    last = await book.do("last_order")
    assert (last["found"], last["lines"], last["items"]) == ("yes", [belts], "3 x belts")
    assert (last["name"], last["phone"], last["email"]) == ("Hari", PHONE, EMAIL)
    book.contact = "ana"
    assert (await book.do("last_order"))["found"] == "no"


def test_scripts_have_the_columns_of_the_product() -> None:
    assert Sheet.of(OrderRow) == ORDERS


@pytest.mark.parametrize(
    ("number", "text"),
    [(4, "4"), (4.0, "4"), (10_000.25, "10000.25"), (1e6 - 0.5, "999999.5"), (10**6, "1000000")],
)
def test_quantities_are_written_as_people_do(number: float, text: str) -> None:
    assert plain(number) == text


async def test_a_customers_waiting_orders_are_not_looked_for_among_all_of_the_shop(
    tmp_path: Path,
) -> None:
    database = open_database(Settings(data=tmp_path))
    await prepare(database)
    plan = await database.read((f"EXPLAIN QUERY PLAN {WAITING}", ("shop", 0, "hari", PHONE, EMAIL)))
    await database.close()

    looked = [row[3] for row in plan if "placed_order" in row[3]]
    assert [re.search(r"\((bot=\? AND .*)\)", line)[1] for line in looked] == [  # type: ignore[index]
        "bot=? AND contact=?",
        "bot=? AND phone=?",
        "bot=? AND <expr>=?",
    ]
