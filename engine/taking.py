"""Taking one event of each kind into the draft: what was said, tapped, finished, answered."""

from __future__ import annotations

__all__ = ["TAKE", "fold_held"]

from collections.abc import Callable
from typing import Any

from engine.cleaning import LONGEST_TEXT, clean
from engine.commands import command
from engine.draft import Draft, Prompt
from engine.events import (
    ActionFinished,
    AssistantAnswered,
    ModeChanged,
    Moved,
    OperatorSaid,
    Said,
    Tapped,
)
from engine.flow_change import needs_newer_worker
from engine.frame import Pending
from engine.language.states import Do
from engine.listening import hear_tap, hear_text
from engine.progress import abandon, move, settle_do
from engine.readers.folding import words
from engine.reasons import note_place
from engine.session import Held
from engine.transcript import ANSWER_DROPPED
from engine.validity import fits

LONGEST_NAME = 255  # of a file, as file systems have it
HELD_TEXTS = 10  # design, section 4
NEWER_WAIT = 60_000  # design, section 4: how long a session waits for a newer worker


def _said(draft: Draft, event: Said) -> None:
    session = draft.session
    text = clean(f"{event.text}\n{event.content}" if event.content else event.text)
    cut = len(text) > LONGEST_TEXT
    text = text[:LONGEST_TEXT]
    shown = f"{text} (file {clean(event.file)[:LONGEST_NAME]})".strip() if event.file else text
    draft.hear("user", shown, event.id)
    if event.late:
        draft.because("late")
        return
    _active(draft, event)
    if session.mode == "manual":
        draft.because("manual")
        return
    if event.for_person and not session.doing:
        draft.because("for_person")
        command(draft, "person")
        return
    if cut:
        draft.tell_built_in("too_long", limit=str(LONGEST_TEXT))
    if event.file and not event.content:
        draft.excused = True
        if _says_why(draft, event, text):
            draft.tell_built_in(event.fault)
            draft.prompt = draft.prompt if draft.prompt is not Prompt.NONE else Prompt.REPEAT
        if not text:
            draft.because("file", fault=event.fault)
            return
    else:
        session.unread = ""
    if _for_newer_worker(draft, event, text):
        draft.because("newer")
        return
    if session.doing:
        _while_doing(draft, event, text)
        return
    hear_text(draft, text, event.at)


def _says_why(draft: Draft, event: Said, text: str) -> bool:
    """Say why a file cannot be read, and not again for each of the ten photos that follow it."""
    before, draft.session.unread = draft.session.unread, event.fault
    return bool(text) or before != event.fault


def _hold(draft: Draft, held: Held) -> bool:
    """Keep what cannot be taken yet; False where so much waits already that it is left."""
    session = draft.session
    if len(session.held) < HELD_TEXTS or held.outcome is not None:
        session.held = (*session.held, held)
        return True
    return False


def _for_newer_worker(
    draft: Draft,
    event: Said | Tapped | ActionFinished,
    text: str,
    outcome: dict[str, Any] | None = None,
) -> bool:
    """Keep what came for a flow that is newer than this book; a newer worker takes it up."""
    session = draft.session
    if not session.frames or draft.alone or not needs_newer_worker(draft.book, session):
        return False
    if session.newer_at is None:
        session.newer_at = draft.at + NEWER_WAIT
    _hold(draft, Held(event.id, event.at, text, outcome))
    return True


def _while_doing(draft: Draft, event: Said | Tapped, text: str) -> None:
    """An action runs: `person` works, cancel is refused, texts wait, a button pressed twice rests."""
    session = draft.session
    name = draft.book.command_words.whole(words(text))
    if name is not None and draft.flow.lacks(name):
        name = None
    if name == "person":
        draft.because("command", command=name)
        command(draft, name)
    elif name == "cancel":
        draft.because("no_cancel")
        draft.tell_built_in("no_cancel")
    else:
        kept = isinstance(event, Said) and _hold(draft, Held(event.id, event.at, text))
        draft.because("held" if kept else "busy")
        if not session.busy_said:
            session.busy_said = True
            draft.tell(draft.book.busy)


def _active(draft: Draft, event: Said | Tapped) -> None:
    draft.addressed = True
    note_place(draft)
    draft.session.active_at = draft.at
    draft.session.asking = None  # a newer text clears or replaces the question at the assistant
    if event.route is not None:
        draft.session.route = event.route


def _tapped(draft: Draft, event: Tapped) -> None:
    draft.hear("user", clean(event.text or event.choice)[:LONGEST_TEXT], event.id)
    if event.late:
        draft.because("late")
        return
    _active(draft, event)
    if draft.session.mode == "manual":
        draft.because("manual")
        return
    if _for_newer_worker(draft, event, clean(event.text)):
        draft.because("newer")
        return
    if draft.session.doing:
        _while_doing(draft, event, clean(event.text))
        return
    hear_tap(draft, event.choice)


