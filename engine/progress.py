"""Walking through a flow: entering states, passing on, calling and returning, ending.

Every change of state runs through the flow's one shared machine (`Flow.fire`); what surrounds it
stands here and never in a callback of the machine.
"""

from __future__ import annotations

__all__ = [
    "abandon",
    "announce",
    "enter",
    "leave_interruption",
    "move",
    "settle_do",
    "start",
]

from collections.abc import Callable
from typing import Any

from engine.correcting import reread_state
from engine.draft import Draft, Prompt
from engine.effects import RunAction
from engine.frame import Frame, names
from engine.hours import is_open, next_opening, opens
from engine.language.book import Flow
from engine.language.states import Call, Choose, Collect, Do, End, HandOver, Tell
from engine.language.wording import Text
from engine.prompts import open_slots
from engine.told import keep_contact
from engine.undoing import keep_whole
from engine.validity import fits

FRAMES = 3  # design, section 4: a called flow may call one more
# A path passes each state once; the checker refuses circles without a wait. This is the net below.
PASSES = 200


def new_frame(flow: Flow) -> Frame:
    """Return the frame of a flow that begins."""
    return Frame(flow.name, flow.initial, flow.version, flow.hash, flow.kinds)


def start(draft: Draft, name: str, fills: dict[str, Any]) -> None:
    """Begin a flow on top of whatever is open, with what is already known."""
    flow = draft.book.flows[name]
    session = draft.session
    frame = new_frame(flow)
    if not session.frames:
        draft.baseline = [frame.copy()]
        draft.baseline[0].trail = names((flow.initial,))
    frame.slots.update(fills)
    draft.filled = draft.filled or bool(fills)
    session.asking = None  # a flow start clears the open question at the assistant
    session.frames.append(frame)
    draft.happened.append(("started", name))
    enter(draft, flow.initial)


def move(draft: Draft, trigger: str, *, stop: bool = False) -> None:
    """Fire a trigger of the innermost state and enter where it leads."""
    enter(draft, _target(draft, trigger), stop=stop)


def settle_do(draft: Draft, state: Do) -> None:
    """Go on behind a finished action, which is never undone, unless it says that it did nothing."""
    target, frame = _target(draft, "done"), draft.top
    if target not in state.again:
        frame.done = (*(name for name in frame.done if name != state.name), state.name)
    enter(draft, target)


def _target(draft: Draft, trigger: str) -> str:
    frame = draft.top
    target = draft.flow.fire(frame.state, trigger, frame.slots)
    if target is None:
        # The checker demands an else, so this is a bug of ours; the event is parked with it.
        message = f"{frame.flow}: {trigger!r} leads nowhere from {frame.state!r}"
        raise LookupError(message)
    return target


def enter(draft: Draft, name: str, *, stop: bool = False) -> None:
    """Enter a state, and pass on while it has nothing to wait for.

    With `stop` (a choice led here) a collect state is asked even when all of it is known.
    """
    session = draft.session
    going: str | None = name
    for _ in range(PASSES):
        if going is None:
            return
        frame = session.frames[-1]
        state = draft.book.flows[frame.flow].states[going]
        frame.state = going
        frame.misses = 0
        frame.reopened = False
        trail = frame.trail
        if going in trail:
            trail = trail[: trail.index(going)]
        frame.trail = names((*trail, going))
        session.shown = None
        session.pending = None
        session.nudge_at = None
        draft.prompt = Prompt.ASK
        going = _ENTER[state.kind](draft, frame, state, stop)
        stop = False
    message = f"{draft.top.flow}: more than {PASSES} states without a wait"
    raise RecursionError(message)


def _collect(draft: Draft, frame: Frame, state: Collect, stop: bool) -> str | None:  # noqa: FBT001 - one shape for the table
    if state.has_defaults:
        slots = draft.flow.slots
        for name in state.slots:
            path = slots[name].default
            known = draft.session.person.get(path[-1]) if path else None
            if known is not None and name not in frame.slots and fits(slots[name].kind, known):
                frame.slots[name] = known
    if open_slots(frame, state):
        return None
    if stop:
        frame.reopened = True
        return None
    return _target(draft, "then")


def _choose(draft: Draft, frame: Frame, state: Choose, stop: bool) -> None:  # noqa: FBT001 - one shape for the table
    return None


def _tell(draft: Draft, frame: Frame, state: Tell, stop: bool) -> str:  # noqa: FBT001 - one shape for the table
    draft.tell(state.say)
    return _target(draft, "then")


def _do(draft: Draft, frame: Frame, state: Do, stop: bool) -> None:  # noqa: FBT001 - one shape for the table
    session = draft.session
    arguments = {theirs: frame.slots.get(ours) for theirs, ours in state.arguments}
    # What a number is saved as names it in transcripts: "order A-1001".
    names = [ours for theirs, ours in state.saves if theirs in ("", "number")]
    effect = RunAction(
        draft.next_effect_id(), state.action, arguments, state.attempts, "".join(names[:1])
    )
    draft.effects.append(effect)
    session.doing = effect.id
    session.busy_said = False
    session.undo = ()
    draft.baseline = None
    draft.prompt = Prompt.NONE
    draft.tell(state.say)


