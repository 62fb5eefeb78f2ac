"""What customers ask the people of the place for: noted once per key, listed, and struck off when done."""

from __future__ import annotations

__all__ = ["REQUESTS", "Request", "RequestDesk", "Requests"]

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.stores.database import Database, Transaction
from flows.context import Context
from flows.ledger import Ledger, Sheet
from flows.order_lines import shown

FIRST_NUMBER = 1001  # as orders count
REQUESTS = Sheet(
    "request",
    {
        "kind": "text",
        "details": "text",
        "session": "text",
        "session_key": "text",
        "bot": "text",
        "lane": "text",
        "contact": "text",
    },
)
COLUMNS = "id, status, at, kind, details, session_key, bot, lane"
OPEN = f"SELECT {COLUMNS} FROM request WHERE status = 'placed' ORDER BY id"
ALL = f"SELECT {COLUMNS} FROM request ORDER BY id"
ONE = f"SELECT {COLUMNS} FROM request WHERE id = $1"
STRIKE = "UPDATE request SET status = 'done' WHERE id = $1"

# As it is printed, or as people type it; nine digits fit the column.
_NUMBER = re.compile(r"(?:r[\s-]?)?(\d{4,9})", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for, in which conversation, and whether it was done."""

    id: int
    status: str
    at: int
    kind: str  # the flow it was asked in
    details: str
    session_key: str
    bot: str
    lane: str

    @property
    def number(self) -> str:
        """What customers and colleagues call it."""
        return _numbered(self.id)

    @property
    def is_done(self) -> bool:
        """Whether somebody saw to it."""
        return self.status == "done"

    @property
    def said(self) -> Mapping[str, str]:
        """What the customer said about it, each value as people read it."""
        given: Mapping[str, Any] = json.loads(self.details)
        return {name: _worded(value) for name, value in given.items()}


class Requests:
    """Requests, numbered R-1001, R-1002, ... as they come."""

    def __init__(self, ledger: Ledger) -> None:
        """Write them in this ledger."""
        self._ledger = ledger

    async def note(self, context: Context, details: Mapping[str, Any]) -> str:
        """Note a request and return its number; under a known key, the number it has."""
        given = {name: value for name, value in details.items() if value not in (None, "")}
        entry = {
            "kind": context.flow,
            "details": json.dumps(given, ensure_ascii=False),
            "session": context.session,
            "session_key": context.session_key,
            "bot": context.bot,
            "lane": context.lane,
            "contact": context.contact,
        }
        return _numbered(await self._ledger.enter(context.key, entry))


class RequestDesk:
    """Everybody's requests, for the people who see to them."""

    def __init__(self, database: Database) -> None:
        """Ask nothing yet."""
        self._database = database

    async def requests(self, *, done: bool = False) -> Sequence[Request]:
        """Return what is still to be done, the oldest first; with `done` all there ever was."""
        rows = await self._database.read((ALL if done else OPEN, ()))
        return [Request(*row) for row in rows]

    async def strike(self, number: str) -> tuple[Request, bool] | None:
        """Strike a request off; tell whether it was open. None where there is no such request."""
        return await self._database.transact(lambda: self._strike(number))

    def _strike(self, number: str) -> Transaction[tuple[Request, bool] | None]:
        written = _NUMBER.fullmatch(number.strip())
        rows = (yield ONE, (int(written[1]) - FIRST_NUMBER + 1,)) if written else ()
        if not rows:
            return None
        was = Request(*rows[0])
        yield STRIKE, (was.id,)
        return Request(was.id, "done", *rows[0][2:]), not was.is_done


def _numbered(id_: int) -> str:
    return f"R-{FIRST_NUMBER - 1 + id_}"


def _worded(value: Any) -> str:
    if isinstance(value, list):
        return shown(value)
    if isinstance(value, Mapping):  # an amount of money
        return " ".join(map(str, value.values()))
    return str(value)
