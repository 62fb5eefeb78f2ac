"""The assistants that bots ask, as their files and the environment say."""

from __future__ import annotations

__all__ = ["open_asker"]

from collections.abc import Mapping

from engine.language.book import Book
from engine.ports import Assistant, Clock, SessionStore
from engine.runtime.assistant import Asker
from engine.runtime.metrics import Counters
from engine.stores.budget import SqlBudget
from engine.stores.database import Database


def open_asker(
    books: Mapping[str, Book],
    store: SessionStore,
    database: Database,
    given: Mapping[str, Assistant] | None,
    *,
    clock: Clock,
    counters: Counters,
) -> Asker:
    """Return what asks them; those that are given stand in for the real ones."""
    budget = SqlBudget(database)
    return Asker(books, store, given or {}, clock=clock, counters=counters, budget=budget)
