"""One turn: events in, a decision out. Nothing here waits, and nothing outside is touched.

`take_turn` folds events in the order they happened into a copy of the session and returns what to
store and what to do. What a text means is the router's; how a flow goes on is `progress`; this
file says in which order things happen, and what happens to what we could not take.
"""

from __future__ import annotations

__all__ = ["Parked", "Turn", "take_turn"]

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from engine.cleaning import LONGEST_TEXT, clean
from engine.concluding import conclude, say_lapsed
from engine.draft import Draft
from engine.effects import Effect
from engine.errors import Refused
from engine.events import (
    ActionFinished,
    AssistantAnswered,
    Event,
    FormSent,
    ModeChanged,
    Said,
    Tapped,
    TimerRang,
)
from engine.expiry import ring, set_deadlines
from engine.flow_change import adapt, needs_newer_worker
from engine.forms import opened_by_form
from engine.language.book import Book
from engine.reasons import note_end
from engine.session import Session, new_session, next_turn_id, successor_id
from engine.taking import TAKE, fold_held
from engine.transcript import Line


@dataclass(frozen=True, slots=True)
class Parked:
    """An event that could not be taken because of a bug of ours; kept to be tried again."""

    event: Event
    error_id: str
    error: str


@dataclass(slots=True)
class Turn:
    """What one turn decided; committed whole or not at all. A value, like the session in it."""

    session: Session
    lines: tuple[Line, ...] = ()
    effects: tuple[Effect, ...] = ()
    successor: Turn | None = None  # the session that follows this one, in the same transaction
    withdraw: bool = False  # bot messages not yet on the wire are withdrawn (a take-over)
    parked: tuple[Parked, ...] = ()
    changed: bool = True  # False: nothing was due, nothing is committed
    happened: tuple[tuple[str, str], ...] = ()  # (what, flow), for the counters


def take_turn(book: Book, session: Session, events: Sequence[Event]) -> Turn:
    """Fold `events` into `session` by the rules of `book`; the session given stays as it is.

    It never raises on what a user can send: where a bug raises, the events are taken one by one
    and the guilty one is parked. `Refused` is no bug: a form that may not come now.
    """
    ordered = list(events)
    if len(ordered) > 1:
        unique: dict[str, Event] = {}
        for event in ordered:
            unique.setdefault(event.id, event)
        ordered = sorted(unique.values(), key=lambda event: event.at)
    try:
        return _take(book, session, ordered)
    except Refused:
        raise
    except Exception:  # noqa: BLE001 - one of several may be guilty, or the only one is
        return _take_apart(book, session, ordered)


def _take_apart(book: Book, session: Session, events: list[Event]) -> Turn:
    """Find the events that can be taken; park the others."""
    good: list[Event] = []
    parked: list[Parked] = []
    for event in events:
        try:
            _take(book, session, [*good, event])
        except Exception as error:  # noqa: BLE001 - the one home of our bugs in the core
            seed = f"{session.id}\n{session.version}\n{event.id}".encode()
            error_id = blake2b(seed, digest_size=5).hexdigest()
            parked.append(Parked(event, error_id, f"{type(error).__name__}: {error}"))
        else:
            good.append(event)
    return _take(book, session, good, parked)


def _take(book: Book, before: Session, events: list[Event], parked: Sequence[Parked] = ()) -> Turn:
    draft = Draft(book, before.copy(), before.last_at, before.frames)
    session = draft.session
    if session.language not in book.languages:  # a release has taken it out
        session.language = ""
    changed, rest = _fold(draft, events)
    if not (changed or parked):
        return Turn(before, changed=False)
    met = events + [one.event for one in parked] if parked else events
    at = session.last_at
    for event in met:
        at = max(at, event.at)
    draft.at = at
    for one in parked:
        _park(draft, one)
    if session.status == "open":
        conclude(draft, before)
    lines = _close(draft, before, [event.id for event in met], at)
    successor = None
    if session.status == "ended" and (rest or session.reason in {"idle", "superseded"}):
        successor = _succeed(book, session, rest, at)
    return Turn(
        session,
        lines,
        tuple(draft.effects),
        successor,
        draft.withdraw,
        tuple(parked),
        happened=tuple(draft.happened),
    )


