"""Where the clauses and sentences of a message end: at a sign, but no sentence inside "1.5".

A part that was consumed leaves such a sign behind.
"""

from __future__ import annotations

__all__ = ["CLAUSE", "CLAUSE_ENDS", "SENTENCE", "apart", "uncounted_clause", "without"]

import re
from collections.abc import Sequence

from engine.readers.folding import Word
from engine.readers.numerals import NUMBER, tokens

CLAUSE_ENDS = ",.!?;\n"
CLAUSE = re.compile(f"[^{CLAUSE_ENDS}]+")
SENTENCE = re.compile(r"(?:[^.!?;\n]|\.(?=\d))+")


def apart(text: str, said: Sequence[Word], place: int, ends: frozenset[str]) -> bool:
    """Tell whether a sign ends something between a word of a text and the one before it."""
    return not ends.isdisjoint(text[said[place - 1][2] : said[place][1]])


def uncounted_clause(
    text: str, start: int, end: int, languages: tuple[str, ...]
) -> tuple[int, int]:
    """Widen what asks for something else to its clause, where nothing is counted in it.

    "You gave me the wrong relay" orders none; "30 relays and i have a complaint" orders thirty.
    """
    begin = max(text.rfind(mark, 0, start) for mark in CLAUSE_ENDS) + 1
    ends = [place for mark in CLAUSE_ENDS if (place := text.find(mark, end)) >= 0]
    stop = min(ends, default=len(text))
    counted = any(token.kind is NUMBER for token in tokens(text[begin:stop], languages))
    return (start, end) if counted else (begin, stop)


def without(text: str, start: int, end: int) -> str:
    """Blank a part of a text that was consumed; what stands around it is no one phrase."""
    return f"{text[:start]},{' ' * (end - start - 1)}{text[end:]}"
