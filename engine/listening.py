"""Acting on what a text or a tap was understood as. The router says what it means; this does it."""

from __future__ import annotations

__all__ = ["hear_tap", "hear_text"]

from typing import Any, cast

from engine.commands import command, confirmed
from engine.draft import Draft, Prompt
from engine.filling import correct, fill, open_line, remember, say_fault, sold
from engine.language.book import Choose, Collect
from engine.meaning import Filling, Heard
from engine.ordering import LEFT_OUT, WHICH, settled
from engine.progress import FRAMES, abandon, enter, move, start
from engine.prompts import open_slots
from engine.readers.items import beside, goods_of
from engine.readers.reading import Read, Unclear
from engine.readers.spoken import spoken_language
from engine.router import is_aside, understand
from engine.session import Pending
from engine.slot_reading import hearing_of, read_free, read_start
from engine.validity import fault_of


def hear_text(draft: Draft, text: str, sent_at: int, *, held: bool = False) -> None:
    """Read one text and act on it; `sent_at` tells whether its writer can have seen a question.

    A text that was `held` while an action ran counts only for what it says: by the outcome,
    a "hello??" has been answered.
    """
    session = draft.session
    if not text and not session.frames:
        draft.tell_built_in("empty")
        return
    _snapshot(draft)
    _hear(draft, text, sent_at, held=held)
    remember(draft, draft.before)


def _too_late_for(draft: Draft, text: str) -> None:
    """Say that a value came too late, when it was sent while the flow's last action ran."""
    session = draft.session
    groups = draft.book.flows[draft.acted].groups if draft.acted in draft.book.flows else ()
    if not session.frames and read_free(draft.book, session, groups, text, draft.at):
        draft.tell_built_in("too_late")


def _notice_language(draft: Draft, heard: Heard) -> None:
    """Answer in the language that is clearly spoken; inside a flow it stays what it was."""
    session = draft.session
    if len(draft.book.languages) < 2 or (session.language and session.frames):
        return
    spoken = spoken_language(heard.said, draft.book.languages)
    if spoken or not session.language:
        session.language = spoken or heard.language


def _snapshot(draft: Draft) -> None:
    """Keep the frames as they are now, for `back` to find again."""
    draft.step += 1
    draft.filled = False
    draft.baseline = None
    if draft.step > 1 or draft.moved:
        draft.before = [frame.copy() for frame in draft.session.frames]


def _hear(draft: Draft, text: str, sent_at: int, *, held: bool) -> None:
    session = draft.session
    # A question said in this turn has not been shown yet; one said later than the text was sent
    # has not been seen either (design, I11).
    seen = session.shown is not None and sent_at >= session.shown.at
    heard = understand(draft.book, session, text, sent_at, answers=seen)
    if not session.frames and draft.unanswered:
        heard = _with_number(draft, heard, sent_at)
        text = heard.text
    _notice_language(draft, heard)
    draft.heard = text
    if held and (heard.missed or heard.greets or heard.waits):
        _too_late_for(draft, text)
        return
    returned, session.returned = session.returned, False
    if heard.missed:
        _missed(draft, text, seen=seen, returned=returned)
        return
    draft.excused = True
    if heard.answer:
        _answered(draft, heard.answer)
    elif heard.choice is not None:
        for question in heard.questions:
            draft.tell(draft.book.answers[question])
        _chosen(draft, heard.choice)
    elif heard.command:
        command(draft, heard.command)
    elif heard.waits:
        draft.tell_built_in("declined")  # "All right."; the question stays open
    elif session.frames:
        _in_flow(draft, heard)
    else:
        _idle(draft, heard)


def _with_number(draft: Draft, heard: Heard, sent_at: int) -> Heard:
    """Read "50" and "relay", a quantity and its part in two messages of one burst, as one."""
    number = draft.unanswered[-1]
    if not number.isdecimal():
        return heard
    text = f"{number} {heard.text}"
    together = understand(draft.book, draft.session, text, sent_at, answers=heard.seen)
    if not together.start_fills:
        return heard
    draft.unanswered.pop()
    return together


def hear_tap(draft: Draft, tap: str) -> None:
    """Act on a button: only the latest showing of the open question counts."""
    _snapshot(draft)
    _tap(draft, tap)
    remember(draft, draft.before)


def _tap(draft: Draft, tap: str) -> None:
    session = draft.session
    where, _, seq = tap.rpartition("#")
    place, _, choice = where.rpartition(".")
    shown = session.shown
    draft.excused = True
    gone = session.pending is None and not session.frames
    if gone or shown is None or shown.place != place or str(shown.seq) != seq:
        draft.tell_built_in("old_button")
        draft.prompt = Prompt.REPEAT
        return
    if session.pending is not None:
        if choice in answers_to(session.pending):
            _answered(draft, choice)
        else:
            draft.prompt = Prompt.REPEAT
        return
    state = draft.state
    for position, one in enumerate(state.choices if isinstance(state, Choose) else ()):
        if one.id == choice:
            _chosen(draft, position)
            return
    draft.prompt = Prompt.REPEAT


