"""What every stand-in has: a server, a courier, faults on demand, and a record of all it saw."""

from __future__ import annotations

__all__ = ["Asked", "Standin"]

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from threading import Condition, RLock
from typing import Any, Self

import httpx2
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from adapters.whatsapp.standins.background import Background
from adapters.whatsapp.standins.delivery import Courier, Posted
from adapters.whatsapp.standins.faults import Fault, Faults, What
from adapters.whatsapp.standins.inbound import Update, batches
from adapters.whatsapp.standins.refusing import Refusal
from engine.ports import Clock
from engine.runtime.system import system_clock


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came, and what was answered; status 0: nothing ever was."""

    at: int
    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: Any
    status: int
    answer: Any


class Standin(ABC):
    """A provider on this machine. All of it may be used from any thread; nothing waits for ever."""

    def __init__(self, *, webhook: str = "", port: int = 0, clock: Clock = system_clock) -> None:
        """Begin with a `with`; `webhook` may be set later."""
        self.webhook = webhook
        self.requests: list[Asked] = []
        self.refusals: list[Refusal] = []
        self.clock = clock
        self.url = ""
        self.faults = Faults()
        self._port = port
        self._lock = RLock()
        self._changed = Condition(self._lock)
        self._background: Background | None = None
        self._courier: Courier | None = None
        self._listeners: list[Callable[[Any, Any], None]] = []
        self._held: set[asyncio.Event] = set()

    @abstractmethod
    def routes(self) -> list[BaseRoute]:
        """Return the provider's paths."""

    @abstractmethod
    def body_of(self, updates: list[Update]) -> bytes:
        """Return one webhook's body."""

    @abstractmethod
    def proof(self, body: bytes) -> Mapping[str, str]:
        """Return the headers by which the product knows that a webhook is ours."""

    # -- its life ----------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._background = Background(Starlette(routes=self.routes()), self._port)
        self._courier = Courier(
            self._background, lambda: self.webhook, self.proof, self.clock, self.notify
        )
        self.up()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.release()
        background, courier = self._running()
        background.run(courier.close())
        background.stop()

    def up(self) -> None:
        """Serve (again, at the same address)."""
        background, _ = self._running()
        background.listen()
        self.url = f"http://127.0.0.1:{background.port}"

    def down(self) -> None:
        """Refuse every connection until `up`; webhooks go on."""
        self.release()
        self._running()[0].hang_up()

    def release(self) -> None:
        """End the requests that are never answered."""
        self._running()[0].run(self._release())

    async def hold(self) -> None:
        """Answer nothing, until the stand-in goes down or ends."""
        held = asyncio.Event()
        self._held.add(held)
        await held.wait()

    async def _release(self) -> None:
        for held in self._held:
            held.set()
        self._held.clear()

    def _running(self) -> tuple[Background, Courier]:
        if self._background is None or self._courier is None:
            raise RuntimeError(f"{type(self).__name__} runs only inside its `with`.")
        return self._background, self._courier

    # -- faults ------------------------------------------------------------------------------------

    def fail_next(
        self,
        code: int = 131000,
        *,
        http: int = 400,
        times: int = 1,
        details: str = "",
        transient: bool | None = None,
        late: bool = False,
        of: What = "message",
    ) -> None:
        """Refuse the next; code 0: a page of HTML. `late`: take it, tell the failure by status."""
        fault = Fault("refuse", code, http, details, transient, late)
        self.faults.add(of, fault, times)

    def time_out_next(self, *, times: int = 1, cut: bool = False, of: What = "message") -> None:
        """Take the next and never answer; `cut`: close the connection in the answer."""
        self.faults.add(of, Fault("cut" if cut else "silent"), times)

    # -- webhooks ----------------------------------------------------------------------------------

    @property
    def courier(self) -> Courier:
        """Who carries the webhooks; its `gaps` may be set."""
        return self._running()[1]

    @property
    def posted(self) -> list[Posted]:
        """Every attempt to deliver a webhook, as it ended."""
        return self._running()[1].posted

    def post(
        self, body: bytes, headers: Mapping[str, str] | None = None, *, timeout: float = 10.0
    ) -> int:
        """Post these bytes once; return the status. `headers` stand in for the proof."""
        return self._running()[1].post(body, headers=headers, once=True).result(timeout)

    def send(self, update: Update, *, after: float = 0.0) -> None:
        """Begin to deliver one update by itself."""
        self._running()[1].post(self.body_of([update]), lane=update.lane, after=after)

    def deliver(
        self,
        updates: Iterable[Update],
        *,
        copies: int = 1,
        shuffled: int | None = None,
        at_once: bool = False,
        per_post: int = 1,
        timeout: float = 30.0,
    ) -> None:
        """Deliver all of these, each `copies` times, and wait until the product has taken them.

        `shuffled` is a seed. Without `at_once` the next POST begins when the one before was taken.
        """
        units = [one for one in updates for _ in range(copies)]
        if shuffled is not None:
            Random(shuffled).shuffle(units)  # noqa: S311 - no secret
        bodies = [self.body_of(batch) for batch in batches(units, per_post)]
        courier = self._running()[1]
        if at_once:
            for waiting in [courier.post(body) for body in bodies]:
                waiting.result(timeout)
        else:
            for body in bodies:
                courier.post(body).result(timeout)

    def settled(self, timeout: float = 10.0) -> None:
        """Wait until every webhook that was begun is taken."""
        if not self._running()[1].settled(timeout):
            raise TimeoutError(f"webhooks are still under way; {self.what_happened()}")

    # -- what happened -----------------------------------------------------------------------------

    def listen(self, listener: Callable[[Any, Any], None]) -> None:
        """Call this with (phone, what came) whenever a handset gets something."""
        self._listeners.append(listener)

    def wait_for(self, true: Callable[[], bool], timeout: float = 10.0) -> bool:
        """Wait until something is true of what came; say whether it came to that."""
        with self._changed:
            return self._changed.wait_for(true, timeout)

    def what_happened(self) -> str:
        """Say in one line what was seen, for those who waited in vain."""
        answers = [one.status for one in self.posted[-5:]]
        refused = [f"{one.code} {one.rule}" for one in self.refusals[-5:]]
        return f"the last webhooks were answered {answers}, the last refusals were {refused}."

    def notify(self) -> None:
        """Let those who wait look again."""
        with self._changed:
            self._changed.notify_all()

    def told(self, phone: Any, what: Any) -> None:
        """Tell those who listen and those who wait."""
        self.notify()
        for listener in self._listeners:
            listener(phone, what)

    def ask_product(self, params: Mapping[str, str], timeout: float = 10.0) -> httpx2.Response:
        """GET the webhook, as a provider does to make sure of it."""
        return httpx2.get(self.webhook, params=dict(params), timeout=timeout, trust_env=False)
