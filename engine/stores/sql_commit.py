"""One transaction for many turns: at most six statements, whatever the size of the batch.

In order: sessions that go on (compare-and-swap), sessions that begin, lines, effects, and what
becomes of earlier effects. Only winners of the first two write lines and effects. Whatever cannot
be decided among many raises `Collision`; then each turn is committed alone, where it can.
"""

from __future__ import annotations

__all__ = ["Prepared", "alone", "prepare", "together"]

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from engine.records import Committed, Conflict, Duplicate, Outcome, Write
from engine.session import Session
from engine.showing import chain
from engine.stores.database import Bulk, Collision, Database, Transaction, Undone
from engine.stores.directory import BEGINS, GIVES_UP, Pointer, held, pointing
from engine.stores.effect_rows import OPEN, PARKED, encode, order_of, parked_row
from engine.stores.encoding import encoded, to_text
from engine.transcript import Line
from engine.turn import Turn

Row = tuple[Any, ...]

_T, _I = "text", "bigint"
_OPEN = f"({', '.join(repr(status) for status in OPEN)})"

# An upsert would bring back a cleaned-up session, or overwrite another content of equal version.
_GO_ON = (
    "WITH v(was_id, was_version, was_turn, version, turn_id, mode, flow, state, wake_at, last_at,"
    " body, status, contact) AS ({{rows}}) UPDATE session SET version = v.version,"
    " turn_id = v.turn_id, mode = v.mode, flow = v.flow, state = v.state, wake_at = v.wake_at,"
    " last_at = v.last_at, body = v.body{more} FROM v WHERE id = was_id"
    " AND session.version = was_version AND session.turn_id = was_turn"
    " AND session.status = 'open' RETURNING id"
)
_GO_ON_TYPES = (_T, _I, _I, _I, _I, _T, _T, _T, _I, _I, _T, _T, _T)
# Most turns end and move nothing: naming fewer columns spares SQLite three indexes of each row.
GO_ON = Bulk(_GO_ON.format(more=""), _GO_ON_TYPES)
END_OR_MOVE = Bulk(_GO_ON.format(more=", status = v.status, contact = v.contact"), _GO_ON_TYPES)
# A session stands where its address leads and nowhere else: a merge may have been faster.
_BEGUN = (
    "id, bot, lane, contact, key, version, turn_id, status, mode, flow, state, wake_at, opened_at,"
    " last_at, body"
)
BEGIN = Bulk(
    f"WITH v({_BEGUN}, reached) AS ({{rows}}) INSERT INTO session ({_BEGUN}) SELECT {_BEGUN} FROM v"
    " WHERE NOT EXISTS (SELECT 1 FROM address a WHERE a.bot = v.bot AND a.address = v.reached"
    " AND a.contact <> v.contact) ON CONFLICT DO NOTHING RETURNING id",
    (_T, _T, _T, _T, _T, _I, _I, _T, _T, _T, _T, _I, _I, _I, _T, _T),
)
LINES = Bulk(
    "INSERT INTO line (session, seq, turn, who, text, at, data, inbound) {rows}",
    (_T, "int", _I, _T, _T, _I, _T, _T),
)
EFFECTS = Bulk(
    "INSERT INTO effect (id, session, place, kind, body, status, attempts, not_before, at) {rows}",
    (_T, _T, _I, _T, _T, _T, "int", _I, _I),
)
# A row names an effect and its outcome, or a session whose messages are withdrawn.
BECOME = Bulk(
    "WITH v(effect_id, of_session, place, outcome) AS ({rows}) UPDATE effect SET status = found.outcome"
    " FROM (SELECT effect_id, outcome FROM v WHERE effect_id IS NOT NULL UNION ALL"
    # What is on the wire stays there and does not go out again; what was cut, nobody can tell.
    " SELECT e.id, CASE WHEN e.status IN ('sending', 'recalled') THEN 'recalled'"
    " WHEN e.status = 'unsettled' THEN 'unknown' ELSE v.outcome END FROM v JOIN effect e ON e.session = v.of_session AND e.kind = 'send'"
    f" AND e.status IN {_OPEN} AND e.place < v.place"
    f") found WHERE id = found.effect_id AND status IN {_OPEN} RETURNING id",
    (_T, _T, _I, _T),
)


