"""Texts that are longer than a message: measured, cut to a length, divided into parts.

Lengths are counted in UTF-16 units. Meta does not say how it counts; nothing is longer in its
count than in this one.
"""

from __future__ import annotations

__all__ = ["cut", "divided", "units"]

import re
import unicodedata
from collections.abc import Callable

# Where a text may be cut, best first. The white space at a cut is dropped.
_BREAKS: tuple[Callable[[str], bool], ...] = (
    lambda space: space.count("\n") > 1,  # between paragraphs
    lambda space: "\n" in space,
    bool,  # any
)
_SPACE = re.compile(r"\s+")
_JOINER = "\u200d"  # emoji of several, such as families
_VIRAMA = 9  # the combining class of what joins two Indic consonants
_FARTHEST = 64  # characters looked back over for the beginning of one that is seen as one


def units(text: str) -> int:
    """Return the length of a text in UTF-16 units."""
    return len(text) + sum(char > "\uffff" for char in text)


def cut(text: str, most: int) -> str:
    """Return a text that is too long with an ellipsis for its end."""
    if units(text) <= most:
        return text
    return text[: _whole(text, _room(text, 0, most - 1))].rstrip() + "…"


def divided(text: str, most: int) -> list[str]:
    """Return parts of at most `most` units: paragraphs, else lines, else words, else letters.

    What one part could have held is not spread over two for the sake of a paragraph: a better
    place to cut counts in the second half of a part, and before it only where nothing else is.
    """
    text = text.strip()
    parts: list[str] = []
    start = 0
    while start < len(text):
        end = _room(text, start, most)
        if end == len(text):
            parts.append(text[start:])
            break
        end, following = _place(text, start, end)
        parts.append(text[start:end])
        start = following
    return parts


def _room(text: str, start: int, most: int) -> int:
    """Return where the text from `start` on ends that fits; one character always does."""
    end = min(start + most, len(text))
    wide = sum(char > "\uffff" for char in text[start:end])
    while end > start + 1 and end - start + wide > most:
        end -= 1
        wide -= text[end] > "\uffff"
    return max(end, start + 1)


def _place(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where a part ends that reaches to `end` at most, and where the next begins."""
    # One character further: a word that ends with the part is followed by its space.
    spaces = [match.span() for match in _SPACE.finditer(text, start, end + 1)]
    for earliest in (start + (end - start) // 2, start):
        for good in _BREAKS:
            for first, last in reversed(spaces):
                if first > earliest and good(text[first:last]):
                    following = _SPACE.match(text, first)
                    return first, following.end() if following else last
    end = start + _whole(text[start : end + 1], end - start)
    return end, end


def _whole(text: str, end: int) -> int:
    """Return the nearest place before `end` that is not inside something seen as one character."""
    for at in range(end, max(0, end - _FARTHEST), -1):
        if not _joined(text, at):
            return at
    return end


def _joined(text: str, at: int) -> bool:
    """Tell whether the characters on both sides of a place are seen as one."""
    before, after = text[at - 1], text[at]
    if _JOINER in (before, after) or unicodedata.category(after).startswith("M"):
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":
        return True  # a skin colour, the letters behind a regional flag
    if "\udc00" <= after <= "\udfff" and "\ud800" <= before <= "\udbff":
        return True
    if unicodedata.combining(before) == _VIRAMA:
        return unicodedata.category(after).startswith("L")
    if _is_flag(after):  # two letters are one flag; a third begins the next
        first = at
        while first > 0 and _is_flag(text[first - 1]):
            first -= 1
        return (at - first) % 2 == 1
    # Korean letters that are written as one syllable.
    return "\u1100" <= before <= "\u11ff" and "\u1160" <= after <= "\u11ff"


def _is_flag(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"
