"""Two contacts that turn out to be one person: which conversation goes on, and which one ends."""

from __future__ import annotations

__all__ = ["merged"]

from collections.abc import Sequence

from engine.records import Write
from engine.session import Session, next_turn_id
from engine.transcript import Line
from engine.turn import Turn


def merged(
    sessions: Sequence[Session], one: str, two: str, at: int, addresses: Sequence[str]
) -> tuple[Write | None, str]:
    """Return what to commit, and the contact that remains; nothing to commit: None.

    The session that matters most goes on: one whose action runs, else one that a person leads,
    else one in a flow, else the latest; its contact remains. In a lane where both have a session,
    that of the contact that remains goes on; the other ends as ``merged`` and keeps its lines.
    """
    if not sessions:
        return None, one
    first = max(sessions, key=_weight)
    kept = {session.lane for session in sessions if session.contact == first.contact}
    turns = [
        (session, _turn(session, at, first.contact, ends=session.lane in kept))
        for session in sessions
        if session.contact != first.contact
    ]
    main = (first, _turn(first, at, first.contact, ends=False))
    gives_up = two if first.contact == one else one
    write = Write(*main, beside=turns, addresses=addresses, gives_up=gives_up)
    return write, first.contact


def _weight(session: Session) -> tuple[bool, bool, bool, int, str]:
    manual = session.mode == "manual"
    return bool(session.doing), manual, bool(session.frames), session.last_at, session.id


def _turn(before: Session, at: int, contact: str, *, ends: bool) -> Turn:
    """Return the turn that moves a session to its contact, or ends it."""
    session = before.copy()
    at = max(at, before.last_at)
    note = "goes on in another conversation of the same person" if ends else "merged: one person"
    session.seq += 1
    session.version += 1
    session.last_at = at
    session.turn_id = next_turn_id(before.turn_id, ["merge"], at)
    if ends:
        session.status, session.reason = "ended", "merged"
    else:
        session.contact = contact
    line = Line(session.seq, session.version, "system", note, at, note="merge")
    return Turn(session, (line,))
