"""The commands of those who fill orders: list, show and set, beside a running process.

`set` writes the new status and, in the same transaction, what the customer is to be told; whoever
works on the database says it.
"""

# ruff: noqa: PLC0415 - the engine is imported inside: `--help` must not wait for it

from __future__ import annotations

__all__ = ["orders"]

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.terms import BotsOption, DatabaseOption, columns, moment, show, word
from engine.errors import RejoinderError, UsageError

if TYPE_CHECKING:
    from adapters.assembly import Moved, Order, OrderDesk
    from adapters.settings import Settings

HEAD = ("NUMBER", "STATUS", "AT", "TOTAL", "KEY", "NAME", "ITEMS")
TABLE = (
    "number",
    "status",
    "at",
    "total",
    "currency",
    "key",
    "name",
    "phone",
    "email",
    "items",
    "note",
)
HOW = "Either ./run orders list, ./run orders show NUMBER, or ./run orders set NUMBER STATUS."


def orders(
    what: Annotated[str, typer.Argument(metavar="list|show|set", help="What to do.")],
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="An order, A-1001.")] = "",
    to: Annotated[str, typer.Argument(metavar="STATUS", help="Where to move it.")] = "",
    *,
    status: Annotated[str, typer.Option("--status", help="List only those of this status.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON: list prints an array.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print a table for a spreadsheet.")] = False,
    bot: BotsOption = None,
    database_url: DatabaseOption = "",
) -> None:
    """List the orders, show one, or move one on; its customer is told."""
    from adapters.operating import ready

    given = {"list": 1, "show": 2, "set": 3}.get(what)
    if given != 1 + bool(number) + bool(to) or (json and csv) or (status and what != "list"):
        raise UsageError(HOW)
    for one in (status, to):
        _check_status(one)
    settings = ready(bot=tuple(bot or ()), database_url=database_url)
    if what == "set":
        _set(settings, number, to, json=json)
        return
    found = _run(settings, lambda desk: _found(desk, number, status))
    if json:
        from json import dumps

        rows = [_as_json(one) for one in found]
        show(dumps(rows[0] if number else rows, ensure_ascii=False, indent=2))
    elif csv:
        show(_as_csv(found))
    elif number:
        show(_in_full(found[0]))
    elif not found:
        word("there is no order." if not status else f'no order is "{status}".')
    else:
        show(columns(HEAD, *(_as_row(one) for one in found)))


def _check_status(status: str) -> None:
    from adapters.assembly import ORDER_STATUSES
    from engine.language.refusals import did_you_mean

    if status and status not in ORDER_STATUSES:
        known = f"They are {', '.join(ORDER_STATUSES)}."
        hint = did_you_mean(status, ORDER_STATUSES) or known
        raise UsageError(f'"{status}" is no status of an order. {hint}')


async def _found(desk: OrderDesk, number: str, status: str) -> Sequence[Order]:
    if not number:
        return await desk.orders(status=status)
    order = await desk.order(number)
    if order is None:
        raise _no_order(number)
    return [order]


def _no_order(number: str) -> RejoinderError:
    return RejoinderError(f'There is no order "{number}". ./run orders list shows those there are.')


def _set(settings: Settings, number: str, status: str, *, json: bool) -> None:
    moved = _run(settings, lambda desk: _moved(desk, settings, number, status))
    order = moved.order
    if json:
        from json import dumps

        show(dumps(_as_json(order), ensure_ascii=False, indent=2))
    if not moved.changed:
        word(f'{order.number} was "{status}" already.')
    elif moved.told:
        word(f'{order.number} is "{status}"; the customer is told.')
    else:
        word(
            f'{order.number} is "{status}". Its conversation is not kept any more: tell them yourself.'
        )


async def _moved(desk: OrderDesk, settings: Settings, number: str, status: str) -> Moved:
    from adapters.assembly import build_book, find_bot

    order = await desk.order(number)
    if order is None:
        raise _no_order(number)
    books = {book.bot: book for book in (build_book(find_bot(name)) for name in settings.bot)}
    if order.bot and order.bot not in books:
        raise UsageError(
            f'{order.number} is an order of the bot "{order.bot}", whose folder was not named: add'
            " --bot FOLDER, or set REJOINDER_BOT as the running process has it."
        )

    def published(of: str) -> frozenset[str]:
        return books[of].published if of in books else frozenset()

    moved = await desk.move(number, status, published=published)
    if moved is None:
        raise _no_order(number)
    return moved


def _run(settings: Settings, ask: Callable[[OrderDesk], Any]) -> Any:
    import asyncio

    async def asked() -> Any:
        async with _opened(settings) as desk:
            return await ask(desk)

    return asyncio.run(asked())


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[OrderDesk]:
    from adapters.assembly import open_database, open_orders, prepare

    database = open_database(settings)
    try:
        await prepare(database)
        yield open_orders(database)
    finally:
        await database.close()


# -- how an order is written -----------------------------------------------------------------------


def _as_json(one: Order) -> dict[str, Any]:
    return {
        "number": one.number,
        "status": one.status,
        "key": one.session_key,
        "contact": {"name": one.name, "phone": one.phone, "email": one.email},
        "items": one.lines,
        "total": one.sum,
        "at": moment(one.at),
        "changed_at": moment(one.changed_at),
        "bot": one.bot,
        "lane": one.lane,
        "note": one.note,
    }


def _as_row(one: Order) -> tuple[str, ...]:
    items = _items(one)
    short = items if len(items) <= 60 else f"{items[:59]}…"
    return one.number, one.status, moment(one.at), _total(one), one.session_key, one.name, short


def _in_full(one: Order) -> str:
    rows = (
        ("number", one.number),
        ("status", f"{one.status}, since {moment(one.changed_at)}"),
        ("placed", moment(one.at)),
        ("name", one.name),
        ("phone", one.phone),
        ("email", one.email),
        ("items", _items(one)),
        ("total", _total(one)),
        ("note", one.note),
        ("key", one.session_key),
        ("bot", one.bot),
    )
    return columns(*((name, value) for name, value in rows if value))


def _as_csv(found: Sequence[Order]) -> str:
    from csv import writer
    from io import StringIO

    out = StringIO()
    table = writer(out, lineterminator="\n")
    table.writerow(TABLE)
    for one in found:
        table.writerow(
            (
                one.number,
                one.status,
                moment(one.at),
                one.total,
                one.currency,
                *map(_harmless, (one.session_key, one.name, one.phone, one.email)),
                *map(_harmless, (_items(one), one.note)),
            )
        )
    return out.getvalue().removesuffix("\n")


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from calculating what a customer wrote; a phone number stays as it is."""
    if cell.startswith(("=", "+", "-", "@", "\t", "\r")) and not cell.lstrip("+").isdigit():
        return f"'{cell}"
    return cell


def _items(one: Order) -> str:
    from adapters.assembly import shown_items

    return shown_items(one.lines)


def _total(one: Order) -> str:
    return f"{one.total} {one.currency}" if one.total else ""
