"""Lines of an order: a quantity, perhaps a unit, and a name, in either order.

Names come out as typed; with a catalogue the lines name its products (engine/readers/products.py).
"""

from __future__ import annotations

__all__ = [
    "beside",
    "combine_items",
    "counts_more",
    "goods_of",
    "is_same_order",
    "opens_an_order",
    "read_items",
    "same_name",
]

import re
from collections.abc import Container
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
from engine.readers.unwanted import without_unwanted

# "four cheese pizza with ham" is a name; a longer bare message is a story.
LONGEST_BARE_NAME = 5
LONGEST_WORD = 40
# Where another reader took its part: what stands beside a phone or an address is no order.
# Each message of a chat that is pasted begins so: "[10:43, 12/01] Anita:", "12/01/26, 10:43 - Anita:".
_HEAD = re.compile(
    r"(?m)^[ \t]*(?:\[[^\]\n]*\d:\d\d[^\]\n]*\]|\d+/\d+/\d+,? \d+:\d\d[^-\n]{0,4}-)[^:\n]{1,40}:"
)
_CONSUMED = re.compile(r",[ ,]{4,}")


def read_items(text: str, hearing: Hearing) -> list[Reading]:
    """Read all lines of an order as one value, with quantities first or last.

    Unasked, only a plain quantity with words behind it is an order. With a catalogue, its products
    are what can be ordered.
    """
    text = without_unwanted(text, hearing.languages)
    if ":" in text:
        text = _HEAD.sub(lambda head: " " * len(head[0]), text)
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
    new = _without_known(new, places)
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


def beside(old: Any, new: Any) -> Any:
    """Take what is said of an order unasked: goods it has are replaced, others come beside them."""
    known = {goods_of(line) for line in old}
    said = {goods_of(line): line for line in _without_known(new, known)}
    kept = [said.pop(goods_of(line), line) for line in old]
    return [*kept, *said.values()]


def is_same_order(old: Any, new: Any) -> bool:
    """Tell whether lines say again what an order has, in the same quantities."""
    known = {goods_of(line): line["quantity"] for line in old}
    return all(known.get(goods_of(line)) == line["quantity"] for line in new)


def _without_known(new: Any, known: Container[tuple[str, str]]) -> Any:
    """Leave out what is named without a quantity and ordered already: "yes, the relays"."""
    return [line for line in new if "bare" not in line or goods_of(line) not in known]


def opens_an_order(text: str, languages: tuple[str, ...], *, alone: bool = True) -> bool:
    """Tell "need 10 spoons" from talk in which something is counted; `alone`: "10 spoons", too."""
    known = order_words(languages)
    said = settle(tokens(text, languages), known)
    number = next((place for place, token in enumerate(said) if token.kind is NUMBER), None)
    if number is None or any(token.word == "?" for token in said):
        return False
    before = [token for token in said[:number] if token.kind is WORD]
    behind = said[number + 1 : number + 2]
    talk = any(token.word in known.no_order - known.polite for token in said)
    plain = all(token.word in known.opening or token.word in known.articles for token in before)
    opened = bool(before) or alone
    return opened and plain and not talk and bool(behind) and behind[0].kind is WORD


def counts_more(text: str, lines: list[dict[str, Any]], languages: tuple[str, ...]) -> bool:
    """Tell whether a text may count other goods than these lines have."""
    known = order_words(languages)
    said = tokens(text, languages)
    numbers = [one for one in said if one.kind is NUMBER or one.word in known.articles]
    # One number for one line is that line's own.
    return len(numbers) > 1 or not any("bare" not in line for line in lines)


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
