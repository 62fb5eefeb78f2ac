"""Puts the parts together: the one file that knows every concrete class.

Everything here is asked for by name and imported when it is needed, so that `--help` stays quick.
"""

from __future__ import annotations

# ruff: noqa: PLC0415 - databases are imported by whoever opens one: a script or a check needs none

__all__ = [
    "DEFAULT_BOT",
    "FLOWS",
    "ORDER_STATUSES",
    "Moved",
    "Order",
    "OrderDesk",
    "StockDesk",
    "alone",
    "build",
    "build_book",
    "build_player",
    "find_bot",
    "load_script",
    "load_source",
    "open_cache",
    "open_database",
    "open_orders",
    "open_stock",
    "prepare",
    "shown_items",
]

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import flows
from adapters.changes import Changes
from adapters.lock_file import only_one
from adapters.service import Service
from adapters.settings import Settings
from adapters.whatsapp.switchboard import Switchboard
from engine.errors import AuthorError, Fault, ScriptError, UsageError
from engine.language.book import Book
from engine.language.bot_compiler import compile_bot
from engine.language.checks import check_bot, load_checked
from engine.language.document import read_text, shown_path
from engine.language.loader import load_flow_file
from engine.language.refusals import did_you_mean
from engine.language.schema import ActionSpec
from engine.language.source import BotSource
from engine.play import Player
from engine.ports import Action, Assistant, Cache, Channel, Clock
from engine.records import Place
from engine.runtime.conversations import Conversations
from engine.runtime.counting import Counting
from engine.runtime.deadlines import Deadlines
from engine.runtime.housekeeping import Housekeeping
from engine.runtime.metrics import Counters
from engine.runtime.system import new_id, system_clock
from engine.runtime.worker import Worker
from engine.script import Script, parse
from engine.stores.database import Database, Unavailable
from engine.stores.memory import MemoryStore
from flows.actions import action_specs, bind
from flows.callbacks import CALLBACKS, Callbacks
from flows.context import SqlContexts, StoreContexts
from flows.ledger import MemoryLedger, SqlLedger
from flows.order_desk import Moved, OrderDesk
from flows.order_lines import shown as shown_items
from flows.order_rows import ORDERS, Order
from flows.order_status import MOVES
from flows.orders import Orders
from flows.own_actions import load_own_actions
from flows.stock import STOCK, StockDesk, begin_counting

if TYPE_CHECKING:
    from engine.stores.cache import RedisCache
    from engine.stores.schema import Part

FLOWS = Path(flows.__path__[0])
DEFAULT_BOT = "parts_shop"
ORDER_STATUSES = tuple(MOVES)


def find_bot(name: str, *, near: Sequence[Path] = ()) -> Path:
    """Return the folder of a bot: a path, from one of these folders too, or a shipped bot's name."""
    path = Path(name.removesuffix("/bot.yaml"))
    folders = [path, *(folder / path for folder in near), FLOWS / path]
    for folder in folders:
        if (folder / "bot.yaml").is_file():
            return folder
    for folder in folders:
        if folder.is_dir():
            raise UsageError(f"{shown_path(folder)} is a folder without a bot.yaml, so no bot.")
    known = sorted(file.parent.name for file in FLOWS.glob("*/bot.yaml"))
    beside = sorted(file.parent.as_posix() for file in path.parent.glob("*/bot.yaml"))
    hint = did_you_mean(name, [*known, *beside]) or f"Shipped are: {', '.join(known)}."
    raise UsageError(f'There is no bot "{name}". {hint}')


def load_source(folder: Path, changes: Sequence[Path] = ()) -> BotSource:
    """Load a bot's files, checked, with these flow files in the place of its own."""
    source = _loaded(folder, _stamp(folder, FLOWS))
    for file in changes:
        changed = load_flow_file(file)
        name = changed.flow.flow
        if name not in source.flows:
            hint = did_you_mean(name, source.flows)
            raise ScriptError(
                f'{shown_path(file)}: bot {source.bot.bot} has no flow "{name}". {hint}'
            )
        source = replace(
            source,
            flows={**source.flows, name: changed.flow},
            flow_documents={**source.flow_documents, name: changed.document},
            hashes={**source.hashes, name: changed.hash},
        )
    specs = action_specs(load_own_actions(folder)) if changes else {}
    if faults := check_bot(source, actions=specs) if changes else []:
        raise AuthorError(faults)
    return source


