"""Contacts in a database: addresses that lead to another contact, and the people a bot admits.

Most addresses are written down nowhere: the contact they mean follows from the address itself.
"""

from __future__ import annotations

__all__ = ["BEGINS", "GIVES_UP", "Pointer", "SqlDirectory", "held", "pointing"]

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

import structlog
from pydantic_core import from_json

from engine.stores.database import Bulk, Collision, Database, Transaction, Unavailable, Undone
from engine.stores.gathering import Gathering

log = structlog.get_logger()

REMEMBERED = 100_000  # addresses; each takes about 200 bytes
# Another process may have had an address lead elsewhere; so long it may be met by the old way.
BELIEVED_SECONDS = 600.0

FIND = Bulk(
    "WITH v(of_bot, of_address) AS ({rows}) SELECT bot, address, contact FROM v"
    " JOIN address ON bot = of_bot AND address = of_address",
    ("text", "text"),
)
POINT = Bulk(
    "WITH v AS ({rows}) INSERT INTO address (bot, address, contact) SELECT * FROM v WHERE true"
    " ON CONFLICT (bot, address) DO UPDATE SET contact = excluded.contact",
    ("text", "text", "text"),
)
KNOWN_AS = Bulk(
    "WITH v(of_bot, of_contact) AS ({rows}) SELECT bot, contact, address FROM v"
    " JOIN address ON bot = of_bot AND contact = of_contact ORDER BY address",
    ("text", "text"),
)
# A contact that is given up leaves no session behind: a first message may have been faster.
LEFT = Bulk(
    "WITH v(of_bot, of_contact) AS ({rows}) SELECT 1 FROM v"
    " JOIN session ON bot = of_bot AND contact = of_contact WHERE status = 'open' LIMIT 1",
    ("text", "text"),
)
ADMITTED = (
    "SELECT facts FROM person WHERE bot = $1 AND phone = $2"
    " AND (active_from IS NULL OR active_from <= $3) AND (active_until IS NULL OR active_until > $3)"
)
# Whoever hides their number now may have shown it before.
PHONES = (
    "SELECT other.address FROM address one JOIN address other"
    " ON other.bot = one.bot AND other.contact = one.contact"
    " WHERE one.bot = $1 AND one.address = $2 AND other.address LIKE 'phone:%'"
    " ORDER BY other.address"
)

_FORGOTTEN: tuple[str | None, int | float] = (None, 0)

# A snapshot does not show what another transaction is about to store: whoever begins a session of a
# contact, and whoever gives that contact up, wait for each other. SQLite has one writer anyway.
_LOCKED = (
    "WITH v(bot, contact) AS ({{rows}}) SELECT pg_advisory_xact_lock{how}("
    "hashtextextended(bot || ' ' || contact, 0)) FROM v"
)
BEGINS = Bulk(_LOCKED.format(how="_shared"), ("text", "text"))
GIVES_UP = Bulk(_LOCKED.format(how=""), ("text", "text"))

Address = tuple[str, str]  # bot, address
Contact = tuple[str, str]  # bot, contact


@dataclass(frozen=True, slots=True)
class Pointer:
    """Addresses that shall lead to a contact, and the contact that is given up for it."""

    bot: str
    addresses: Sequence[str]
    contact: str
    gives_up: str


