"""A change in words of what is known: "add two more", "make it 15", "the other day instead"."""

from __future__ import annotations

__all__ = ["amended_by", "with_first_half"]

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.frame import Frame, Pending
from engine.hearing import AT_A_START
from engine.language.book import Book
from engine.language.slot import Group, Slot
from engine.meaning import Heard
from engine.ordering import settled
from engine.readers.amend_items import recounted
from engine.readers.conditions import has_condition
from engine.readers.folding import words
from engine.readers.lexicon import word_set
from engine.readers.numerals import NUMBER, tidy, tokens
from engine.readers.reading import Hearing, Read, Reading
from engine.readers.unwanted import unwanted
from engine.session import Session


def amended_by(
    book: Book,
    session: Session,
    frame: Frame,
    group: Group,
    text: str,
    *,
    hearing: Hearing,
    heard: Heard,
    open_now: tuple[str, ...],
    announced: bool,
) -> list[Reading]:
    """Read a change in words of the one known value of this kind.

    `announced` is whether the message says that it changes something.
    """
    amend = group.reader.amend
    if amend is None or len(group.slots) != 1:  # which of several would be a guess
        return []
    old = frame.slots.get(group.slots[0])
    if group.kind == "items" and not announced:
        # A list that is pasted again is a new one; "only 15" is the one line's quantity.
        counted = recounted(old, text, hearing.languages) if old and frame.reopened else []
        return [Read(counted, 0, len(text))] if counted else []
    waiting = frame.waiting
    if waiting is not None and waiting.slot == group.slots[0]:
        return _beside(book, heard, waiting, text, replace(hearing, asked=False), amend=amend)
    if old is None:
        return []
    if (
        group.kind == "items"
        and _takes_numbers(book, session, open_now)
        and recounted(old, text, hearing.languages)
    ):
        return []  # "no, 5" answers what is asked for
    if group.kind == "items":
        better = _for_a_better_price(
            book.flows[frame.flow].slots[group.slots[0]], old, text, hearing
        )
        if better:
            return better
        hearing = replace(hearing, talked=_changed_last(session, frame, group.slots[0]))
    return amend(old, text, hearing)


def _changed_last(session: Session, frame: Frame, slot: str) -> int:
    """Find the one line of an order that the turn before this one changed or added."""
    depth = session.frames.index(frame)
    undone = [one for one in session.undo if one.turn == session.version and one.depth == depth]
    before = next((one.set[slot] for one in undone if one.set and slot in one.set), None)
    if before is None:
        return -1
    new = [place for place, line in enumerate(frame.slots[slot]) if line not in before]
    return new[0] if len(new) == 1 else -1


def _for_a_better_price(slot: Slot, old: Any, text: str, hearing: Hearing) -> list[Reading]:
    """Read "if the price is better from 50, make it 50" of an only line, where it is better."""
    said = [word for word, _, _ in words(text)]
    if word_set(hearing.languages, "prices").isdisjoint(said) or len(old) != 1:
        return []
    found = {token.value for token in tokens(text, hearing.languages) if token.kind is NUMBER}
    product = slot.products.get(old[0].get("id", ""))
    if product is None or len(found) != 1 or not has_condition(text, hearing.languages):
        return []
    (many,) = found
    now, then = product.price_of(old[0]["quantity"]), product.price_of(many)
    if now is None or then is None or then >= now:
        return []
    return [Read([{**old[0], "quantity": tidy(many)}], 0, len(text))]


def _takes_numbers(book: Book, session: Session, open_now: tuple[str, ...]) -> bool:
    slots = book.flows[session.frames[-1].flow].slots
    return any(slots[name].kind in AT_A_START for name in open_now)


def _beside(
    book: Book,
    heard: Heard,
    waiting: Pending,
    text: str,
    hearing: Hearing,
    *,
    amend: Callable[[Any, str, Hearing], list[Reading]],
) -> list[Reading]:
    """Read what is added or exchanged while something is open about another line."""
    topics = {topic for topic, _, _ in book.cues.find(heard.said)}
    adds = not topics.isdisjoint(("adds", "drops"))
    others = settled(waiting.value, waiting.line)
    if not others or not (adds or unwanted(text, hearing.languages)):
        return []
    asked = waiting.value[waiting.line]
    meant = {asked.get("id"), *asked.get("among", ())}
    return [
        replace(one, value=[*one.value[: waiting.line], asked, *one.value[waiting.line :]])
        if not any(line.get("id") in meant for line in one.value)
        else one
        for one in amend(others, text, hearing)
        if isinstance(one, Read)  # one question at a time
    ]


def with_first_half(group: Group, half: str, text: str, hearing: Hearing) -> list[Reading]:
    """Read a day said before together with the time that was asked for."""
    read = group.reader.read(f"{half}, {text}", hearing)
    whole = [one for one in read if isinstance(one, Read) and not one.fault]
    return [replace(one, start=0, end=len(text)) for one in whole if text]
