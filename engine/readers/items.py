"""Lines of an order: a quantity, perhaps a unit, and a name, in either order.

A quantity opens a line ("2 boxes of filters") or, where the clause begins with a name and ends
with a number, closes one ("copper pipe 3"). Names come out as typed; a catalogue is matched later.
"""

from __future__ import annotations

__all__ = ["combine_items", "read_items", "same_name"]

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from engine.readers.folding import singular, words
from engine.readers.numerals import LINE, NUMBER, SIGN, WORD, Token, tidy, tokens
from engine.readers.order_words import OrderWords, is_quantity, order_words, settle
from engine.readers.reading import Hearing, Read, Reading

# "four cheese pizza with ham" is a name; a longer bare message is a story.
LONGEST_BARE_NAME = 5
LONGEST_WORD = 40
# "mk 300" is a name; more digits are an order number or a phone.
MOST_MODEL_DIGITS = 3
# Where another reader took its part: what stands beside a phone or an address is no order.
_CONSUMED = re.compile(r",[ ,]{4,}")
# Units that measure: "5 kg" names no goods, "65 coils" does.
_MEASURES = frozenset(
    ["kg", "g", "mg", "lb", "oz", "l", "ml", "m", "cm", "mm", "ft", "inch", "pc", "unit"]
)
# What comes behind these signs describes the goods or prices them.
_ENDS = frozenset([",", "(", ")", "[", "@", "$", "=", ":", "€", "£", "₹"])


@dataclass(frozen=True, slots=True)
class _Line:
    """One line found, as the tokens that say it."""

    quantity: float
    unit: str | None
    number: Token
    name: list[Token]

    @property
    def is_one(self) -> bool:
        return self.number.spelt and self.quantity == 1


def read_items(text: str, hearing: Hearing) -> list[Reading]:
    """Read all lines of an order as one value, with quantities first or last.

    Unasked, only a plain quantity with words behind it is an order.
    """
    known = order_words(hearing.languages)
    said = settle(tokens(text, hearing.languages), known)
    found: list[_Line] = []
    for clause in _clauses(said, known):
        found += _lines(clause, known, asked=hearing.asked)
    lines = _without_descriptions(found, known)
    if not hearing.asked:
        lines = [line for line in lines if not _is_talk(line.name, known)]
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
    """Correct an order: lines of a name it has are replaced in place, else it is replaced whole."""
    places = {same_name(line["name"]): place for place, line in enumerate(old)}
    if not all(same_name(line["name"]) in places for line in new):
        return new
    combined = list(old)
    for line in new:
        combined[places[same_name(line["name"])]] = line
    return combined


def same_name(name: str) -> str:
    """Fold a product's name so that one and several of it are the same."""
    return " ".join(singular(word) for word, _, _ in words(name))


def _name(text: str, line: _Line) -> str:
    return " ".join(text[line.name[0].start : line.name[-1].end].split())


def _clauses(said: list[Token], known: OrderWords) -> list[list[Token]]:
    """Cut at ends of lines and sentences; bullets, list numbers and "Name: ..." lines go."""
    clauses: list[list[Token]] = []
    clause: list[Token] = []
    for token in [*said, Token(LINE, "\n", 0, 0)]:
        listed = token.word in (".", ")") and len(clause) == 1 and clause[0].kind is NUMBER
        if listed or (token.kind is SIGN and token.word in "-*>#" and not clause):
            clause = []  # "1." and "- " before a line of a list
        elif token.kind is LINE or (token.kind is SIGN and token.word in ".!?;\u2022"):
            labelled = len(clause) > 1 and clause[1].word == ":" and clause[0].word in known.labels
            if clause and not labelled:
                clauses.append(clause)
            clause = []
        else:
            clause.append(token)
    return clauses


def _lines(clause: list[Token], known: OrderWords, *, asked: bool) -> list[_Line]:
    if clause[0].kind is WORD and clause[0].word in known.asks:
        return []
    anchors: list[int] = []
    for place in range(len(clause)):
        # Right behind a quantity stands a size: "1 20 litre can".
        sized = bool(anchors) and anchors[-1] == place - 1
        if not sized and is_quantity(clause, place, known, asked=asked):
            anchors.append(place)
    numbers = [place for place in anchors if clause[place].kind is NUMBER]
    # "keyboards 5 1,500": a price at the end is neither a quantity nor part of a name.
    last = clause[-1]
    if anchors and last.kind is NUMBER and anchors[-1] < len(clause) - 1:
        before = clause[-2]
        if before.kind is NUMBER or before.word in known.units:
            clause = clause[:-1]
    if asked and numbers and clause[0].word not in known.questions:
        behind = _past_unit(clause[numbers[-1] + 1 :], known)[1]
        if _trim(clause[: numbers[0]], known) and not _trim(behind, known):
            return _closed(clause, numbers, known)
    return _opened(clause, anchors, known, asked=asked)