class SqlDirectory:
    """A `Directory` in a database."""

    def __init__(self, database: Database) -> None:
        """Remember nothing yet."""
        self._database = database
        self._known: OrderedDict[Address, tuple[str | None, int | float]] = OrderedDict()
        self._finds: Gathering[Address, str | None] = Gathering(self._find)
        self._names: Gathering[Contact, list[str]] = Gathering(self._name)
        self._points: Gathering[Pointer, bool] = Gathering(self._point)

    def remembered(self, bot: str, addresses: Sequence[str]) -> Sequence[str | None] | None:
        """Return what `contacts` gave lately, without asking anybody; None: ask."""
        found = [self._known.get((bot, address), _FORGOTTEN) for address in addresses]
        now = monotonic()
        if any(now >= until for _, until in found):
            return None
        return [contact for contact, _ in found]

    async def contacts(self, bot: str, addresses: Sequence[str]) -> Sequence[str | None]:
        """Return the contact each address was written down for; None where none was."""
        asked = [self._finds.do((bot, address)) for address in addresses]
        found = [await one for one in asked]
        for address, contact in zip(addresses, found, strict=True):
            self._remember(bot, address, contact)
        return found

    async def known_as(self, bot: str, contacts: Sequence[str]) -> Sequence[str]:
        """Return the addresses that were written down for these contacts."""
        asked = [self._names.do((bot, contact)) for contact in contacts]
        return sorted([address for one in asked for address in await one])

    async def point(
        self, bot: str, addresses: Sequence[str], contact: str, *, gives_up: str
    ) -> bool:
        """Have these addresses lead to a contact; False while the one given up has a session."""
        self.forget(bot, addresses)
        pointed = await self._points.do(Pointer(bot, addresses, contact, gives_up))
        if pointed:
            for address in addresses:
                self._remember(bot, address, contact)
        return pointed

    def forget(self, bot: str, addresses: Sequence[str]) -> None:
        """Ask anew for these addresses."""
        for address in addresses:
            self._known.pop((bot, address), None)

    def _remember(self, bot: str, address: str, contact: str | None) -> None:
        self._known[bot, address] = contact, monotonic() + BELIEVED_SECONDS
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    async def admitted(
        self, bot: str, addresses: Sequence[str], now: int
    ) -> Mapping[str, Any] | None:
        """Return what is known of an admitted person; None for anybody else."""
        phones = [address for address in addresses if address.startswith("phone:")]
        if not phones:
            phones = await self._phones(bot, addresses)
        for phone in phones:
            rows = await self._database.read((ADMITTED, (bot, phone.removeprefix("phone:"), now)))
            if rows:
                facts: Mapping[str, Any] = from_json(rows[0][0])
                return facts
        return None

    async def _phones(self, bot: str, addresses: Sequence[str]) -> list[str]:
        """Return the numbers that are known to be those of whoever has these addresses."""
        asked = [await self._database.read((PHONES, (bot, one))) for one in addresses]
        return [phone for rows in asked for (phone,) in rows]

    async def _find(self, asked: list[Address]) -> Sequence[str | None]:
        rows = await self._database.read(self._database.bulk(FIND, list(dict.fromkeys(asked))))
        found = {(bot, address): contact for bot, address, contact in rows}
        return [found.get(one) for one in asked]

    async def _name(self, asked: list[Contact]) -> Sequence[list[str]]:
        found: dict[Contact, list[str]] = {one: [] for one in asked}
        rows = await self._database.read(self._database.bulk(KNOWN_AS, list(found)))
        for bot, contact, address in rows:
            found[bot, contact].append(address)
        return [found[one] for one in asked]

    async def _point(self, batch: list[Pointer]) -> Sequence[bool | Exception]:
        """Point in one transaction; where one is in the way of the others, each alone."""
        try:
            if len(batch) > 1 and await self._pointed(*batch):
                return [True] * len(batch)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - each alone tells which of them it was
            log.info("pointers_collided", n=len(batch), why=type(error).__name__)
        return [await self._tried(one) for one in batch]

    async def _tried(self, one: Pointer) -> bool | Exception:
        try:
            return await self._pointed(one)
        except Exception as error:  # noqa: BLE001 - told to the one whose it is
            return error

    async def _pointed(self, *pointers: Pointer) -> bool:
        return await self._database.transact(lambda: pointing(self._database, *pointers))


def held(database: Database, lock: Bulk, contacts: Sequence[Contact]) -> Transaction[None]:
    """Hold contacts until the end of this transaction, where several may write at one moment."""
    if database.name == "postgresql":
        yield database.bulk(lock, sorted(set(contacts)))


def pointing(database: Database, *pointers: Pointer) -> Transaction[bool | Undone[bool]]:
    """Have addresses lead to contacts, unless one that is given up has a session."""
    rows = [(one.bot, address, one.contact) for one in pointers for address in one.addresses]
    if len({(bot, address) for bot, address, _ in rows}) < len(rows):
        raise Collision("one address twice: which of them was later is told by their order alone")
    # In one order, so that no two who point wait for each other in a circle.
    yield from held(database, GIVES_UP, [(one.bot, one.gives_up) for one in pointers])
    yield database.bulk(POINT, sorted(rows))
    if (yield database.bulk(LEFT, [(one.bot, one.gives_up) for one in pointers])):
        return Undone(False)  # noqa: FBT003 - what comes of it
    return True
