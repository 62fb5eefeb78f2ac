"""Messages on their way, in a database: the provider's ids, what was told of them, and the pace."""

from __future__ import annotations

__all__ = ["SqlDeliveries"]

from collections.abc import Sequence
from typing import Any

from pydantic_core import from_json

from engine.delivery import FURTHER, Again, Fate, Kept, Part, Sent, last_word
from engine.stores.database import Bulk, Database, Rows, Transaction, Undone, single

PARTS = "SELECT part, state, code FROM delivery WHERE effect = $1 ORDER BY part, at"
TOOK = (
    "INSERT INTO delivery (connection, message, effect, part, parts, state, further, at, code)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (connection, message) DO "
)
OURS = "SELECT 1 FROM delivery WHERE connection = $1 AND message = $2"
# Among what is still to be sent, which is little; whose it is stands in the bodies.
OPEN_SENDS = (
    "SELECT id, body FROM effect WHERE kind IN ('send', 'reply')"
    " AND status IN ('owed', 'taken', 'sending', 'recalled', 'unsettled') AND status IN ({})"
)
ON_THE_WIRE = OPEN_SENDS.format("'sending', 'recalled'")
WAITING = OPEN_SENDS.format("'owed'") + " AND not_before > $1"
NOW = Bulk(
    "WITH v(one, due) AS ({rows}) UPDATE effect SET not_before = due FROM v"
    " WHERE id = one AND status = 'owed'",
    ("text", "bigint"),
)
# A provider's word may come before its answer to us has: then the row begins with it.
FURTHER_ON = (
    "UPDATE SET state = excluded.state, further = excluded.further, at = excluded.at,"
    " code = excluded.code WHERE delivery.further < excluded.further RETURNING effect"
)
COMES_FURTHER = (
    "UPDATE delivery SET state = $3, further = $4, at = $5, code = $6"
    " WHERE connection = $1 AND message = $2 AND further < $4 RETURNING effect"
)
# Nobody knows, or nobody has written down, what became of it; now every part is known to be there.
SETTLED = (
    "UPDATE effect SET status = 'done' WHERE id = $1"
    " AND status IN ('sending', 'recalled', 'unsettled', 'unknown')"
    " AND $2 = (SELECT count(DISTINCT part) FROM delivery WHERE effect = $1 AND state <> 'failed')"
)
TRIED = "SELECT status, attempts FROM effect WHERE id = $1"
# Not where a person has taken over since: the bot's word would come between theirs. What was said
# after it has gone out, so nothing waits for it any more.
OWED_AGAIN = (
    "UPDATE effect SET status = 'owed', not_before = $2, place = -abs(place)"
    " WHERE id = $1 AND status = 'done'"
    " AND (kind = 'reply' OR NOT EXISTS (SELECT 1 FROM session s WHERE s.id = effect.session"
    " AND s.mode = 'manual'))"
)
OF_SESSION = (
    "SELECT e.body, e.status, e.at, d.part, d.state, d.at, d.code FROM effect e"
    " LEFT JOIN delivery d ON d.effect = e.id"
    " WHERE e.session = $1 AND e.kind IN ('send', 'reply') ORDER BY abs(e.place), d.part, d.at"
)
WRITTEN = (
    "SELECT max((SELECT l.at FROM line l WHERE l.session = s.id AND l.who = 'user'"
    " ORDER BY l.seq DESC LIMIT 1)) FROM session s"
    " WHERE s.contact = $1 AND s.bot = $2 AND s.last_at >= $3"
)
# One number per person says it all: when their allowance is whole again.
RESERVE = (
    "INSERT INTO pace (connection, recipient, whole_at)"
    " VALUES ($1, $2, CAST($3 AS bigint) + CAST($4 AS bigint))"
    " ON CONFLICT (connection, recipient) DO UPDATE SET whole_at ="
    " CASE WHEN pace.whole_at < $3 THEN $3 ELSE pace.whole_at END + $4"
    " WHERE pace.whole_at + $4 - CAST($5 AS bigint) <= $3 RETURNING whole_at"
)
WHOLE_AT = "SELECT whole_at FROM pace WHERE connection = $1 AND recipient = $2"