def _opened(
    clause: list[Token], anchors: list[int], known: OrderWords, *, asked: bool
) -> list[_Line]:
    """Read lines whose quantity comes first."""
    found = []
    for place, stop in pairwise([*anchors, len(clause)]):
        rest = clause[place + 1 : stop]
        unit, body = _past_unit(rest, known)
        cut = next((i for i, token in enumerate(body) if token.word in _ENDS), len(body))
        name = _trim(body[:cut], known, opening=False)
        if unit is not None and not name and (asked or unit not in _MEASURES):
            unit, name = None, [next(token for token in rest if token.word in known.units)]
        if name:
            found.append(
                _Line(
                    clause[place].value if clause[place].kind is NUMBER else 1.0,
                    unit,
                    clause[place],
                    name,
                )
            )
    return found


def _closed(clause: list[Token], numbers: list[int], known: OrderWords) -> list[_Line]:
    """Read lines whose quantity comes last."""
    found = []
    start = 0
    for place in numbers:
        name = clause[start:place]
        if name and name[-1].word in known.times:
            name = name[:-1]
        name = _trim(name, known)
        unit, rest = _past_unit(clause[place + 1 :], known)
        start = len(clause) - len(rest)
        if name:
            found.append(_Line(clause[place].value, unit, clause[place], name))
    return found


def _bare(said: list[Token], known: OrderWords) -> list[_Line]:
    """Take a short name without a quantity as one piece; talk that is no order stays talk."""
    name = _trim(said, known)
    if said and said[0].word in known.negations:
        return []
    if _is_talk(said, known) or not 0 < len(name) <= LONGEST_BARE_NAME or name[0].kind is NUMBER:
        return []
    if any(token.kind not in (WORD, NUMBER) or len(token.word) > LONGEST_WORD for token in name):
        return []
    return [_Line(1.0, None, name[0], name)]


def _is_talk(said: list[Token], known: OrderWords) -> bool:
    return any(
        token.word in known.no_order
        or token.word in known.counted
        or token.word == "?"
        or (token.kind is NUMBER and len(token.word) > MOST_MODEL_DIGITS and not token.spelt)
        for token in said
    )


def _without_descriptions(lines: list[_Line], known: OrderWords) -> list[_Line]:
    """Drop what only describes: "two teas, one hot and one iced" is one line of two."""
    ones = [line for line in lines[1:] if line.is_one]
    described = [
        line
        for line in ones
        if line.name[0].word in known.describes
        or any(token.word in known.contrast for token in line.name)
    ]
    several = bool(ones) and lines[0].quantity > 1
    if several and (described or len(ones) == lines[0].quantity == len(lines) - 1):
        described = ones
    dropped = set(map(id, described))
    return [line for line in lines if id(line) not in dropped]


def _past_unit(rest: list[Token], known: OrderWords) -> tuple[str | None, list[Token]]:
    """Take "x", a unit and "of" off what follows a quantity."""
    place = 0
    unit = None
    if rest and (rest[0].word in known.times or rest[0].word in "*\u00d7"):
        place = 1
    if place < len(rest) and rest[place].word in known.units:
        unit = known.units[rest[place].word]
        place += 1
    while place < len(rest) and rest[place].word in known.of:
        place += 1
    return unit, rest[place:]


def _trim(rest: list[Token], known: OrderWords, *, opening: bool = True) -> list[Token]:
    """Take the words of an order off both ends, so that a name is left, or nothing."""
    start, end = 0, len(rest)
    while start < end and (
        rest[start].kind is SIGN
        or rest[start].word in known.joins
        or (opening and (rest[start].word in known.opening or rest[start].word in known.articles))
    ):
        start += 1
    for place in range(start + 1, end):
        if rest[place].word in known.for_whom and _for_whom(rest, place, known):
            end = place
            break
    while start < end and (cut := _tail(rest[start:end], known)):
        end -= cut
    return rest[start:end]


def _for_whom(rest: list[Token], place: int, known: OrderWords) -> bool:
    """Tell whether it is said here who gets the goods: "for our hostel"."""
    return any(
        tuple(token.word for token in rest[place : place + len(phrase)]) == phrase
        for phrase in known.for_whom[rest[place].word]
    )


def _tail(rest: list[Token], known: OrderWords) -> int:
    """Count the tokens at the end that belong to no name."""
    last = rest[-1]
    for tail in known.tail:
        if last.word == tail[-1] and tuple(token.word for token in rest[-len(tail) :]) == tail:
            return len(tail)
    loose = last.kind is SIGN or last.word in known.joins or last.word in known.trailing
    return int(loose)
