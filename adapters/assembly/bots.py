"""Bots as their authors have them: folders found, loaded, checked, compiled and played."""

from __future__ import annotations

__all__ = [
    "DEFAULT_BOT",
    "FLOWS",
    "build_book",
    "build_player",
    "find_bot",
    "load_script",
    "load_source",
    "stock_figures",
]

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import flows
from adapters.order_files import read_order_file
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
from engine.script import Script, parse
from engine.stores.memory import MemoryStore
from flows.actions import action_specs, bind
from flows.callbacks import CALLBACKS, Callbacks
from flows.context import StoreContexts
from flows.ledger import MemoryLedger
from flows.order_rows import ORDERS
from flows.orders import Orders
from flows.own_actions import load_own_actions
from flows.requests import REQUESTS, Requests
from flows.stock import STOCK

FLOWS = Path(flows.__path__[0])
DEFAULT_BOT = "parts_shop"


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
        requests=Requests(MemoryLedger(REQUESTS)),
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
    found = read_order_file(file.name, file.read_bytes()) if file.is_file() else None
    return (found.text, found.fault) if found else ("", "file")
