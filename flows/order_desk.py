"""The order book as the shop meets it: listed, shown, moved on; the customer is told of it."""

from __future__ import annotations

__all__ = ["Moved", "OrderDesk", "WrongMove"]

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.errors import RejoinderError
from engine.stores.database import Database, Transaction
from flows.order_effects import publish, tell
from flows.order_rows import COLUMNS, Order, alone, read
from flows.order_status import CANCELLED, MOVES
from flows.stock import give_back

LISTED = f"SELECT {COLUMNS} FROM placed_order ORDER BY id DESC"
LISTED_ONLY = f"SELECT {COLUMNS} FROM placed_order WHERE status = $1 ORDER BY id DESC"
MOVE = "UPDATE placed_order SET status = $2, changed_at = $3 WHERE id = $1"


class WrongMove(RejoinderError):
    """An order cannot go there from where it is; the text says where it can."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What came of a move."""

    order: Order
    changed: bool  # False: it stood there already, and nobody is told twice
    told: bool  # False: the customer's conversation is not kept any more


class OrderDesk:
    """Everybody's orders, for the people of the shop."""

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        """Ask nothing yet."""
        self._database = database
        self._clock = clock

    async def orders(self, *, status: str = "") -> Sequence[Order]:
        """Return the orders, the latest first; those of one status, or all."""
        statement = (LISTED_ONLY, (status,)) if status else (LISTED, ())
        return [Order(*row) for row in await self._database.read(statement)]

    async def order(self, number: str) -> Order | None:
        """Return the order of a number."""
        return await self._database.transact(lambda: read(number))

    async def move(
        self, number: str, status: str, *, published: Callable[[str], frozenset[str]]
    ) -> Moved | None:
        """Move an order on and have its customer told; None where there is no such order.

        `published` says, by bot, which events somebody subscribed to.
        """
        return await self._database.transact(lambda: self._move(number, status, published))

    def _move(
        self, number: str, status: str, published: Callable[[str], frozenset[str]]
    ) -> Transaction[Moved | None]:
        yield from alone(self._database)
        order = yield from read(number)
        if order is None:
            return None
        if order.status == status:
            return Moved(order, changed=False, told=False)
        if status not in MOVES[order.status]:
            allowed = " or ".join(MOVES[order.status])
            way = f"from there it can become {allowed}" if allowed else "that is where it ends"
            raise WrongMove(
                f'{order.number} is "{order.status}" and cannot become "{status}": {way}.'
            )
        now = self._clock()
        yield MOVE, (order.id, status, now)
        if status == CANCELLED:
            yield from give_back(self._database, order.bot, order.reserved)
        base = f"{order.session}:{order.number}:{status}"
        data = {"number": order.number, "status": status}
        told = yield from tell(self._database, base, order.session, data, at=now)
        event = "order.status_changed"
        if event in published(order.bot):
            body = {"session": order.session, "key": order.session_key, **data, "by": "shop"}
            yield from publish(
                self._database, f"{base}:{event}", order.session, event, body, at=now
            )
        after = yield from read(number)
        assert after is not None  # noqa: S101 - it was there a moment ago, and nobody deletes one
        return Moved(after, changed=True, told=told)
