"""The command of those who fill shelves: list what is left, set it, add to it, beside a running process.

What may be counted stands in the catalogues of the bots; how much of it is left, in the database.
"""

# ruff: noqa: PLC0415 - the engine is imported inside: `--help` must not wait for it

from __future__ import annotations

__all__ = ["stock"]

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from adapters.terms import BotsOption, DatabaseOption, columns, show, word
from engine.errors import RejoinderError, UsageError

if TYPE_CHECKING:
    from adapters.assembly import StockDesk
    from adapters.settings import Settings

T = TypeVar("T")

HEAD = ("BOT", "PRODUCT", "NAME", "LEFT", "UNIT")
HOW = "Either ./run stock list, ./run stock set PRODUCT N, or ./run stock add PRODUCT N."

# Nine digits, as in a catalogue: no shop has more of anything. A thousandth is a millimetre of a metre.
_NUMBER = re.compile(r"[+-]?\d{1,9}(\.\d{1,3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A product of a catalogue, and what is left of it."""

    folder: str  # of its bot, as it was named
    bot: str
    product: str
    name: str
    unit: str
    figure: float | None  # the catalogue's, which counting begins with
    left: float | None  # None: it is not counted


def stock(
    what: Annotated[str, typer.Argument(metavar="list|set|add", help="What to do.")],
    product: Annotated[str, typer.Argument(metavar="PRODUCT", help="Its id, as listed.")] = "",
    number: Annotated[
        str, typer.Argument(metavar="N", help="How many there are, or come in; -3 go out.")
    ] = "",
    *,
    below: Annotated[
        str, typer.Option("--below", metavar="N", help="List only what has fewer left.")
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON: list prints an array.")] = False,
    bot: BotsOption = None,
    database_url: DatabaseOption = "",
) -> None:
    """List what is left of each product, count one anew, or add what came in."""
    from adapters.operating import ready

    _refuse_options(what, product, number)
    given = {"list": 1, "set": 3, "add": 3}.get(what)
    if given != 1 + bool(product) + bool(number) or (below and what != "list"):
        raise UsageError(HOW)
    limit = _number(below) if below else None
    quantity = _number(number) if number else 0.0
    if what == "set" and quantity < 0:
        raise UsageError(
            f"There are never less than none. Take away with ./run stock add {product} {number}"
        )
    settings = ready(bot=tuple(bot or ()), database_url=database_url)
    shelves = _shelves(settings)
    if what == "list":
        _show_list(_run(settings, lambda desk: _counted(desk, shelves)), limit, json=json)
        return
    shelf = _find(shelves, product)
    do = _set if what == "set" else _add
    now, said = _run(settings, lambda desk: do(desk, shelf, quantity))
    if json:
        _show_json(_as_json(now))
    word(said)


def _refuse_options(*given: str) -> None:
    """Refuse an option there is not: the parser lets it through, for the sake of "-3"."""
    for one in given:
        if one.startswith("-") and not _NUMBER.fullmatch(one):
            raise UsageError(f'There is no option "{one}". ./run stock --help shows them.')


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise UsageError(
            f'"{text}" is no quantity. Write up to nine digits, and a point before parts of one:'
            " 1000, or 2.5."
        )
    return float(text)


# -- which products there are ----------------------------------------------------------------------


def _shelves(settings: Settings) -> Sequence[Shelf]:
    """Return all products of all bots the settings name, as the catalogues have them."""
    from adapters.assembly import find_bot, load_source, stock_figures

    shelves: dict[tuple[str, str], Shelf] = {}
    for folder in settings.bot:
        source = load_source(find_bot(folder))
        name, figures = source.bot.bot, stock_figures(source)
        for row in source.catalogue:
            id_, figure = row["id"], figures.get(row["id"])
            shelf = Shelf(folder, name, id_, row["name"], row["unit"], figure, figure)
            shelves.setdefault((name, id_), shelf)
    return tuple(shelves.values())


def _find(shelves: Sequence[Shelf], product: str) -> Shelf:
    found = [shelf for shelf in shelves if shelf.product == product]
    if not found:
        near = " or ".join(f'"{one}"' for one in _near(product, shelves))
        hint = f"Did you mean {near}?" if near else "./run stock list shows those there are."
        raise RejoinderError(f'There is no product "{product}". {hint}')
    if len(found) > 1:
        bots = " or ".join(f"--bot {shelf.folder}" for shelf in found)
        raise UsageError(f'Several bots have a product "{product}". Say which: {bots}')
    return found[0]


def _near(product: str, shelves: Sequence[Shelf]) -> Sequence[str]:
    """Return the ids of the nearest products, by their ids and names."""
    from difflib import get_close_matches

    ids = {
        written.casefold(): one.product for one in shelves for written in (one.name, one.product)
    }
    near = get_close_matches(product.casefold(), ids, 6)
    return list(dict.fromkeys(ids[written] for written in near))[:3]


# -- what is left ----------------------------------------------------------------------------------


async def _counted(desk: StockDesk, shelves: Sequence[Shelf]) -> Sequence[Shelf]:
    """Return them with what is left; what nobody ordered yet has the catalogue's figure."""
    there = await desk.all_left()
    return [replace(one, left=there.get((one.bot, one.product), one.figure)) for one in shelves]


async def _set(desk: StockDesk, shelf: Shelf, quantity: float) -> tuple[Shelf, str]:
    before = await desk.set_left(shelf.bot, shelf.product, quantity)
    before = shelf.figure if before is None else before
    now = replace(shelf, left=quantity)
    was = "it is counted from now on" if before is None else f"{_whole(before)} before"
    return now, f"{shelf.product}: {_amount(now)} left, {was}."


async def _add(desk: StockDesk, shelf: Shelf, more: float) -> tuple[Shelf, str]:
    after = await desk.add(shelf.bot, shelf.product, more, figure=shelf.figure)
    if after is None:
        raise RejoinderError(
            f'"{shelf.product}" is not counted, so nothing can be added to it. Say how many there'
            f" are: ./run stock set {shelf.product} N"
        )
    now = replace(shelf, left=after)
    return now, f"{shelf.product}: {_amount(now)} left."


def _run(settings: Settings, ask: Callable[[StockDesk], Awaitable[T]]) -> T:
    import asyncio

    from adapters.assembly import open_database, open_stock, prepare

    async def asked() -> T:
        database = open_database(settings)
        try:
            await prepare(database)
            return await ask(open_stock(database))
        finally:
            await database.close()

    return asyncio.run(asked())


# -- how it is written -----------------------------------------------------------------------------


def _show_list(shelves: Sequence[Shelf], limit: float | None, *, json: bool) -> None:
    found = [one for one in shelves if limit is None or (one.left is not None and one.left < limit)]
    if json:
        _show_json([_as_json(one) for one in found])
    elif found:
        show(columns(HEAD, *(_as_row(one) for one in found)))
    elif shelves and limit is not None:
        word(f"of nothing that is counted fewer than {_whole(limit)} are left.")
    else:
        word("there is no product: the bots that were named have no catalogue.")


def _show_json(shown: object) -> None:
    from json import dumps

    show(dumps(shown, ensure_ascii=False, indent=2))


def _as_json(one: Shelf) -> Mapping[str, Any]:
    return {
        "bot": one.bot,
        "product": one.product,
        "name": one.name,
        "left": None if one.left is None else _whole(one.left),
        "unit": one.unit,
    }


def _as_row(one: Shelf) -> tuple[str, ...]:
    left = "not counted" if one.left is None else str(_whole(one.left))
    return one.bot, one.product, one.name, left, one.unit


def _amount(one: Shelf) -> str:
    return f"{_whole(one.left or 0)} {one.unit}".rstrip()


def _whole(quantity: float) -> float:
    """Write a whole number without a point, and nothing that adding up left over."""
    from engine.readers.numerals import tidy

    return tidy(quantity)
