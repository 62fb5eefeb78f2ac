"""Going on in a flow: fill and correct what a text said, then ask for what is missing."""

from __future__ import annotations

__all__ = ["go_on_with", "take_fillings"]

from typing import cast

from engine.correcting import correct
from engine.draft import Draft, Prompt
from engine.filling import fill, open_line, say_fault, sold
from engine.first_message import read_start
from engine.frame import Pending
from engine.language.states import Collect
from engine.meaning import Filling, Heard
from engine.ordering import settled
from engine.progress import FRAMES, abandon, enter, move
from engine.prompts import open_slots
from engine.readers.items import beside, goods_of
from engine.router import is_aside
from engine.starting import start_with, which
from engine.validity import fault_of


def go_on_with(draft: Draft, heard: Heard) -> None:
    """Act on what a text inside a flow says: answers first, values, then another flow."""
    session = draft.session
    for question in heard.questions:
        draft.tell(draft.book.answers[question])
    if heard.fills:
        half = session.pending
        draft.close()
        _beside(draft, heard.fills)
        take_fillings(draft, heard.fills)
        _keep_half(draft, half)
    elif heard.skips:
        _skip(draft)
    elif draft.prompt is Prompt.NONE:
        draft.prompt = Prompt.REPEAT
    if heard.start:
        _other_flow(draft, heard)
        return
    # What else was filled may have ended the flow that would have to ask.
    # An order with an open line is worth more than a value that can be asked for again.
    if session.frames and session.frames[-1].waiting is not None:
        return
    if heard.unclear is not None and heard.unclear[0] < len(session.frames):
        depth, slot, reading = heard.unclear
        draft.open(which(slot, depth, reading))
    elif heard.change is not None:
        depth, slot = heard.change
        draft.open(Pending("value", slot, depth))


def _beside(draft: Draft, fills: list[Filling]) -> None:
    """Put lines that come instead of an answer beside those of the order that are settled."""
    for one in fills:
        frame = draft.session.frames[one.depth]
        waiting = frame.waiting
        if waiting is None or waiting.slot != one.slot:
            continue
        frame.waiting = None
        if not one.whole:
            others = settled(waiting.value, waiting.line)
            known = {goods_of(line) for line in others}
            # What only changes other lines leaves the open one open.
            changes = all(goods_of(line) in known for line in one.value)
            one.value = beside(waiting.value if changes else others, one.value)


def _keep_half(draft: Draft, half: Pending | None) -> None:
    """Go on asking for the time of a day that was said, when something else was filled."""
    session = draft.session
    if half is None or not half.text or half.kind != "value" or session.pending is not None:
        return
    state = draft.state if len(session.frames) == half.depth + 1 else None
    if isinstance(state, Collect) and half.slot in open_slots(draft.top, state):
        draft.open(half)


def _other_flow(draft: Draft, heard: Heard) -> None:
    """The start of another flow inside one: interrupt it, or ask which of the two."""
    flow = draft.book.flows[heard.start]
    if is_aside(draft.book, draft.session):
        abandon(draft, "abandoned")
    if not draft.session.frames or (
        flow.interrupts and len(draft.session.frames) + flow.depth <= FRAMES
    ):
        # What the message itself started with has been read.
        fills = heard.start_fills or read_start(
            draft.book, draft.session, heard.start, heard.text, draft.at
        )
        start_with(draft, heard.start, fills)
    else:
        draft.open(Pending("leave", flow=heard.start, text=heard.text))


def take_fillings(draft: Draft, fillings: list[Filling]) -> None:
    """Fill and correct, then go on from wherever that leads."""
    session = draft.session
    again: str | None = None
    moved = False
    ready, waiting = _without_open_lines(draft, fillings)
    for one in ready:
        frame = session.frames[one.depth]
        slot = draft.book.flows[frame.flow].slots[one.slot]
        fault = one.fault or fault_of(slot, one.value)
        if fault == "time_missing":
            # The day is kept as it was said; the time is read together with it.
            draft.open(Pending("value", one.slot, one.depth, text=draft.heard))
            return
        if fault:
            say_fault(draft, slot, fault, one.value, frame)
            draft.faulted = True
            draft.refused.add(one.slot)
        elif one.correction:
            state = correct(draft, one.depth, one.slot, one.value)
            again = _earlier(draft, again, state)
            moved = True
        else:
            fill(draft, one.depth, one.slot, one.value)
            moved = True
    if again is not None:
        enter(draft, again)
    elif moved:
        _go_on(draft, ready)
    elif waiting is None:
        # Recognised and refused: the reason was said; it is a miss, for nothing was filled.
        draft.missed = True
        draft.excused = False
    if waiting is not None and waiting.depth < len(session.frames):
        draft.open(waiting)


def _without_open_lines(
    draft: Draft, fillings: list[Filling]
) -> tuple[list[Filling], Pending | None]:
    """Set an order aside while something is open about one of its lines; return what to ask."""
    ready: list[Filling] = []
    waiting: Pending | None = None
    for one in fillings:
        slot = draft.book.flows[draft.session.frames[one.depth].flow].slots[one.slot]
        asked: Pending | None = None
        if slot.is_catalogue_order:
            one.value = sold(draft, slot, one.value)
            asked = open_line(draft, slot, one.depth, one.value)
        if asked is None and one.value != []:
            ready.append(one)
        waiting = waiting or asked
    return ready, waiting


def _earlier(draft: Draft, one: str | None, other: str | None) -> str | None:
    """Return the one of two states that comes first on the way here."""
    if one is None or other is None:
        return one or other
    trail = draft.top.trail
    return min(one, other, key=trail.index)


def _go_on(draft: Draft, fillings: list[Filling]) -> None:
    """Leave a collect state that has all it asks for; else ask for the rest."""
    frame = draft.top
    state = draft.state
    depth = len(draft.session.frames) - 1
    here = {one.slot for one in fillings if one.depth == depth}
    if not isinstance(state, Collect):
        draft.prompt = Prompt.REPEAT
        return
    frame.misses = 0
    if frame.reopened and not here.isdisjoint(state.slots):
        frame.reopened = False
    if state.optional and not here.isdisjoint(state.optional) and draft.session.shown is not None:
        frame.declined = _declined(frame.declined, state.optional, frame.slots)
    asked = open_slots(frame, state)
    if asked:
        if here and asked[0] in state.optional:
            draft.session.shown = None  # another question: only who has seen it can decline
        draft.prompt = Prompt.MORE if here else Prompt.REPEAT
    else:
        move(draft, "then")


def _declined(
    declined: tuple[str, ...], optional: tuple[str, ...], slots: dict[str, object]
) -> tuple[str, ...]:
    more = [name for name in optional if name not in slots and name not in declined]
    return (*declined, *more)


def _skip(draft: Draft) -> None:
    """The customer declines the optional slots that are asked for."""
    frame = draft.top
    state = cast("Collect", draft.state)  # only there a slot can be declined
    frame.declined = _declined(frame.declined, state.optional, frame.slots)
    draft.tell_built_in("skipped")
    move(draft, "then")
