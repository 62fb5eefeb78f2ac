"""Forgets conversations that ended long enough ago; what is open or still owed is never touched.

Providers deliver a message again for days. So long the ids of what was taken stay, without any
text, and so does the emptied session they belong to (status ``forgotten``); then all of it goes.
"""

from __future__ import annotations

__all__ = ["REDELIVERED_FOR", "SqlKeeping"]

from collections.abc import Sequence

from engine.stores.database import Bulk, Database, Transaction
from engine.stores.effect_rows import OPEN

# Design, section 5: a message may come again for a week; its id is kept at least 8 days.
REDELIVERED_FOR = 8 * 86_400_000
BATCH = 50  # sessions a transaction, so that turns wait for milliseconds at most

# One walk through the table by its key, a batch after the other.
FIND = (
    "SELECT id FROM session WHERE bot = $1 AND id > $2"
    " AND (status = 'ended' AND last_at < $3 OR status = 'forgotten' AND last_at < $4)"
    " AND NOT EXISTS (SELECT 1 FROM effect WHERE effect.session = session.id"
    f" AND effect.status IN ({', '.join(repr(status) for status in OPEN)}))"
    f" ORDER BY id LIMIT {BATCH}"
)
_V = "WITH v(one, old) AS ({rows})"
_THEIRS = "session IN (SELECT one FROM v)"
_OLD = "at < (SELECT max(old) FROM v)"
_TYPES = ("text", "bigint")
STEPS = (
    Bulk(f"{_V} DELETE FROM line WHERE {_THEIRS} AND (inbound IS NULL OR {_OLD})", _TYPES),
    Bulk(f"{_V} UPDATE line SET text = '', data = NULL WHERE {_THEIRS}", _TYPES),
    # An outcome may be told again under the id of its effect; what was parked is told by nobody.
    Bulk(
        f"{_V} DELETE FROM effect WHERE {_THEIRS} AND (status IN ('parked', 'retried') OR {_OLD})",
        _TYPES,
    ),
    Bulk(f"{_V} UPDATE effect SET body = '{{}}' WHERE {_THEIRS}", _TYPES),
    Bulk(
        f"{_V} UPDATE session SET status = 'forgotten', key = '', contact = '', flow = NULL,"
        " state = '', body = '' WHERE id IN (SELECT one FROM v) AND status = 'ended'",
        _TYPES,
    ),
    Bulk(
        f"{_V} DELETE FROM session WHERE id IN (SELECT one FROM v) AND status = 'forgotten'"
        " AND NOT EXISTS (SELECT 1 FROM line WHERE line.session = session.id)"
        " AND NOT EXISTS (SELECT 1 FROM effect WHERE effect.session = session.id)",
        _TYPES,
    ),
)


class SqlKeeping:
    """A `Keeping` in a database."""

    def __init__(self, database: Database) -> None:
        """Forget nothing yet."""
        self._database = database

    async def clean(self, bot: str, *, ended_before: int, now: int) -> int:
        """Forget the conversations of a bot that ended before this moment; return how many."""
        old = now - REDELIVERED_FOR
        last, count = "", 0
        while True:
            rows = await self._database.read((FIND, (bot, last, ended_before, old)))
            if not rows:
                return count
            ids = [row[0] for row in rows]
            await self._forget(ids, old)
            last, count = ids[-1], count + len(ids)

    async def _forget(self, ids: Sequence[str], old: int) -> None:
        rows = [(id_, old) for id_ in ids]

        def steps() -> Transaction[None]:
            for step in STEPS:
                yield self._database.bulk(step, rows)

        await self._database.transact(steps)
