"""The end of a turn: what no event said by itself, but what all of them together call for."""

from __future__ import annotations

__all__ = ["conclude", "say_lapsed"]

from engine.draft import Draft, Prompt
from engine.effects import AskAssistant
from engine.progress import move
from engine.prompts import ask_now
from engine.reasons import note_asked, note_unanswered
from engine.session import Asking, Session


def conclude(draft: Draft, before: Session) -> None:
    """After the fold: consider the assistant once, then put the one open question."""
    session = draft.session
    if before.seq == 0 and session.seq == 0:
        _welcome(draft)
    if draft.unanswered and not session.frames and session.mode == "agent":
        _ask_or_admit(draft)
        note_asked(draft)
    if draft.noted and not session.frames:
        draft.tell_built_in("noted")
    if draft.missed and not draft.excused:
        _miss(draft)
    if session.lapsed and draft.addressed:
        say_lapsed(draft)  # it lapsed behind what was just said: who said it is told at once
    ask_now(draft)


def _welcome(draft: Draft) -> None:
    """Greet a new session: always, or when its first turn starts no flow."""
    book = draft.book
    started = any(what == "started" for what, _ in draft.happened)
    if book.welcome is None or (started and not book.welcome_always):
        return
    if not draft.addressed:
        return
    said, draft.said = draft.said, []
    draft.tell(book.welcome)
    draft.said += said
    if book.assistant is None:
        draft.unanswered = []  # the welcome stands alone, without `unknown`
        note_unanswered(draft, "welcomed")


def _ask_or_admit(draft: Draft) -> None:
    """Ask the assistant what no rule understood, or say that it was not understood."""
    session = draft.session
    rules = draft.book.assistant
    if rules is not None and session.asked < rules.per_session:
        effect = AskAssistant(draft.next_effect_id(), "\n".join(draft.unanswered))
        draft.effects.append(effect)
        session.asking = Asking(effect.id, effect.text)
        session.asked += 1
    else:
        draft.tell(draft.book.unknown)


def _miss(draft: Draft) -> None:
    """Count a miss; after so many the flow leads elsewhere."""
    session = draft.session
    if not session.frames or session.pending is not None:
        draft.prompt = Prompt.REPEAT
        return
    frame = draft.top
    frame.misses += 1
    trigger = f"missed_{frame.misses}"
    if draft.flow.fire(frame.state, trigger, frame.slots) is not None:
        move(draft, trigger)
    elif not draft.faulted:
        draft.prompt = Prompt.REASK


def say_lapsed(draft: Draft) -> None:
    """Say once that an unfinished flow was put aside, in the flow's own words."""
    name, draft.session.lapsed = draft.session.lapsed, ""
    flow = draft.book.flows.get(name)
    if flow is None:
        draft.tell_built_in("expired", flow=name)
    elif flow.expires_say is not None:
        draft.tell(flow.expires_say, flow=draft.word(flow.title))
    else:
        draft.tell_built_in("expired", flow=draft.word(flow.title))