def _action_finished(draft: Draft, event: ActionFinished) -> None:
    session = draft.session
    outcome = {"ok": event.ok, "value": event.value, "error": event.error}
    if session.doing == event.id and _for_newer_worker(draft, event, "", outcome):
        return
    if session.doing != event.id or not session.frames:
        draft.note(event.error or "done", "the outcome of an action nobody waits for any more")
        return
    session.doing = ""
    session.busy_said = False
    session.active_at = draft.at  # the time of the action does not count for expiry
    frame = draft.top
    draft.acted = frame.flow
    state = draft.state
    if not isinstance(state, Do):
        message = f"{frame.flow}: {frame.state!r} waits for no action"
        raise TypeError(message)
    if event.ok:
        for part, name in state.saves:
            _save(draft, name, part, event.value)
        settle_do(draft, state)
    else:
        move(draft, "failed")
    fold_held(draft)


def _save(draft: Draft, name: str, part: str, value: Any) -> None:
    """Keep an action's result, or the field of it that a slot is filled from."""
    if not part:
        draft.top.slots[name] = value if isinstance(value, dict) else {}
        return
    found = value.get(part) if isinstance(value, dict) else None
    slot = draft.flow.slots.get(name)
    if found is not None and (slot is None or fits(slot.kind, found)):
        draft.top.slots[name] = found


def fold_held(draft: Draft) -> None:
    """Read the texts that had to wait; their lines are stored already."""
    session = draft.session
    held, session.held = session.held, ()
    for n, one in enumerate(held):
        if one.outcome is not None:
            _action_finished(draft, ActionFinished(one.id, one.at, **one.outcome))
        elif session.doing:
            session.held = held[n:]
            return
        elif session.mode == "agent":
            draft.why = {}  # what it was taken for stands in its line: it was held
            hear_text(draft, one.text, one.at, held=True)


def _assistant_answered(draft: Draft, event: AssistantAnswered) -> None:
    session = draft.session
    asking = session.asking
    text = clean(event.text)[:LONGEST_TEXT]
    about = {**(event.about or {}), "effect": event.id}  # which question it answers
    if asking is None or asking.id != event.id or session.frames or session.mode == "manual":
        draft.note(text, ANSWER_DROPPED, about)
        return
    session.asking = None
    session.active_at = draft.at
    flow = draft.book.flows.get(event.offer)
    if flow is not None and flow.hint:  # what it offers is asked, never obeyed
        about["offer"] = flow.name
        draft.say(text, who="assistant", about=about)
        if not text:
            draft.note("", f"the assistant offers {event.offer}", about)
        session.pending = Pending("offer", flow=event.offer, text=asking.text)
        draft.prompt = Prompt.ASK
    elif text and not event.failed:
        draft.say(text, who="assistant", about=about)
    else:
        rules = draft.book.assistant
        fallback = rules.fallback if rules is not None and not event.unasked else None
        draft.tell(fallback or draft.book.unknown)


def _operator_said(draft: Draft, event: OperatorSaid) -> None:
    if draft.session.mode == "manual":
        draft.session.nobody_at = _return_at(draft)
    else:
        _take_over(draft)
    draft.flush()
    note = "typed on the phone" if event.sent else ""
    draft.hear("operator", clean(event.text)[:LONGEST_TEXT], event.id, note)
    draft.session.active_at = draft.at


def _mode_changed(draft: Draft, event: ModeChanged) -> None:
    session = draft.session
    if event.mode == session.mode:
        return
    session.active_at = draft.at
    if event.mode == "manual":
        _take_over(draft)
        return
    if event.mode == "ended":
        abandon(draft, "closed")
        session.status, session.reason, session.mode = "ended", event.by or "closed", "agent"
        return
    session.mode = "agent"
    session.nobody_at = None
    if session.frames and draft.current() and draft.state.kind == "hand_over":
        abandon(draft, "handed_over")
    session.returned = bool(session.frames)


def _take_over(draft: Draft) -> None:
    """A person talks now: nothing of the bot's that is not on the wire goes out any more."""
    session = draft.session
    session.mode = "manual"
    session.asking = None
    session.pending = None
    session.held = ()  # the person has read them
    session.nobody_at = _return_at(draft)
    draft.prompt = Prompt.NONE
    draft.unanswered = []
    draft.unsay()
    draft.withdraw = True


def _moved(draft: Draft, event: Moved) -> None:
    session = draft.session
    draft.hear("system", "", event.id, "the customer goes by another number now")
    session.route = event.route
    session.person = {**session.person, **event.person}


def _return_at(draft: Draft) -> int | None:
    after = draft.book.manual_return_after
    return draft.at + after if after else None


TAKE: dict[type, Callable[[Draft, Any], None]] = {
    Said: _said,
    Tapped: _tapped,
    ActionFinished: _action_finished,
    AssistantAnswered: _assistant_answered,
    OperatorSaid: _operator_said,
    ModeChanged: _mode_changed,
    Moved: _moved,
}
