"""Sessions and parked events as operators list them, and the end of a session nobody can read."""

from __future__ import annotations

__all__ = ["SqlOverview"]

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic_core import from_json

from engine.overview import Listed, Outbox, ParkedEvent, Requested
from engine.records import Place
from engine.session import Session
from engine.stores.database import Bulk, Database, Transaction, single
from engine.stores.effect_rows import OPEN, PARKED
from engine.stores.encoding import Damaged, decoded, to_text
from engine.stores.sql_commit import LINES

_COLUMNS = "id, key, bot, lane, contact, version, mode, status, flow, state, last_at"
_SESSIONS = f"SELECT {_COLUMNS} FROM session"
OPEN_ONES = f"{_SESSIONS} WHERE status = 'open' ORDER BY last_at DESC, id"
ALL = f"{_SESSIONS} WHERE status IN ('open', 'ended') ORDER BY last_at DESC, id"
BY_KEY = (
    f"SELECT {_COLUMNS}, body FROM session WHERE key = $1 AND status IN ('open', 'ended')"
    " ORDER BY CASE status WHEN 'open' THEN 0 ELSE 1 END, opened_at DESC, id LIMIT 20"
)
VERSIONS = Bulk(
    "WITH v(of_bot, of_lane, of_contact) AS ({rows}) SELECT bot, lane, contact, id, version"
    " FROM v JOIN session ON bot = of_bot AND lane = of_lane AND contact = of_contact"
    " WHERE status = 'open'",
    ("text", "text", "text"),
)
KEYS = "SELECT key FROM session WHERE status = 'open' ORDER BY last_at DESC, id LIMIT 1000"
# By its columns alone; the body stays as it is, for whoever finds out what happened to it.
END = (
    "UPDATE session SET status = 'ended', mode = 'agent', wake_at = NULL, version = version + 1"
    " WHERE id = $1 AND version = $2 AND status = 'open' RETURNING id"
)
LAST = "SELECT max(seq) FROM line WHERE session = $1"
PARKED_ONES = (
    f"SELECT e.id, e.at, e.body, {', '.join(f's.{name}' for name in _COLUMNS.split(', '))}"
    f" FROM effect e JOIN session s ON s.id = e.session WHERE e.status = '{PARKED}'"
    " ORDER BY e.at, e.id"
)
RETRIED = f"UPDATE effect SET status = 'retried' WHERE id = $1 AND status = '{PARKED}'"
# What goes out again stands at its place below nought.
REQUESTED = (
    "SELECT id, abs(place) / 10000, kind, status, body FROM effect WHERE session = $1"
    " ORDER BY abs(place), id"
)
OUTBOX = (
    "SELECT count(*), min(at) FROM effect"
    f" WHERE status IN ({', '.join(repr(status) for status in OPEN)})"
)


class SqlOverview:
    """An `Overview` of a database."""

    def __init__(self, database: Database) -> None:
        """Ask nothing yet."""
        self._database = database

    async def sessions(self, *, bot: str = "", ended: bool = False) -> Sequence[Listed]:
        """Return the open sessions (and the ended ones), the latest first; of one bot, or of all."""
        rows = await self._database.read((ALL if ended else OPEN_ONES, ()))
        found = [Listed(*row) for row in rows]
        return [one for one in found if bot in ("", one.bot)]

    async def by_key(self, key: str, *, bot: str = "") -> Listed | None:
        """Return the newest open session of this key, else its newest one; None if there is none."""
        rows = await self._database.read((BY_KEY, (key,)))
        rows = [row for row in rows if bot in ("", row[2])]
        if not rows:
            return None
        *columns, body = rows[0]
        found = Listed(*columns)
        return replace(found, damaged=_is_damaged(found, body))

    async def session(self, key: str, *, bot: str) -> Session | None:
        """Return what `by_key` names, all of it; one that was ended unread is none."""
        rows = await self._database.read((BY_KEY, (key,)))
        found = next((row for row in rows if row[2] == bot), None)
        if found is None:
            return None
        listed = Listed(*found[:-1])
        try:
            return decoded(found[-1], version=listed.version, of=listed.id)
        except Damaged:
            if listed.status == "open":
                raise
            return None

    async def versions(self, places: Sequence[Place]) -> Mapping[Place, tuple[str, int]]:
        """Return the open session of each place and its version, where one is open."""
        rows = await self._database.read(self._database.bulk(VERSIONS, places)) if places else ()
        return {(bot, lane, contact): (id_, version) for bot, lane, contact, id_, version in rows}

    async def keys(self) -> Sequence[str]:
        """Return the keys of open sessions, the latest first, a thousand at most."""
        return [row[0] for row in await self._database.read((KEYS, ()))]

    async def requested(self, session: str) -> Sequence[Requested]:
        """Return what the turns of a session asked for, the oldest first."""
        rows = await self._database.read((REQUESTED, (session,)))
        return [
            Requested(id_, turn, kind, status, from_json(body))
            for id_, turn, kind, status, body in rows
        ]

    async def end_unread(self, found: Listed, *, at: int, reason: str) -> bool:
        """End a session whose body cannot be read; False if it changed since it was found."""
        return await self._database.transact(lambda: self._end(found, at, reason))

    def _end(self, found: Listed, at: int, reason: str) -> Transaction[bool]:
        if not (yield END, (found.id, found.version)):
            return False
        last = yield LAST, (found.id,)
        seq = (last[0][0] or 0) + 1
        data = to_text({"choices": (), "note": reason})
        line = (found.id, seq, found.version + 1, "system", "it could not be read", at, data, None)
        yield self._database.bulk(LINES, [line])
        return True

    async def parked(self) -> Sequence[ParkedEvent]:
        """Return the events that wait to be tried again, the oldest first."""
        return [_parked(row) for row in await self._database.read((PARKED_ONES, ()))]

    async def retried(self, parked: str) -> None:
        """Strike an event off that list."""
        await self._database.transact(lambda: single((RETRIED, (parked,))))

    async def outbox(self) -> Outbox:
        """Return how much is still to be done."""
        ((depth, oldest_at),) = await self._database.read((OUTBOX, ()))
        return Outbox(depth, oldest_at)


def _is_damaged(found: Listed, body: str) -> bool:
    try:
        decoded(body, version=found.version, of=found.id)
    except Damaged:
        # That of a session we ended unread does not fit its row either: nothing can be done with it.
        return True
    return False


def _parked(row: Sequence[Any]) -> ParkedEvent:
    id_, at, body, *columns = row
    kept = from_json(body)
    return ParkedEvent(id_, Listed(*columns), at, kept["event"], kept["error"], kept["fields"])
