"""Somebody else's words in a message: forwarded or quoted, told by how mails and chats mark them.

What is ordered there is ordered; but whose number and whose name stands there nobody knows, so
these are asked for.
"""

from __future__ import annotations

__all__ = ["quoted_parts"]

import re
from functools import lru_cache

from engine.readers.folding import words
from engine.readers.lexicon import word_set

LONGEST_LINE = 80  # characters: a mark stands alone, with dashes around it
_LINE = re.compile(r"[^\n]+")
_QUOTE = re.compile(r"\s*>")


@lru_cache(4)  # the readers of names and addresses ask for the same message, one after the other
def quoted_parts(text: str, languages: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Return where others speak: lines behind a ">", and all behind "Forwarded:" or "From:"."""
    if not (">" in text or ":" in text or "\n" in text):
        return ()  # nearly every message: a mark alone on the only line has nothing behind it
    found: list[tuple[int, int]] = []
    for line in _LINE.finditer(text):
        if _QUOTE.match(line[0]):
            found.append((line.start(), line.end()))
        elif _is_mark(line[0], languages):
            found.append((line.start(), len(text)))
            break
    return tuple(found)


def _is_mark(line: str, languages: tuple[str, ...]) -> bool:
    """Tell "Fwd: 20 relays" and "Forwarded message" from "i forwarded it yesterday"."""
    mark, colon, _ = line.partition(":")
    if len(mark) > LONGEST_LINE:
        return False
    return " ".join(word for word, _, _ in words(mark)) in _marks(languages)[bool(colon)]


@lru_cache(64)
def _marks(languages: tuple[str, ...]) -> dict[bool, frozenset[str]]:
    """Give the marks by whether a colon follows; without one they are a line of their own."""
    alone = word_set(languages, "forwarded")
    return {False: alone, True: alone | word_set(languages, "sender")}
