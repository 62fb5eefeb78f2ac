"""People of the business: they take over, write, hand back and end, as the console will let them."""

from __future__ import annotations

__all__ = ["Operator", "Reply"]

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.events import ModeChanged, OperatorSaid
from tests.simulation.people import TRY_AGAIN

if TYPE_CHECKING:
    from engine.events import Event
    from tests.simulation.world import World


OPEN = "SELECT id, mode FROM session WHERE status = 'open'"
ON_ITS_WAY = "id IN (SELECT session FROM effect WHERE kind = 'send' AND status = 'sending')"


@dataclass(slots=True)
class Reply:
    """What an operator wrote, and whether a session took it."""

    id: str
    session: str
    text: str
    taken: bool = False


class Operator:
    """Somebody at the console."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._count = 0

    async def live(self, times: int) -> None:
        """Look into conversations now and then."""
        random, world = self._world.random, self._world
        for _ in range(times):
            await asyncio.sleep(random.random() * 3)
            await world.while_hushed()
            # Best just while something is on its way to the customer.
            for _ in range(20):
                if rows := world.sql(f"{OPEN} AND {ON_ITS_WAY} ORDER BY id"):
                    break
                await asyncio.sleep(random.random() * 0.01)
            rows = rows or world.sql(f"{OPEN} ORDER BY id")
            if not rows:
                continue
            session, mode = random.choice(rows)
            if mode == "agent":
                await self._change(session, "manual" if random.random() < 0.9 else "ended")
            if random.random() < 0.6:
                await self._write(session)
            if random.random() < 0.7:
                await asyncio.sleep(random.random() * 2)
                await self._change(session, "agent")

    async def _write(self, session: str) -> None:
        reply = Reply(self._name(), session, f"a person here, {self._count}")
        self._world.replies.append(reply)
        event = OperatorSaid(reply.id, self._world.record.clock(), reply.text, "ana")
        self._world.record.tell("operator", f"writes to {session}: {reply.text!r}")
        reply.taken = await self._hand_in(session, event)

    async def _change(self, session: str, mode: str) -> None:
        event = ModeChanged(self._name(), self._world.record.clock(), mode, "")
        self._world.record.tell("operator", f"sets {session} to {mode}")
        await self._hand_in(session, event)

    def _name(self) -> str:
        self._count += 1
        return f"operator-{self._count}"

    async def _hand_in(self, session: str, event: Event) -> bool:
        """Hand an event in until somebody says what became of it; False: its session is over."""
        world = self._world
        while True:
            rows = world.sql(
                "SELECT bot, lane, contact FROM session WHERE id = ? AND status = 'open'", session
            )
            if not rows:
                return False
            process = world.somebody()
            if process is None:
                await asyncio.sleep(world.random.random())
                continue
            place = (rows[0][0], rows[0][1], rows[0][2])
            deliver = process.service.conversations.deliver
            try:
                answer = await process.ask(lambda d=deliver, p=place: d(p, event, session=session))  # type: ignore[misc]
            except TRY_AGAIN:
                await asyncio.sleep(world.random.random() * 0.5)
                continue
            if answer is not None:
                return True
            # It moved or ended meanwhile; or this worker looked at an outdated copy.
            still = world.sql(
                "SELECT 1 FROM session WHERE id = ? AND status = 'open' AND contact = ?",
                session,
                place[2],
            )
            if still:
                world.record.broken(
                    "what is for an open session reaches it",
                    f"{process.name} said that {session} is not open, and it is",
                )
                return False
