"""Sessions in a database: the only place where something counts as having happened.

Turns that are ready at the same moment share a transaction, and so do loads a query; neither waits
for a timer. What is asked about effects stands in `sql_effects`.
"""

from __future__ import annotations

__all__ = ["SqlStore"]

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import structlog
from pydantic_core import from_json

from engine.records import Conflict, Outcome, Place, Work, Write
from engine.session import Session
from engine.stores import sql_effects
from engine.stores.database import Bulk, Collision, Database, Rows, Unavailable
from engine.stores.encoding import Damaged, decoded
from engine.stores.gathering import Gathering
from engine.stores.sql_commit import Prepared, alone, prepare, together
from engine.transcript import Line

log = structlog.get_logger()

LOAD = Bulk(
    "WITH v(of_bot, of_lane, of_contact) AS ({rows}) SELECT bot, lane, contact, id, version, body"
    " FROM v JOIN session ON bot = of_bot AND lane = of_lane AND contact = of_contact"
    " WHERE status = 'open'",
    ("text", "text", "text"),
)
OPEN_OF = Bulk(
    "WITH v(of_bot, of_contact) AS ({rows}) SELECT bot, contact, id, version, body FROM v"
    " JOIN session ON bot = of_bot AND contact = of_contact WHERE status = 'open' ORDER BY lane",
    ("text", "text"),
)
WHERE = "SELECT bot, lane, contact FROM session WHERE id = $1 AND status = 'open'"
_LINE = "SELECT seq, turn, who, text, at, data, inbound FROM line"
LINES = f"{_LINE} WHERE session = $1 AND seq > $2 ORDER BY seq"
ANSWER = (
    f"{_LINE} WHERE (session, turn) IN (SELECT session, turn FROM line WHERE inbound = $1)"
    " ORDER BY seq"
)
DUE = (
    "SELECT id, version, body FROM session WHERE status = 'open' AND wake_at IS NOT NULL"
    " AND wake_at <= $1 ORDER BY wake_at, id LIMIT $2"
)


