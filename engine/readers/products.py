"""Lines of an order read against a catalogue: which products, and how many of each.

What names a product is found first, so that "35uf" and "psre 253" are no quantities; then each
quantity goes to the product it stands beside. A line that fits several products stays open for
the flow to ask about.
"""

from __future__ import annotations

__all__ = ["read_products"]

import re
from collections import Counter
from itertools import pairwise
from typing import Any

from engine.readers.folding import fold, singular, words
from engine.readers.lexicon import word_set
from engine.readers.list_rows import (
    number_rows,
    with_colons,
    with_odd_numbers,
    without_headings,
    without_serials,
)
from engine.readers.numerals import NUMBER, WORD, Token, tidy, tokens
from engine.readers.order_lines import clauses, is_talk, without_descriptions
from engine.readers.order_words import OrderWords, order_words, settle, spanned
from engine.readers.product_counts import PRODUCT, Scene
from engine.readers.product_lines import ProductClause, ProductLine
from engine.readers.product_names import Named, ProductNames, product_names
from engine.readers.product_words import NEAREST
from engine.readers.reading import Hearing, Read, Reading

MOST_ASKED_ABOUT = 5
LONGEST_CORRECTION = 40  # characters: "no wait, sorry, i mean"
_BULLET = re.compile(r"(?m)^[ \t]*-")


def read_products(text: str, hearing: Hearing) -> list[Reading]:
    """Read which products are ordered, and how many of each, as one value.

    A line that fits several products says `among` which; asked, goods that are not sold are
    `unknown`, and unasked a word that is only like one product; one without a quantity is `bare`.
    """
    names = product_names(hearing.catalogue, hearing.languages)
    text = with_colons(without_headings(without_serials(text), names.small))
    named = names.find(text)
    per: frozenset[str] = frozenset()
    if not all(one.whole for one in named):
        per = _every(text, hearing.languages)
        named = [
            one
            for one in named
            if one.whole or singular(fold(text[one.start : one.end])) not in per
        ]
    if not named and not hearing.asked:
        return []
    known = order_words(hearing.languages)
    bulleted = len(_BULLET.findall(text)) > 1
    scene = Scene(text, known, names, hearing.languages, hearing.asked, bulleted)
    at = {one.start: one for one in named}
    said = spanned(settle(_said(text, named, hearing.languages), known), known)
    lines: list[ProductLine] = []
    before: tuple[int, ...] = ()
    for clause in clauses(said, known):
        more = ProductClause(scene, clause, at, before).lines()
        lines += [] if lines and _narrowed(lines[-1], more) else more
        before = next((line.products for line in reversed(lines) if line.products), ())
    lines = _meant(lines, known, names, per)
    if any(line.products and not line.guessed for line in lines):
        # Beside goods that are surely meant, a slip is one.
        for line in lines:
            line.guessed = False
    if not lines:
        return []
    number_rows(lines, text)
    last = _last_said(lines, text, hearing) if len(lines) > 1 else lines
    value = with_odd_numbers(_added_up([_written(line, names) for line in last]))
    return [Read(value, min(line.start for line in lines), max(line.end for line in lines))]


def _narrowed(line: ProductLine, more: list[ProductLine]) -> bool:
    """Understand a sentence that only says which of several: "20 fan motors. Indoor"."""
    if len(more) != 1 or more[0].number is not None:
        return False
    common = tuple(one for one in line.products if one in more[0].products)
    if not 0 < len(common) < len(line.products):
        return False
    line.products, line.end = common, more[0].end
    return True


def _every(text: str, languages: tuple[str, ...]) -> frozenset[str]:
    """Find what goods are counted by: the room of "22 rooms, each room 1 remote" is none."""
    every = word_set(languages, "every")
    return frozenset(
        singular(behind) for (word, _, _), (behind, _, _) in pairwise(words(text)) if word in every
    )


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


def _meant(
    lines: list[ProductLine], known: OrderWords, names: ProductNames, per: frozenset[str]
) -> list[ProductLine]:
    """Leave out what only describes goods or is talk, and nameless goods beside named ones."""
    small = names.small
    kept = {id(line) for line in without_descriptions([line.said for line in lines], known)}
    meant = [
        line
        for line in lines
        if line.products
        or (
            id(line.said) in kept
            and any(
                token.word not in small or token.word in known.units for token in line.said.name
            )
            and singular(line.said.name[-1].word) not in per
            and line.said.name[0].word not in known.describes
            and not is_talk(line.said.name, known)
        )
    ]
    return [
        line
        for line in meant
        if line.products or len(meant) == 1 or line.said.number.kind is NUMBER
    ]


