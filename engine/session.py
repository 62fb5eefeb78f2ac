"""A conversation as it is remembered: Session, and how it is stored.

A Session is a value. It is not frozen, because freezing costs a third of a turn; instead
`take_turn` works on its own `copy()` and nobody else changes one (a test compares before and
after). Frames are copied with it; the other records are shared between a session and its copies,
and put anew where they change. Those that a usual turn makes are not frozen either. Everything in
a session is plain JSON, so that what is stored equals what was remembered.
"""

from __future__ import annotations

__all__ = [
    "Asking",
    "Held",
    "Session",
    "Shown",
    "new_session",
    "next_turn_id",
    "successor_id",
]

from collections.abc import Callable, Iterable
from dataclasses import MISSING, dataclass, field, fields
from hashlib import blake2b
from operator import attrgetter
from sys import intern
from typing import Any, TypeVar

from engine.frame import Frame, Pending, Undo, names

Record = TypeVar("Record")

NOBODY: dict[str, Any] = {}  # never changed: a session gets a new dict when more is known


@dataclass(slots=True)
class Shown:
    """The latest showing of choices: a tap or a bare yes counts for this one only. A value."""

    place: str  # flow.state, or flow.?pending for the engine's own questions
    seq: int
    at: int


@dataclass(frozen=True, slots=True)
class Asking:
    """The one question that is open at the assistant."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Held:
    """A text that came while an action ran, or anything that came for a newer worker."""

    id: str
    at: int
    text: str
    outcome: dict[str, Any] | None = None  # of an action, kept for the worker that can take it


@dataclass(slots=True)
class Session:
    """One conversation of one contact in one lane."""

    id: str
    bot: str
    lane: str
    contact: str
    key: str
    opened_at: int
    last_at: int  # the newest event seen; no turn happens before it
    active_at: int  # the newest activity: a user, operator or assistant line, or a hand-back
    language: str = ""  # empty until the customer shows one; then the bot's first is meant
    version: int = 0
    turn_id: int = 0
    status: str = "open"
    reason: str = ""  # why it ended
    mode: str = "agent"
    seq: int = 0  # the number of the last line
    route: str | None = None  # the newest address to answer to
    frames: list[Frame] = field(default_factory=list)
    pending: Pending | None = None
    shown: Shown | None = None
    asking: Asking | None = None
    asked: int = 0  # questions put to the assistant, for its budget
    doing: str = ""  # the id of the running action's effect
    busy_said: bool = False
    returned: bool = False  # handed back by a person: the next text is not counted as a miss
    held: tuple[Held, ...] = ()
    unsaid: tuple[str, ...] = ()  # how flows ended while a person talked; said with the next answer
    lapsed: str = ""  # a flow that expired unsaid; the next turn opens with its statement
    undo: tuple[Undo, ...] = ()
    unread: str = ""  # why their last file could not be read: said once, not for each of ten photos
    upstream: str = ""
    person: dict[str, Any] = field(default_factory=lambda: NOBODY)  # what the channel vouches for
    # By kind: what was typed before a flow; the next one that has slots of these kinds takes it.
    told: dict[str, Any] = field(default_factory=lambda: NOBODY)
    nudge_at: int | None = None
    expires_at: int | None = None
    idle_at: int | None = None
    nobody_at: int | None = None
    newer_at: int | None = None  # a newer worker is awaited until then

    @property
    def wake_at(self) -> int | None:
        """The earliest deadline, or None when nothing waits."""
        first = None
        for at in (self.nudge_at, self.expires_at, self.idle_at, self.nobody_at, self.newer_at):
            if at is not None and (first is None or at < first):
                first = at
        return first

    @property
    def flow(self) -> str | None:
        """The innermost active flow, or None when idle."""
        return self.frames[-1].flow if self.frames else None

    @property
    def state(self) -> str:
        """The innermost state; `idle` is a state."""
        return self.frames[-1].state if self.frames else "idle"

    def copy(self) -> Session:
        """Copy for one turn: the only Session that is ever changed."""
        twin = Session(*_SESSION_VALUES(self))
        twin.frames = [frame.copy() for frame in self.frames]
        return twin

    def to_json(self) -> dict[str, Any]:
        """Return the session as plain JSON, without what is at its default."""
        return _plain(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Session:
        """Load what `to_json` gave; an unknown or missing field raises rather than guesses."""
        return _record(cls, data)


def new_session(
    *,
    id: str,  # noqa: A002 - the field's own name
    bot: str,
    lane: str,
    contact: str,
    key: str,
    at: int,
    person: dict[str, Any] | None = None,
) -> Session:
    """Return a session that has seen nothing yet: version 0, idle, not stored."""
    return Session(id, bot, lane, contact, key, at, at, at, person=person or NOBODY)


def successor_id(session: Session) -> str:
    """Name the session that follows: a hash, because a turn makes up no ids."""
    seed = f"{session.id}\n{session.version}\n{session.turn_id}".encode()
    return blake2b(seed, digest_size=8).hexdigest()


def next_turn_id(previous: int, event_ids: list[str], at: int) -> int:
    """Return the turn's fingerprint: equal version with another content is another turn."""
    seed = "\n".join([f"{previous}\n{at}", *event_ids]).encode()
    # 63 bits: what a signed BIGINT holds.
    return int.from_bytes(blake2b(seed, digest_size=8).digest()) >> 1


