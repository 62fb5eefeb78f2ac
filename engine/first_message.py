"""What the message says that starts a flow: by which value it does, and what else stands in it.

Nothing was asked for yet, so no bare name is read and no yes; free text only where a flow asks for it first.
"""

from __future__ import annotations

__all__ = ["read_free", "read_start", "starts_by_goods", "starts_by_value"]

from typing import Any

from engine.goods import lines_of, ordered_goods, with_unknown
from engine.hearing import AT_A_START, REACHED, hearing_of, in_currency, name_beside, own_words
from engine.language.book import Book
from engine.language.slot import Group
from engine.language.states import Collect
from engine.meaning import Heard
from engine.readers.clauses import without
from engine.readers.folding import words
from engine.readers.items import counts_more
from engine.readers.other_deeds import without_other_deeds
from engine.readers.reading import Hearing, Read, Reading, Unclear
from engine.session import Session


def starts_by_value(book: Book, session: Session, heard: Heard, at: int) -> bool:
    """Find a flow that starts by what the message contains; each kind of value is read once."""
    if not book.when_groups:
        return False
    values, _ = read_free(book, session, book.when_groups, heard.text, at, orders=True)
    for when in book.whens if values else ():
        slots = {slot: values[kind] for slot, kind in when.slots if kind in values}
        if slots and when.guard(slots):
            known = {kind: values[kind] for _, kind in when.slots if kind in values}
            heard.start_by, heard.found = "reading", list(slots)
            _starts(book, session, heard, when.flow, at, known=known)
            return True
    return False


def starts_by_goods(book: Book, session: Session, heard: Heard, at: int) -> None:
    """Start an order of goods that are not sold, so that they are asked about: "need 10 spoons"."""
    text = heard.text
    for group in book.when_groups:
        if group.kind in REACHED:
            hearing = hearing_of(group, book, session, at, asked=False)
            for reading in group.reader.read(text, hearing):
                text = without(text, reading.start, reading.end)
            continue
        lines = ordered_goods(book, session, group, text, at)
        for when in book.whens if lines else ():
            slots = {slot: lines for slot, kind in when.slots if kind == group.source}
            if slots and when.guard(slots):
                heard.start_by, heard.found = "goods", list(slots)
                _starts(book, session, heard, when.flow, at, known={group.source: lines})
                return


def _starts(
    book: Book, session: Session, heard: Heard, flow: str, at: int, *, known: dict[str, Any]
) -> None:
    """Start a flow with what led to it, by kind of value, and what the message says besides."""
    groups = book.flows[flow].groups
    heard.start = flow
    heard.start_fills, _ = read_free(
        book, session, groups, heard.text, at, known=known, doubts=True
    )


def read_start(book: Book, session: Session, flow: str, text: str, at: int) -> dict[str, Any]:
    """Read what the text that led to a flow says besides: its phrase is not read again."""
    said = words(text)
    rest = text
    phrases = (hit for hit in book.topics.find(said) if hit[0][:2] == ("flow", flow))
    _, first, end = next(phrases, (None, 0, 0))
    if end:
        rest = without(text, said[first][1], said[end - 1][2])
    groups = book.flows[flow].groups
    orders = any(when.flow == flow for when in book.whens)
    found, _ = read_free(book, session, groups, rest, at, doubts=True, orders=orders)
    items = tuple(group for group in groups if group.kind == "items")
    ordered, _ = read_free(book, session, items, text, at) if rest != text else ({}, "")
    for name, lines in ordered.items():
        # "2 lemon cakes" for a flow that starts with "cakes": the phrase is a part of the name.
        phrase = {word for word, _, _ in said[first:end]}
        if all(phrase < {word for word, _, _ in words(line["name"])} for line in lines[:1]):
            found[name] = lines
    # The phrase itself may name an option: "repair my phone".
    choices = tuple(group for group in groups if group.kind == "choice")
    chosen, _ = read_free(book, session, choices, text, at)
    for name, value in chosen.items():
        found.setdefault(name, value)
    return {**_told(book, flow, text, rest), **found}


