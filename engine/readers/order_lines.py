"""How the words of an order are cut into lines: a quantity, perhaps a unit, and what is counted.

A quantity opens a line ("2 boxes of filters") or, where the clause begins with a name and ends
with a number, closes one ("copper pipe 3").
"""

from __future__ import annotations

__all__ = [
    "MEASURES",
    "OrderLine",
    "clauses",
    "is_talk",
    "lines_of",
    "past_unit",
    "trim",
    "without_descriptions",
]

from dataclasses import dataclass
from itertools import pairwise

from engine.readers.numerals import LINE, NOTHING, NUMBER, SIGN, WORD, Token
from engine.readers.order_words import OrderWords, is_quantity

# "mk 300" is a name; more digits are an order number or a phone.
MOST_MODEL_DIGITS = 3
# Units that measure: "5 kg" names no goods, "65 coils" does.
MEASURES = frozenset(
    ["kg", "g", "mg", "lb", "oz", "l", "ml", "m", "cm", "mm", "ft", "inch", "pc", "unit"]
)
# What comes behind these signs describes the goods or prices them.
ENDS = frozenset([",", "(", ")", "[", "@", "$", "=", ":", "€", "£", "₹"])


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line found, as the tokens that say it."""

    quantity: int | float
    unit: str | None
    number: Token
    name: list[Token]

    @property
    def is_one(self) -> bool:
        """Tell whether it counts one, in a word."""
        return self.number.spelt and self.quantity == 1


def clauses(said: list[Token], known: OrderWords) -> list[list[Token]]:
    """Cut at ends of lines and sentences; bullets, list numbers and "Name: ..." lines go."""
    clauses: list[list[Token]] = []
    clause: list[Token] = []
    tokens = [*said, Token(LINE, "\n", 0, 0)]
    for token, behind in zip(tokens, [*tokens[1:], NOTHING], strict=True):
        listed = token.word in (".", ")") and len(clause) == 1 and clause[0].kind is NUMBER
        if listed or (token.kind is SIGN and token.word in "-*>#" and not clause):
            clause = []  # "1." and "- " before a line of a list
        elif token.word == "." and is_abbreviated(clause, token, behind, known):
            continue
        elif token.kind is LINE or (token.kind is SIGN and token.word in ".!?;\u2022"):
            labelled = len(clause) > 1 and clause[1].word == ":" and clause[0].word in known.labels
            if clause and not labelled:
                clauses.append(clause)
            clause = []
        else:
            clause.append(token)
    return clauses


def is_abbreviated(clause: list[Token], point: Token, behind: Token, known: OrderWords) -> bool:
    """Tell the point of "24 nos. filters" from the end of a sentence: no goods are named yet."""
    unit = clause[-1] if clause else NOTHING
    counted = len(clause) > 1 and clause[-2].kind is NUMBER
    named = any(token.kind is WORD and token.word not in known.opening for token in clause[:-2])
    open_yet = behind.word in known.of or not named
    return counted and open_yet and unit.word in known.units and unit.end == point.start


def lines_of(clause: list[Token], known: OrderWords, *, asked: bool) -> list[OrderLine]:
    """Read the lines of one clause; a question orders nothing."""
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
        behind = past_unit(clause[numbers[-1] + 1 :], known)[1]
        if trim(clause[: numbers[0]], known) and not trim(behind, known):
            return _closed(clause, numbers, known)
    return _opened(clause, anchors, known, asked=asked)


def _opened(
    clause: list[Token], anchors: list[int], known: OrderWords, *, asked: bool
) -> list[OrderLine]:
    """Read lines whose quantity comes first."""
    found = []
    for place, stop in pairwise([*anchors, len(clause)]):
        rest = clause[place + 1 : stop]
        unit, body = past_unit(rest, known)
        cut = next((i for i, token in enumerate(body) if token.word in ENDS), len(body))
        name = trim(body[:cut], known, opening=False)
        if unit is not None and not name and (asked or unit not in MEASURES):
            unit, name = None, [next(token for token in rest if token.word in known.units)]
        if name:
            found.append(
                OrderLine(
                    clause[place].value if clause[place].kind is NUMBER else 1.0,
                    unit,
                    clause[place],
                    name,
                )
            )
    return found


def _closed(clause: list[Token], numbers: list[int], known: OrderWords) -> list[OrderLine]:
    """Read lines whose quantity comes last."""
    found = []
    start = 0
    for place in numbers:
        name = clause[start:place]
        if name and name[-1].word in known.times:
            name = name[:-1]
        name = trim(name, known)
        unit, rest = past_unit(clause[place + 1 :], known)
        start = len(clause) - len(rest)
        if name:
            found.append(OrderLine(clause[place].value, unit, clause[place], name))
    return found


def is_talk(said: list[Token], known: OrderWords) -> bool:
    """Tell words of talk from a name of goods."""
    return any(
        token.word in known.no_order
        or token.word in known.counted
        or token.word == "?"
        or (token.kind is NUMBER and len(token.word) > MOST_MODEL_DIGITS and not token.spelt)
        for token in said
    )


def without_descriptions(lines: list[OrderLine], known: OrderWords) -> list[OrderLine]:
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


def past_unit(rest: list[Token], known: OrderWords) -> tuple[str | None, list[Token]]:
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


def trim(rest: list[Token], known: OrderWords, *, opening: bool = True) -> list[Token]:
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
