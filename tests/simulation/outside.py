"""The world outside: the providers of channels, the assistant, and what actions do. Each may fail.

A provider keeps what it received, in order: that is what the customer read.
"""

from __future__ import annotations

__all__ = ["Outside", "Received"]

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from engine.effects import Send
from engine.ports import Action, Assistant, Channel, NotDelivered
from engine.records import Work
from engine.runtime.worker import ATTEMPT
from engine.stores.database import Database
from flows.actions import bind
from flows.callbacks import Callbacks
from flows.ledger import SqlLedger
from flows.orders import Orders
from flows.requests import Requests
from flows.tables import CallbackRow, OrderRow, RequestRow
from tests.simulation.bots import ERRANDS, SHOP
from tests.simulation.loop import Life, life
from tests.simulation.model import Model

if TYPE_CHECKING:
    from tests.simulation.faults import Faults

BEYOND_PATIENCE = ATTEMPT / 1_000 + 5  # seconds


@dataclass(slots=True)
class Received:
    """One message as a provider got it."""

    step: int
    effect: str
    session: str
    to: str
    text: str
    by: Life | None
    sure: bool = False  # and said so


class Outside:
    """Everything that effects reach."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.model = Model(faults)
        self.received: list[Received] = []
        self.refused: set[str] = set()  # messages that no provider will ever take
        # (step, action, key, whether by a worker that had slept), in the order of calls
        self.called: list[tuple[int, str, str, bool]] = []
        self.work_done: dict[str, int] = {}  # key -> the number its work got

    def channels(self) -> dict[str, Channel]:
        """Return the connections of one worker."""
        return {
            "cloud": _Provider(self, resends=True),
            "waha": _Provider(self, resends=False),
        }

    def assistants(self) -> dict[str, Assistant]:
        """Return the assistants of one worker."""
        return {ERRANDS: self.model, SHOP: self.model}

    def actions(self, database: Database, clock: Callable[[], int]) -> dict[str, Action]:
        """Return the actions of one worker, as the product binds them, and a bot's own one."""
        bound = bind(
            orders=Orders(SqlLedger(database, OrderRow, clock)),
            callbacks=Callbacks(SqlLedger(database, CallbackRow, clock)),
            requests=Requests(SqlLedger(database, RequestRow, clock)),
        )
        bound["work"] = self._work
        return {name: partial(self._run, name, action) for name, action in bound.items()}

    async def _work(self, *, key: str, email: str) -> dict[str, int]:
        return {"number": self.work_done.setdefault(key, len(self.work_done) + 1)}

    async def _run(
        self, name: str, action: Callable[..., Awaitable[Any]], key: str, **arguments: Any
    ) -> Any:
        faults = self.faults
        by = life()
        slept = by is not None and by.was_frozen
        step = faults.record.tell("action", f"{name} runs for {key}")
        self.called.append((step, name, key, slept))
        await faults.wait()
        if faults.often(0.08):
            raise RuntimeError("no paper")
        if faults.often(0.05):
            await asyncio.sleep(faults.random.random() * 5)
        result = await action(key=key, **arguments)
        await faults.wait()
        if faults.often(0.05):
            raise TimeoutError("the answer did not come")
        return result


class _Provider:
    """One connection: what it received, the customer read."""

    def __init__(self, outside: Outside, *, resends: bool) -> None:
        self._outside = outside
        self.resends = resends

    async def hold(self, work: Work, message: Send) -> None:
        """Have one in ten wait, as a pace does."""
        if self._outside.faults.often(0.1):
            raise NotDelivered("too many at once", again=True, after=2_000, counts=False)

    async def send(self, work: Work, message: Send) -> None:
        """Take one message, or not, or take it and not say so."""
        outside, faults = self._outside, self._outside.faults
        await faults.wait()
        if message.id in outside.refused or faults.often(0.01):
            outside.refused.add(message.id)
            raise NotDelivered("no such number", again=False)
        if faults.often(0.08):
            raise NotDelivered("try later", again=True)
        step = faults.record.tell(
            work.session, f"receives {message.id} on {message.to}: {message.text[:60]!r}"
        )
        got = Received(step, message.id, work.session, message.to, message.text, life())
        outside.received.append(got)
        await faults.wait()
        if faults.often(0.03):
            await asyncio.sleep(faults.random.random())
        if faults.often(0.01):
            raise ConnectionResetError("the line broke before the provider's answer came")
        if faults.often(0.003):
            await asyncio.sleep(BEYOND_PATIENCE)
        got.sure = True
