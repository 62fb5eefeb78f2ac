"""The order book as customers meet it: an order is placed once per key, and is found by its number.

Each of these is one transaction that no other runs beside: of two orders for the last piece, one
gets it. What is refused is no error: the customer is told, and nothing was entered.
"""

from __future__ import annotations

__all__ = ["MOST_WAITING", "WAITS_FOR", "Orders"]

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.stores.database import Database, Transaction
from flows.context import Context
from flows.ledger import Ledger, NotEntered
from flows.order_effects import publish
from flows.order_lines import Line, quantities, shown, shown_total, total_of
from flows.order_rows import COLUMNS, Order, alone, is_theirs, newest, number_of, read
from flows.order_status import CANCELLED, CUSTOMER_CANCELS
from flows.stock import fill, give_back, left, short, take

# So many orders of one customer may wait for the shop; nobody floods the desk.
MOST_WAITING = 10
# What nobody looked at for a week was forgotten by the shop: it stops no regular customer.
WAITS_FOR = 7 * 86_400_000

# Each part of it by an index of its own: a shop's other waiting orders are not looked through.
_WAITS = "SELECT id FROM placed_order WHERE bot = $1 AND status = 'placed' AND at > $2"
WAITING = (
    f"SELECT count(*) FROM ({_WAITS} AND contact = $3"
    f" UNION {_WAITS} AND phone = $4 AND phone <> ''"
    f" UNION {_WAITS} AND lower(email) = lower($5) AND email <> '') AS theirs"
)
LAST = (
    f"SELECT {COLUMNS} FROM placed_order WHERE bot = $1 AND contact = $2 AND status <> 'cancelled'"
    " ORDER BY id DESC LIMIT 1"
)
CANCEL = f"UPDATE placed_order SET status = '{CANCELLED}', changed_at = $2 WHERE id = $1"

NOTHING: Mapping[str, Any] = {
    "number": "",
    "status": "",
    "items": "",
    "lines": [],
    "total": "",
    "sum": None,
    "name": None,
    "phone": None,
    "email": None,
}


