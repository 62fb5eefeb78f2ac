"""A flow edited under a session: go on, map, or cut; never strand it silently."""

from __future__ import annotations

__all__ = ["adapt", "needs_newer_worker"]

from engine.draft import Draft, Prompt
from engine.frame import Frame
from engine.language.book import Book, Flow, Migration
from engine.language.states import Call
from engine.progress import abandon, enter, new_frame
from engine.session import Session


def needs_newer_worker(book: Book, session: Session) -> bool:
    """Tell whether a worker with a newer book left this session; ours cannot read it."""
    for frame in session.frames:
        flow = book.flows.get(frame.flow)
        if flow is not None and frame.version > flow.version:
            return True
    return False


def adapt(draft: Draft) -> None:
    """Bring each frame, outermost first, to the flows of this book; cut where it cannot be."""
    session = draft.session
    frames = session.frames
    session.undo = ()
    for depth, frame in enumerate(frames):
        flow = draft.book.flows.get(frame.flow)
        if flow is not None and flow.hash == frame.hash:
            continue
        if flow is None:
            _cut(draft, depth, None, {})
            return
        renamed = _migrated(frame, flow)
        kept = _kept(renamed, flow)
        same_types = len(kept) == len(renamed.slots)
        if not (same_types and _stands(draft, depth, renamed, flow)):
            _cut(draft, depth, flow, kept)
            return
        frames[depth] = _as_of(renamed, flow)
    session.shown = None if session.pending else session.shown


def _as_of(frame: Frame, flow: Flow) -> Frame:
    now = frame.copy()
    now.version, now.hash, now.kinds = flow.version, flow.hash, flow.kinds
    trail = tuple(name for name in now.trail if name in flow.states and name != now.state)
    now.trail = (*trail, now.state)
    now.done = tuple(name for name in now.done if name in flow.states)
    now.declined = tuple(name for name in now.declined if name in flow.slots)
    now.stale = tuple(name for name in now.stale if name in flow.slots)
    return now


def _migrated(frame: Frame, flow: Flow) -> Frame:
    """Apply the author's maps of every version between the frame's and the flow's."""
    now = frame.copy()
    kinds = dict(part.partition(":")[::2] for part in frame.kinds.split())
    for version in range(frame.version, flow.version):
        plan = flow.migrate.get(version)
        if plan is None:
            continue
        now.state = plan.states.get(now.state, now.state)
        now.trail = tuple(plan.states.get(name, name) for name in now.trail)
        now.done = tuple(plan.states.get(name, name) for name in now.done)
        now.slots = {new: v for old, v in now.slots.items() if (new := _renamed(plan, old))}
        kinds = {new: kind for old, kind in kinds.items() if (new := _renamed(plan, old))}
    now.kinds = " ".join(f"{name}:{kind}" for name, kind in kinds.items())
    return now


def _renamed(plan: Migration, slot: str) -> str:
    return plan.slots.get(slot, slot) or ""


def _kept(frame: Frame, flow: Flow) -> dict[str, object]:
    """Return the slots whose type is as it was; results of actions have none and stay."""
    before = dict(part.partition(":")[::2] for part in frame.kinds.split())
    now = dict(part.partition(":")[::2] for part in flow.kinds.split())
    return {name: value for name, value in frame.slots.items() if before.get(name) == now.get(name)}


def _stands(draft: Draft, depth: int, frame: Frame, flow: Flow) -> bool:
    """Tell whether the frame's state still is one it can wait in."""
    state = flow.states.get(frame.state)
    if state is None:
        return False
    session = draft.session
    if depth < len(session.frames) - 1:
        inner = session.frames[depth + 1].flow
        if isinstance(state, Call):
            return state.flow == inner
        return state.kind in ("collect", "choose")
    if session.doing:
        return state.kind == "do"
    if state.kind == "hand_over":
        return session.mode == "manual"
    return state.kind in ("collect", "choose")


def _cut(draft: Draft, depth: int, flow: Flow | None, kept: dict[str, object]) -> None:
    """Cut the stack here, keep what still fits, and begin this flow again, saying so."""
    session = draft.session
    name = session.frames[depth].flow
    was = f"{name}: {session.frames[depth].state}"
    session.doing = ""
    session.pending = None
    session.shown = None
    if flow is None:
        dropped = session.frames[depth:]
        session.frames = session.frames[:depth]
        draft.happened += [("abandoned", frame.flow) for frame in dropped]
        draft.note(was, "the flow is gone; the conversation left it")
        draft.tell_built_in("flow_changed", flow=name)
        draft.prompt = Prompt.REPEAT
        if not session.frames:
            abandon(draft)
        return
    frame = new_frame(flow)
    frame.slots = dict(kept)
    session.frames = [*session.frames[:depth], frame]
    draft.note(was, "the flow was edited; the conversation began it again")
    draft.tell_built_in("flow_changed", flow=draft.word(flow.title, frame=frame))
    enter(draft, flow.initial)
