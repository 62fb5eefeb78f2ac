"""Opens the product for a command: settings, logs, tables, parts; and closes it again."""

from __future__ import annotations

__all__ = [
    "Ended",
    "NoSession",
    "book_of",
    "find",
    "newest",
    "opened",
    "parts_away",
    "ready",
    "told",
]

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import structlog

from adapters.assembly import alone, build, open_database, prepare
from adapters.logs import configure
from adapters.service import Service
from adapters.settings import Settings, load_settings
from adapters.terms import word
from engine.errors import RejoinderError, UsageError
from engine.language.refusals import did_you_mean

if TYPE_CHECKING:
    from engine.events import Event
    from engine.language.book import Book
    from engine.overview import Listed

log = structlog.get_logger()

OPERATOR = "operator"  # what the ids of an operator's events begin with


class NoSession(RejoinderError):
    """No session has this key; the text says how to find the right one."""


class Ended(RejoinderError):
    """The session of this key is over, or changed at this moment; the text says what to do."""


def ready(*, quiet: bool = True, **flags: Any) -> Settings:
    """Return the settings, say what is odd about them, and log as they say.

    `quiet` is for commands that only answer: their log begins at warnings.
    """
    settings, odd = load_settings(**flags)
    for one in odd:
        word(one)
    level = settings.log_level
    configure("warning" if quiet and level in ("debug", "info") else level)
    return settings


@asynccontextmanager
async def opened(
    settings: Settings, *, exclusive: bool = False, **given: Any
) -> AsyncIterator[Service]:
    """Open what the settings name, its tables up to date; close it whatever happens.

    `exclusive` is for whoever goes on working: one process per SQLite file.
    """
    database = open_database(settings)
    with alone(database) if exclusive else nullcontext():
        try:
            if await prepare(database):
                log.info("tables_brought_up_to_date", database=database.name)
            service = build(settings, database=database, **given)
        except BaseException:
            await database.close()
            raise
        try:
            yield service
        finally:
            await service.stop()


async def parts_away(service: Service) -> list[tuple[str, str]]:
    """Return which parts (sql, redis) do not answer now, and why."""
    away = []
    for name, check in service.checks.items():
        try:
            await check()
        except Exception as error:  # noqa: BLE001 - whatever it is, that part is away
            away.append((name, f"{type(error).__name__}: {error}"))
    return away


async def newest(service: Service, key: str, *, bot: str = "") -> Listed:
    """Return the open session of a key, else the last that ended; in words where there is none."""
    found = await service.overview.by_key(key, bot=bot)
    if found is None:
        known = await service.overview.keys()
        listed = "./run sessions lists those that are open, with --all those that ended, too."
        raise NoSession(f'There is no session "{key}". {did_you_mean(key, known) or listed}')
    return found


async def find(service: Service, key: str) -> Listed:
    """Return the open session of a key; in words what is wrong where there is none."""
    overview = service.overview
    # Two bots may have a visitor of one name: the bots that were named come first.
    of_each = [await overview.by_key(key, bot=bot) for bot in service.conversations.books]
    own = [one for one in of_each if one is not None]
    found = max(own, key=lambda one: (one.status == "open", one.last_at), default=None)
    found = found or await newest(service, key)
    if found.status != "open":
        raise Ended(f'The session "{key}" has ended; its next message opens a new one.')
    return found


def book_of(service: Service, found: Listed) -> Book:
    """Return the rules of a session's bot; in words what to do where its files were not named."""
    books = service.conversations.books
    if found.bot not in books:
        raise UsageError(
            f'"{found.key}" is a session of the bot "{found.bot}", whose folder was not named: add'
            " --bot FOLDER, or set REJOINDER_BOT as the running process has it."
        )
    return books[found.bot]


async def told(
    service: Service,
    key: str,
    event: Callable[[str, int], Event],
    *,
    unless: str = "",
    ends: str = "",
) -> Listed | None:
    """Hand an operator's event to the open session of a key; None where it is in that mode already.

    `ends` is why, where the event ends it: a session that cannot be read is ended by its row alone.
    """
    found = await find(service, key)
    place = (found.bot, found.lane, found.contact)
    if found.damaged:
        if not ends:
            raise RejoinderError(
                f'What is stored of "{key}" cannot be read. End it with ./run end {key}, or restore'
                " a backup."
            )
        ended = await service.overview.end_unread(found, at=service.clock(), reason=ends)
        await service.forget(place)
        return _still(key, found if ended else None)
    book_of(service, found)
    if found.mode == unless:
        return None
    event_ = event(f"{OPERATOR}:{service.ids()}", service.clock())
    answer = await service.conversations.deliver(place, event_, session=found.id)
    return _still(key, found if answer else None)


def _still(key: str, found: Listed | None) -> Listed:
    if found is None:
        raise Ended(f'The session "{key}" changed at this moment; look again and repeat.')
    return found
