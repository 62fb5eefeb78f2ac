"""Sessions in memory: small and plain, the reference that every other store must equal.

Sessions are kept as the JSON they are stored as, so that what is loaded is what a database would
give back. Nothing here waits; the coroutines end at once.
"""

from __future__ import annotations

__all__ = ["MemoryStore"]

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from engine.effects import AskAssistant, Effect, Send
from engine.records import Committed, Conflict, Duplicate, Outcome, Place, Work, Write
from engine.session import Session
from engine.showing import chain
from engine.stores.effect_rows import OPEN, UNSETTLED_FOR
from engine.transcript import Line
from engine.turn import Turn

_WITH_A_WORKER = ("taken", "sending", "recalled", "unsettled")
# What becomes of a message: when its worker is gone, when it is given back, when a person takes over.
_CUT = {"sending": "unsettled", "recalled": "unknown"}
_BACK = {"unsettled": "unsettled", "recalled": "withdrawn"}
_TAKEN_OVER = {
    "owed": "withdrawn",
    "taken": "withdrawn",
    "sending": "recalled",
    "unsettled": "unknown",
}


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
    """An effect and how far it has come, in the words of `effect_rows`."""

    effect: Effect
    session: str
    place: Place
    status: str = "owed"
    attempts: int = 0
    at: int = 0
    aside: bool = False  # later messages do not wait for it
    not_before: int = 0  # of what is taken: until when it is leased

    def can_be_taken(self, now: int) -> bool:
        return self.status not in _CUT and self.not_before <= now

    def unless_cut(self, status: str) -> str:
        """Whoever takes a cut message must know that it was."""
        return _BACK.get(self.status, status)


