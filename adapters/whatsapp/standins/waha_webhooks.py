"""How WAHA posts events: signed over the raw body, each on its own, again on anything but 2xx."""

from __future__ import annotations

__all__ = ["Hook", "Posted", "Posting", "hooks_of", "sign"]

import asyncio
import hmac
import json
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Condition
from typing import Any
from uuid import uuid4

import httpx2

GRACE = 2.0  # seconds; a request that is cut in the middle leaves its socket open


@dataclass(frozen=True, slots=True)
class Hook:
    """Where events go, and how; WAHA tries 15 times more, every 2 seconds."""

    url: str
    events: tuple[str, ...]
    key: str = ""
    delay: float = 2.0
    attempts: int = 15
    policy: str = "constant"
    headers: tuple[tuple[str, str], ...] = ()

    def wants(self, event: str) -> bool:
        """Whether it was subscribed to."""
        return "*" in self.events or event in self.events

    def wait(self, tried: int) -> float:
        """Return the seconds before the next try."""
        factor: int = {"linear": tried, "exponential": 2 ** (tried - 1)}.get(self.policy, 1)
        return self.delay * factor


@dataclass(frozen=True, slots=True)
class Posted:
    """One try to post one event; `status` 0: nobody answered."""

    event: str
    url: str
    body: bytes
    headers: Mapping[str, str] = field(repr=False)
    status: int
    retry_after: str = ""


def sign(key: str, body: bytes) -> str:
    """Return X-Webhook-Hmac of a body."""
    return hmac.new(key.encode(), body, "sha512").hexdigest()


def hooks_of(config: Mapping[str, Any]) -> list[Hook]:
    """Return the hooks of a session's config; absent and null are the same."""
    found = []
    for one in config.get("webhooks") or ():
        retries = one.get("retries") or {}
        found.append(
            Hook(
                one["url"],
                tuple(one.get("events") or ()),
                (one.get("hmac") or {}).get("key") or "",
                retries.get("delaySeconds") or 2.0,
                15 if retries.get("attempts") is None else retries["attempts"],
                retries.get("policy") or "constant",
                tuple((it["name"], it["value"]) for it in one.get("customHeaders") or ()),
            )
        )
    return found


class Posting:
    """Posts events from the stand-in's thread, and remembers each try."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._client: httpx2.AsyncClient | None = None
        self._owed = 0
        self._held: list[tuple[Hook, dict[str, Any]]] | None = None
        self._ending = asyncio.Event()
        self.alive = True  # what happens while WAHA is dead is told to nobody
        self.changed = Condition()
        self.posted: list[Posted] = []
        self.delay: float | None = None  # seconds before another try, whatever the hook says

    def post(self, hooks: Iterable[Hook], envelope: dict[str, Any]) -> None:
        """Post an event to whoever wants it; nobody waits for the answer."""
        for hook in hooks:
            if not self.alive or not hook.wants(envelope["event"]):
                continue
            if self._held is not None:
                self._held.append((hook, envelope))
                continue
            with self.changed:
                self._owed += 1
            task = asyncio.get_running_loop().create_task(self._deliver(hook, envelope))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def hold(self) -> None:
        """Keep what is to be posted until `release`."""
        self._held = []

    async def release(self) -> None:
        """Post what was kept, the last first, each after the one before was answered."""
        held, self._held = self._held or [], None
        for hook, envelope in reversed(held):
            with self.changed:
                self._owed += 1
            await self._deliver(hook, envelope)

    def settled(self, seconds: float) -> bool:
        """Wait until nothing is on its way any more."""
        with self.changed:
            return self.changed.wait_for(lambda: not self._owed, seconds)

    async def end(self) -> None:
        """Try nothing again: what waits for another try is lost, as WAHA loses it when it dies."""
        self.alive = False
        self._ending.set()
        if tasks := list(self._tasks):
            await asyncio.wait(tasks, timeout=GRACE)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._ending = asyncio.Event()

    async def close(self) -> None:
        """End, and close the connections."""
        await self.end()
        if self._client:
            await self._client.aclose()
            self._client = None

    async def _deliver(self, hook: Hook, envelope: dict[str, Any]) -> None:
        body = json.dumps(envelope, ensure_ascii=False).encode()
        request = uuid4().hex
        try:
            for tried in range(1, hook.attempts + 2):
                if await self._try(hook, envelope["event"], body, request):
                    return
                if await self._ended(hook.wait(tried) if self.delay is None else self.delay):
                    return
        finally:
            with self.changed:
                self._owed -= 1
                self.changed.notify_all()

    async def _ended(self, seconds: float) -> bool:
        """Wait before another try; whether there is to be none."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._ending.wait()
        return self._ending.is_set()

    async def _try(self, hook: Hook, event: str, body: bytes, request: str) -> bool:
        headers = {
            "Content-Type": "application/json",
            "X-Webhook-Request-Id": request,
            "X-Webhook-Timestamp": str(time.time_ns() // 1_000_000),
            **dict(hook.headers),
        }
        if hook.key:
            headers["X-Webhook-Hmac"] = sign(hook.key, body)
            headers["X-Webhook-Hmac-Algorithm"] = "sha512"
        # No time limit: WAHA has none either.
        self._client = self._client or httpx2.AsyncClient(timeout=None, trust_env=False)
        status, later = 0, ""
        try:
            answer = await self._client.post(hook.url, content=body, headers=headers)
            status, later = answer.status_code, answer.headers.get("retry-after", "")
        except httpx2.TransportError:
            pass
        with self.changed:
            self.posted.append(Posted(event, hook.url, body, headers, status, later))
            self.changed.notify_all()
        return 200 <= status < 300
