"""What happened, in one order: who did what, when; and what was found to be wrong on the way."""

from __future__ import annotations

__all__ = ["START", "Happened", "Record"]

from collections.abc import Callable
from itertools import count
from typing import NamedTuple

START = 1_767_584_400_000  # 2026-01-05 03:40 UTC, a Monday: the shop has just opened


class Happened(NamedTuple):
    """One thing that happened; `step` puts it in order with what the database notes."""

    step: int
    ms: int
    who: str
    what: str


class Record:
    """The story of one world."""

    def __init__(self, time: Callable[[], float]) -> None:
        self._time = time
        self._steps = count(1)
        self.story: list[Happened] = []
        self.wrong: list[str] = []

    def clock(self) -> int:
        """Return the world's time, as everybody's clock shows it."""
        return START + int(self._time() * 1_000)

    def step(self) -> int:
        """Return the next place in the order of things."""
        return next(self._steps)

    def tell(self, who: str, what: str) -> int:
        """Note that something happened; return its place in the order."""
        step = next(self._steps)
        self.story.append(Happened(step, self.clock(), who, what))
        return step

    def broken(self, invariant: str, why: str) -> None:
        """Note that something is as it must never be."""
        self.wrong.append(f"{invariant}: {why}")
        self.tell("!!", self.wrong[-1])