def _stamp(*folders: Path) -> tuple[tuple[str, int, int], ...]:
    """Tell the present files of some folders from all they were before."""
    files = sorted(file for folder in folders for file in folder.iterdir() if file.is_file())
    return tuple((str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in files)


# Reading and checking a bot's files takes ten times as long as compiling them, and a hundred scripts
# play the same bot. The cache holds sources, never books: a restart still compiles everything anew.
@lru_cache(maxsize=16)
def _loaded(folder: Path, _stamp: tuple[tuple[str, int, int], ...]) -> BotSource:
    faults: list[Fault] = []
    specs: Mapping[str, ActionSpec] | None = None
    try:
        specs = action_specs(load_own_actions(folder))
    except AuthorError as error:
        faults += error.faults
    try:
        # What its own actions need is not known while they cannot be read; all else is checked.
        source = load_checked(folder, defaults=FLOWS, actions=specs)
    except AuthorError as error:
        faults += error.faults
    if faults:
        raise AuthorError(faults)
    return source


def build_book(folder: Path, changes: Sequence[Path] = ()) -> Book:
    """Compile a bot; every fault in its files is in the one `AuthorError`."""
    return compile_bot(load_source(folder, changes))


def load_script(path: Path) -> Script:
    """Read a conversation script."""
    if not path.is_file():
        beside = [shown_path(file) for file in path.parent.glob("*.chat")]
        hint = did_you_mean(shown_path(path), beside) or "A script is a file with the ending .chat."
        raise UsageError(f"There is no script {shown_path(path)}. {hint}")
    return parse(read_text(path), shown_path(path))


def build_player(
    folder: Path, headers: Mapping[str, Any] | None = None, *, path: str = "script"
) -> Player:
    """Return a player of this bot with a store, an order book and a clock of its own."""
    given = {key: value for key, value in (headers or {}).items() if key != "bot"}
    source = load_source(folder)
    actions = bind(
        contexts=StoreContexts(lambda: player.stage.store),
        own={source.bot.bot: load_own_actions(folder)},
        orders=Orders(MemoryLedger(ORDERS, STOCK), figures=lambda _: stock_figures(source)),
        callbacks=Callbacks(MemoryLedger(CALLBACKS)),
    )
    player = Player(
        lambda changes: build_book(folder, changes),
        MemoryStore(),
        actions,
        path=path,
        attachment=_attachment,
        **given,
    )
    return player


def stock_figures(source: BotSource) -> Mapping[str, float]:
    """Return how much of each product a bot's catalogue says there is, where it says so."""
    return {row["id"]: row["stock"] for row in source.catalogue if row["stock"] is not None}


def _attachment(file: Path) -> tuple[str, str]:
    """Read a file that a script sends; one that is not there is only a name."""
    from adapters.order_files import read_order_file

    found = read_order_file(file.name, file.read_bytes()) if file.is_file() else None
    return (found.text, found.fault) if found else ("", "file")


# -- the product -----------------------------------------------------------------------------------


def parts() -> tuple[Part, ...]:
    """Return the tables there are: the engine's, and the flows' own."""
    from engine.stores.schema import ENGINE, Part
    from flows.tables import METADATA as FLOW_TABLES

    return ENGINE, Part("flows", FLOWS / "migrations", FLOW_TABLES)


def open_database(settings: Settings) -> Database:
    """Return the database the settings name; nothing is asked of it yet."""
    from engine.stores.sqlite import SqliteDatabase

    url = settings.database_url
    if url.startswith("postgres"):
        from engine.stores.postgres import PostgresDatabase

        return PostgresDatabase(f"postgresql://{url.partition('://')[2]}")
    path = Path(url.removeprefix("sqlite:///")) if url else settings.data / "rejoinder.db"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"{path}: its folder cannot be made: {error.strerror}.") from error
    return SqliteDatabase(path)


