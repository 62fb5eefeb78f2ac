"""Sessions in memory: small and plain, the reference that every other store must equal.

Sessions are kept as the JSON they are stored as, so that what is loaded is what a database would
give back. Nothing here waits; the coroutines end at once.
"""

from __future__ import annotations

__all__ = ["MemoryStore"]

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.effects import Effect, Send
from engine.ports import Committed, Conflict, Duplicate, Outcome, Work
from engine.session import Session
from engine.transcript import Line
from engine.turn import Turn

Place = tuple[str, str, str]  # bot, lane, contact


@dataclass(frozen=True, slots=True)
class _Row:
    """A session as it is stored."""

    place: Place
    version: int
    turn_id: int
    status: str
    wake_at: int | None
    text: str


@dataclass(slots=True)
class _Owed:
    """An effect and how far it has come: owed, taken, done, failed, withdrawn."""

    effect: Effect
    session: str
    place: Place
    status: str = "owed"
    attempts: int = 0
    not_before: int = 0


class MemoryStore:
    """A `SessionStore` that forgets everything with its process."""

    def __init__(self) -> None:
        self._sessions: dict[str, _Row] = {}
        self._open: dict[Place, str] = {}
        self._lines: dict[str, list[Line]] = {}
        self._inbound: dict[tuple[str, str, str], tuple[str, int]] = {}  # -> (session, turn)
        self._effects: dict[str, _Owed] = {}

    def reopened(self) -> MemoryStore:
        """Return a store as another process would open it: the same rows, no shared memory."""
        other = MemoryStore()
        other._sessions = dict(self._sessions)
        other._open = dict(self._open)
        other._lines = {session: list(lines) for session, lines in self._lines.items()}
        other._inbound = dict(self._inbound)
        # What a worker had taken is free again when its process is gone.
        other._effects = {
            id_: _Owed(
                row.effect,
                row.session,
                row.place,
                "owed" if row.status == "taken" else row.status,
                row.attempts,
                row.not_before,
            )
            for id_, row in self._effects.items()
        }
        return other

    async def load(self, bot: str, lane: str, contact: str) -> Session | None:
        """Return the open session, or None."""
        session = self._open.get((bot, lane, contact))
        return self._session(session) if session else None

    async def commit(
        self, before: Session, turn: Turn, *, settles: Mapping[str, str] | None = None
    ) -> Outcome:
        """Store the turn taken on `before`, with the outcomes (effect -> status) it carries."""
        settles = settles or {}
        place = (before.bot, before.lane, before.contact)
        if not self._is_current(before, place):
            return Conflict()
        turns = list(_chain(turn))
        taken = [id_ for id_ in settles if self._effects[id_].status not in ("owed", "taken")]
        taken += [
            line.inbound
            for one in turns
            for line in one.lines
            if (before.bot, before.contact, line.inbound) in self._inbound
        ]
        if taken:
            return Duplicate(tuple(taken))
        for effect, status in settles.items():
            self._effects[effect].status = status
        for one in turns:
            self._write(place, one)
        return Committed()

    async def lines(self, session: str, *, after: int = 0) -> Sequence[Line]:
        """Return the lines of a session numbered above `after`."""
        return [line for line in self._lines.get(session, ()) if line.seq > after]

    async def answer(self, bot: str, contact: str, inbound: str) -> Sequence[Line]:
        """Return the lines of the turn that took this message; none if no turn did."""
        session, turn = self._inbound.get((bot, contact, inbound), ("", 0))
        return [line for line in self._lines.get(session, ()) if line.turn == turn]

    async def due(self, now: int) -> Sequence[Session]:
        """Return the open sessions with a deadline at or before `now`, earliest first."""
        waking = sorted(
            (row.wake_at, id_)
            for id_, row in self._sessions.items()
            if row.status == "open" and row.wake_at is not None and row.wake_at <= now
        )
        return [self._session(id_) for _, id_ in waking]

    async def take(self, now: int) -> Work | None:
        """Take the oldest effect that can be done now; it is owed until it is settled."""
        sending: set[str] = set()
        for row in self._effects.values():
            if row.status not in ("owed", "taken"):
                continue
            # A customer reads messages in the order they were said: none overtakes another.
            waits = isinstance(row.effect, Send) and row.session in sending
            if isinstance(row.effect, Send):
                sending.add(row.session)
            if row.status == "owed" and row.not_before <= now and not waits:
                row.status = "taken"
                row.attempts += 1
                return Work(row.effect, *row.place, row.attempts)
        return None

    async def put_back(self, effect: str, *, until: int) -> None:
        """Give a taken effect back; nobody takes it before `until`."""
        self._effects[effect].status = "owed"
        self._effects[effect].not_before = until

    async def settle(self, effect: str, status: str) -> None:
        """Store the outcome of an effect that no turn waits for."""
        self._effects[effect].status = status

    def _session(self, id_: str) -> Session:
        return Session.from_json(json.loads(self._sessions[id_].text))

    def _is_current(self, before: Session, place: Place) -> bool:
        """Whether nobody has stored a turn since `before` was loaded."""
        row = self._sessions.get(before.id)
        if before.version == 0:
            # One open session per place: of two first messages one starts it, the other reloads.
            return row is None and place not in self._open
        stored = row and (row.version, row.turn_id, row.status)
        return stored == (before.version, before.turn_id, "open")

    def _write(self, place: Place, turn: Turn) -> None:
        session = turn.session
        text = json.dumps(session.to_json(), ensure_ascii=False)
        self._sessions[session.id] = _Row(
            place, session.version, session.turn_id, session.status, session.wake_at, text
        )
        if session.status == "open":
            self._open[place] = session.id
        else:
            self._open.pop(place, None)
        self._lines.setdefault(session.id, []).extend(turn.lines)
        for line in turn.lines:
            if line.inbound:
                self._inbound[place[0], place[2], line.inbound] = (session.id, line.turn)
        if turn.withdraw:
            for row in self._effects.values():
                by_bot = isinstance(row.effect, Send) and not row.effect.by_operator
                if by_bot and row.session == session.id and row.status == "owed":
                    row.status = "withdrawn"
        for effect in turn.effects:
            self._effects[effect.id] = _Owed(effect, session.id, place)


def _chain(turn: Turn | None) -> Iterator[Turn]:
    """Yield a turn and the turns of the sessions that follow its own."""
    while turn is not None:
        yield turn
        turn = turn.successor
