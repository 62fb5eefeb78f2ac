"""A service put together as the settings say; what is given stands in for the real thing."""

from __future__ import annotations

# ruff: noqa: PLC0415 - what serves is imported by whoever serves: `--help` and a script need none

__all__ = ["build"]

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from adapters.assembly.assistants import open_assistants
from adapters.assembly.bots import build_book, find_bot, load_source, stock_figures
from adapters.assembly.databases import open_cache, open_database
from adapters.changes import Changes
from adapters.service import Service
from adapters.settings import Settings
from engine.language.book import Book
from engine.language.source import BotSource
from engine.ports import Action, Assistant, Cache, Channel, Clock, SessionStore
from engine.records import Place
from engine.runtime.assistant import Asker
from engine.runtime.conversations import Conversations
from engine.runtime.counting import Counting
from engine.runtime.deadlines import Deadlines
from engine.runtime.housekeeping import Housekeeping
from engine.runtime.metrics import Counters
from engine.runtime.system import new_id, system_clock
from engine.runtime.worker import Worker
from engine.stores.database import Database
from flows.actions import bind
from flows.callbacks import Callbacks
from flows.context import SqlContexts
from flows.ledger import SqlLedger
from flows.orders import Orders
from flows.own_actions import load_own_actions
from flows.requests import Requests
from flows.stock import begin_counting

if TYPE_CHECKING:
    from adapters.whatsapp.supervision import Connections
    from adapters.whatsapp.switchboard import Switchboard


def build(
    settings: Settings,
    *,
    database: Database | None = None,
    cache: Cache | None = None,
    books: Mapping[str, Book] | None = None,
    actions: Mapping[str, Action] | None = None,
    channels: Mapping[str, Channel] | None = None,
    assistants: Mapping[str, Assistant] | None = None,
    clock: Clock = system_clock,
    ids: Callable[[], str] = new_id,
    random: Random | None = None,
) -> Service:
    """Put a service together as the settings say; what is given stands in for the real thing.

    Its tables must be there: see `prepare`.
    """
    from adapters.whatsapp.supervision import Supervision
    from engine.stores.budget import SqlBudget
    from engine.stores.connections import SqlConnections
    from engine.stores.counting import SqlTotals
    from engine.stores.directory import SqlDirectory
    from engine.stores.lists import SqlOverview
    from engine.stores.retention import SqlKeeping
    from engine.stores.sql import SqlStore
    from engine.stores.tiered import TieredStore

    database = database or open_database(settings)
    closing: list[Callable[[], Awaitable[None]]] = [database.close]
    beside: list[Callable[[], Coroutine[Any, Any, None]]] = []
    checks: dict[str, Callable[[], Awaitable[object]]] = {
        "sql": lambda: database.read(("SELECT 1", ()))
    }
    counters = Counters()
    counting = Counting(counters, SqlTotals(database))
    redis = open_cache(settings) if cache is None else None
    if redis is not None:
        closing.insert(0, redis.close)
        checks["redis"] = redis.ping

    def batched(turns: int) -> None:
        counters.add("batch_size", n=turns)
        counters.add("batch_size_count")

    overview = SqlOverview(database)
    changes = Changes(overview.versions)
    store = TieredStore(
        SqlStore(database, batched=batched),
        cache or redis,
        restored=lambda bot, tier: counters.add("restored", bot, tier),
        changed=changes.tell,
    )
    found = map(find_bot, settings.bot) if books is None else ()
    folders = {load_source(folder).bot.bot: folder for folder in found}
    sources = {name: load_source(folder) for name, folder in folders.items()}
    helpers = open_assistants(sources.values(), assistants)
    closing += helpers.closing
    if books is None:
        built = {name: build_book(folder) for name, folder in folders.items()}
        books = helpers.known_to(built)
    if actions is None:
        figures = {name: stock_figures(source) for name, source in sources.items()}
        actions = _actions(database, clock, folders, books, figures)
        actions |= _order_news(
            database,
            store,
            books,
            clock,
            ids=ids,
            on_effects=lambda: worker.wake(),  # noqa: PLW0108 - made below
        )
        beside.append(lambda: begin_counting(database, figures))
    conversations = Conversations(
        books,
        store,
        SqlDirectory(database),
        clock=clock,
        ids=ids,
        counters=counters,
        on_effects=lambda: worker.wake(),  # noqa: PLW0108 - made below
    )
    connections = SqlConnections(database)
    switchboard = _switchboard(connections, database, sources.values(), books, clock)
    supervision = Supervision(
        switchboard, connections, our_url=settings.our_url, who=new_id(), clock=clock
    )
    worker = Worker(
        store,
        conversations,
        actions=actions,
        channels=channels if channels is not None else switchboard,
        asker=Asker(
            books,
            store,
            helpers.asked,
            clock=clock,
            counters=counters,
            budget=SqlBudget(database),
            knowledge=helpers.knowledge,
        ),
        clock=clock,
        random=random or Random(),  # noqa: S311 - jitter, no secret
    )
    if redis is not None:

        def changed(place: Place, version: int) -> None:
            store.memory.drop_older(place, version)
            changes.tell(place, version)

        beside.append(lambda: redis.listen(changed, worker.wake))
    beside += [
        switchboard.run,
        supervision.run,
        changes.run,
        counting.run,
        Housekeeping(SqlKeeping(database), books, clock).run,
    ]
    return Service(
        conversations,
        worker,
        Deadlines(store, conversations, clock),
        store,
        counters,
        beside,
        [counting.close, switchboard.close, *closing],
        counting=counting,
        overview=overview,
        changes=changes,
        checks=checks,
        forget=store.drop,
        tell=helpers.tell,
        switchboard=switchboard,
        supervision=supervision,
        connections=connections,
        clock=clock,
        ids=ids,
    )


