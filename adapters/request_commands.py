"""The command of those who see to requests: list them, strike one off, beside a running process."""

# ruff: noqa: PLC0415 - the engine is imported inside: `--help` must not wait for it

from __future__ import annotations

__all__ = ["requests"]

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from adapters.terms import DatabaseOption, columns, moment, show, word
from engine.errors import RejoinderError, UsageError

if TYPE_CHECKING:
    from adapters.assembly import Request, RequestDesk

T = TypeVar("T")

HEAD = ("NUMBER", "BOT", "AT", "WHAT FOR", "KEY", "DETAILS")
HOW = "Either ./run requests list, or ./run requests done NUMBER."


def requests(
    what: Annotated[str, typer.Argument(metavar="list|done", help="What to do.")],
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="A request, R-1001.")] = "",
    *,
    all_: Annotated[bool, typer.Option("--all", help="List those that are done, too.")] = False,
    bot: Annotated[str, typer.Option("--bot", help="List only those of this bot.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON: list prints an array.")] = False,
    database_url: DatabaseOption = "",
) -> None:
    """List what customers asked for, or strike one off."""
    listing = what == "list"
    if what not in ("list", "done") or bool(number) == listing or ((all_ or bot) and not listing):
        raise UsageError(HOW)
    if listing:
        found = _run(database_url, lambda desk: desk.requests(done=all_))
        _show_list([one for one in found if bot in ("", one.bot)], json=json)
        return
    struck = _run(database_url, lambda desk: desk.strike(number))
    if struck is None:
        raise RejoinderError(
            f'There is no request "{number}". ./run requests list shows those there are.'
        )
    one, was_open = struck
    if json:
        _show_json(_as_json(one))
    word(f"{one.number} is done." if was_open else f"{one.number} was done already.")


def _show_list(found: Sequence[Request], *, json: bool) -> None:
    if json:
        _show_json([_as_json(one) for one in found])
    elif found:
        show(columns(HEAD, *map(_as_row, found)))
    else:
        word("nothing is asked for.")


def _show_json(shown: object) -> None:
    from json import dumps

    show(dumps(shown, ensure_ascii=False, indent=2))


def _as_json(one: Request) -> Mapping[str, Any]:
    return {
        "number": one.number,
        "status": "done" if one.is_done else "open",
        "kind": one.kind,
        "key": one.session_key,
        "details": one.said,
        "at": moment(one.at),
        "bot": one.bot,
        "lane": one.lane,
    }


def _as_row(one: Request) -> tuple[str, ...]:
    said = ", ".join(f"{name}: {value}" for name, value in one.said.items())
    kind = f"{one.kind} (done)" if one.is_done else one.kind
    return one.number, one.bot, moment(one.at), kind, one.session_key, said


def _run(database_url: str, ask: Callable[[RequestDesk], Awaitable[T]]) -> T:
    import asyncio

    from adapters.assembly import open_database, open_requests, prepare
    from adapters.operating import ready

    settings = ready(database_url=database_url)

    async def asked() -> T:
        database = open_database(settings)
        try:
            await prepare(database)
            return await ask(open_requests(database))
        finally:
            await database.close()

    return asyncio.run(asked())
