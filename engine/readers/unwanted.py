"""What an order names only to have something else: "instead of the remotes give me 12 relays".

In most languages the words stand before what is not wanted ("instead of X", "en vez de X"), in
some behind it ("X ki jagah"). What is wanted begins at the next quantity, comma or word of an order.
"""

from __future__ import annotations

__all__ = ["unwanted", "without_unwanted"]

from functools import lru_cache

from engine.readers.clauses import CLAUSE_ENDS, apart, without
from engine.readers.folding import Word, words
from engine.readers.lexicon import phrases, word_set
from engine.readers.phrases import PhraseIndex
from engine.readers.product_words import number_words

Span = tuple[int, int]
_ENDS = frozenset(CLAUSE_ENDS) - {"."}  # a product may be spelt with stops: "r.o. filter"


@lru_cache(256)
def _index(languages: tuple[str, ...]) -> PhraseIndex[str]:
    return PhraseIndex(
        {topic: phrases(languages, topic) for topic in ("instead", "instead_behind")}
    )


def unwanted(text: str, languages: tuple[str, ...]) -> tuple[Span, Span] | None:
    """Give the places of the whole part of a text that names what is not wanted, and of its goods."""
    said = words(text)
    found = _index(languages).find(said)
    if not found:
        return None
    topic, first, end = found[0]
    if topic == "instead":
        stop = _stop(text, said, end, languages)
        goods = (said[end - 1][2], said[stop - 1][2])
        return (said[first][1], goods[1]), goods
    start = first
    while start > 0 and not apart(text, said, start, _ENDS):
        start -= 1
    return (said[start][1], said[end - 1][2]), (said[start][1], said[first][1])


def without_unwanted(text: str, languages: tuple[str, ...]) -> str:
    """Blank what is not wanted; all other places stay."""
    found = unwanted(text, languages)
    if found is None:
        return text
    (start, end), _ = found
    return without(text, start, end)


def _stop(text: str, said: list[Word], place: int, languages: tuple[str, ...]) -> int:
    """Find the word at which the wanted begins, or the end."""
    opening = word_set(languages, "order_words")
    numbers = number_words(languages)
    named = False
    begin = place
    while place < len(said):
        word = said[place][0]
        counted = word[0].isdigit() or word in numbers
        if place > begin and (
            apart(text, said, place, _ENDS) or (named and (counted or word in opening))
        ):
            break
        # "Instead of the 12 remotes": the quantity of what is not wanted.
        named = named or not (counted or word in opening)
        place += 1
    return place