def _call(draft: Draft, frame: Frame, state: Call, stop: bool) -> str:  # noqa: FBT001 - one shape for the table
    callee = draft.book.flows[state.flow]
    inner = new_frame(callee)
    # What the caller knows of its results is not asked again, unless a choice led here to ask it.
    known = () if stop else ((theirs, ours) for ours, theirs in state.saves)
    for theirs, ours in (*known, *state.gives):
        if ours in frame.slots:
            inner.slots[theirs] = frame.slots[ours]
    draft.session.frames.append(inner)
    return callee.initial


def _hand_over(draft: Draft, frame: Frame, state: HandOver, stop: bool) -> str | None:  # noqa: FBT001 - one shape for the table
    session = draft.session
    desk = draft.book.desks.get(state.desk)
    announce(draft, state.say or (desk.say if desk else None))
    if not is_open(draft.book, draft.at) and state.nobody_after and not draft.turned_away:
        # Nobody can come before the desk opens: what holds then holds now, and the bot talks on.
        draft.turned_away = True
        draft.notify(state.desk, f"{frame.flow}.{state.name}")
        return _target(draft, "nobody")
    session.mode = "manual"
    session.undo = ()
    draft.prompt = Prompt.NONE
    draft.notify(state.desk, f"{frame.flow}.{state.name}")
    after = state.nobody_after or (desk.nobody_after if desk else None)
    # At night nobody can come: the wait begins when the desk opens.
    session.nobody_at = next_opening(draft.book, draft.at) + after if after else None
    return None


def announce(draft: Draft, say: Text | None) -> None:
    """Say that a person comes; outside the hours, when somebody will."""
    book = draft.book
    if is_open(book, draft.at):
        draft.tell(say or book.texts["person_coming"])
        return
    closed = book.hours.closed if book.hours is not None else None
    draft.tell(closed or book.texts["closed"], opens=opens(book, draft.at, draft.language))


def _end(draft: Draft, frame: Frame, state: End, stop: bool) -> str | None:  # noqa: FBT001 - one shape for the table
    draft.tell(state.say)
    session = draft.session
    if session.mode == "manual" and state.say is not None:
        # A note for the person who talks; the customer, who may wait for a number, reads it later.
        session.unsaid = (*session.unsaid, draft.word(state.say))
    ended = session.frames.pop()
    draft.prompt = Prompt.NONE
    draft.happened.append((state.outcome, ended.flow))
    if state.notify:
        draft.inform(state.notify, f"{ended.flow}.{state.name}")
    if state.outcome == "completed":
        draft.publish("flow.completed", {"flow": ended.flow})
    if not session.frames:
        session.undo = ()
        if state.outcome == "completed":
            keep_contact(draft, ended)
        draft.ended = ended if state.order else None
        return None
    keep_whole(draft, ended)
    caller = session.frames[-1]
    waiting = draft.state
    if not (isinstance(waiting, Call) and waiting.flow == ended.flow):
        # It had interrupted; the question that was open is put again.
        draft.prompt = Prompt.REPEAT
        return None
    if state.outcome == "cancelled":
        if waiting.cancelled:
            return _target(draft, "cancelled")
        abandon(draft)
        return None
    known = ended.slots
    caller.slots |= {ours: known[theirs] for ours, theirs in waiting.saves if theirs in known}
    again = reread_state(draft.flow, caller, caller.stale)
    caller.stale = ()
    return again or _target(draft, "returned")


_ENTER: dict[str, Callable[[Draft, Frame, Any, bool], str | None]] = {
    "collect": _collect,
    "choose": _choose,
    "tell": _tell,
    "do": _do,
    "call": _call,
    "hand_over": _hand_over,
    "end": _end,
}


def abandon(draft: Draft, outcome: str = "cancelled") -> None:
    """Leave the whole stack: the session is idle."""
    session = draft.session
    draft.happened += [(outcome, frame.flow) for frame in reversed(session.frames)]
    session.frames = []
    session.pending = None
    session.shown = None
    session.undo = ()
    session.doing = ""
    session.held = ()
    session.nudge_at = None
    draft.prompt = Prompt.NONE


def leave_interruption(draft: Draft) -> bool:
    """Leave a flow that interrupted and has been told nothing yet; say whether there was one."""
    session = draft.session
    top = len(session.frames) - 1
    if top < 1:
        return False
    caller = session.frames[top - 1]
    waiting = draft.book.flows[caller.flow].states[caller.state]
    told = session.undo and any(
        one.depth == top and one.whole is None and one.turn == session.undo[-1].turn
        for one in session.undo
    )
    if told or (isinstance(waiting, Call) and waiting.flow == draft.top.flow):
        return False
    draft.happened.append(("cancelled", session.frames.pop().flow))
    session.shown = None
    draft.prompt = Prompt.REPEAT
    return True
