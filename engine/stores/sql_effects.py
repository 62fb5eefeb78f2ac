"""Effects in a database: who may take one now, and how far it has come."""

from __future__ import annotations

__all__ = ["begin_sending", "put_back", "renew", "settle", "take"]

from collections.abc import Mapping, Sequence

from pydantic_core import from_json

from engine.records import Work
from engine.stores.database import Bulk, Database, Transaction
from engine.stores.effect_rows import OPEN, UNSETTLED_FOR, decode

_OPEN = f"({', '.join(repr(status) for status in OPEN)})"

# Whose worker was killed with the message on the wire: only the provider knows what it got. Mostly
# it has said so by now; else its word is waited for.
CUT = (
    "UPDATE effect SET status = CASE WHEN EXISTS (SELECT 1 FROM delivery d WHERE d.effect = effect.id"
    " AND d.state <> 'failed' GROUP BY d.parts HAVING count(DISTINCT d.part) = d.parts) THEN 'done'"
    " WHEN status = 'recalled' THEN 'unknown' ELSE 'unsettled' END,"
    f" not_before = $1 WHERE status IN ('sending', 'recalled') AND status IN {_OPEN}"
    " AND not_before <= $2"  # OPEN said again: that is what the index of what is due goes by
)
# A customer reads messages in the order they were said: none overtakes an earlier one, but one that
# stepped aside, because their provider takes it only in a day. Its place is a negative number.
CLAIMABLE = (
    "SELECT e.id, e.session, e.kind, e.body, e.status, e.attempts, e.at, o.bot, o.lane, o.contact"
    " FROM effect e JOIN session o ON o.id = e.session"
    f" WHERE e.status IN {_OPEN} AND e.status NOT IN ('sending', 'recalled') AND e.not_before <= $1"
    "{others} AND (e.kind NOT IN ('send', 'reply')"
    " OR NOT EXISTS (SELECT 1 FROM effect s WHERE s.session = e.session AND s.place >= 0"
    f" AND s.place < e.place AND s.kind IN ('send', 'reply') AND s.status IN {_OPEN}))"
    " ORDER BY e.at, e.session, e.place LIMIT $2"
)
# Whoever takes a cut message must know that it was, also when the one before was killed as well.
_UNLESS_CUT = (
    "CASE status WHEN 'unsettled' THEN status WHEN 'recalled' THEN 'withdrawn' ELSE '{}' END"
)
NO_QUESTIONS = " AND e.kind <> 'ask_assistant'"
TAKE = Bulk(
    f"WITH v(one, lease) AS ({{rows}}) UPDATE effect SET status = {_UNLESS_CUT.format('taken')},"
    " attempts = attempts + 1, not_before = lease FROM v WHERE id = one",
    ("text", "bigint"),
)
RENEW = Bulk(
    "WITH v(one, attempt, lease) AS ({rows}) UPDATE effect SET not_before = lease FROM v"
    " WHERE id = one AND attempts = attempt"
    " AND status IN ('taken', 'sending', 'recalled', 'unsettled')",
    ("text", "int", "bigint"),
)
ON_THE_WIRE = (
    "UPDATE effect SET status = 'sending', not_before = $3"
    " WHERE id = $1 AND attempts = $2 AND status IN ('taken', 'unsettled') RETURNING id"
)
PUT_BACK = (
    f"UPDATE effect SET status = {_UNLESS_CUT.format('owed')}, not_before = $3,"
    " attempts = attempts + $4"
    " WHERE id = $1 AND attempts = $2 AND status IN ('taken', 'sending', 'recalled', 'unsettled')"
)
STEP_ASIDE = "UPDATE effect SET place = -abs(place) WHERE id = $1"
SETTLE = Bulk(
    "WITH v(one, outcome) AS ({rows}) UPDATE effect SET status = outcome FROM v"
    f" WHERE id = one AND status IN {_OPEN}",
    ("text", "text"),
)


def take(
    database: Database, now: int, *, until: int, limit: int, questions: bool
) -> Transaction[list[Work]]:
    """Lease what can be done now, the oldest first."""
    yield CUT, (now + UNSETTLED_FOR, now)
    # Skipping what another worker is just taking; SQLite has one writer, so nobody else is.
    locked = " FOR UPDATE OF e SKIP LOCKED" if database.name == "postgresql" else ""
    claimable = CLAIMABLE.format(others="" if questions else NO_QUESTIONS)
    chosen = yield claimable + locked, (now, limit)
    if chosen:
        yield database.bulk(TAKE, [(id_, until) for id_, *_ in chosen])
    return [
        Work(
            decode(id_, kind, from_json(body)),
            session,
            bot,
            lane,
            contact,
            attempts + 1,
            cut=status == "unsettled",
            at=at,
        )
        for id_, session, kind, body, status, attempts, at, bot, lane, contact in chosen
    ]


def renew(database: Database, works: Sequence[Work], until: int) -> Transaction[None]:
    """Keep effects leased, where the lease is still this worker's."""
    yield database.bulk(RENEW, [(work.effect.id, work.attempt, until) for work in works])


def begin_sending(work: Work, until: int) -> Transaction[bool]:
    """Mark a message as on the wire, unless it was withdrawn or is another worker's by now."""
    rows = yield ON_THE_WIRE, (work.effect.id, work.attempt, until)
    return bool(rows)


def put_back(work: Work, until: int, attempted: int, *, aside: bool) -> Transaction[None]:
    """Give an effect back; `aside`: later ones do not wait for it."""
    yield PUT_BACK, (work.effect.id, work.attempt, until, attempted - 1)
    if aside:
        yield STEP_ASIDE, (work.effect.id,)


def settle(database: Database, outcomes: Mapping[str, str]) -> Transaction[None]:
    """Store the outcomes of effects, where they have none yet."""
    yield database.bulk(SETTLE, list(outcomes.items()))
