"""Acting on an answer: to a question of the engine's own, or one of a state's choices."""

from __future__ import annotations

__all__ = ["answered", "answers_to", "chosen"]

from typing import cast

from engine.commands import command, confirmed
from engine.draft import Draft, Prompt
from engine.frame import Pending
from engine.going_on import take_fillings
from engine.language.states import Choose
from engine.meaning import Filling
from engine.offering import ordered
from engine.ordering import LEFT_OUT, WHICH, settled
from engine.progress import abandon, move
from engine.readers.numerals import tidy
from engine.starting import start_by_text, start_with


def answers_to(pending: Pending) -> tuple[str, ...]:
    """Return the ids of the choices that this question shows."""
    if pending.kind in {"unclear", "line"}:
        left_out = (LEFT_OUT,) if pending.kind == "line" else ()
        return (*(str(n) for n in range(1, len(pending.candidates) + 1)), *left_out)
    if pending.kind == "leave":
        return ("continue", "leave")
    return () if pending.kind in {"change", "value"} else ("yes", "no")


def answered(draft: Draft, answer: str) -> None:
    """Act on the answer to a question of the engine's own."""
    session = draft.session
    pending = cast("Pending", session.pending)  # only an open question can be answered
    session.pending = None
    session.shown = None
    if pending.kind == "unclear":
        known = pending.slot in session.frames[pending.depth].slots
        value = pending.candidates[int(answer) - 1]
        take_fillings(draft, [Filling(pending.depth, pending.slot, value, known)])
    elif pending.kind == "line":
        _line_answered(draft, pending, answer)
    elif pending.kind == "leave":
        if answer == "leave":
            abandon(draft)
            start_by_text(draft, pending.flow, pending.text)
        else:
            draft.prompt = Prompt.REPEAT
    elif answer == "no":
        if pending.kind == "offer":
            draft.tell_built_in("declined")
        draft.prompt = Prompt.REPEAT
    elif pending.kind == "offer" and pending.value is not None:
        start_with(draft, pending.flow, ordered(pending, answer))
    elif pending.kind == "offer":
        start_by_text(draft, pending.flow, pending.text)
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
        lines = settled(pending.value, pending.line, quantity=tidy(float(answer[1:])))
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
        take_fillings(draft, [Filling(pending.depth, pending.slot, lines, known)])
    else:
        draft.prompt = Prompt.REPEAT


def chosen(draft: Draft, position: int) -> None:
    """Act on the choice at this place: go there, do its command, or ask what to change."""
    choice = cast("Choose", draft.state).choices[position]  # only there one can be chosen
    if choice.moves:
        move(draft, f"chose_{choice.id}", stop=True)
    elif choice.means in ("back", "cancel"):
        command(draft, choice.means)
    else:
        draft.open(Pending("change", depth=position))