@dataclass(slots=True)
class Prepared:
    """A write with its sessions encoded: worked out before the transaction, kept for the caches."""

    write: Write
    pairs: list[tuple[Session, list[Turn]]]  # before, and the turns on it, successors last
    bodies: dict[str, bytes]  # session -> as it is stored

    @property
    def ids(self) -> set[str]:
        """The sessions that must be ours to write."""
        return {turns[0].session.id for _, turns in self.pairs}


def prepare(write: Write) -> Prepared:
    """Encode what a write stores."""
    both = ((write.before, write.turn), *write.beside)
    pairs = [(before, list(chain(turn))) for before, turn in both]
    bodies = {turn.session.id: encoded(turn.session) for _, turns in pairs for turn in turns}
    return Prepared(write, pairs, bodies)


def together(database: Database, batch: Sequence[Prepared]) -> Transaction[list[Outcome]]:
    """Commit what can be committed of a batch; say what became of each."""
    if len(set().union(*(one.ids for one in batch))) < sum(len(one.pairs) for one in batch):
        raise Collision("one session twice: only the first can win")
    won = yield from _sessions(database, batch)
    winners = [one for one in batch if won.issuperset(one.ids)]
    if len(winners) < len(batch) and any(
        len(one.pairs) > 1 and not won.isdisjoint(one.ids) and not won.issuperset(one.ids)
        for one in batch
    ):
        raise Collision("half of what belongs together was stored")
    yield from _contents(database, winners)
    return [Committed() if won.issuperset(one.ids) else Conflict() for one in batch]


def alone(database: Database, one: Prepared) -> Transaction[Outcome | Undone[Outcome]]:
    """Commit one write by itself; where it cannot be, `Undone` says why, and nothing is kept."""
    if one.write.addresses:
        # Before any row: who begins a session of that contact meanwhile must not wait for ours.
        yield from held(database, GIVES_UP, [(one.write.before.bot, one.write.gives_up)])
    won = yield from _sessions(database, [one])
    if not won.issuperset(one.ids):
        return Undone(Conflict())
    if taken := (yield from _taken_before(database, one)):
        return Undone(Duplicate(taken))
    yield from _contents(database, [one])
    write = one.write
    if write.addresses:
        before, contact = write.before, write.turn.session.contact
        pointer = Pointer(before.bot, write.addresses, contact, write.gives_up)
        pointed = yield from pointing(database, pointer)
        if isinstance(pointed, Undone):
            return Undone(Conflict())
    return Committed()


def _sessions(database: Database, batch: Sequence[Prepared]) -> Transaction[set[str]]:
    """Write the session rows, ended ones before new ones; return the ids that were ours to write."""
    going: list[Row] = []
    new: list[Row] = []
    stays = True
    for one in batch:
        for before, turns in one.pairs:
            if before.version:
                after = turns[0].session
                going.append(_gone_on(before, after, one.bodies))
                stays = stays and after.status == "open" and after.contact == before.contact
            else:
                new.append(_begun(turns[0].session, one.bodies, one.write.reached))
    won: set[str] = set()
    if going:
        # In the order of their ids: two batches that share rows do not wait in a circle.
        statement = GO_ON if stays else END_OR_MOVE
        found = yield database.bulk(statement, sorted(going, key=_first))
        won.update(row[0] for row in found)
    following = [
        _begun(turn.session, one.bodies)
        for one in batch
        for before, turns in one.pairs
        for turn in turns[1:]
        if turns[0].session.id in won or not before.version
    ]
    if new:
        yield from held(database, BEGINS, [(row[1], row[3]) for row in new])
    if new or following:
        found = yield database.bulk(BEGIN, sorted([*new, *following], key=_first))
        begun = {row[0] for row in found}
        if following and len(begun) < len(new) + len(following):
            raise Collision("a session and the one that follows it begin together or not at all")
        won |= begun
    return won


