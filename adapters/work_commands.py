"""The commands of those who run the product: serve, worker, parked, metrics."""

# ruff: noqa: PLC0415 - the engine is imported inside: `--help` must not wait for it

from __future__ import annotations

__all__ = ["metrics", "parked", "serve", "worker"]

from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.terms import (
    EXIT_SHORT,
    BotsOption,
    DatabaseOption,
    RedisOption,
    columns,
    moment,
    show,
    word,
)
from engine.errors import RejoinderError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.service import Service
    from adapters.settings import Settings
    from engine.overview import ParkedEvent


def serve(
    *,
    bot: BotsOption = None,
    host: Annotated[str, typer.Option(help="Where to listen; without it 127.0.0.1.")] = "",
    port: Annotated[
        int | None, typer.Option(help="On which port; without it 8000, 0 takes a free one.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="How many processes; several need PostgreSQL.")
    ] = None,
    database_url: DatabaseOption = "",
    redis_url: RedisOption = "",
) -> None:
    """Serve the web chat and do everything else, until SIGTERM or Ctrl-C."""
    from adapters.operating import ready

    settings = ready(
        quiet=False,
        bot=tuple(bot or ()),
        host=host,
        port=port,
        workers=workers,
        database_url=database_url,
        redis_url=redis_url,
    )
    from adapters.web.serving import listen, serve_alone, serve_together

    sock = listen(settings)
    # What WAHA is told to post to is where we really listen.
    settings = settings.model_copy(update={"port": sock.getsockname()[1]})
    (serve_alone if settings.workers == 1 else serve_together)(settings, sock)


def worker(
    *,
    bot: BotsOption = None,
    database_url: DatabaseOption = "",
    redis_url: RedisOption = "",
) -> None:
    """Do what is owed and ring deadlines, until SIGTERM or Ctrl-C."""
    from adapters.operating import ready
    from adapters.running import run_loop, until_told

    settings = ready(
        quiet=False, bot=tuple(bot or ()), database_url=database_url, redis_url=redis_url
    )
    run_loop(until_told(settings, "the worker is at work; Ctrl-C or SIGTERM ends it."))


def parked(
    what: Annotated[str, typer.Argument(metavar="retry", help="Without it they are listed.")] = "",
    id_: Annotated[str, typer.Argument(metavar="ID", help="Which one to take again.")] = "",
    *,
    json: Annotated[bool, typer.Option("--json", help="Print them as one JSON array.")] = False,
    bot: BotsOption = None,
    database_url: DatabaseOption = "",
    redis_url: RedisOption = "",
) -> None:
    """List the events that a fault of ours could not take, or try one again."""
    import asyncio

    from adapters.operating import opened, ready

    if what not in ("", "retry") or bool(what) != bool(id_):
        raise UsageError("Either ./run parked, or ./run parked retry ID.")
    settings = ready(bot=tuple(bot or ()), database_url=database_url, redis_url=redis_url)

    async def listed() -> Sequence[ParkedEvent]:
        async with opened(settings, books={}) as service:
            return await service.overview.parked()

    if what:
        asyncio.run(_retry(settings, id_))
    else:
        _show_parked(asyncio.run(listed()), json=json)


def _show_parked(found: Sequence[ParkedEvent], *, json: bool) -> None:
    if json:
        from json import dumps

        rows = [_as_json(one) for one in found]
        show(dumps(rows, ensure_ascii=False, indent=2))
    elif not found:
        word("nothing is parked.")
    else:
        head = ("ID", "KEY", "BOT", "EVENT", "AT", "ERROR")
        rest = (
            (one.id, one.session.key, one.session.bot, one.kind, moment(one.at), one.error)
            for one in found
        )
        show(columns(head, *rest))


def _as_json(one: ParkedEvent) -> dict[str, Any]:
    return {
        "id": one.id,
        "key": one.session.key,
        "bot": one.session.bot,
        "lane": one.session.lane,
        "status": one.session.status,
        "at": moment(one.at),
        "event": one.kind,
        "error": one.error,
        "fields": one.fields,
    }


async def _retry(settings: Settings, id_: str) -> None:
    from adapters.operating import opened

    async with opened(settings) as service:
        again = await _tried_again(service, id_)
    if again is not None:
        word(f"it could not be taken again ({again.error}); it is parked as {again.id} now.")
        raise typer.Exit(EXIT_SHORT)
    word(f"{id_} is taken.")


async def _tried_again(service: Service, id_: str) -> ParkedEvent | None:
    """Take a parked event again; return it as it is parked anew, where the fault is still there."""
    from adapters.operating import book_of
    from engine.language.refusals import did_you_mean
    from engine.runtime.retrying import taken_again

    waiting = {one.id: one for one in await service.overview.parked()}
    if id_ not in waiting:
        hint = did_you_mean(id_, waiting) or "./run parked lists those there are."
        raise RejoinderError(f'No event is parked as "{id_}". {hint}')
    one = waiting[id_]
    session = one.session
    book_of(service, session)
    event = taken_again(one)
    place = (session.bot, session.lane, session.contact)
    if not await service.conversations.deliver(place, event, session=session.id):
        raise RejoinderError(
            f'The session "{session.key}" has ended meanwhile: nobody waits for this any more.'
        )
    await service.overview.retried(id_)
    now = await service.overview.parked()
    return next((new for new in now if new.id not in waiting and _same(new, session.id)), None)


def _same(new: ParkedEvent, session: str) -> bool:
    return new.session.id == session


def metrics(
    *,
    bot: BotsOption = None,
    database_url: DatabaseOption = "",
) -> None:
    """Print the metrics of all processes, as Prometheus reads them."""
    import asyncio

    from adapters.metrics import exposition
    from adapters.operating import opened, ready

    settings = ready(bot=tuple(bot or ()), database_url=database_url)

    async def told() -> str:
        async with opened(settings) as service:
            return await exposition(service)

    show(asyncio.run(told()).removesuffix("\n"))
