"""Posts to the product's webhook: signed bytes, again and again until it answers 200."""

from __future__ import annotations

__all__ = ["GAPS", "Courier", "Posted"]

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import count
from threading import Condition
from typing import Any

import httpx2

from adapters.whatsapp.standins.background import Background
from engine.ports import Clock

GAPS = (0.0, 0.2, 0.5, 1.0, 2.0, 5.0)  # seconds before each attempt; the last one is repeated
TIMEOUT = 10.0  # seconds for one answer; Meta publishes none
LOOK = 0.02  # seconds between looks for an address


@dataclass(frozen=True, slots=True)
class Posted:
    """One attempt to deliver a webhook, and what became of it."""

    at: int
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes
    attempt: int
    status: int  # 0: no answer
    answer: str = ""

    @property
    def json(self) -> Any:
        """What was posted, read."""
        return json.loads(self.body)


class Courier:
    """Carries webhooks. Those of one `lane` go in order, as far as their first attempts."""

    def __init__(
        self,
        background: Background,
        address: Callable[[], str],
        headers: Callable[[bytes], Mapping[str, str]],
        clock: Clock,
        told: Callable[[], None],
    ) -> None:
        """Post to whatever address there is at the time; while there is none, wait for it."""
        self.posted: list[Posted] = []
        self.gaps: Sequence[float] = GAPS
        self._background = background
        self._address = address
        self._headers = headers
        self._clock = clock
        self._told = told
        self._client: httpx2.AsyncClient | None = None
        self._lanes: dict[str, asyncio.Event] = {}
        self._changed = Condition()
        self._under_way = 0

    def post(
        self,
        body: bytes,
        *,
        lane: str = "",
        after: float = 0.0,
        headers: Mapping[str, str] | None = None,
        once: bool = False,
    ) -> Future[int]:
        """Begin to deliver; the result is the status of the last attempt.

        `headers` stand in for ours (a wrong signature); `once` tries once whatever the answer is.
        """
        with self._changed:
            self._under_way += 1
        work = self._background.spawn(self._deliver(body, lane, after, headers, once=once))
        work.add_done_callback(self._arrived)
        return work

    def settled(self, timeout: float) -> bool:
        """Wait until nothing is under way; say whether it came to that."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._under_way, timeout)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            await self._client.aclose()

    def _arrived(self, _work: Future[int]) -> None:
        with self._changed:
            self._under_way -= 1
            self._changed.notify_all()

    async def _deliver(
        self,
        body: bytes,
        lane: str,
        after: float,
        headers: Mapping[str, str] | None,
        *,
        once: bool,
    ) -> int:
        before, tried = self._lanes.get(lane), asyncio.Event()
        if lane:
            self._lanes[lane] = tried
        try:
            if after:
                await asyncio.sleep(after)
            if lane and before is not None:
                await before.wait()
            while not self._address():  # noqa: ASYNC110 - the product may start after us
                await asyncio.sleep(LOOK)
            for attempt in count(1):
                await asyncio.sleep(self.gaps[min(attempt, len(self.gaps)) - 1])
                status = await self._attempt(body, headers, attempt)
                tried.set()
                if status == 200 or once:
                    return status
        finally:
            tried.set()
        raise AssertionError("it goes on for ever")

    async def _attempt(self, body: bytes, headers: Mapping[str, str] | None, attempt: int) -> int:
        url = self._address()
        if self._client is None:
            limits = httpx2.Limits(max_connections=None)
            self._client = httpx2.AsyncClient(timeout=TIMEOUT, limits=limits, trust_env=False)
        sent = {
            "content-type": "application/json",
            **(self._headers(body) if headers is None else headers),
        }
        at = self._clock()
        try:
            response = await self._client.post(url, content=body, headers=sent)
            status, answer = response.status_code, response.text
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            status, answer = 0, repr(error)
        self.posted.append(Posted(at, url, sent, body, attempt, status, answer))
        self._told()
        return status
