"""A text cut into the words and numbers that may name a product."""

from __future__ import annotations

__all__ = ["Piece", "pieces_of"]

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.readers.folding import fold

_PIECE = re.compile(
    r"""(?P<number>\d+(?:[.,/]\d+)?)
    |(?P<word>[^\W\d_][^\W_]*(?:['\u2019][^\W_]+)*)
    |(?P<inch>(?<=\d)["\u201d\u2033])
    |(?P<join>(?<=\w)[-_/&](?=\w))
    |(?P<end>\n)
    |(?P<sign>[^\s\w]|_)""",
    re.VERBOSE,
)
_MICRO = str.maketrans({"\u03bc": "u"})


@dataclass(slots=True)
class Piece:
    """A word or number as typed; a sign between two goods has no word."""

    word: str
    start: int
    end: int
    number: bool = False
    ends: bool = False  # a line ends here


def pieces_of(text: str) -> Iterator[Piece]:
    """Cut a text into words and numbers; a sign between goods is a piece without a word."""
    for match in _PIECE.finditer(text):
        start, end = match.span()
        match match.lastgroup:
            case "number":
                yield Piece(match[0].replace(",", "."), start, end, number=True)
            case "word":
                yield Piece(fold(match[0]).translate(_MICRO), start, end)
            case "inch":
                yield Piece("inch", start, end)
            case "sign":
                yield Piece("", start, end)
            case "end":
                yield Piece("", start, end, ends=True)
