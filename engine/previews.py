"""A bot tried on a real phone before it goes live: the lane `preview`, and when it is over.

What a phone writes to the production number goes to its preview as long as there is one. A preview
ends by its owner, or when nobody has used it for a day; then the phone's production conversation
ends with it, so that the next message begins as a customer's would.
"""

from __future__ import annotations

__all__ = ["ends_with", "lanes_of", "outlived"]

from collections.abc import Sequence

from engine.events import ModeChanged
from engine.expiry import PREVIEW, own_idle
from engine.language.book import Book
from engine.session import Session
from engine.turn import Turn, take_turn


def lanes_of(lane: str) -> tuple[str, ...]:
    """Return where to look for the open session of whoever writes in this lane, in this order."""
    return (lane,) if lane in ("web", PREVIEW) else (PREVIEW, lane)


def outlived(book: Book, session: Session, lane: str, at: int) -> bool:
    """Tell whether a message in another lane finds a preview that is over, and rings it first."""
    if session.lane == lane or session.lane != PREVIEW or own_idle(book, session):
        return False
    return session.idle_at is not None and session.idle_at <= at


def ends_with(book: Book, turn: Turn, others: Sequence[Session]) -> list[tuple[Session, Turn]]:
    """Return what a turn that ends a preview ends with it: the phone's production conversations."""
    ended = turn.session
    if ended.lane != PREVIEW or ended.status == "open" or turn.successor is not None:
        return []
    return [
        (other, take_turn(book, other, [_over(ended, other)]))
        for other in others
        if other.lane not in ("web", PREVIEW)
    ]


def _over(ended: Session, other: Session) -> ModeChanged:
    return ModeChanged(f"{ended.id}:{other.id}", ended.last_at, "ended", "preview ended")
