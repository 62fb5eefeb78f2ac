"""Lines of an order read against a catalogue: which products, and how many of each.

What names a product is found first, so that "35uf" and "psre 253" are no quantities; then each
quantity goes to the product it stands beside. A line that fits several products stays open for
the flow to ask about.
"""

from __future__ import annotations

__all__ = ["read_products"]

import re
from typing import Any

from engine.readers.numerals import NUMBER, WORD, Token, tidy, tokens
from engine.readers.order_lines import clauses, is_talk, without_descriptions
from engine.readers.order_words import OrderWords, order_words, settle
from engine.readers.product_counts import PRODUCT, Scene
from engine.readers.product_lines import ProductClause, ProductLine
from engine.readers.product_names import Named, ProductNames, product_names
from engine.readers.reading import Hearing, Read, Reading

MOST_ASKED_ABOUT = 5
_BULLET = re.compile(r"(?m)^[ \t]*-")


def read_products(text: str, hearing: Hearing) -> list[Reading]:
    """Read which products are ordered, and how many of each, as one value.

    A line that fits several products says `among` which; asked, goods that are not sold are
    `unknown`; a product without a quantity is `bare`.
    """
    names = product_names(hearing.catalogue, hearing.languages)
    named = names.find(text)
    if not named and not hearing.asked:
        return []
    known = order_words(hearing.languages)
    bulleted = len(_BULLET.findall(text)) > 1
    scene = Scene(text, known, names, hearing.languages, hearing.asked, bulleted)
    at = {one.start: one for one in named}
    said = settle(_said(text, named, hearing.languages), known)
    lines: list[ProductLine] = []
    before: tuple[int, ...] = ()
    for clause in clauses(said, known):
        lines += ProductClause(scene, clause, at, before).lines()
        before = next((line.products for line in reversed(lines) if line.products), ())
    lines = _meant(lines, known)
    if not lines:
        return []
    value = _added_up([_written(line, names) for line in lines])
    return [Read(value, min(line.start for line in lines), max(line.end for line in lines))]


def _said(text: str, named: list[Named], languages: tuple[str, ...]) -> list[Token]:
    """Cut a text into tokens, with one for all the words that name a product."""
    text = text.replace(PRODUCT, " ")
    parts = []
    end = 0
    for one in named:
        parts += [text[end : one.start], PRODUCT, " " * (one.end - one.start - 1)]
        end = one.end
    ends = {one.start: one.end for one in named}
    return [
        Token(WORD, PRODUCT, token.start, ends[token.start]) if token.start in ends else token
        for token in tokens("".join([*parts, text[end:]]), languages)
    ]


def _meant(lines: list[ProductLine], known: OrderWords) -> list[ProductLine]:
    """Leave out what only describes goods or is talk, and nameless goods beside named ones."""
    kept = {id(line) for line in without_descriptions([line.said for line in lines], known)}
    meant = [
        line
        for line in lines
        if line.products
        or (
            id(line.said) in kept
            and line.said.name[0].word not in known.describes
            and not is_talk(line.said.name, known)
        )
    ]
    return [
        line
        for line in meant
        if line.products or len(meant) == 1 or line.said.number.kind is NUMBER
    ]


def _written(line: ProductLine, names: ProductNames) -> dict[str, Any]:
    value: dict[str, Any] = {"quantity": tidy(line.quantity), "unit": line.unit}
    if len(line.products) == 1:
        (product,) = line.products
        value |= {"name": names.names[product], "id": names.ids[product]}
    elif line.products:
        among = [names.ids[product] for product in line.products]
        value |= {"name": line.name, "among": among[:MOST_ASKED_ABOUT]}
    else:
        value |= {"name": line.name, "unknown": True, "among": list(names.nearest(line.name))}
    if line.number is None:
        value["bare"] = True
    return value


def _added_up(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add up what is said twice of one product; a line still to be asked about stays apart.

    Named once with a quantity and once without, it is one line: "150 flap motors, I mean swing motors".
    """
    found: list[dict[str, Any]] = []
    places: dict[tuple[str, str | None], int] = {}
    counted = {line["id"] for line in lines if "id" in line and "bare" not in line}
    for line in lines:
        if "bare" in line and line.get("id") in counted:
            continue
        if "id" not in line or "bare" in line:
            found.append(line)
            continue
        key = line["id"], line["unit"]
        if key in places:
            same = found[places[key]]
            same["quantity"] = tidy(same["quantity"] + line["quantity"])
        else:
            places[key] = len(found)
            found.append(line)
    return found