def _first(row: Sequence[Any]) -> str:
    return str(row[0])


def _gone_on(before: Session, after: Session, bodies: dict[str, bytes]) -> Row:
    return (
        before.id,
        before.version,
        before.turn_id,
        after.version,
        after.turn_id,
        after.mode,
        after.flow,
        after.state,
        after.wake_at,
        after.last_at,
        bodies[after.id].decode(),
        after.status,
        after.contact,
    )


def _begun(session: Session, bodies: dict[str, bytes], reached: str = "") -> Row:
    return (
        session.id,
        session.bot,
        session.lane,
        session.contact,
        session.key,
        session.version,
        session.turn_id,
        session.status,
        session.mode,
        session.flow,
        session.state,
        session.wake_at,
        session.opened_at,
        session.last_at,
        bodies[session.id].decode(),
        reached,
    )


def _contents(database: Database, winners: Sequence[Prepared]) -> Transaction[None]:
    """Write what was said, is owed and is settled."""
    turns = [turn for one in winners for _, turns in one.pairs for turn in turns]
    become: list[Row] = [
        (effect, None, None, status)
        for one in winners
        for effect, status in one.write.settles.items()
    ]
    become += [
        (None, turn.session.id, turn.session.version * 10_000, "withdrawn")
        for turn in turns
        if turn.withdraw
    ]
    statements = (
        (LINES, [_line(turn.session.id, line) for turn in turns for line in turn.lines]),
        (EFFECTS, [row for turn in turns for row in _effects(turn)]),
    )
    for statement, rows in statements:
        if rows:
            yield database.bulk(statement, rows)
    if become:
        settled = {effect for effect, *_ in become if effect}
        found = yield database.bulk(BECOME, become)
        if not settled <= {row[0] for row in found}:
            raise Collision("an outcome was stored before")


def _line(session: str, line: Line) -> Row:
    data = None
    if line.choices or line.note or line.about:
        more = {"choices": line.choices, "note": line.note}
        data = to_text({**more, "about": line.about} if line.about else more)
    return (
        session, line.seq, line.turn, line.who, line.text, line.at, data, line.inbound or None,
    )  # fmt: skip


def _effects(turn: Turn) -> Iterator[Row]:
    session = turn.session
    for effect in turn.effects:
        kind, body = encode(effect)
        place = order_of(effect.id)
        yield effect.id, session.id, place, kind, to_text(body), "owed", 0, 0, session.last_at
    for n, parked in enumerate(turn.parked, 1):
        place = session.version * 10_000 + 5_000 + n
        row = to_text(parked_row(parked))
        yield parked.error_id, session.id, place, PARKED, row, PARKED, 0, 0, session.last_at


def _taken_before(database: Database, one: Prepared) -> Transaction[tuple[str, ...]]:
    """Return the ids of this write that a committed turn has taken."""
    inbound = [
        (line.inbound,)
        for _, turns in one.pairs
        for turn in turns
        for line in turn.lines
        if line.inbound
    ]
    taken: list[str] = []
    if one.write.settles:
        rows = yield database.bulk(SETTLED, [(effect,) for effect in one.write.settles])
        taken += [row[0] for row in rows]
    if inbound:
        rows = yield database.bulk(KNOWN, inbound)
        taken += [row[0] for row in rows]
    return tuple(taken)


KNOWN = Bulk("WITH v(one) AS ({rows}) SELECT inbound FROM line JOIN v ON inbound = one", (_T,))
SETTLED = Bulk(
    "WITH v(one) AS ({rows}) SELECT id FROM effect JOIN v ON id = one"
    f" WHERE status NOT IN {_OPEN}",
    (_T,),
)
