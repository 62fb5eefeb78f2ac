"""Values into slots: may they be taken, and what is said where they may not."""

from __future__ import annotations

__all__ = ["fill", "open_line", "say_fault", "sold"]

from typing import Any

from engine.draft import Draft
from engine.frame import Frame, Pending
from engine.language.slot import Slot
from engine.ordering import first_open, numbered, priced, unnumbered, without_zeros

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