def _last_said(lines: list[ProductLine], text: str, hearing: Hearing) -> list[ProductLine]:
    """Drop what is taken back at once: "60 drain trays, sorry, 16 drain trays" are 16.

    "150 blades, I mean motors": what comes instead without a quantity has that of what it is for.
    """
    kept: list[ProductLine | None] = []
    places: dict[tuple[int, ...], int] = {}  # of the products that were counted
    before: ProductLine | None = None
    for line in lines:
        same = places.get(line.products)
        # Only what is said again, or without a quantity, may come for something else.
        if before is not None and (same is not None or line.number is None):
            gap = text[before.end : line.start]
            if same is not None and _is_denied(gap, hearing):
                continue  # "17 relays, not 15 relays"
            if same is None and _is_corrected(gap, hearing, dots=False):
                line.quantity, line.number, line.unit = before.quantity, before.number, before.unit
                kept[-1] = None
            elif same is not None and line.number and _is_corrected(gap, hearing, dots=True):
                kept[same] = None
        if len(line.products) == 1 and line.number is not None:
            places[line.products] = len(kept)
        kept.append(line)
        before = line
    return [line for line in kept if line is not None]


def _is_denied(between: str, hearing: Hearing) -> bool:
    """Tell "not 15 relays" from "no, 15 relays"."""
    word = between.rstrip()
    said = [one for one, _, _ in words(word[-LONGEST_CORRECTION:])]
    denies = word_set(hearing.languages, "denies")
    return bool(said) and said[-1] in denies and word[-1:].isalpha()


def _is_corrected(between: str, hearing: Hearing, *, dots: bool) -> bool:
    """Tell whether words (or dots) announce that what follows replaces what was said before."""
    known = order_words(hearing.languages)
    said = [word for word, _, _ in words(between[:LONGEST_CORRECTION])]
    cues = word_set(hearing.languages, "corrections")
    pairs = [f"{one} {other}" for one, other in pairwise(said)]
    dotted = dots and ("..." in between or "\u2026" in between)
    return not cues.isdisjoint([*said, *pairs]) or (dotted and known.units.keys() >= set(said))


def _written(line: ProductLine, names: ProductNames) -> dict[str, Any]:
    value: dict[str, Any] = {"quantity": tidy(line.quantity), "unit": line.unit, "no": line.row}
    if line.guessed:
        near = [names.ids[product] for product in line.products]
        value |= {"name": line.name, "unknown": True, "among": near}
    elif len(line.products) == 1:
        (product,) = line.products
        value |= {"name": names.names[product], "id": names.ids[product]}
    elif line.products:
        among = [names.ids[product] for product in line.products]
        value |= {"name": line.name, "among": among[:MOST_ASKED_ABOUT]}
    else:
        nearest = (*names.nearest(line.head), *names.nearest(line.name))
        among = list(dict.fromkeys(nearest))[:NEAREST]
        value |= {"name": line.name, "unknown": True, "among": among}
    if line.number is None:
        value["bare"] = True
    return value


def _added_up(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add up what is said twice of one product; a line still to be asked about stays apart.

    Named once with a quantity and once without, it is one line: "the motors got lost, 8 outdoor
    motors".
    """
    found: list[dict[str, Any]] = []
    places: dict[tuple[str, str | None], int] = {}
    counted = {line["id"] for line in lines if "id" in line and "bare" not in line}
    times: Counter[tuple[str, str | None]] = Counter()
    for line in lines:
        if "bare" in line and not counted.isdisjoint((line.get("id"), *line.get("among", ()))):
            continue
        if "id" not in line or "bare" in line:
            found.append(line)
            continue
        key = line["id"], line["unit"]
        times[key] += 1
        if key in places:
            same = found[places[key]]
            # "35 flap motors and 18 louver motors, so 53 swing motors": the sum adds nothing.
            if times[key] < 3 or same["quantity"] != tidy(line["quantity"]):
                same["quantity"] = tidy(same["quantity"] + line["quantity"])
        else:
            places[key] = len(found)
            found.append(line)
    return found
