"""Who the customer is, said before a flow or in the last one: the next flow begins with it.

Nobody likes to say it twice. The flow shows what it took, like any other value.
"""

from __future__ import annotations

__all__ = ["keep_contact", "only_told", "with_told"]

from engine.draft import Draft
from engine.first_message import read_free
from engine.frame import Frame
from engine.meaning import Heard
from engine.readers.folding import words


def only_told(draft: Draft, heard: Heard, sent_at: int) -> bool:
    """Keep what customers say of themselves before a flow; tell whether they say nothing else."""
    session = draft.session
    if session.frames or heard.start or heard.answer or heard.command:
        return False
    book = draft.book
    told, rest = read_free(book, session, book.contact_groups, heard.text, sent_at)
    if not told:
        return False
    session.told = {**session.told, **told}
    return heard.missed and all(word in book.small_words for word, _, _ in words(rest))


def keep_contact(draft: Draft, ended: Frame) -> None:
    """Keep who the customer is from a flow that was completed."""
    slots = draft.book.flows[ended.flow].slots
    kinds = {group.kind for group in draft.book.contact_groups}
    known = {slots[name].kind: value for name, value in ended.slots.items() if name in slots}
    told = {kind: value for kind, value in known.items() if kind in kinds}
    if told:
        draft.session.told = {**draft.session.told, **told}


def with_told(draft: Draft, name: str, fills: dict[str, object]) -> dict[str, object]:
    """Add what the customer said before any flow, as if this text had said it; it is used once."""
    told = draft.session.told
    if not told:
        return fills
    whole = dict(fills)
    left = dict(told)
    said = {slot.kind for slot in draft.book.flows[name].slots.values() if slot.name in fills}
    for slot in draft.book.flows[name].slots.values():
        value = left.pop(slot.kind, None)
        if value is not None and slot.kind not in said:
            whole[slot.name] = value
    draft.session.told = left
    return whole