class SqlStore:
    """A `SessionStore` in a database."""

    def __init__(
        self, database: Database, *, batched: Callable[[int], None] = lambda _turns: None
    ) -> None:
        """Ask nothing yet; `batched` hears how many turns shared a transaction."""
        self._batched = batched
        self.database = database
        self._commits: Gathering[Prepared, Outcome] = Gathering(self.together, lanes=database.lanes)
        self._loads: Gathering[Place, Session | None] = Gathering(self._load)
        self._opens: Gathering[tuple[str, str], list[Any]] = Gathering(self._open)
        self._settled: Gathering[tuple[str, str], None] = Gathering(self._settle)
        self._aside: set[str] = set()  # due, and cannot be read

    async def load(self, place: Place, *, fresh: bool = False) -> Session | None:
        """Return the open session, or None."""
        return await self._loads.do(place)

    async def where(self, session: str) -> Place | None:
        """Return where this session is open; None when it has ended."""
        rows = await self.database.read((WHERE, (session,)))
        return (rows[0][0], rows[0][1], rows[0][2]) if rows else None

    async def open_of(self, bot: str, contact: str) -> Sequence[Session]:
        """Return a contact's open sessions, whatever lane they are in."""
        rows = await self._opens.do((bot, contact))
        return [decoded(body, version=version, of=id_) for id_, version, body in rows]

    async def commit(self, write: Write) -> Outcome:
        """Store turns with the outcomes they carry, all of it or nothing."""
        prepared = prepare(write)
        return await (self.alone(prepared) if write.addresses else self._commits.do(prepared))

    async def lines(self, session: str, *, after: int = 0) -> Sequence[Line]:
        """Return the lines of a session numbered above `after`."""
        return _lines(await self.database.read((LINES, (session, after))))

    async def answer(self, inbound: str) -> Sequence[Line]:
        """Return the lines of the turn that took this message; none if no turn did."""
        return _lines(await self.database.read((ANSWER, (inbound,))))

    async def due(self, now: int, *, limit: int = 100) -> Sequence[Session]:
        """Return open sessions with a deadline at or before `now`, earliest first."""
        found: list[Session] = []
        aside: set[str] = set()
        # Those that cannot be read stay due: ask for more, so that they hide nobody.
        rows = await self.database.read((DUE, (now, limit + len(self._aside))))
        for id_, version, body in rows:
            try:
                found.append(decoded(body, version=version, of=id_))
            except Damaged as damaged:
                aside.add(id_)
                if id_ not in self._aside:  # said once, not at every sweep
                    _set_aside(id_, damaged)
        self._aside = aside
        return found[:limit]

    async def take(
        self, now: int, *, until: int, limit: int = 1, questions: bool = True
    ) -> Sequence[Work]:
        """Lease the oldest effects that can be done now; after `until` others may take them."""
        return await self.database.transact(
            lambda: sql_effects.take(
                self.database, now, until=until, limit=limit, questions=questions
            )
        )

    async def renew(self, works: Sequence[Work], *, until: int) -> None:
        """Keep what is being done leased for longer, where it is still ours."""
        await self.database.transact(lambda: sql_effects.renew(self.database, works, until))

    async def begin_sending(self, work: Work, *, until: int) -> bool:
        """Mark a message as on the wire; False when it was withdrawn or taken by another."""
        return await self.database.transact(lambda: sql_effects.begin_sending(work, until))

    async def put_back(
        self, work: Work, *, until: int, attempted: bool = True, aside: bool = False
    ) -> None:
        """Give a taken effect back; nobody takes it before `until`."""
        await self.database.transact(
            lambda: sql_effects.put_back(work, until, int(attempted), aside=aside)
        )

    async def settle(self, work: Work, status: str) -> None:
        """Store the outcome of an effect that no turn waits for."""
        await self._settled.do((work.effect.id, status))

    async def _settle(self, batch: list[tuple[str, str]]) -> Sequence[None]:
        first = dict(reversed(batch))
        await self.database.transact(lambda: sql_effects.settle(self.database, first))
        return [None] * len(batch)

    async def together(self, batch: list[Prepared]) -> Sequence[Outcome | Exception]:
        """Commit writes in one transaction; where one is in the way of the others, each alone."""
        try:
            outcomes = await self.database.transact(lambda: together(self.database, batch))
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001 - each alone tells which of them it was
            return [await _tried(self.alone(one)) for one in batch]
        self._batched(len(batch))
        return outcomes

    async def alone(self, one: Prepared) -> Outcome:
        """Commit one write by itself, as a merge is: it asks more than a batch should."""
        try:
            return await self.database.transact(lambda: alone(self.database, one))
        except Collision as collision:
            log.info("commit_collided", session=one.write.before.id, why=str(collision))
            return Conflict()

    async def _load(self, places: list[Place]) -> Sequence[Session | Exception | None]:
        rows = await self.database.read(self.database.bulk(LOAD, list(dict.fromkeys(places))))
        found: dict[Place, Session | Exception] = {}
        for bot, lane, contact, id_, version, body in rows:
            try:
                found[bot, lane, contact] = decoded(body, version=version, of=id_)
            except Damaged as damaged:
                _set_aside(id_, damaged)
                found[bot, lane, contact] = damaged
        return [found.get(place) for place in places]

    async def _open(self, asked: list[tuple[str, str]]) -> Sequence[list[Any]]:
        found: dict[tuple[str, str], list[Any]] = {one: [] for one in asked}
        for bot, contact, *row in await self.database.read(
            self.database.bulk(OPEN_OF, list(found))
        ):
            found[bot, contact].append(row)
        return [found[one] for one in asked]


async def _tried(commit: Coroutine[Any, Any, Outcome]) -> Outcome | Exception:
    try:
        return await commit
    except Exception as error:  # noqa: BLE001 - told to the one whose turn it is
        return error


def _set_aside(id_: str, damaged: Damaged) -> None:
    log.error(
        "session_set_aside",
        session=id_,
        why=str(damaged),
        remedy="its messages are refused; restore a backup, or end it: ./run end KEY",
    )


def _lines(rows: Rows) -> list[Line]:
    return [_line(row) for row in rows]


def _line(row: Sequence[Any]) -> Line:
    seq, turn, who, text, at, data, inbound = row
    if data is None:
        return Line(seq, turn, who, text, at, (), inbound or "")
    more = from_json(data)
    choices = tuple((id_, label) for id_, label in more["choices"])
    return Line(seq, turn, who, text, at, choices, inbound or "", more["note"], more.get("about"))
