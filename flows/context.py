"""Who asked for an action: what an action may know of its conversation, and nothing more.

An action's key is the id of its effect, ``{session}:{version}:{n}``: it names the conversation.
"""

from __future__ import annotations

__all__ = ["Context", "Contexts", "SqlContexts", "StoreContexts", "by_key"]

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from engine.ports import SessionStore
from engine.stores.database import Bulk, Database
from engine.stores.gathering import Gathering


@dataclass(frozen=True, slots=True)
class Context:
    """An action's key, and the conversation it is done for."""

    key: str  # the idempotency key: under a known one nothing is done again
    session: str
    session_key: str  # as ./run sessions shows it
    bot: str
    lane: str
    contact: str  # whom the channel vouches for, the same in every conversation of this person
    flow: str = ""  # the flow that asked for it


Contexts = Callable[[str], Awaitable[Context]]
"""Finds the context of a key."""

FIND = Bulk(
    "WITH v(one) AS ({rows}) SELECT id, key, bot, lane, contact, flow FROM session"
    " JOIN v ON id = one",
    ("text",),
)


def session_of(key: str) -> str:
    """Return the session a key names."""
    return key.rsplit(":", 2)[0]


async def by_key(key: str) -> Context:
    """Know what the key says, where no session is kept."""
    session = session_of(key)
    return Context(key, session, session, "", "", session)


class SqlContexts:
    """Contexts out of the session's row, which is there as long as anything is owed to it."""

    def __init__(self, database: Database) -> None:
        """Ask nothing yet."""
        self._database = database
        self._keys: Gathering[str, Context] = Gathering(self._find)

    async def __call__(self, key: str) -> Context:
        """Find the context of a key; those asked for in one moment are one query."""
        return await self._keys.do(key)

    async def _find(self, keys: list[str]) -> Sequence[Context]:
        sessions = dict.fromkeys(map(session_of, keys))
        rows = await self._database.read(self._database.bulk(FIND, [(one,) for one in sessions]))
        known = {row[0]: (*row[1:5], row[5] or "") for row in rows}
        return [
            Context(key, session, *known[session]) if session in known else await by_key(key)
            for key, session in zip(keys, map(session_of, keys), strict=True)
        ]


class StoreContexts:
    """Contexts out of a store, for scripts: whoever plays them opens the store anew."""

    def __init__(self, store: Callable[[], SessionStore]) -> None:
        """Ask nothing yet."""
        self._store = store

    async def __call__(self, key: str) -> Context:
        """Find the context of a key."""
        place = await self._store().where(session_of(key))
        session = await self._store().load(place) if place else None
        if session is None:
            return await by_key(key)
        return Context(
            key,
            session.id,
            session.key,
            session.bot,
            session.lane,
            session.contact,
            session.flow or "",
        )
