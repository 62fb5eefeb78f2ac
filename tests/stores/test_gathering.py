"""Work of one moment goes together, and nobody's departure or failure is another's."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from engine.stores.gathering import Gathering


class Doubling:
    """Doubles numbers, batch by batch, when it is let."""

    def __init__(self, *, lanes: int = 1, most: int = 256) -> None:
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gathering: Gathering[int, int] = Gathering(self._run, lanes=lanes, most=most)

    async def _run(self, batch: list[int]) -> Sequence[int | Exception]:
        self.batches.append(batch)
        await self.gate.wait()
        if 13 in batch and len(batch) > 1:
            raise LookupError("all of it")
        return [ValueError("odd luck") if one == 13 else 2 * one for one in batch]


async def turn() -> None:
    """Let everything run that can."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_comes_together_goes_together() -> None:
    doubling = Doubling()
    doubling.gate.set()
    assert [2, 4, 6] == await asyncio.gather(*(doubling.gathering.do(n) for n in (1, 2, 3)))
    assert [[1, 2, 3]] == doubling.batches


async def test_what_comes_while_a_batch_is_away_makes_the_next() -> None:
    doubling = Doubling()
    first = doubling.gathering.do(1)
    await turn()
    others = [doubling.gathering.do(n) for n in (2, 3)]
    await turn()
    assert [[1]] == doubling.batches
    doubling.gate.set()
    assert [2, 4, 6] == [await first, *[await one for one in others]]
    assert [[1], [2, 3]] == doubling.batches


async def test_what_follows_a_batch_is_done_before_anybody_is_told_and_holds_nobody_up() -> None:
    ran: list[list[int]] = []
    kept: list[tuple[list[int], list[int | Exception]]] = []
    gate = asyncio.Event()

    async def run(batch: list[int]) -> Sequence[int]:
        ran.append(batch)
        return [2 * one for one in batch]

    async def keep(batch: list[int], results: Sequence[int | Exception]) -> None:
        kept.append((batch, list(results)))
        await gate.wait()
        if 13 in batch:
            raise LookupError("not kept")

    gathering: Gathering[int, int] = Gathering(run, then=keep)
    first = gathering.do(1)
    await turn()
    second = gathering.do(13)
    await turn()
    assert [[1], [13]] == ran
    assert [([1], [2]), ([13], [26])] == kept
    assert not first.done()
    gate.set()
    assert 2 == await first
    with pytest.raises(LookupError):
        await second


async def test_two_lanes_let_a_second_batch_go_while_the_first_is_away() -> None:
    doubling = Doubling(lanes=2)
    jobs = []
    for n in (1, 2, 3):
        jobs.append(doubling.gathering.do(n))
        await turn()
    assert [[1], [2]] == doubling.batches
    doubling.gate.set()
    assert [2, 4, 6] == [await one for one in jobs]


async def test_a_batch_has_an_end() -> None:
    doubling = Doubling(most=2)
    doubling.gate.set()
    await asyncio.gather(*(doubling.gathering.do(n) for n in range(5)))
    assert [[0, 1], [2, 3], [4]] == doubling.batches


async def test_a_failure_is_told_to_the_one_it_is_about() -> None:
    doubling = Doubling(most=1)
    doubling.gate.set()
    good, bad = doubling.gathering.do(1), doubling.gathering.do(13)
    assert 2 == await good
    with pytest.raises(ValueError, match="odd luck"):
        await bad


async def test_a_batch_that_fails_as_a_whole_is_told_to_all_and_the_next_goes_on() -> None:
    doubling = Doubling()
    doubling.gate.set()
    for one in [doubling.gathering.do(n) for n in (1, 13)]:
        with pytest.raises(LookupError, match="all of it"):
            await one
    assert 4 == await doubling.gathering.do(2)


async def test_whoever_goes_away_stops_nothing() -> None:
    doubling = Doubling()
    gone, stays = doubling.gathering.do(1), doubling.gathering.do(2)
    await turn()
    gone.cancel()
    doubling.gate.set()
    assert 4 == await stays
    assert [[1, 2]] == doubling.batches


async def test_a_start_that_finds_nothing_to_do_does_nothing() -> None:
    """The batch before took what it was for."""
    doubling = Doubling()
    doubling.gate.set()
    doubling.gathering._start()
    await turn()
    assert [] == doubling.batches