class SqlDeliveries:
    """What is kept of messages on their way, in a database."""

    def __init__(self, database: Database) -> None:
        """Ask nothing yet."""
        self._database = database

    async def parts(self, effect: str) -> Sequence[Kept]:
        """Return the parts of a message that a provider took, also those that failed later."""
        return [Kept(*row) for row in await self._database.read((PARTS, (effect,)))]

    async def took(self, connection: str, message: str, part: Part, at: int) -> None:
        """Keep that a provider took a part, under this id."""
        row = _row(Fate(connection, message, "sent", at, part), part)
        await self._database.transact(lambda: single((TOOK + "NOTHING", row)))

    async def is_ours(self, connection: str, message: str) -> bool:
        """Tell whether a message of this id is one that we sent."""
        return bool(await self._database.read((OURS, (connection, message))))

    async def on_the_wire(self, connection: str) -> frozenset[str]:
        """Return the effects that are messages being sent through a connection at this moment."""
        return frozenset(_through(connection, await self._database.read((ON_THE_WIRE, ()))))

    async def hasten(self, connection: str, now: int) -> None:
        """Have what waits to be sent through a connection go now: it works again."""
        waiting = _through(connection, await self._database.read((WAITING, (now,))))
        if waiting:
            due = self._database.bulk(NOW, [(id_, now) for id_ in waiting])
            await self._database.transact(lambda: single(due))

    async def told(self, fate: Fate, *, again: Again = last_word) -> str | None:
        """Keep what a provider told; return the effect it is about, where that is news."""
        return await self._database.transact(lambda: _told(fate, again))

    async def of_session(self, session: str) -> Sequence[Sent]:
        """Return what became of the messages of a session, the oldest first."""
        rows = await self._database.read((OF_SESSION, (session,)))
        found: dict[tuple[int, ...], dict[int, Sent]] = {}
        for body, status, at, part, *fate in rows:
            lines = tuple(from_json(body)["lines"])
            # A part that failed and went out again is what became of it last.
            found.setdefault(lines, {})[part] = _sent(lines, status, at, fate)
        # Of several parts the one that came the least far speaks for all; a failure for itself.
        return [min(parts.values(), key=_rank) for parts in found.values()]

    async def written_at(self, bot: str, contact: str, *, since: int) -> int | None:
        """Return when this person wrote last; None: not since then."""
        ((at,),) = await self._database.read((WRITTEN, (contact, bot, since)))
        return at if at is not None and at >= since else None

    async def reserve(self, connection: str, to: str, now: int, *, step: int, room: int) -> int:
        """Count one more message to a person; 0, or the moment it may go (it is not counted then)."""
        whole = (connection, to, now, step, room)
        if await self._database.transact(lambda: single((RESERVE, whole))):
            return 0
        rows = await self._database.read((WHOLE_AT, (connection, to)))
        whole_at: int = rows[0][0]
        return max(now + 1, whole_at + step - room)


def _through(connection: str, rows: Rows) -> list[str]:
    return [id_ for id_, body in rows if from_json(body)["to"].partition(":")[0] == connection]


def _row(fate: Fate, part: Part) -> Sequence[Any]:
    return (
        fate.connection, fate.message, part.effect, part.number, part.of,
        fate.state, FURTHER[fate.state], fate.at, fate.code,
    )  # fmt: skip


def _told(fate: Fate, again: Again) -> Transaction[str | Undone[None]]:
    if fate.part is not None:
        found = yield TOOK + FURTHER_ON, _row(fate, fate.part)
    else:
        come = (fate.connection, fate.message, fate.state, FURTHER[fate.state], fate.at, fate.code)
        found = yield COMES_FURTHER, come
    if not found:
        return ""
    effect: str = found[0][0]
    if fate.state == "failed":
        # None, where its conversation was forgotten meanwhile.
        for status, attempts in (yield TRIED, (effect,)):
            if (at := again(attempts)) is not None:
                if status in ("sending", "recalled"):
                    return Undone(None)
                yield OWED_AGAIN, (effect, at)
    elif fate.part is not None:
        yield SETTLED, (effect, fate.part.of)
    return effect


def _sent(lines: tuple[int, ...], status: str, at: int, fate: Sequence[Any]) -> Sent:
    state, told_at, code = fate
    if status == "done" and state is not None:
        return Sent(lines, state, told_at, code)
    return Sent(lines, "sent" if status == "done" else status, told_at or at, code or 0)


def _rank(sent: Sent) -> int:
    return 0 if sent.state == "failed" else FURTHER.get(sent.state, 0)