def _fold(draft: Draft, events: list[Event]) -> tuple[bool, list[Event]]:
    """Take the events in order; say whether anything changed, and what is for a successor."""
    session = draft.session
    changed = False
    at = session.last_at
    for n, event in enumerate(events):
        if n:
            set_deadlines(draft)  # the event before may have been activity, or the end of a flow
        at = max(at, event.at)
        timer = isinstance(event, TimerRang)
        draft.moved = _ring_first(draft, event, at) or draft.moved
        changed = changed or draft.moved or not timer
        if session.status != "open":
            # A deadline and an answer are for the session that has just ended, and no other.
            gone = (TimerRang, AssistantAnswered)
            return True, [one for one in events[n:] if not isinstance(one, gone)]
        draft.at = at
        if isinstance(event, FormSent):
            if not opened_by_form(draft, event):
                return True, events[n:]
        elif not timer:
            if session.lapsed and isinstance(event, Said | Tapped) and not event.late:
                say_lapsed(draft)
            TAKE[type(event)](draft, event)
    return changed, []


def _ring_first(draft: Draft, event: Event, at: int) -> bool:
    """Ring what is due before this event, and adapt to an edited flow; say whether it did."""
    session = draft.session
    wake = session.wake_at
    waited = session.newer_at is not None
    rang = False
    if wake is not None and wake <= at:
        rang = ring(draft, at, timer=isinstance(event, TimerRang))
    if not session.frames:
        return rang
    if draft.current():
        if waited:
            session.newer_at = None
            fold_held(draft)
            return True
        return rang
    returns = isinstance(event, ModeChanged) and event.mode == "agent"
    if session.mode == "manual" and not (returns or isinstance(event, ActionFinished)):
        return rang  # a person talks; the edited flow is met when the bot is asked again
    if not draft.alone and (
        isinstance(event, TimerRang) or needs_newer_worker(draft.book, session)
    ):
        return rang  # a timer says nothing of the edit; the customer's next text does
    draft.at = at
    adapt(draft)
    draft.flush()
    fold_held(draft)
    return True


def _close(draft: Draft, before: Session, taken: list[str], at: int) -> tuple[Line, ...]:
    session = draft.session
    note_end(draft)
    lines = draft.numbered()
    if session.status == "ended":
        draft.publish("session.ended", {"reason": session.reason})
    if before.seq == 0 and lines:
        draft.publish("session.opened", {"lane": session.lane})
    session.last_at = at
    set_deadlines(draft)
    session.version = before.version + 1
    session.turn_id = next_turn_id(before.turn_id, taken, at)
    return lines


def _succeed(book: Book, ended: Session, rest: list[Event], at: int) -> Turn:
    """Open the session that follows: same contact, same lane, the version goes on."""
    session = new_session(
        id=successor_id(ended),
        bot=ended.bot,
        lane=ended.lane,
        contact=ended.contact,
        key=ended.key,
        at=at,
        person=ended.person,
    )
    session.language = ended.language
    session.lapsed = "" if rest and isinstance(rest[0], FormSent) else ended.lapsed
    session.route = ended.route
    session.version = ended.version
    session.turn_id = ended.turn_id
    if rest:
        return take_turn(book, session, rest)
    session.version += 1
    session.turn_id = next_turn_id(ended.turn_id, [], at)
    set_deadlines(Draft(book, session, at, session.frames))  # a preview's last day begins
    return Turn(session)


def _park(draft: Draft, parked: Parked) -> None:
    """Store the line of an event we could not take, and say that a person will look at it."""
    text = clean(getattr(parked.event, "text", ""))[:LONGEST_TEXT]
    draft.hear("user", text, parked.event.id)
    draft.because("parked", error=parked.error_id)
    draft.addressed = True
    draft.note(f"error {parked.error_id}", "parked: a fault of ours, see the list of parked events")
    draft.tell(draft.book.trouble)