# -- to JSON and back ------------------------------------------------------------------------------


def _plain(record: Any) -> dict[str, Any]:
    """Return a record as JSON: tuples as lists, fields at their default left out."""
    out: dict[str, Any] = {}
    for name, default, write in _FIELDS[type(record)]:
        got = getattr(record, name)
        if got is not default and got != default:
            out[name] = got if write is None else write(got)
    return out


def _record(kind: type[Record], data: dict[str, Any]) -> Record:
    """Build a record from JSON; names that sessions share are kept once."""
    known: dict[str, Any] = {}
    for name, got in data.items():
        read = _READ.get(name)
        known[name] = got if read is None else read(got)
    return kind(**known)


def _all_plain(records: Iterable[Any]) -> list[dict[str, Any]]:
    return [_plain(one) for one in records]


def _shared(found: list[str]) -> tuple[str, ...]:
    return names(tuple(map(intern, found)))


def _by_name(found: dict[str, Any]) -> dict[str, Any]:
    return {intern(name): value for name, value in found.items()}


# How a field is written where it is not plain JSON already, whichever record it belongs to.
_WRITE: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("pending", "waiting", "shown", "asking", "whole"), _plain),
    **dict.fromkeys(("frames", "held", "undo"), _all_plain),
    **dict.fromkeys(
        ("trail", "done", "declined", "stale", "gone", "candidates", "labels", "unsaid"), list
    ),
}
# And how it is read: what many sessions have in common, out of a bot's files, is kept once.
_READ: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(
        ("flow", "state", "hash", "kinds", "place", "bot", "lane", "language", "mode", "status"),
        intern,
    ),
    **dict.fromkeys(("trail", "done", "declined", "stale", "gone"), _shared),
    **dict.fromkeys(("candidates", "labels", "unsaid"), tuple),
    **dict.fromkeys(("slots", "set", "person", "told", "outcome"), _by_name),
    "frames": lambda found: [_record(Frame, one) for one in found],
    "pending": lambda one: _record(Pending, one),
    "waiting": lambda one: _record(Pending, one),
    "shown": lambda one: _record(Shown, one),
    "asking": lambda one: _record(Asking, one),
    "held": lambda found: tuple([_record(Held, one) for one in found]),
    "undo": lambda found: tuple([_record(Undo, one) for one in found]),
    "whole": lambda one: _record(Frame, one),
}


def _fields(kind: type[Any]) -> tuple[tuple[str, Any, Callable[[Any], Any] | None], ...]:
    """Return each field's name, default, and how it is written; no default is equal to nothing."""
    return tuple(
        (
            spec.name,
            spec.default if spec.default_factory is MISSING else spec.default_factory(),
            _WRITE.get(spec.name),
        )
        for spec in fields(kind)
    )


_FIELDS = {kind: _fields(kind) for kind in (Session, Frame, Pending, Shown, Asking, Held, Undo)}
_SESSION_VALUES = attrgetter(*(name for name, _, _ in _FIELDS[Session]))
