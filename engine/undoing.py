"""Taking a turn back: what is kept of the turns that filled something, and how `back` undoes them."""

from __future__ import annotations

__all__ = ["back", "keep_whole", "remember"]

from engine.draft import Draft, Prompt
from engine.frame import Frame, Undo, names

KEPT = 5  # design, section 4: `back` undoes the last turn that filled slots, five kept


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
    if len(undo) >= KEPT:
        kept = sorted({one.turn for one in undo})[1 - KEPT :]
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


def keep_whole(draft: Draft, ended: Frame) -> None:
    """Let `back` lead into a flow that returned: its changes become the whole frame they give."""
    depth = len(draft.session.frames)
    # The differences lead back from where the text before left the frame, not from here.
    if depth < len(draft.before) and draft.before[depth].flow == ended.flow:
        ended = draft.before[depth]
    undo = list(draft.session.undo)
    for n in range(len(undo) - 1, -1, -1):
        one = undo[n]
        if one.depth == depth:
            if one.whole is not None:
                break  # an earlier visit to a flow at this depth has been kept already
            ended = _restored(ended, one)
            undo[n] = Undo(one.turn, one.step, depth, ended.trail, whole=ended)
    draft.session.undo = tuple(undo)


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
        session.frames = [_restored(one.whole or frames[one.depth], one) for one in entries]
        if this_turn:
            break
    session.pending = None
    session.shown = None
    draft.prompt = Prompt.ASK
    return True


def _restored(frame: Frame, undo: Undo) -> Frame:
    """Return the frame as it was before the turn that `undo` remembers."""
    if undo.whole is not None:
        return undo.whole.copy()
    back = frame.copy()
    back.state = undo.trail[-1]
    back.trail = undo.trail
    back.declined = undo.declined
    back.reopened = False
    back.misses = 0
    for name in undo.gone:
        back.slots.pop(name, None)
    back.slots.update(undo.set or {})
    return back
