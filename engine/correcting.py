"""Changing what is known already: whether it is too late, and where the flow must go back to."""

from __future__ import annotations

__all__ = ["correct", "reread_state"]

from typing import Any

from engine.draft import Draft
from engine.frame import Frame
from engine.language.book import Flow
from engine.language.states import Choose, Collect, Do, State


def correct(draft: Draft, depth: int, slot: str, value: Any) -> str | None:
    """Change a known slot and say so; return the state to go back to, if one read it already."""
    frame = draft.session.frames[depth]
    flow = draft.book.flows[frame.flow]
    spec = flow.slots[slot]
    label = draft.word(spec.label, frame=frame)
    if _too_late(flow, frame, slot):
        draft.tell_built_in("too_late", label=label)
        return None
    frame.slots[slot] = value
    draft.filled = True
    draft.tell_built_in("corrected", label=label, value=draft.value_of(spec, value))
    if depth < len(draft.session.frames) - 1:
        frame.stale = (*frame.stale, slot)
        return None
    return reread_state(flow, frame, (slot,))


def reread_state(flow: Flow, frame: Frame, slots: tuple[str, ...]) -> str | None:
    """Return the earliest state on the way here whose guard or `with` read one of these slots.

    Nothing is done with what was corrected before the question in front of it was asked again.
    """
    if not slots:
        return None
    for n, name in enumerate(frame.trail[:-1]):
        if any(name in flow.reread.get(slot, ()) for slot in slots):
            if not isinstance(flow.states[name], Do):
                return name
            asked = (one for one in reversed(frame.trail[:n]) if _waits(flow.states[one]))
            return next(asked, name)
    return None


def _waits(state: State) -> bool:
    return isinstance(state, (Collect, Choose))


def _too_late(flow: Flow, frame: Frame, slot: str) -> bool:
    """Tell whether a finished action already used this slot, or lies between it and here."""
    # What was left behind by going back will be run again, with the new value.
    done = [name for name in frame.done if name in frame.trail]
    if any(name in flow.given_to.get(slot, ()) for name in done):
        return True
    again = reread_state(flow, frame, (slot,)) if done else None
    return again is not None and any(
        name in frame.trail[frame.trail.index(again) :] for name in done
    )