def _told(book: Book, flow: str, text: str, rest: str) -> dict[str, Any]:
    """Take the message as the free text that the flow asks for first, if it says something."""
    spec = book.flows[flow]
    first = spec.states[spec.initial]
    if not isinstance(first, Collect) or spec.slots[first.slots[0]].kind != "text":
        return {}
    said = [word for word, _, _ in words(rest) if word not in book.small_words]
    # "I have a request" says nothing yet; "the ac is not working in room 9" does.
    return {first.slots[0]: text.strip()} if len(said) > 1 else {}


def read_free(
    book: Book,
    session: Session,
    groups: tuple[Group, ...],
    text: str,
    at: int,
    *,
    known: dict[str, Any] | None = None,
    doubts: bool = False,
    orders: bool = False,
) -> tuple[dict[str, Any], str]:
    """Read a message for these groups; return the values by slot, and what is left of the text.

    No bare names, no yes and no free text are read. `known` holds what was read for the start
    already, by kind of value. With `doubts` a reading that must be asked about stands for its
    value: unclear ones, phones that cannot be dialled, and times that may be in either half of
    the day.
    """
    found: dict[str, Any] = {}
    whole = text
    reached = False  # a phone number or an email was read
    spent: list[tuple[int, int]] = []  # where stands what is known already
    counts = any(group.kind == "number" for group in groups)
    for group in groups:
        if not (group.reader.volunteers or group.kind in AT_A_START):
            continue
        if known and group.source in known:
            found[group.slots[0]] = known[group.source]
            hearing = hearing_of(group, book, session, at, asked=False)
            spent += _places(group, text, hearing) if counts else []
            continue
        free = list(group.slots)
        asked = group.kind == "number"  # "3" is no amount of money, unless that was asked
        hearing = hearing_of(group, book, session, at, asked=asked)
        own, text = own_words(group, text, hearing, whole)
        for start, end in spent if group.kind == "number" else ():
            own = without(own, start, end)  # the two of "2 towels" is no room number
        if group.kind == "items":
            readings = _read_items(book, session, group, own, at, hearing=hearing, orders=orders)
        else:
            readings = group.reader.read(own, hearing)
        if group.kind == "person_name" and not readings and reached:
            asking = hearing_of(group, book, session, at, asked=True)
            readings = name_beside(group, own, asking, whole=whole)
        for reading in readings:
            value = _free_value(group, reading, book, doubts=doubts)
            if value is not None and free:
                found[free.pop(0)] = value
            elif group.kind not in REACHED:
                continue
            text = without(text, reading.start, reading.end)
            reached = reached or group.kind in REACHED
    return found, text


def _read_items(
    book: Book,
    session: Session,
    group: Group,
    text: str,
    at: int,
    *,
    hearing: Hearing,
    orders: bool,
) -> list[Reading]:
    """Read goods; to an order belongs what is not in the catalogue, too."""
    if orders:
        text = without_other_deeds(text, hearing)
    readings = group.reader.read(text, hearing)
    lines = lines_of(readings) if hearing.catalogue else []
    if lines and counts_more(text, lines, hearing.languages):
        wide = hearing_of(group, book, session, at, asked=True)
        readings = with_unknown(readings, group.reader.read(text, wide))
    return readings


def _places(group: Group, text: str, hearing: Hearing) -> list[tuple[int, int]]:
    return [(one.start, one.end) for one in group.reader.read(text, hearing)]


def _free_value(group: Group, reading: Reading, book: Book, *, doubts: bool) -> Any:
    """Give a reading's value; the reading itself where it is to be asked about; else None."""
    if isinstance(reading, Read) and not reading.fault:
        if doubts and reading.otherwise is not None:
            return reading  # which of the two it is, the limits of its slot tell
        return in_currency(reading.value, book)
    if isinstance(reading, Unclear):
        asked = group.reader.volunteers or group.kind == "choice"
    else:
        asked = group.kind in REACHED
    return reading if doubts and asked else None
