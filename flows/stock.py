"""How much is left of each product: taken with the order that needs it, all of it or nothing.

Every step is part of a transaction that nobody else's runs beside (`orders.alone`). A product
without a row is not counted. The table is the truth: the catalogue's figure is where it begins.
"""

from __future__ import annotations

__all__ = [
    "STOCK",
    "StockDesk",
    "TooFew",
    "begin_counting",
    "fill",
    "give_back",
    "left",
    "short",
    "take",
]

from collections.abc import Mapping
from functools import partial

from engine.errors import RejoinderError
from engine.stores.database import Bulk, Database, Transaction, single
from flows.order_lines import plain
from flows.order_rows import alone

STOCK = "stock (bot, product, quantity, PRIMARY KEY (bot, product))"  # for scripts

_V = "WITH v(shop, one, n) AS ({rows})"
_TYPES = ("text", "text", "double precision")
_HERE = "bot = v.shop AND product = v.one"
FILL = Bulk(
    f"{_V} INSERT INTO stock (bot, product, quantity) SELECT shop, one, n FROM v"
    " WHERE true ON CONFLICT DO NOTHING",
    _TYPES,
)
LEFT = Bulk(f"{_V} SELECT product, quantity FROM stock JOIN v ON {_HERE}", _TYPES)
CHANGE = Bulk(f"{_V} UPDATE stock SET quantity = quantity + v.n FROM v WHERE {_HERE}", _TYPES)
ALL = "SELECT bot, product, quantity FROM stock"
SET = (
    "INSERT INTO stock (bot, product, quantity) VALUES ($1, $2, $3)"
    " ON CONFLICT (bot, product) DO UPDATE SET quantity = excluded.quantity"
)

# 0.3 - 0.1 - 0.2 is a little less than nothing in binary: a sum means this many digits.
DIGITS = 6

Quantities = Mapping[str, float]


def fill(database: Database, bot: str, figures: Quantities) -> Transaction[None]:
    """Begin counting what is not counted yet; what is stays as it is."""
    if figures:
        yield from single(database.bulk(FILL, _rows(bot, figures)))


async def begin_counting(database: Database, figures: Mapping[str, Quantities]) -> None:
    """Begin counting what catalogues have figures for, by bot; for a start, as often as you like."""
    for bot, counted in figures.items():
        await database.transact(partial(fill, database, bot, counted))


def left(database: Database, bot: str, products: Quantities) -> Transaction[dict[str, float]]:
    """Return how much is left of those that are counted."""
    if not products:
        return {}
    rows = yield from single(database.bulk(LEFT, _rows(bot, products)))
    return {row[0]: float(row[1]) for row in rows}


def take(
    database: Database, bot: str, wanted: Quantities, there: Quantities
) -> Transaction[dict[str, float]]:
    """Take what is wanted of what is counted, never more than is there; return what was taken."""
    taken = {one: min(n, there[one]) for one, n in wanted.items() if there.get(one, 0) > 0}
    if taken:
        less = {one: -n for one, n in taken.items()}
        yield from single(database.bulk(CHANGE, _rows(bot, less)))
    return taken


def give_back(database: Database, bot: str, taken: Quantities) -> Transaction[None]:
    """Put back what a cancelled order had taken."""
    if taken:
        yield from single(database.bulk(CHANGE, _rows(bot, taken)))


def short(wanted: Quantities, there: Quantities, names: Mapping[str, str]) -> str:
    """Name what is not there in the quantity wanted, and what is; nothing where all is."""
    return ", ".join(
        f"{names[one]} ({plain(there[one])} left)"
        for one, n in wanted.items()
        if one in there and there[one] < n
    )


# -- as the shop refills it ------------------------------------------------------------------------


class TooFew(RejoinderError):
    """More would be taken away than there is; nothing was changed."""


class StockDesk:
    """What is left of everything, for the people of the shop."""

    def __init__(self, database: Database) -> None:
        """Ask nothing yet."""
        self._database = database

    async def all_left(self) -> dict[tuple[str, str], float]:
        """Return how much is left of all that is counted, by bot and product."""
        rows = await self._database.read((ALL, ()))
        return {(row[0], row[1]): float(row[2]) for row in rows}

    async def set_left(self, bot: str, product: str, quantity: float) -> float | None:
        """Have this much of a product; return how much it was, None where it was not counted."""
        return await self._database.transact(lambda: self._set_left(bot, product, quantity))

    def _set_left(self, bot: str, product: str, quantity: float) -> Transaction[float | None]:
        yield from alone(self._database)
        there = yield from left(self._database, bot, {product: quantity})
        yield SET, (bot, product, float(quantity))
        return there.get(product)

    async def add(
        self, bot: str, product: str, more: float, *, figure: float | None = None
    ) -> float | None:
        """Add what came in, less than nothing too; return what is left, None if it is not counted.

        `figure` is the catalogue's, which a product begins with that nobody ordered yet.
        """
        return await self._database.transact(lambda: self._add(bot, product, more, figure))

    def _add(
        self, bot: str, product: str, more: float, figure: float | None
    ) -> Transaction[float | None]:
        yield from alone(self._database)
        there = (yield from left(self._database, bot, {product: more})).get(product, figure)
        if there is None:
            return None
        after = round(there + more, DIGITS)
        if after < 0:
            raise TooFew(
                f'{plain(-more)} of "{product}" cannot be taken away: {plain(there)} left, nothing'
                " was changed."
            )
        yield SET, (bot, product, float(after))
        return after


def _rows(bot: str, figures: Quantities) -> list[tuple[str, str, float]]:
    return [(bot, one, float(n)) for one, n in figures.items()]
