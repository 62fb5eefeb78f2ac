"""How stock begins to be counted: by the catalogue's figures, where nothing is counted yet."""

from __future__ import annotations

import asyncio
from pathlib import Path

from adapters.assembly import build, open_database, prepare
from adapters.settings import Settings
from engine.stores.database import Database, single
from flows.stock import begin_counting
from tests.flows.conftest import emptied_orders
from tests.stores.conftest import database

__all__ = ["database"]

FLOW = """\
flow: hello
title: hello
start: {phrases: [hello]}
states:
  said: {end: completed, say: "Hello."}
"""
COUNTED = "SELECT bot, product, quantity FROM stock ORDER BY bot, product"


async def test_what_is_counted_already_stays_as_it_is(database: Database) -> None:
    await emptied_orders(database)

    await begin_counting(database, {"shop": {"fan": 4, "belt": 0}, "empty": {}})
    await begin_counting(database, {"shop": {"fan": 90, "hose": 2}})

    counted = [tuple(row) for row in await database.read((COUNTED, ()))]
    assert counted == [("shop", "belt", 0), ("shop", "fan", 4), ("shop", "hose", 2)]


async def test_a_start_counts_what_the_catalogue_has_figures_for(tmp_path: Path) -> None:
    """Again after a restart, when some of it has been sold."""
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "bot.yaml").write_text(
        "bot: shop\nlanguages: [en]\nflows: [hello]\ncatalogue: goods.csv\n", "utf-8"
    )
    (shop / "hello.yaml").write_text(FLOW, "utf-8")
    (shop / "goods.csv").write_text("id,name,stock\nfan,Fan,7\nhose,Hose,\n", "utf-8")
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
