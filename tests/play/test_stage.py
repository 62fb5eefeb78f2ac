"""What the stage does when a store, a deadline or our own code misbehaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.assembly import build_book
from engine.errors import ScriptError
from engine.language.book import Book
from engine.play import Player, play
from engine.records import Conflict, Outcome, Place, Write
from engine.script import parse
from engine.session import Session
from engine.stores.memory import MemoryStore
from engine.transcript import render


def performed(text: str, bot: Path, store: MemoryStore, book: Book | None = None) -> str:
    player = Player(lambda _: book or build_book(bot), store, {})
    return render(play(player, parse(text)).entries)


class BusyStore(MemoryStore):
    """Another worker is always faster, the first times."""

    times = 2

    async def commit(self, write: Write) -> Outcome:
        if self.times:
            self.times -= 1
            return Conflict()
        return await super().commit(write)


class ForgetfulStore(MemoryStore):
    """It loses everything when its process ends."""

    def reopened(self) -> ForgetfulStore:
        return ForgetfulStore()


class HastyStore(MemoryStore):
    """It wakes sessions that have nothing to do."""

    async def due(self, now: int, *, limit: int = 100) -> Sequence[Session]:
        session = await self.load(("desk", "web", "me"))
        return [replace(session, nudge_at=now, expires_at=None)] if session else []


class BelatedStore(MemoryStore):
    """Its sessions end, merged into others, just when they should be woken."""

    over = False

    async def due(self, now: int, *, limit: int = 100) -> Sequence[Session]:
        found = await super().due(now)
        self.over = bool(found)
        return found

    async def load(self, place: Place, *, fresh: bool = False) -> Session | None:
        return None if self.over else await super().load(place)


class Wait:
    """Something to wait for."""

    def __await__(self) -> Any:
        yield


class SlowStore(MemoryStore):
    """It really waits."""

    async def load(self, place: Place, *, fresh: bool = False) -> Session | None:
        await Wait()
        return await super().load(place)


def test_a_turn_is_taken_again_when_another_worker_was_faster(desk: Path) -> None:
    assert "< Your name?" in performed("> book a visit\n", desk, BusyStore())


def test_a_store_that_never_takes_a_turn_is_an_error_and_no_endless_loop(desk: Path) -> None:
    store = BusyStore()
    store.times = 1_000

    with pytest.raises(ScriptError, match="the store refused this turn 5 times"):
        performed("> book a visit\n", desk, store)


def test_a_session_that_does_not_come_back_after_a_restart_is_an_error(desk: Path) -> None:
    with pytest.raises(ScriptError, match="session s1 did not come back as it was"):
        performed("> book a visit\n~ restart\n", desk, ForgetfulStore())


def test_a_session_woken_for_nothing_is_left_alone(desk: Path) -> None:
    assert performed("> book a visit\n~ 1 minute\n", desk, HastyStore()) == (
        "> book a visit\n< Your name?\n  [visit: asking]\n~ 1 minute\n"
    )


def test_a_deadline_of_a_conversation_that_is_over_opens_no_new_one(desk: Path) -> None:
    assert performed("> book a visit\n~ 2 days\n", desk, BelatedStore()).endswith("~ 2 days\n")


def test_a_store_that_waits_cannot_be_played_with(desk: Path) -> None:
    with pytest.raises(RuntimeError, match="must not wait"):
        performed("> hi\n", desk, SlowStore())


def test_a_fault_of_ours_is_shown_with_its_error_in_the_transcript(desk: Path) -> None:
    def broken(_state: str, _trigger: str, _slots: Mapping[str, Any]) -> str | None:
        message = "a planted bug"
        raise ZeroDivisionError(message)

    book = build_book(desk)
    book = replace(book, flows={"visit": replace(book.flows["visit"], fire=broken)})

    assert "ZeroDivisionError: a planted bug" in performed(
        "> book a visit\n> Hari\n", desk, MemoryStore(), book
    )


def test_what_other_systems_are_told_is_shown(desk: Path) -> None:
    book = replace(build_book(desk), published=frozenset({"session.opened"}))

    shown = performed("> book a visit\n", desk, MemoryStore(), book)

    assert "* publish session.opened\n" in shown
