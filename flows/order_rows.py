"""An order as it is stored: its columns, its number, and whether an address is the one it has."""

from __future__ import annotations

__all__ = ["COLUMNS", "ORDERS", "Order", "alone", "is_theirs", "number_of", "read", "row_of"]

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.stores.database import Database, Transaction, single
from flows.ledger import Sheet
from flows.order_lines import Line

FIRST_NUMBER = 1001  # a shop's first order should not look like its first
ORDERS = Sheet(
    "placed_order",
    {
        "items": "text",
        "name": "text",
        "phone": "text",
        "email": "text",
        "note": "text",
        "session": "text",
        "session_key": "text",
        "bot": "text",
        "lane": "text",
        "contact": "text",
        "total": "text",
        "currency": "text",
        "taken": "text",
        "changed_at": "bigint",
    },
)
COLUMNS = ", ".join(("id", "status", "at", *ORDERS.columns))
BY_ROW = f"SELECT {COLUMNS} FROM placed_order WHERE id = $1"

# As it is printed, or as people type it; nine digits fit the column.
_NUMBER = re.compile(r"(?:a[\s-]?)?(\d{4,9})", re.IGNORECASE | re.ASCII)
# Any number, the same in every process: whoever holds it changes orders and stock.
LOCK = 0x6F726472


@dataclass(frozen=True, slots=True)
class Order:
    """What was ordered, by whom, in which conversation, and how far it is."""

    id: int
    status: str
    at: int
    items: str
    name: str
    phone: str
    email: str
    note: str
    session: str
    session_key: str
    bot: str
    lane: str
    contact: str
    total: str | None
    currency: str | None
    taken: str
    changed_at: int

    @property
    def number(self) -> str:
        """The number people read out."""
        return f"A-{FIRST_NUMBER - 1 + self.id}"

    @property
    def lines(self) -> list[Line]:
        """What was ordered, line by line."""
        lines: list[Line] = json.loads(self.items)
        return lines

    @property
    def sum(self) -> dict[str, Any] | None:
        """The total as a flow keeps it; None where a price was not known."""
        if self.total is None:
            return None
        return {"amount": float(self.total), "currency": self.currency}

    @property
    def reserved(self) -> Mapping[str, float]:
        """What it took of the stock."""
        found: dict[str, float] = json.loads(self.taken)
        return found


def number_of(id_: int) -> str:
    """Return the number of the order in this row."""
    return f"A-{FIRST_NUMBER - 1 + id_}"


def row_of(number: str) -> int | None:
    """Return the row of a number as it is printed or typed; None where it is no number of ours."""
    found = _NUMBER.fullmatch(str(number).strip())
    row = int(found[1]) - FIRST_NUMBER + 1 if found else 0
    return row if row > 0 else None


def read(number: str) -> Transaction[Order | None]:
    """Read an order by its number."""
    row = row_of(number)
    if row is None:
        return None
    rows = yield BY_ROW, (row,)
    return Order(*rows[0]) if rows else None


def alone(database: Database) -> Transaction[None]:
    """Have what follows to itself: orders and stock are looked at and changed by one at a time."""
    if database.name == "postgresql":  # SQLite has one writer
        yield from single((f"SELECT pg_advisory_xact_lock({LOCK})", ()))


def is_theirs(order: Order, address: str) -> bool:
    """Say whether this phone number or e-mail address is the one the order was placed with."""
    given = str(address).strip()
    if "@" in given:
        return given.casefold() == order.email.strip().casefold()
    return bool(given) and _same_phone(order.phone, given)


def _same_phone(stored: str, typed: str) -> bool:
    """Compare as E.164; a number without its country is read in that of the stored one."""
    import phonenumbers  # noqa: PLC0415 - 18 ms, for who asks for an order

    if stored == typed:
        return True
    try:
        theirs = phonenumbers.parse(stored)
        region = phonenumbers.region_code_for_number(theirs)
        return bool(theirs == phonenumbers.parse(typed, region))
    except phonenumbers.NumberParseException:
        return False


def newest(rows: Sequence[Sequence[Any]]) -> Order | None:
    """Return the first of these rows."""
    return Order(*rows[0]) if rows else None
