"""Deadlines: when they are due, and what ringing one does. They live in the session.

The sweeper and the customer's next text ring the same deadlines in the same order, each at its
own time, so that both give the same conversation.
"""

from __future__ import annotations

__all__ = ["PREVIEW", "own_idle", "ring", "set_deadlines"]

from engine.draft import Draft, Prompt
from engine.hours import is_open
from engine.language.book import Book
from engine.language.states import Choose, Collect
from engine.progress import abandon, move
from engine.prompts import ask_now, missing_labels, open_slots
from engine.session import Session

# Meta: a business may write freely for 24 hours after the customer's last message.
WINDOW = 24 * 3_600_000
PREVIEW = "preview"  # the lane of a bot that is tried before it goes live
PREVIEW_LASTS = 24 * 3_600_000  # after the last message; so long an unfinished flow is kept, too


def set_deadlines(draft: Draft) -> None:
    """Work the deadlines out anew from where the session stands now."""
    session = draft.session
    book = draft.book
    session.expires_at = None
    session.idle_at = None
    if session.mode == "manual":
        session.nudge_at = None
        return
    if session.status != "open":
        session.nudge_at = session.nobody_at = session.newer_at = None
        return
    if session.frames:
        if not session.doing:
            flow = book.flows.get(session.frames[0].flow)
            after = flow.expires_after if flow is not None else 0
            session.expires_at = session.active_at + after
    else:
        session.nudge_at = None
    if session.doing:
        return
    if own_idle(book, session):
        session.idle_at = session.active_at + (book.idle_after or 0)
    elif session.lane == PREVIEW:
        session.idle_at = session.active_at + PREVIEW_LASTS


def own_idle(book: Book, session: Session) -> bool:
    """Tell whether the bot's own idle time counts now: then a preview goes on in a new session."""
    stands = not session.frames or book.idle_ends_flows
    return bool(book.idle_after and session.seq and stands)


def ring(draft: Draft, now: int, *, timer: bool) -> bool:
    """Ring what is due up to `now`, in order; return whether anything was.

    A nudge rings by the timer only: who has just written needs no reminder.
    """
    rang = False
    while draft.session.status == "open":
        due = _earliest(draft, now)
        if due is None:
            break
        at, name = due
        if name == "nudge" and not timer:
            draft.session.nudge_at = None
            continue
        draft.at = max(at, draft.session.last_at)
        rang = _RING[name](draft, now) or rang
        draft.flush()
        set_deadlines(draft)
        if name == "newer":
            break  # what was held for the newer worker is read before anything else rings
    draft.at = max(now, draft.session.last_at)
    return rang


def _earliest(draft: Draft, now: int) -> tuple[int, str] | None:
    session = draft.session
    waiting = (
        # At one moment the smaller thing goes first, the end of the session last.
        (session.newer_at, "newer"),
        (session.nobody_at, "nobody"),
        (session.nudge_at, "nudge"),
        (session.expires_at, "expires"),
        (session.idle_at, "idle"),
    )
    due = [(at, n, name) for n, (at, name) in enumerate(waiting) if at is not None and at <= now]
    if not due:
        return None
    at, _, name = min(due)
    return at, name


def _nudge(draft: Draft, now: int) -> bool:
    session = draft.session
    due = session.nudge_at or 0
    session.nudge_at = None
    state = draft.state if session.frames and draft.current() else None
    if not isinstance(state, Collect | Choose) or state.nudge is None or session.pending:
        return True
    late = now > due + state.nudge.after
    shut = not is_open(draft.book, due)
    window = session.route is not None and due >= session.active_at + WINDOW
    if not (late or shut or window):
        draft.prompt = Prompt.NONE
        asked = open_slots(draft.top, state) if isinstance(state, Collect) else ()
        draft.tell(state.nudge.say, missing=missing_labels(draft, asked))
    return True


def _expires(draft: Draft, now: int) -> bool:
    session = draft.session
    # Nothing is said now: the customer's next text opens its turn with the statement.
    session.lapsed = session.frames[0].flow
    abandon(draft, "expired")
    return True


def _idle(draft: Draft, now: int) -> bool:
    session = draft.session
    session.reason = "idle" if own_idle(draft.book, session) else "preview_over"
    if session.frames:
        session.lapsed = session.frames[0].flow
        abandon(draft, "expired")
    session.status = "ended"
    return True


def _nobody(draft: Draft, now: int) -> bool:
    session = draft.session
    session.nobody_at = None
    session.mode = "agent"
    session.active_at = draft.at
    if session.frames and draft.current() and draft.state.kind == "hand_over":
        if draft.flow.fire(session.state, "nobody", {}) is not None:
            move(draft, "nobody")
            ask_now(draft)
            draft.prompt = Prompt.NONE
            return True
        abandon(draft, "handed_over")
    draft.tell_built_in("nobody_came")
    return True


def _newer(draft: Draft, now: int) -> bool:
    # The newer worker did not come: from now on this book's rule holds (design, section 4).
    draft.session.newer_at = None
    draft.alone = True
    return True


_RING = {
    "newer": _newer,
    "nobody": _nobody,
    "nudge": _nudge,
    "expires": _expires,
    "idle": _idle,
}
