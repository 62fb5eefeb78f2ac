"""A text cut into words, signs and numbers, where "two dozen" or "1 1/2" is one number.

Shared by the readers of numbers, items and money.
"""

from __future__ import annotations

__all__ = [
    "LINE",
    "NOTHING",
    "NUMBER",
    "SIGN",
    "WORD",
    "Token",
    "is_pronoun",
    "literal",
    "part_in_digits",
    "part_words",
    "tidy",
    "tokens",
]

import re
import unicodedata
from collections.abc import Collection
from fractions import Fraction

from engine.readers.folding import fold
from engine.readers.lexicon import word_set
from engine.readers.spelt_numbers import (
    LINE,
    NOTHING,
    NUMBER,
    SIGN,
    WORD,
    Numerals,
    Token,
    numerals_of,
    with_fraction,
)

# A float keeps 15 digits exactly; with its separators a longer run is a code, never an amount.
LONGEST_NUMBER = 20
FINEST_PART = 16  # of an inch

_VULGAR = r"\u00bc-\u00be\u2150-\u215e"
# Vowel signs of Indic scripts are no \w in Python; U+0964 is their full stop.
_LETTERS = r"\w\u0300-\u036f\u0900-\u0963\u0d00-\u0d65\u200c\u200d"
_PIECE = re.compile(
    rf"(?P<part>[{_VULGAR}])"
    rf"|(?P<digits>(?:(?<![\w.])[.])?\d+(?:[.,/:]\d+)*)(?P<tail>[^\W\d_{_VULGAR}]*)"
    rf"|(?P<word>[^\W\d_][{_LETTERS}]*(?:['\u2019-][{_LETTERS}]+)*)"
    r"|(?P<line>\n)"
    r"|(?P<sign>[^\s\w]|_)"
)


def tidy(value: int | float) -> int | float:
    """Make a whole number an int, as it is said and stored."""
    return int(value) if value == int(value) else round(value, 6)


def literal(written: str, grouping: str) -> int | float | None:
    """Read digits as written: ``1.500`` is 1500 where the point groups, else 1.5."""
    if len(written) > LONGEST_NUMBER or ":" in written:
        return None
    if written.isdecimal():
        return float(written)
    if "/" in written:
        top, _, bottom = written.partition("/")
        known = top.isdecimal() and bottom.isdecimal() and int(bottom) > 0
        return int(top) / int(bottom) if known else None
    at = max(written.rfind("."), written.rfind(","))
    last = written[at]
    other = "," if last == "." else "."
    if other in written:
        grouping, decimal = other, last
    elif written.count(last) > 1 or (
        last == grouping and len(written) - at == 4 and written[0] != "0"
    ):
        grouping, decimal = last, ""
    else:
        grouping, decimal = "", last
    whole, _, part = written.partition(decimal) if decimal else (written, "", "")
    groups = whole.split(grouping) if grouping else [whole]
    if (not part.isdecimal() and part) or not all(len(group) in (2, 3) for group in groups[1:]):
        return None
    return float(f"{''.join(groups)}.{part or 0}")


def tokens(text: str, languages: tuple[str, ...]) -> list[Token]:
    """Cut a text into words, signs and numbers; a number said in several words is one token."""
    numerals = numerals_of(languages)
    pieces = _pieces(text, numerals)
    found: list[Token] = []
    place = 0
    while place < len(pieces):
        piece = pieces[place]
        foreign = piece.word in numerals.doubtful and _is_foreign(pieces, place, numerals)
        if piece.kind is NUMBER or (piece.word in numerals.openers and not foreign):
            value, end = with_fraction(pieces, place, numerals)
            if end > place:
                last = pieces[end - 1]
                # The letters behind "20k" belong to the number, those behind "600ml" do not.
                glued = piece.glued and last is piece
                spelt = piece.kind is WORD
                found.append(Token(NUMBER, piece.word, piece.start, last.end, value, glued, spelt))
                place = end
                continue
        found.append(piece)
        place += 1
    return found


def part_words(languages: tuple[str, ...]) -> Collection[str]:
    """Give the words of fractions: half, quarter, thirds."""
    numerals = numerals_of(languages)
    return numerals.parts.keys() | numerals.denominators.keys()


def part_in_digits(value: int | float) -> str:
    """Write a number that has a part as names of goods do: "1/2", "1.5"."""
    part = Fraction(value).limit_denominator(FINEST_PART)
    return str(part) if value < 1 else f"{value:g}"


def _is_foreign(pieces: list[Token], place: int, numerals: Numerals) -> bool:
    """Tell the English "do" of "what do you mean" from the Hindi two of "do fan"."""
    before = pieces[place - 1].word if place else ""
    behind = pieces[place + 1].word if place + 1 < len(pieces) else ""
    return behind in numerals.doubtful[pieces[place].word] or before in numerals.asking


def is_pronoun(said: list[Token], place: int, languages: tuple[str, ...]) -> bool:
    """Tell the "one" of "this one" and "the large one" from the number."""
    token = said[place]
    if not token.spelt or token.value != 1 or not place:
        return False
    pointing = word_set(languages, "pointing")
    if said[place - 1].word in pointing:
        return True
    described = said[place - 1].word not in word_set(languages, "questions")  # "this is one"
    return described and place > 1 and said[place - 2].word in pointing


def _pieces(text: str, numerals: Numerals) -> list[Token]:
    found: list[Token] = []
    for match in _PIECE.finditer(text):
        kind = match.lastgroup
        start, end = match.span()
        if kind == "word":
            word = fold(match[0])
            if "-" in word and numerals.openers.issuperset(word.split("-")):
                for part in word.split("-"):  # twenty-five
                    found.append(Token(WORD, part, start, start + len(part)))
                    start += len(part) + 1
            else:
                found.append(Token(WORD, word, start, end))
        elif kind == "tail":
            middle = match.end("digits")
            value = literal(match["digits"], numerals.grouping)
            if value is None:
                found.append(Token(WORD, match[0], start, end, glued=True))
                continue
            # "A-1001", "#5" and "_7" are codes.
            code = start > 0 and (text[start - 1] in "_#" or _hyphenated(text, start))
            glued = code or middle < end
            found.append(Token(NUMBER, match["digits"], start, middle, value, glued))
            if middle < end:
                found.append(Token(WORD, fold(match["tail"]), middle, end, glued=True))
        elif kind == "part":
            found.append(Token(NUMBER, match[0], start, end, unicodedata.numeric(match[0])))
        else:
            found.append(Token(LINE if kind == "line" else SIGN, match[0], start, end))
    return found


def _hyphenated(text: str, start: int) -> bool:
    return start > 1 and text[start - 1] == "-" and text[start - 2].isalnum()
