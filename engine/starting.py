"""Starting a flow with what a text says: what is known of it, and what must be asked first."""

from __future__ import annotations

__all__ = ["start_by_text", "start_with", "which"]

from typing import Any, cast

from engine.draft import Draft
from engine.filling import open_line, say_fault, sold
from engine.first_message import read_start
from engine.frame import Pending
from engine.hearing import hearing_of
from engine.language.book import Flow
from engine.language.states import Collect
from engine.progress import start
from engine.prompts import open_slots
from engine.readers.reading import Read, Unclear
from engine.told import with_told
from engine.validity import fault_of, suited


def start_by_text(draft: Draft, name: str, text: str) -> None:
    """Start a flow with what the text that led to it says."""
    fills = read_start(draft.book, draft.session, name, text, draft.at)
    start_with(draft, name, fills)


def start_with(draft: Draft, name: str, fills: dict[str, object]) -> None:
    """Start a flow with these values; say what is wrong with one, ask about one that is unclear."""
    flow = draft.book.flows[name]
    fills = _suited(flow, with_told(draft, name, fills))
    good: dict[str, object] = {}
    bad: list[tuple[str, str, object]] = []
    waiting: Pending | None = None
    unclear: Pending | None = None
    for slot, value in fills.items():
        if isinstance(value, Unclear):
            unclear = unclear or which(slot, len(draft.session.frames), value)
            continue
        if isinstance(value, Read):
            bad.append((slot, value.fault, value.value))
            continue
        if flow.slots[slot].is_catalogue_order:
            lines = sold(draft, flow.slots[slot], cast("list[Any]", value))
            depth = len(draft.session.frames)
            waiting = open_line(draft, flow.slots[slot], depth, lines)
            if waiting is None and lines:
                good[slot] = lines
            continue
        fault = fault_of(flow.slots[slot], value)
        if fault:
            bad.append((slot, fault, value))
        else:
            good[slot] = value
    start(draft, name, good)
    if draft.session.frames and draft.top.flow == name:
        for slot, fault, value in bad:
            say_fault(draft, flow.slots[slot], fault, value, draft.top)
            draft.refused.add(slot)
        _ask_for_the_time(draft)
        waiting = waiting or unclear
        if waiting is not None:
            draft.open(waiting)


def _suited(flow: Flow, fills: dict[str, object]) -> dict[str, object]:
    """Choose what is meant by values that may mean two things; leave what must be asked about."""
    return {
        slot: suited(flow.slots[slot], value)
        if isinstance(value, Read) and not value.fault
        else value
        for slot, value in fills.items()
    }


def which(slot: str, depth: int, reading: Unclear) -> Pending:
    """Ask which of several values is meant."""
    return Pending("unclear", slot, depth, candidates=reading.candidates, labels=reading.labels)


def _ask_for_the_time(draft: Draft) -> None:
    """A flow that was started with a day keeps it, and asks only for the time."""
    state = draft.state
    dates = [group for group in draft.flow.groups if group.kind == "date"]
    if not dates or not isinstance(state, Collect):
        return
    depth = len(draft.session.frames) - 1
    open_now = open_slots(draft.top, state)
    for group in dates:
        names = [name for name in group.slots if name in open_now]
        if not names:
            continue
        hearing = hearing_of(group, draft.book, draft.session, draft.at, asked=True)
        for one in group.reader.read(draft.heard, hearing):
            if isinstance(one, Read) and one.fault == "time_missing":
                draft.open(Pending("value", names[0], depth, text=draft.heard))
                return