class MemoryStore:
    """A `SessionStore` that forgets everything with its process."""

    def __init__(self) -> None:
        self._sessions: dict[str, _Row] = {}
        self._open: dict[Place, str] = {}
        self._lines: dict[str, list[Line]] = {}
        self._inbound: dict[str, tuple[str, int]] = {}  # -> (session, turn)
        self._effects: dict[str, _Owed] = {}

    def reopened(self) -> MemoryStore:
        """Return a store as another process would open it: the same rows, no shared memory."""
        other = MemoryStore()
        other._sessions = dict(self._sessions)
        other._open = dict(self._open)
        other._lines = {session: list(lines) for session, lines in self._lines.items()}
        other._inbound = dict(self._inbound)
        # The worker is gone with its process: what it had leased need not be waited for.
        other._effects = {
            id_: replace(row, not_before=0) if row.status == "taken" else replace(row)
            for id_, row in self._effects.items()
        }
        return other

    async def load(self, place: Place, *, fresh: bool = False) -> Session | None:
        """Return the open session, or None."""
        session = self._open.get(place)
        return self._session(session) if session else None

    async def where(self, session: str) -> Place | None:
        """Return where this session is open; None when it has ended."""
        row = self._sessions.get(session)
        return row.place if row is not None and row.status == "open" else None

    async def open_of(self, bot: str, contact: str) -> Sequence[Session]:
        """Return a contact's open sessions, whatever lane they are in."""
        places = sorted(place for place in self._open if (place[0], place[2]) == (bot, contact))
        return [self._session(self._open[place]) for place in places]

    async def commit(self, write: Write) -> Outcome:
        """Store turns with the outcomes they carry, all of it or nothing."""
        pairs = [(write.before, write.turn), *write.beside]
        if not all(self._is_current(before) for before, _ in pairs):
            return Conflict()
        taken = [id_ for id_ in write.settles if self._effects[id_].status not in OPEN]
        taken += [
            line.inbound
            for _, turn in pairs
            for one in chain(turn)
            for line in one.lines
            if line.inbound in self._inbound
        ]
        if taken:
            return Duplicate(tuple(taken))
        for effect, status in write.settles.items():
            self._effects[effect].status = status
        for before, turn in pairs:
            if self._open.get(_place(before)) == before.id:
                del self._open[_place(before)]
            for one in chain(turn):
                self._write(one)
        return Committed()

    async def lines(self, session: str, *, after: int = 0) -> Sequence[Line]:
        """Return the lines of a session numbered above `after`."""
        return [line for line in self._lines.get(session, ()) if line.seq > after]

    async def answer(self, inbound: str) -> Sequence[Line]:
        """Return the lines of the turn that took this message; none if no turn did."""
        session, turn = self._inbound.get(inbound, ("", 0))
        return [line for line in self._lines.get(session, ()) if line.turn == turn]

    async def due(self, now: int, *, limit: int = 100) -> Sequence[Session]:
        """Return open sessions with a deadline at or before `now`, earliest first."""
        waking = sorted(
            (row.wake_at, id_)
            for id_, row in self._sessions.items()
            if row.status == "open" and row.wake_at is not None and row.wake_at <= now
        )
        return [self._session(id_) for _, id_ in waking[:limit]]

    async def take(
        self, now: int, *, until: int, limit: int = 1, questions: bool = True
    ) -> Sequence[Work]:
        """Lease the oldest effects that can be done now; after `until` others may take them."""
        return list(self._taken(now, until, limit, questions))

    def _taken(self, now: int, until: int, limit: int, questions: bool) -> Iterator[Work]:  # noqa: FBT001 - as `take` has it
        sending: set[str] = set()
        for row in self._effects.values():
            if row.status in _CUT and row.not_before <= now:
                row.status, row.not_before = _CUT[row.status], now + UNSETTLED_FOR
            if row.status not in OPEN or limit == 0:
                continue
            if not questions and isinstance(row.effect, AskAssistant):
                continue
            # A customer reads messages in the order they were said: none overtakes another.
            in_line = isinstance(row.effect, Send) and not row.aside
            waits = in_line and row.session in sending
            if in_line:
                sending.add(row.session)
            if row.can_be_taken(now) and not waits:
                cut = row.status == "unsettled"
                row.status, row.not_before = row.unless_cut("taken"), until
                row.attempts += 1
                limit -= 1
                yield Work(row.effect, row.session, *row.place, row.attempts, cut, row.at)

    async def renew(self, works: Sequence[Work], *, until: int) -> None:
        """Keep what is being done leased for longer, where it is still ours."""
        for work in works:
            row = self._effects[work.effect.id]
            if row.attempts == work.attempt and row.status in _WITH_A_WORKER:
                row.not_before = until

    async def begin_sending(self, work: Work, *, until: int) -> bool:
        """Mark a message as on the wire; False when it was withdrawn or taken by another."""
        row = self._effects[work.effect.id]
        if row.attempts != work.attempt or row.status not in ("taken", "unsettled"):
            return False
        row.status, row.not_before = "sending", until
        return True

    async def put_back(
        self, work: Work, *, until: int, attempted: bool = True, aside: bool = False
    ) -> None:
        """Give a taken effect back; nobody takes it before `until`."""
        row = self._effects[work.effect.id]
        if row.attempts == work.attempt and row.status in _WITH_A_WORKER:
            row.status, row.not_before = row.unless_cut("owed"), until
            row.attempts -= not attempted
            row.aside = row.aside or aside

    async def settle(self, work: Work, status: str) -> None:
        """Store the outcome of an effect that no turn waits for."""
        row = self._effects[work.effect.id]
        if row.status in OPEN:
            row.status = status

    def _session(self, id_: str) -> Session:
        return Session.from_json(json.loads(self._sessions[id_].text))

    def _is_current(self, before: Session) -> bool:
        """Whether nobody has stored a turn since `before` was loaded."""
        row = self._sessions.get(before.id)
        if before.version == 0:
            # One open session per place: of two first messages one starts it, the other reloads.
            return row is None and _place(before) not in self._open
        stored = row and (row.version, row.turn_id, row.status)
        return stored == (before.version, before.turn_id, "open")

    def _write(self, turn: Turn) -> None:
        session = turn.session
        place = _place(session)
        text = json.dumps(session.to_json(), ensure_ascii=False)
        self._sessions[session.id] = _Row(
            place, session.version, session.turn_id, session.status, session.wake_at, text
        )
        if session.status == "open":
            self._open[place] = session.id
        self._lines.setdefault(session.id, []).extend(turn.lines)
        for line in turn.lines:
            if line.inbound:
                self._inbound[line.inbound] = (session.id, line.turn)
        if turn.withdraw:
            for row in self._effects.values():
                by_bot = isinstance(row.effect, Send) and not row.effect.by_operator
                if by_bot and row.session == session.id:
                    row.status = _TAKEN_OVER.get(row.status, row.status)
        for effect in turn.effects:
            self._effects[effect.id] = _Owed(effect, session.id, place, at=session.last_at)


def _place(session: Session) -> Place:
    return session.bot, session.lane, session.contact
