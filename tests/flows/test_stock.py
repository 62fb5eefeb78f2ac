"""How stock begins to be counted, and how the shop counts it anew or adds to it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from adapters.assembly import build, open_database, prepare
from adapters.settings import Settings
from engine.stores.database import Database, single
from flows.ledger import SqlLedger
from flows.stock import StockDesk, TooFew, begin_counting
from flows.tables import OrderRow
from tests.core.flows import ENDED, flow
from tests.core.talk import write_bot
from tests.flows.conftest import Book, emptied_orders
from tests.stores.conftest import database

__all__ = ["database"]

COUNTED = "SELECT bot, product, quantity FROM stock ORDER BY bot, product"


async def test_what_is_counted_already_stays_as_it_is(database: Database) -> None:
    await emptied_orders(database)

    await begin_counting(database, {"shop": {"fan": 4, "belt": 0}, "empty": {}})
    await begin_counting(database, {"shop": {"fan": 90, "hose": 2}})

    counted = [tuple(row) for row in await database.read((COUNTED, ()))]
    assert counted == [("shop", "belt", 0), ("shop", "fan", 4), ("shop", "hose", 2)]


async def test_a_start_counts_what_the_catalogue_has_figures_for(tmp_path: Path) -> None:
    """Again after a restart, when some of it has been sold."""
    goods = "id,name,stock\nfan,Fan,7\nhose,Hose,\n"
    shop = write_bot(
        tmp_path / "shop", {"bot": "shop"}, [flow("hello", {"said": ENDED})], catalogue=goods
    )
    settings = Settings(bot=(str(shop),), data=tmp_path)

    async def started() -> list[tuple[str, str, float]]:
        database = open_database(settings)
        await prepare(database)
        service = build(settings, database=database)
        service.start()
        rows = await database.read((COUNTED, ()))
        while not rows:
            await asyncio.sleep(0.01)
            rows = await database.read((COUNTED, ()))
        await database.transact(lambda: single(("UPDATE stock SET quantity = 3", ())))
        await service.stop()
        return [(row[0], row[1], row[2]) for row in rows]

    assert await started() == [("shop", "fan", 7)]
    assert await started() == [("shop", "fan", 3)]


# -- as the shop refills it ------------------------------------------------------------------------


async def test_what_is_set_is_what_is_left(database: Database) -> None:
    """Of one product of one bot; what was not counted is from now on."""
    await emptied_orders(database)
    await begin_counting(database, {"shop": {"fan": 4, "belt": 1}, "other": {"fan": 9}})

    assert await StockDesk(database).set_left("shop", "fan", 30) == 4
    assert await StockDesk(database).set_left("shop", "hose", 2.5) is None

    assert await StockDesk(database).all_left() == {
        ("shop", "fan"): 30,
        ("shop", "belt"): 1,
        ("shop", "hose"): 2.5,
        ("other", "fan"): 9,
    }


async def test_what_is_added_comes_on_top(database: Database) -> None:
    await emptied_orders(database)
    await begin_counting(database, {"shop": {"fan": 4}, "other": {"fan": 9}})

    assert await StockDesk(database).add("shop", "fan", 10) == 14
    assert await StockDesk(database).add("shop", "fan", -14) == 0

    assert await StockDesk(database).all_left() == {("shop", "fan"): 0, ("other", "fan"): 9}


async def test_more_than_there_is_cannot_be_taken_away(database: Database) -> None:
    await emptied_orders(database)
    await begin_counting(database, {"shop": {"fan": 4}})

    with pytest.raises(TooFew, match=r'^5 of "fan" cannot be taken away: 4 left, nothing was'):
        await StockDesk(database).add("shop", "fan", -5)

    assert await StockDesk(database).all_left() == {("shop", "fan"): 4}


async def test_parts_of_a_metre_add_up_to_nothing_left(database: Database) -> None:
    await emptied_orders(database)
    await StockDesk(database).set_left("shop", "cable", 0.3)

    await StockDesk(database).add("shop", "cable", -0.1)

    assert await StockDesk(database).add("shop", "cable", -0.2) == 0


async def test_nothing_is_added_to_what_is_not_counted(database: Database) -> None:
    await emptied_orders(database)

    assert await StockDesk(database).add("shop", "fan", 3) is None

    assert await StockDesk(database).all_left() == {}


async def test_what_nobody_ordered_yet_is_added_to_the_catalogues_figure(
    database: Database,
) -> None:
    """Once: from then on the table counts."""
    await emptied_orders(database)

    assert await StockDesk(database).add("shop", "fan", 3, figure=7) == 10
    assert await StockDesk(database).add("shop", "fan", 3, figure=7) == 13


async def test_what_was_refilled_can_be_ordered(database: Database) -> None:
    await emptied_orders(database)
    book = Book(SqlLedger(database, OrderRow, lambda: 1_000_000), [0], figures={"c15": 1})
    assert (await book.place())["outcome"] == "short"

    await StockDesk(database).add("shop", "c15", 2, figure=1)

    assert (await book.place())["outcome"] == "placed"
    assert await StockDesk(database).all_left() == {("shop", "c15"): 1}


async def test_orders_and_deliveries_of_one_moment_all_count(database: Database) -> None:
    """Nothing that one of them wrote is overwritten by another that looked before."""
    await emptied_orders(database)
    await StockDesk(database).set_left("shop", "c15", 100)
    book = Book(SqlLedger(database, OrderRow, lambda: 1_000_000), [0])

    await asyncio.gather(
        *(book.place(key=f"s:{n}:1") for n in range(8)),
        *(StockDesk(database).add("shop", "c15", 5) for _ in range(20)),
    )

    assert await StockDesk(database).all_left() == {("shop", "c15"): 100 - 8 * 2 + 20 * 5}
