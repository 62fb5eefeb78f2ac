"""Offering an order of the product that was just asked about.

"Rate for 200 remotes" is asked in order to buy them: with a quantity the order is offered, without
one the product is remembered for the next text, so that "12 of them" has a meaning.
"""

from __future__ import annotations

__all__ = ["offer_order", "ordered"]

from typing import Any, cast

from engine.draft import Draft
from engine.first_message import read_free
from engine.frame import Pending
from engine.language.states import End
from engine.ordering import priced, settled
from engine.readers.clauses import without
from engine.readers.folding import words
from engine.readers.numerals import tidy


def offer_order(draft: Draft) -> None:
    """Offer the order that the flow which ended in this text leads to."""
    ended, draft.ended = draft.ended, None
    if ended is None or draft.session.frames:
        return
    flow = draft.book.flows[ended.flow]
    state = cast("End", flow.states[ended.state])
    wanted = [slot.name for slot in flow.slots.values() if slot.kind == "choice" and slot.products]
    known = [ended.slots[name] for name in wanted if name in ended.slots]
    if not known:
        return
    order = draft.book.flows[state.order]
    slot = next(slot for slot in order.slots.values() if slot.is_catalogue_order)
    groups = tuple(group for group in order.groups if slot.name in group.names)
    said, _ = read_free(draft.book, draft.session, groups, _without_phrases(draft), draft.at)
    bare = {"quantity": 1, "unit": None, "name": "", "id": known[0], "bare": True}
    lines: list[dict[str, Any]] = said.get(slot.name, [])
    # "How much for a thermostat" counts none.
    counted = [line for line in lines if line.get("id") == known[0] and line["quantity"] > 1]
    lines = priced(slot, counted[:1] or [bare], draft.language)
    draft.open(Pending("offer", slot.name, flow=order.name, text=draft.heard, value=lines))


def _without_phrases(draft: Draft) -> str:
    """Take out what asks: "how much are 2 fans" orders none."""
    text = draft.heard
    said = words(text)
    for _, first, end in draft.book.topics.find(said):
        text = without(text, said[first][1], said[end - 1][2])
    return text


def ordered(pending: Pending, answer: str) -> dict[str, object]:
    """Return the order that an offer was answered with, as the slot's value."""
    lines = pending.value
    if answer.startswith("="):
        lines = settled(lines, 0, quantity=tidy(float(answer[1:])))
    return {pending.slot: list(lines)}