def _actions(
    database: Database,
    clock: Clock,
    folders: Mapping[str, Path],
    books: Mapping[str, Book],
    figures: Mapping[str, Mapping[str, float]],
) -> dict[str, Action]:
    """Return what flows may do: the shop's own actions, and those of each bot's folder."""
    from flows.tables import CallbackRow, OrderRow, RequestRow

    published = {name: book.published for name, book in books.items()}
    return bind(
        contexts=SqlContexts(database),
        own={name: load_own_actions(folder) for name, folder in folders.items()},
        orders=Orders(
            SqlLedger(database, OrderRow, clock),
            figures=lambda bot: figures.get(bot, {}),
            published=lambda bot: published.get(bot, frozenset()),
        ),
        callbacks=Callbacks(SqlLedger(database, CallbackRow, clock)),
        requests=Requests(SqlLedger(database, RequestRow, clock)),
    )


def _order_news(
    database: Database,
    store: SessionStore,
    books: Mapping[str, Book],
    clock: Clock,
    *,
    ids: Callable[[], str],
    on_effects: Callable[[], None],
) -> dict[str, Action]:
    """Return what tells customers of their orders."""
    from flows.order_effects import TELL
    from flows.order_news import OrderNews

    news = OrderNews(database, store, books, clock=clock, ids=ids, on_effects=on_effects)
    return {TELL: news.tell}


def _switchboard(
    connections: Connections,
    database: Database,
    sources: Iterable[BotSource],
    books: Mapping[str, Book],
    clock: Clock,
) -> Switchboard:
    from adapters.whatsapp.switchboard import Switchboard
    from engine.stores.deliveries import SqlDeliveries

    def choose(bot: str, language: str) -> str:
        text = books[bot].texts["open_list"]
        return text[language if language in text else books[bot].languages[0]].constant or ""

    bots = [source.bot for source in sources]
    return Switchboard(bots, SqlDeliveries(database), connections, clock=clock, choose=choose)
