"""Which goods of the catalogue a text names, counts or orders; lines of orders, taken apart."""

from __future__ import annotations

__all__ = [
    "counted",
    "is_product",
    "is_said_again",
    "lines_of",
    "names_goods",
    "ordered_goods",
    "orders_goods",
    "with_unknown",
]

from dataclasses import replace
from typing import Any

from engine.hearing import hearing_of
from engine.language.book import Book, Flow
from engine.language.slot import Group
from engine.meaning import Heard
from engine.ordering import unnumbered
from engine.readers.folding import words
from engine.readers.items import is_same_order, opens_an_order
from engine.readers.product_names import product_names
from engine.readers.reading import Read, Reading
from engine.session import Session


def is_product(
    book: Book, session: Session, flow: Flow, reading: Reading, *, text: str, heard: Heard, at: int
) -> bool:
    """Tell goods of the catalogue, typed small or counted, from a name: "capacitor 25 karo"."""
    typed = text[reading.start : reading.end]
    if typed != typed.lower() and not any(map(str.isdigit, heard.text)):
        return False
    for group in flow.groups:
        hearing = hearing_of(group, book, session, at, asked=False)
        if hearing.catalogue:
            names = product_names(hearing.catalogue, hearing.languages)
            return all(names.has(word) for word, _, _ in words(typed))
    return False


def names_goods(book: Book, session: Session, flow: Flow, text: str, at: int) -> bool:
    """Tell whether the text names a product, and does not ask about it."""
    if text.rstrip().endswith("?"):
        return False
    for group in flow.groups:
        hearing = hearing_of(group, book, session, at, asked=False)
        if group.kind == "items" and hearing.catalogue:
            names = product_names(hearing.catalogue, hearing.languages)
            return bool(names.find(text))
    return False


def orders_goods(book: Book, session: Session, group: Group, text: str, at: int) -> bool:
    """Tell whether the text counts goods of the catalogue, and nothing else."""
    hearing = hearing_of(group, book, session, at, asked=False)
    if not hearing.catalogue:
        return False
    lines = lines_of(group.reader.read(text, hearing))
    return bool(lines) and all("id" in line and "bare" not in line for line in lines)


def ordered_goods(
    book: Book, session: Session, group: Group, text: str, at: int
) -> list[dict[str, Any]]:
    """Read a plain order of goods that the catalogue does not have; talk with a number is none."""
    hearing = hearing_of(group, book, session, at, asked=True)
    if not hearing.catalogue or not opens_an_order(text, hearing.languages):
        return []
    lines = lines_of(group.reader.read(text, hearing))
    names = product_names(hearing.catalogue, hearing.languages)
    said = [word for line in lines for word, _, _ in words(line["name"])]
    if not (opens_an_order(text, hearing.languages, alone=False) or any(map(names.has, said))):
        return []  # "50 wala"
    return (
        lines if lines and all("unknown" in line and "bare" not in line for line in lines) else []
    )


def with_unknown(readings: list[Reading], wide: list[Reading]) -> list[Reading]:
    """Add to an order the goods that are counted in it and not sold, where they were said."""
    more = lines_of(wide)
    unknown = [line for line in more if line.get("unknown") and not line.get("bare")]
    known = [line for line in more if line not in unknown]
    return [
        replace(
            one,
            value=more if unnumbered(one.value) == unnumbered(known) else [*one.value, *unknown],
        )
        if isinstance(one, Read) and len(one.value) == len(known)
        else one
        for one in readings
    ]


def counted(readings: list[Reading]) -> list[Reading]:
    """Keep lines with a quantity: while one is asked about, bare words may answer anything else."""
    orders = [
        replace(one, value=[line for line in one.value if not line.get("bare")])
        for one in readings
        if isinstance(one, Read)
    ]
    return [one for one in orders if any("unknown" not in line for line in one.value)]


def is_said_again(old: Any, new: Any) -> bool:
    """Tell whether an order is only said again."""
    lists = isinstance(old, list) and isinstance(new, list) and len(old) == len(new)
    return lists and is_same_order(old, new)


def lines_of(readings: list[Reading]) -> list[dict[str, Any]]:
    """Give the lines of all orders that were read, unclear ones aside."""
    return [line for one in readings if isinstance(one, Read) for line in one.value]