def answers_to(pending: Pending) -> tuple[str, ...]:
    """Return the ids of the choices that this question shows."""
    if pending.kind in {"unclear", "line"}:
        left_out = (LEFT_OUT,) if pending.kind == "line" else ()
        return (*(str(n) for n in range(1, len(pending.candidates) + 1)), *left_out)
    if pending.kind == "leave":
        return ("continue", "leave")
    return () if pending.kind in {"change", "value"} else ("yes", "no")


def _missed(draft: Draft, text: str, *, seen: bool, returned: bool) -> None:
    session = draft.session
    if not session.frames and session.pending is None:
        draft.unanswered.append(text)
    elif returned:
        # A person has just handed back: the customer may not know that the question stands again.
        draft.excused = True
        draft.prompt = Prompt.REPEAT
    elif seen:
        draft.missed = True


def _answered(draft: Draft, answer: str) -> None:
    """Act on the answer to a question of the engine's own."""
    session = draft.session
    pending = cast("Pending", session.pending)  # only an open question can be answered
    session.pending = None
    session.shown = None
    if pending.kind == "unclear":
        known = pending.slot in session.frames[pending.depth].slots
        value = pending.candidates[int(answer) - 1]
        _fillings(draft, [Filling(pending.depth, pending.slot, value, known)])
    elif pending.kind == "line":
        _line_answered(draft, pending, answer)
    elif pending.kind == "leave":
        if answer == "leave":
            abandon(draft)
            _start(draft, pending.flow, pending.text)
        else:
            draft.prompt = Prompt.REPEAT
    elif answer == "no":
        if pending.kind == "offer":
            draft.tell_built_in("declined")
        draft.prompt = Prompt.REPEAT
    elif pending.kind == "offer":
        _start(draft, pending.flow, pending.text)
    else:
        confirmed(draft, pending.kind)


def _line_answered(draft: Draft, pending: Pending, answer: str) -> None:
    """Settle the open line, and go on with the order as it is then."""
    draft.session.frames[pending.depth].waiting = None
    if answer == LEFT_OUT or answer.startswith("-"):
        gone = pending.line if answer == LEFT_OUT else int(answer[1:])
        lines = settled(pending.value, gone)
        draft.tell_built_in("was_left_out", product=pending.value[gone]["name"])
    elif answer.startswith("="):
        lines = settled(pending.value, pending.line, quantity=_quantity(answer[1:]))
    elif answer.startswith("~"):
        among = tuple(pending.candidates[int(place) - 1] for place in answer[1:].split())
        lines = settled(pending.value, pending.line, among=among)
    elif pending.text in WHICH:
        product = pending.candidates[int(answer) - 1]
        lines = settled(pending.value, pending.line, product=product)
    else:
        quantity = pending.candidates[int(answer) - 1]
        lines = settled(pending.value, pending.line, quantity=quantity)
    if lines:
        known = pending.slot in draft.session.frames[pending.depth].slots
        _fillings(draft, [Filling(pending.depth, pending.slot, lines, known)])
    else:
        draft.prompt = Prompt.REPEAT


def _quantity(text: str) -> int | float:
    quantity = float(text)
    return int(quantity) if quantity.is_integer() else quantity


def _chosen(draft: Draft, position: int) -> None:
    choice = cast("Choose", draft.state).choices[position]  # only there one can be chosen
    if choice.moves:
        move(draft, f"chose_{choice.id}", stop=True)
    elif choice.means in ("back", "cancel"):
        command(draft, choice.means)
    else:
        draft.open(Pending("change", depth=position))


def _start(draft: Draft, name: str, text: str) -> None:
    """Start a flow with what the text that led to it says."""
    fills = read_start(draft.book, draft.session, name, text, draft.at)
    _start_with(draft, name, fills)


def _start_with(draft: Draft, name: str, fills: dict[str, object]) -> None:
    flow = draft.book.flows[name]
    good: dict[str, object] = {}
    bad: list[tuple[str, str, object]] = []
    waiting: Pending | None = None
    unclear: Pending | None = None
    for slot, value in fills.items():
        if isinstance(value, Unclear):
            unclear = unclear or _which(slot, len(draft.session.frames), value)
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


def _which(slot: str, depth: int, reading: Unclear) -> Pending:
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


def _idle(draft: Draft, heard: Heard) -> None:
    draft.close()
    if heard.greets and not draft.session.seq and draft.book.welcome is not None:
        return  # the welcome of a new session answers a greeting
    for question in heard.questions:
        draft.tell(draft.book.answers[question])
    if heard.start:
        _start_with(draft, heard.start, heard.start_fills)
    elif heard.thanks and not heard.questions:
        draft.tell_built_in("thanks")
    elif heard.greets and not heard.questions:
        draft.tell(draft.book.welcome or draft.book.commands["help"].say)


def _in_flow(draft: Draft, heard: Heard) -> None:
    session = draft.session
    for question in heard.questions:
        draft.tell(draft.book.answers[question])
    if heard.fills:
        half = session.pending
        draft.close()
        _beside(draft, heard.fills)
        _fillings(draft, heard.fills)
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
        draft.open(_which(slot, depth, reading))
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
        _start(draft, heard.start, heard.text)
    else:
        draft.open(Pending("leave", flow=heard.start, text=heard.text))


def _fillings(draft: Draft, fillings: list[Filling]) -> None:
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
