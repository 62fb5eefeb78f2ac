"""Lines of an order: a quantity, perhaps a unit, and a name, in either order.

Names come out as typed; with a catalogue the lines name its products (engine/readers/products.py).
"""

from __future__ import annotations

__all__ = ["combine_items", "goods_of", "read_items", "same_name"]

import re
from typing import Any

from engine.readers.folding import singular, words
from engine.readers.numerals import NUMBER, WORD, Token, tidy, tokens
from engine.readers.order_lines import (
    OrderLine,
    clauses,
    is_talk,
    lines_of,
    trim,
    without_descriptions,
)
from engine.readers.order_words import OrderWords, order_words, settle
from engine.readers.products import read_products
from engine.readers.reading import Hearing, Read, Reading

# "four cheese pizza with ham" is a name; a longer bare message is a story.
LONGEST_BARE_NAME = 5
LONGEST_WORD = 40
# Where another reader took its part: what stands beside a phone or an address is no order.
_CONSUMED = re.compile(r",[ ,]{4,}")


def read_items(text: str, hearing: Hearing) -> list[Reading]:
    """Read all lines of an order as one value, with quantities first or last.

    Unasked, only a plain quantity with words behind it is an order. With a catalogue, its products
    are what can be ordered.
    """
    if hearing.catalogue:
        return read_products(text, hearing)
    known = order_words(hearing.languages)
    said = settle(tokens(text, hearing.languages), known)
    found: list[OrderLine] = []
    for clause in clauses(said, known):
        found += lines_of(clause, known, asked=hearing.asked)
    lines = without_descriptions(found, known)
    if not hearing.asked:
        lines = [line for line in lines if not is_talk(line.name, known)]
    elif not lines and not _CONSUMED.search(text):
        lines = _bare(said, known)
    if not lines:
        return []
    value = [
        {"quantity": tidy(line.quantity), "unit": line.unit, "name": _name(text, line)}
        for line in lines
    ]
    start = min(min(line.number.start, line.name[0].start) for line in lines)
    end = max(max(line.number.end, line.name[-1].end) for line in lines)
    return [Read(value, start, end)]


def combine_items(old: Any, new: Any) -> Any:
    """Correct an order: lines of goods it has are replaced in place.

    With other goods it is replaced whole, unless these are known products and fewer: no line of a
    long order is lost by one that is said beside it.
    """
    places = {goods_of(line): place for place, line in enumerate(old)}
    beside = len(new) < len(old) and all("id" in line for line in new)
    if not beside and not all(goods_of(line) in places for line in new):
        return new
    combined = list(old)
    for line in new:
        if (place := places.get(goods_of(line))) is None:
            combined.append(line)
        else:
            combined[place] = line
    return combined


def goods_of(line: Any) -> tuple[str, str]:
    """Tell what a line is about: its product in the catalogue, else its name."""
    return ("id", line["id"]) if "id" in line else ("name", same_name(line["name"]))


def same_name(name: str) -> str:
    """Fold a product's name so that one and several of it are the same."""
    return " ".join(singular(word) for word, _, _ in words(name))


def _name(text: str, line: OrderLine) -> str:
    return " ".join(text[line.name[0].start : line.name[-1].end].split())


def _bare(said: list[Token], known: OrderWords) -> list[OrderLine]:
    """Take a short name without a quantity as one piece; talk that is no order stays talk."""
    name = trim(said, known)
    if said and said[0].word in known.negations:
        return []
    if is_talk(said, known) or not 0 < len(name) <= LONGEST_BARE_NAME or name[0].kind is NUMBER:
        return []
    if any(token.kind not in (WORD, NUMBER) or len(token.word) > LONGEST_WORD for token in name):
        return []
    return [OrderLine(1.0, None, name[0], name)]