class Orders:
    """Orders, numbered A-1001, A-1002, ... as they come."""

    def __init__(
        self,
        ledger: Ledger,
        *,
        figures: Callable[[str], Mapping[str, float]] = lambda _: {},
        enforced: Callable[[str], bool] = lambda _: True,
        published: Callable[[str], frozenset[str]] = lambda _: frozenset(),
    ) -> None:
        """Write them in this ledger; all that is asked for is asked by bot.

        `figures` are those its catalogue begins counting stock with; where stock is not `enforced` it
        is counted and refuses nothing; `published` are the events that somebody subscribed to.
        """
        self._ledger = ledger
        self._database: Database = ledger.database
        self._figures = figures
        self._enforced = enforced
        self._published = published

    async def place(
        self,
        context: Context,
        items: Sequence[Line],
        *,
        name: str,
        phone: str,
        email: str,
        note: str = "",
    ) -> dict[str, Any]:
        """Place an order, or say why not; under a known key, the order it has."""
        total, currency = total_of(items) or (None, None)
        entry = {
            "items": json.dumps(items, ensure_ascii=False),
            "name": name,
            "phone": phone,
            "email": email,
            "note": note,
            "session": context.session,
            "session_key": context.session_key,
            "bot": context.bot,
            "lane": context.lane,
            "contact": context.contact,
            "total": total,
            "currency": currency,
        }
        result: dict[str, Any] = {
            "outcome": "placed",
            "number": "",
            "short": "",
            "left": [],
            "total": shown_total(total, currency),
            "sum": {"amount": float(total), "currency": currency} if total else None,
        }
        try:
            id_ = await self._ledger.enter(
                context.key, lambda key: self._place(key, context, items, entry)
            )
        except Short as refused:
            return {**result, "outcome": "short", "short": refused.text, "left": refused.left}
        except TooManyWaiting:
            return {**result, "outcome": "waiting"}
        return {**result, "number": number_of(id_)}

    def _place(
        self, key: str, context: Context, items: Sequence[Line], entry: Mapping[str, Any]
    ) -> Transaction[int]:
        yield from alone(self._database)
        known = yield from self._ledger.number_of(key)
        if known is not None:
            return known
        now = self._ledger.now()
        bot, contact = context.bot, context.contact
        who = (bot, now - WAITS_FOR, contact, entry["phone"], entry["email"])
        ((waiting,),) = yield WAITING, who
        if waiting >= MOST_WAITING:
            raise TooManyWaiting
        taken = yield from self._reserve(bot, items)
        order = {**entry, "taken": json.dumps(taken), "changed_at": now}
        id_ = yield from self._ledger.write(key, order)
        data = {"number": number_of(id_), "items": items, "total": entry["total"]}
        yield from self._publish("order.placed", context, {**data, "currency": entry["currency"]})
        return id_

    def _reserve(self, bot: str, items: Sequence[Line]) -> Transaction[dict[str, float]]:
        """Take what is counted out of the stock, all of it or nothing."""
        wanted = quantities(items)
        figures = self._figures(bot)
        there = yield from left(self._database, bot, wanted)
        # Only what nobody ordered before is not counted yet.
        if begun := {one: figures[one] for one in wanted if one in figures and one not in there}:
            yield from fill(self._database, bot, begun)
            there |= begun
        names = {str(line["id"]): str(line["name"]) for line in items if line.get("id")}
        missing = short(wanted, there, names)
        if missing and self._enforced(bot):
            lines: list[Line] = [
                {"quantity": there[one], "unit": "", "name": names[one], "id": one}
                for one, n in wanted.items()
                if there.get(one, n) < n
            ]
            raise Short(missing, lines)
        return (yield from take(self._database, bot, wanted, there))

    async def find(self, context: Context, number: str, address: str) -> dict[str, Any]:
        """Return an order to whoever names its number and the address it was placed with."""
        order = await self._database.transact(lambda: read(number))
        if order is None or not _opens(order, context, address):
            return {"found": "no", **NOTHING}
        return {"found": "yes", **_told(order, context)}

    async def cancel(self, context: Context, number: str, address: str) -> dict[str, Any]:
        """Cancel an order for the customer, as long as the shop has not accepted it."""
        outcome, order = await self._database.transact(
            lambda: self._cancel(context, number, address)
        )
        known = _told(order, context) if order else NOTHING
        return {"found": "yes" if order else "no", "outcome": outcome, **known}

    def _cancel(
        self, context: Context, number: str, address: str
    ) -> Transaction[tuple[str, Order | None]]:
        yield from alone(self._database)
        order = yield from read(number)
        if order is None or not _opens(order, context, address):
            return "unknown", None
        if order.status == CANCELLED:
            return CANCELLED, order
        if order.status not in CUSTOMER_CANCELS:
            return "too_late", order
        yield CANCEL, (order.id, self._ledger.now())
        yield from give_back(self._database, order.bot, order.reserved)
        data = {"number": order.number, "status": CANCELLED, "by": "customer"}
        yield from self._publish("order.status_changed", context, data)
        after = yield from read(number)
        return CANCELLED, after

    async def last(self, context: Context) -> dict[str, Any]:
        """Return what this contact ordered last, for "the same again"."""
        rows = await self._database.read((LAST, (context.bot, context.contact)))
        order = newest(rows)
        return {"found": "yes", **_told(order, context)} if order else {"found": "no", **NOTHING}

    def _publish(self, event: str, context: Context, data: Mapping[str, Any]) -> Transaction[None]:
        if event in self._published(context.bot):
            id_ = f"{context.key}:{event}"
            body = {"session": context.session, "key": context.session_key, **data}
            at = self._ledger.now()
            yield from publish(self._database, id_, context.session, event, body, at=at)


class Short(NotEntered):
    """There is not enough of a product."""

    def __init__(self, text: str, left: list[Line]) -> None:
        """Keep which, and what is left of it."""
        super().__init__(text)
        self.text = text
        self.left = left


class TooManyWaiting(NotEntered):
    """The shop has not looked at this customer's other orders yet."""


def _opens(order: Order, context: Context, address: str) -> bool:
    return order.bot == context.bot and is_theirs(order, address)


def _told(order: Order, context: Context) -> dict[str, Any]:
    told = {
        **NOTHING,
        "number": order.number,
        "status": order.status,
        "items": shown(order.lines),
        "lines": order.lines,
        "total": shown_total(order.total, order.currency),
        "sum": order.sum,
    }
    # Numbers can be guessed and addresses be known: whose it is, only the one learns whose it is.
    if order.bot == context.bot and order.contact == context.contact:
        told |= {"name": order.name, "phone": order.phone, "email": order.email}
    return told
