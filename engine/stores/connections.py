"""Numbers in a database: those that commands made, which are wanted, and how each of them is."""

from __future__ import annotations

__all__ = ["SqlConnections"]

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import from_json

from engine.stores.database import Database, Rows, single
from engine.stores.encoding import to_text

_NEW = "INSERT INTO connection (name, bot, {more}heard_at, watcher, watched_until) VALUES"
MADE = "SELECT name, bot, settings FROM connection WHERE settings IS NOT NULL ORDER BY name"
MAKE = (
    f"{_NEW.format(more='settings, ')} ($1, $2, $3, 0, '', 0)"
    " ON CONFLICT (name) DO UPDATE SET bot = excluded.bot, settings = excluded.settings"
)
REMOVE = "DELETE FROM connection WHERE name = $1 AND settings IS NOT NULL RETURNING name"
ASKED = "SELECT wanted, state, since, heard_at FROM connection WHERE name = $1"
WANT = (
    f"{_NEW.format(more='wanted, ')} ($1, '', $2, 0, '', 0)"
    " ON CONFLICT (name) DO UPDATE SET wanted = excluded.wanted"
)
CHANGED = (
    f"{_NEW.format(more='state, since, ')} ($1, '', $2, $3, 0, '', 0)"
    " ON CONFLICT (name) DO UPDATE SET state = excluded.state, since = excluded.since"
)
HEARD = (
    f"{_NEW.format(more='')} ($1, '', $2, '', 0) ON CONFLICT (name) DO UPDATE"
    " SET heard_at = excluded.heard_at WHERE connection.heard_at < excluded.heard_at"
)
# Of several processes one keeps a number connected: another goes on when it is gone.
WATCH = (
    f"{_NEW.format(more='')} ($1, '', 0, $2, $4) ON CONFLICT (name) DO UPDATE"
    " SET watcher = excluded.watcher, watched_until = excluded.watched_until"
    " WHERE connection.watcher = $2 OR connection.watched_until <= $3 RETURNING name"
)


class SqlConnections:
    """What commands and providers said about numbers."""

    def __init__(self, database: Database) -> None:
        """Ask nothing yet."""
        self._database = database

    # -- those that commands made -----------------------------------------------------------------

    async def made(self) -> Sequence[tuple[str, str, Mapping[str, Any]]]:
        """Return those that commands made: name, bot, settings."""
        rows = await self._database.read((MADE, ()))
        return [(name, bot, from_json(settings)) for name, bot, settings in rows]

    async def make(self, name: str, bot: str, settings: Mapping[str, Any]) -> None:
        """Keep a number, in the place of an earlier one of this name."""
        await self._do(MAKE, name, bot, to_text(dict(settings)))

    async def remove(self, name: str) -> bool:
        """Forget a number that a command made; False where there is none."""
        return bool(await self._do(REMOVE, name))

    # -- how each of them is ----------------------------------------------------------------------

    async def wanted(self, connection: str) -> bool:
        """Tell whether a number is to be kept connected."""
        return bool((await self._asked(connection))[0])

    async def want(self, connection: str, value: bool) -> None:  # noqa: FBT001 - as it is stored
        """Keep whether a number is to be kept connected."""
        await self._do(WANT, connection, int(value))

    async def since(self, connection: str) -> tuple[str, int] | None:
        """Return a number's state and since when it is in it; None where nobody knows."""
        _, state, since, _ = await self._asked(connection)
        return None if state is None else (state, since)

    async def changed(self, connection: str, state: str, at: int) -> None:
        """Keep that a number is in another state."""
        await self._do(CHANGED, connection, state, at)

    async def heard_at(self, connection: str) -> int:
        """Return when a number's provider told anything last."""
        at: int = (await self._asked(connection))[3]
        return at

    async def heard(self, connection: str, at: int) -> None:
        """Keep that a number's provider told something."""
        await self._do(HEARD, connection, at)

    async def watch(self, connection: str, who: str, now: int, *, until: int) -> bool:
        """Become the one who keeps a number connected; False while another does."""
        return bool(await self._do(WATCH, connection, who, now, until))

    async def _asked(self, connection: str) -> Sequence[Any]:
        rows = await self._database.read((ASKED, (connection,)))
        return rows[0] if rows else (None, None, None, 0)

    async def _do(self, statement: str, *values: Any) -> Rows:
        return await self._database.transact(lambda: single((statement, values)))
