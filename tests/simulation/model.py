"""The assistant of a world: the real client of Gemini, and what stands in for Gemini itself.

It answers in every mood that the seed draws. Each request is kept as it came: whose question it was,
by which process, and how the session stood.
"""

from __future__ import annotations

__all__ = ["Asking", "Model", "Request"]

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import httpx2

from adapters.gemini.assistant import Gemini
from adapters.gemini.standin import (
    Asked,
    GeminiStandin,
    Mood,
    blocked,
    broken,
    call,
    calls,
    cut,
    empty,
    fails,
    html,
    limited,
    says,
    slow,
    stopped,
)
from engine.questions import Question, Reply
from engine.records import Work

if TYPE_CHECKING:
    from tests.simulation.faults import Faults

BEYOND_PATIENCE = 40.0  # seconds; bots wait for twenty
_ASKING: ContextVar[Asking] = ContextVar("asking")

# What it does instead of answering, each as often as the others.
BAD_MOODS: tuple[Callable[[], Mood], ...] = (
    lambda: limited("3s"),
    lambda: limited(header="2"),
    lambda: limited("120s"),  # longer than anybody waits
    lambda: fails(500),
    lambda: fails(503),
    lambda: html(502),
    lambda: slow(BEYOND_PATIENCE),
    cut,
    broken,
    blocked,
    empty,
    lambda: stopped("SAFETY"),
    lambda: stopped("MAX_TOKENS", "It is so. It is al"),
    lambda: calls(call("cancel_order", number="A-1")),
    lambda: calls(call(flow="everything_for_free")),
)


@dataclass(slots=True)
class Asking:
    """One try of one worker at a question."""

    model: Model
    work: Work
    given_back: bool = False  # its worker was stopped in order, and left it to another


@dataclass(frozen=True, slots=True)
class Request:
    """What reached the stand-in, and when."""

    step: int
    asking: Asking
    asked: Asked


class Model:
    """Gemini, as all workers of a world reach it."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._standin = GeminiStandin(self._mood, clock=faults.record.clock)
        self._transport = self._standin.transport()
        self._badness = faults.random.choice((0.1, 0.3, 0.9))  # it has bad days
        self._came: list[tuple[int, Asking]] = []

    @property
    def requests(self) -> list[Request]:
        """Everything that reached the stand-in, in order."""
        return [
            Request(step, asking, asked)
            for (step, asking), asked in zip(self._came, self._standin.asked, strict=True)
        ]

    async def ask(self, work: Work, question: Question) -> Reply:
        """Ask Gemini, and keep whose question it is."""
        await self._faults.wait()
        asking = Asking(self, work)
        _ASKING.set(asking)
        try:
            return await _client().ask(work, question)
        except asyncio.CancelledError:
            asking.given_back = True
            raise

    async def reached(self, request: httpx2.Request) -> httpx2.Response:
        """Take a request as it comes from the network."""
        asking = _ASKING.get()
        step = self._faults.record.tell("gemini", f"is asked {asking.work.effect.id}")
        self._came.append((step, asking))
        return await self._transport.handle_async_request(request)

    def _mood(self, asked: Asked) -> Mood:
        faults = self._faults
        if faults.chance(self._badness):
            return faults.random.choice(BAD_MOODS)()
        told = f"It depends on: {asked.question[:20]}"
        offers = sorted(asked.offers)
        if offers and faults.chance(0.2):
            text = told if faults.chance(0.3) else ""
            return calls(call(flow=faults.random.choice(offers)), text=text)
        return slow(faults.random.random() * 3, says(told)) if faults.often(0.2) else says(told)


class _Network(httpx2.AsyncBaseTransport):
    """Leads every request to the stand-in of its world."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return await _ASKING.get().model.reached(request)


@cache
def _client() -> Gemini:
    """Return the one client of all worlds: it knows of none, and opening it takes long."""
    return Gemini(key="any", transport=_Network())
