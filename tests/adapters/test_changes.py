"""News of conversations: whoever watches hears of every change, and of the end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from adapters import changes
from adapters.changes import Changes
from engine.records import Place
from engine.stores.database import Unavailable

HARI = ("shop", "web", "hari")
EVA = ("shop", "web", "eva")


class Rows:
    """The versions a database would give, and what was asked for."""

    def __init__(self) -> None:
        self.now: dict[Place, tuple[str, int]] = {}
        self.asked: list[list[Place]] = []
        self.away = False
        self.was_asked = asyncio.Event()

    async def __call__(self, places: Sequence[Place]) -> Mapping[Place, tuple[str, int]]:
        self.asked.append(list(places))
        self.was_asked.set()
        if self.away:
            raise Unavailable("away")
        return {place: self.now[place] for place in places if place in self.now}


async def test_all_who_watch_a_place_are_told_and_nobody_else() -> None:
    told = Changes(Rows())
    with told.watching(HARI) as one, told.watching(HARI) as two, told.watching(EVA) as eva:
        told.tell(HARI, 1)

        assert [True, True, False] == [await watch.news(0) for watch in (one, two, eva)]
        assert not await one.news(0), "once"
    told.tell(HARI, 2)


async def test_who_waits_is_woken() -> None:
    told = Changes(Rows())
    with told.watching(HARI) as watch:
        waiting = asyncio.create_task(watch.news(60))
        await asyncio.sleep(0)
        told.tell(HARI, 1)
        assert await waiting
        assert not await watch.news(0.001)


async def test_what_another_process_did_is_found_by_one_question_for_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(changes, "AT_ONCE", 2)
    rows = Rows()
    told = Changes(rows)
    others = [("shop", "web", str(n)) for n in range(3)]
    with told.watching(HARI) as hari, told.watching(EVA) as eva:
        hari.seen = ("s1", 1)
        rows.now[HARI] = ("s1", 1)
        await told.look()
        assert [False, False] == [await watch.news(0) for watch in (hari, eva)]
        # What happened between reading and watching is not missed either.
        rows.now[HARI] = ("s1", 2)
        await told.look()
        assert [True, False] == [await watch.news(0) for watch in (hari, eva)]
        rows.asked.clear()
        with told.watching(others[0]), told.watching(others[1]), told.watching(others[2]):
            await told.look()
        assert [2, 2, 1] == [len(asked) for asked in rows.asked]
    rows.asked.clear()
    await told.look()
    assert [] == rows.asked


async def test_a_database_that_is_away_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "LOOK", 0)
    rows = Rows()
    rows.away = True
    told = Changes(rows)
    with told.watching(HARI) as watch:
        running = asyncio.create_task(told.run())
        await rows.was_asked.wait()
        rows.away = False
        rows.now[HARI] = ("s1", 1)
        assert await watch.news(60)
        running.cancel()


async def test_the_end_is_told_to_those_who_watch_and_those_who_come_later() -> None:
    told = Changes(Rows())
    with told.watching(HARI) as watch:
        told.close()
        assert watch.ended
        assert await watch.news(60)
    with told.watching(HARI) as late:
        assert late.ended
