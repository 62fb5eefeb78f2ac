"""Values into slots: is it allowed, filling, correcting, and taking a turn back."""

from __future__ import annotations

__all__ = ["back", "correct", "fill", "open_line", "remember", "say_fault", "sold"]

from typing import Any

from engine.draft import Draft, Prompt
from engine.language.book import Slot
from engine.ordering import first_open, numbered, priced, unnumbered, without_zeros
from engine.progress import reread_state, restored, too_late
from engine.session import UNDO_KEPT, Frame, Pending, Undo, names

MOST_NAMED = 3  # lines that are left out; of more only their number is said


def say_fault(draft: Draft, slot: Slot, fault: str, value: Any, frame: Frame) -> None:
    """Say why a value was not taken, in the slot's own words where it has some."""
    label = draft.word(slot.label, frame=frame)
    product = value[0]["name"] if slot.kind == "items" and value else ""
    low, high = slot.length if slot.length is not None else (slot.at_least, slot.at_most)
    if low is None and slot.kind == "items":
        low = 1
    kind = "date" if slot.kind == "date" else "number"
    extra = {
        "label": label,
        "value": draft.shown(value, slot.kind),
        "min": "" if low is None else draft.shown(low, kind),
        "max": "" if high is None else draft.shown(high, kind),
        "product": str(product),
    }
    text = slot.invalid or draft.book.texts[fault if fault in draft.book.texts else "invalid"]
    draft.say(draft.word(text, extra))


def sold(draft: Draft, slot: Slot, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Price an order; what is not sold, nor anything like it, is said and left out, as are zeros."""
    wanted, zeros = without_zeros(numbered(lines))
    kept = []
    for line in wanted:
        if line.get("unknown") and not line["among"]:
            draft.tell_built_in("line_not_sold", product=line["name"])
        else:
            kept.append(line)
    if zeros:
        several = len(zeros) > MOST_NAMED
        names = [] if several else [line["name"] for line in priced(slot, zeros, draft.language)]
        draft.tell_built_in(
            "lines_at_zero" if several else "was_left_out",
            product=draft.join(names),
            zeros=str(len(zeros)),
        )
    found = priced(slot, kept, draft.language)
    return found if first_open(slot, found) else [dict(line) for line in unnumbered(found)]


def open_line(draft: Draft, slot: Slot, depth: int, lines: list[dict[str, Any]]) -> Pending | None:
    """Return the question about the first line that cannot be ordered as it stands."""
    found = first_open(slot, lines)
    if found is None:
        return None
    labels = [_label(draft, slot, one) for one in found.candidates]
    return Pending(
        "line",
        slot.name,
        depth,
        candidates=found.candidates,
        labels=tuple(labels),
        text=found.why,
        value=lines,
        line=found.line,
    )


def _label(draft: Draft, slot: Slot, candidate: Any) -> str:
    if isinstance(candidate, str):
        return slot.products[candidate].name_in(draft.language)
    return draft.shown(candidate, "number")


def fill(draft: Draft, depth: int, slot: str, value: Any) -> None:
    """Fill an open slot."""
    draft.session.frames[depth].slots[slot] = value
    draft.filled = True


def correct(draft: Draft, depth: int, slot: str, value: Any) -> str | None:
    """Change a known slot and say so; return the state to go back to, if one read it already."""
    frame = draft.session.frames[depth]
    flow = draft.book.flows[frame.flow]
    spec = flow.slots[slot]
    label = draft.word(spec.label, frame=frame)
    if too_late(flow, frame, slot):
        draft.tell_built_in("too_late", label=label)
        return None
    frame.slots[slot] = value
    draft.filled = True
    draft.tell_built_in("corrected", label=label, value=draft.value_of(spec, value))
    if depth < len(draft.session.frames) - 1:
        frame.stale = (*frame.stale, slot)
        return None
    return reread_state(flow, frame, (slot,))


def remember(draft: Draft, before: list[Frame]) -> None:
    """Keep, as differences, how the frames looked before this turn filled something."""
    session = draft.session
    if not draft.filled or not session.frames:
        return
    if draft.baseline is not None:
        before = draft.baseline
    elif not before or session.doing:
        return
    turn = session.version + 1
    undo = list(session.undo)
    if len(undo) >= UNDO_KEPT:
        kept = sorted({one.turn for one in undo})[1 - UNDO_KEPT :]
        undo = [one for one in undo if one.turn in kept]
    for depth, old in enumerate(before):
        now = session.frames[depth] if depth < len(session.frames) else None
        if now is None or now.flow != old.flow:
            undo.append(Undo(turn, draft.step, depth, old.trail, whole=old))
        else:
            changed = {k: v for k, v in old.slots.items() if now.slots.get(k) != v}
            gone = names(tuple([k for k in now.slots if k not in old.slots]))
            undo.append(
                Undo(turn, draft.step, depth, old.trail, changed or None, gone, old.declined)
            )
    session.undo = tuple(undo)


def back(draft: Draft) -> bool:
    """Take the last turn that filled slots back; return whether there was one."""
    session = draft.session
    if not session.undo:
        return False
    newest = session.undo[-1]
    turn = newest.turn
    # Within one burst only the text before is taken back, as if each had been a turn of its own.
    this_turn = turn == session.version + 1
    while session.undo and session.undo[-1].turn == turn:
        step = session.undo[-1].step
        entries = [one for one in session.undo if (one.turn, one.step) == (turn, step)]
        session.undo = session.undo[: -len(entries)]
        frames = session.frames
        session.frames = [restored(one.whole or frames[one.depth], one) for one in entries]
        if this_turn:
            break
    session.pending = None
    session.shown = None
    draft.prompt = Prompt.ASK
    return True
