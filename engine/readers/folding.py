"""Text made comparable: case and accents folded, words cut with their places in the original.

Readers and the router compare folded words only, and speak about the text as it was typed:
every word carries the code point offsets it was cut from.
"""

from __future__ import annotations

__all__ = ["Word", "fold", "singular", "words"]

import re
import unicodedata

Word = tuple[str, int, int]
"""A folded word and its place: ``text[start:end]`` is what was typed."""

# An apostrophe inside a word belongs to it and is dropped by folding, so that "dont" and
# "don't" are one word. Customers type both, and phones type the curly one.
_QUOTED = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)*")
_SIGNS_TO_BLANKS = {
    code: (chr(code).lower() if chr(code).isalnum() or chr(code) == "'" else " ")
    for code in range(128)
}
# Marks are no \w in Python: without them "e" + combining acute, or any Indic vowel sign, would
# cut a word in two. U+0964/0965 are the Indic full stops, and so no part of a word.
_MARKS = "\u0300-\u036f\u064b-\u065f\u0900-\u0963\u0966-\u0d7f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u200c\u200d"
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}]|['\u2019](?=[^\W_]))*")
_ACCENTS = re.compile("[\u0300-\u036f'\u2019\u200c\u200d]")


def fold(text: str) -> str:
    """Fold case and accents; apostrophes go, everything else stays where it was."""
    if text.isascii():
        return text.lower().replace("'", "")
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return unicodedata.normalize("NFC", bare)


def words(text: str) -> list[Word]:
    """Cut a text into folded words with their places; signs and emoji are no words."""
    if not text.isascii():
        return [(fold(m[0]), *m.span()) for m in _WORD.finditer(text)]
    found: list[Word] = []
    start = 0
    quoted = "'" in text
    # Signs become blanks in one step; what is left are words, or words with an apostrophe.
    for word in text.translate(_SIGNS_TO_BLANKS).split(" "):
        end = start + len(word)
        if word:
            if quoted and "'" in word:
                _apart(word, start, found)
            else:
                found.append((word, start, end))
        start = end + 1
    return found


def _apart(word: str, start: int, found: list[Word]) -> None:
    """Add a word with apostrophes: one inside belongs to it, others are quotes around it."""
    found.extend(
        (match[0].replace("'", ""), start + match.start(), start + match.end())
        for match in _QUOTED.finditer(word)
    )


# English plurals that keep their "e": cookies are cookie, batteries are battery.
_KEEPS_E = frozenset(("cookie", "movie", "brownie", "smoothie", "pie", "tie", "selfie", "genie"))


def singular(word: str) -> str:
    """Cut a plural's ending off a folded word, well enough to compare names of goods."""
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-1] if word[:-1] in _KEEPS_E else word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses", "zes", "oes")):
        return word[:-2]
    return word[:-1]