def open_cache(settings: Settings) -> RedisCache | None:
    """Return the Redis the settings name, if they name one; nothing is asked of it yet."""
    if not settings.redis_url:
        return None
    from engine.stores.cache import RedisCache

    return RedisCache(settings.redis_url)


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
    from engine.stores.counting import SqlTotals
    from engine.stores.directory import SqlDirectory
    from engine.stores.lists import SqlOverview
    from engine.stores.retention import SqlKeeping
    from engine.stores.sql import SqlStore
    from engine.stores.tiered import TieredStore
    from flows.order_effects import TELL
    from flows.order_news import OrderNews
    from flows.tables import CallbackRow, OrderRow

    database = database or open_database(settings)
    closing: list[Callable[[], Awaitable[None]]] = [database.close]
    beside: list[Callable[[], Coroutine[Any, Any, None]]] = []
    checks: dict[str, Callable[[], Awaitable[object]]] = {
        "sql": lambda: database.read(("SELECT 1", ()))
    }
    counters = Counters()
    counting = Counting(counters, SqlTotals(database))
    redis = None
    if cache is None:
        cache = redis = open_cache(settings)
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
        cache,
        restored=lambda bot, tier: counters.add("restored", bot, tier),
        changed=changes.tell,
    )
    folders: dict[str, Path] = {}
    if books is None:
        folders = {load_source(one).bot.bot: one for one in map(find_bot, settings.bot)}
        books = {name: build_book(folder) for name, folder in folders.items()}
    sources = {name: load_source(folder) for name, folder in folders.items()}
    if actions is None:
        published = {name: book.published for name, book in books.items()}
        figures = {name: stock_figures(source) for name, source in sources.items()}
        actions = bind(
            contexts=SqlContexts(database),
            own={name: load_own_actions(folder) for name, folder in folders.items()},
            orders=Orders(
                SqlLedger(database, OrderRow, clock),
                figures=lambda bot: figures.get(bot, {}),
                published=lambda bot: published.get(bot, frozenset()),
            ),
            callbacks=Callbacks(SqlLedger(database, CallbackRow, clock)),
        )
        actions[TELL] = OrderNews(
            database,
            store,
            books,
            clock=clock,
            ids=ids,
            on_effects=lambda: worker.wake(),  # noqa: PLW0108 - made below
        ).tell
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
    switchboard = _switchboard(database, sources.values(), books, clock)
    worker = Worker(
        store,
        conversations,
        actions=actions,
        channels=channels if channels is not None else switchboard,
        assistants=assistants or {},
        clock=clock,
        random=random or Random(),  # noqa: S311 - jitter, no secret
    )
    if redis is not None:

        def changed(place: Place, version: int) -> None:
            store.memory.drop_older(place, version)
            changes.tell(place, version)

        beside.append(lambda: redis.listen(changed, worker.wake))
    beside += [switchboard.run, changes.run, counting.run, Housekeeping(SqlKeeping(database), books, clock).run]
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
        switchboard=switchboard,
        clock=clock,
        ids=ids,
    )


def _switchboard(
    database: Database, sources: Iterable[BotSource], books: Mapping[str, Book], clock: Clock
) -> Switchboard:
    from engine.stores.connections import SqlConnections
    from engine.stores.deliveries import SqlDeliveries

    def choose(bot: str, language: str) -> str:
        text = books[bot].texts["open_list"]
        return text[language if language in text else books[bot].languages[0]].constant or ""

    return Switchboard(
        [source.bot for source in sources],
        SqlDeliveries(database),
        SqlConnections(database),
        clock=clock,
        choose=choose,
    )


def open_orders(database: Database, clock: Clock = system_clock) -> OrderDesk:
    """Return everybody's orders, for the people of the shop."""
    return OrderDesk(database, clock)


def open_stock(database: Database) -> StockDesk:
    """Return what is left of everything, for the people of the shop."""
    return StockDesk(database)


async def prepare(database: Database) -> bool:
    """Bring the tables of a database up to date; return whether anything was done."""
    from engine.stores.schema import upgrade

    return await upgrade(database, parts())


def alone(database: Database) -> AbstractContextManager[None]:
    """Hold off other processes that would serve the same file; a server holds off nobody."""
    path = getattr(database, "path", None)
    return only_one(path) if path else nullcontext()
