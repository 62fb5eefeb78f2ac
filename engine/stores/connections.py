"""Numbers in a database: those that commands made, and which are to be connected."""

from __future__ import annotations

__all__ = ["SqlConnections"]

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import from_json

from engine.stores.database import Database, single
from engine.stores.encoding import to_text

MADE = "SELECT name, bot, settings FROM connection WHERE settings IS NOT NULL ORDER BY name"
MAKE = (
    "INSERT INTO connection (name, bot, settings, wanted) VALUES ($1, $2, $3, NULL)"
    " ON CONFLICT (name) DO UPDATE SET bot = excluded.bot, settings = excluded.settings"
)
REMOVE = "DELETE FROM connection WHERE name = $1 AND settings IS NOT NULL RETURNING name"
WANTED = "SELECT wanted FROM connection WHERE name = $1"
WANT = (
    "INSERT INTO connection (name, bot, settings, wanted) VALUES ($1, $2, NULL, $3)"
    " ON CONFLICT (name) DO UPDATE SET wanted = excluded.wanted"
)


class SqlConnections:
    """What commands said about numbers."""

    def __init__(self, database: Database) -> None:
        """Ask nothing yet."""
        self._database = database

    async def made(self) -> Sequence[tuple[str, str, Mapping[str, Any]]]:
        """Return those that commands made: name, bot, settings."""
        rows = await self._database.read((MADE, ()))
        return [(name, bot, from_json(settings)) for name, bot, settings in rows]

    async def make(self, name: str, bot: str, settings: Mapping[str, Any]) -> None:
        """Keep a number, in the place of an earlier one of this name."""
        row = (name, bot, to_text(dict(settings)))
        await self._database.transact(lambda: single((MAKE, row)))

    async def remove(self, name: str) -> bool:
        """Forget a number that a command made; False where there is none."""
        return bool(await self._database.transact(lambda: single((REMOVE, (name,)))))

    async def wanted(self, name: str) -> bool | None:
        """Tell whether a number is to be connected; None where nobody has said so."""
        rows = await self._database.read((WANTED, (name,)))
        return bool(rows[0][0]) if rows and rows[0][0] is not None else None

    async def want(self, name: str, bot: str, *, wanted: bool) -> None:
        """Keep whether a number is to be connected."""
        await self._database.transact(lambda: single((WANT, (name, bot, int(wanted)))))
