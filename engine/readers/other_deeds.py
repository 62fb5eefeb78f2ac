"""Goods that are named for another deed than an order: "i bought 2 remotes", "can i sell 5 motors?".

A verb of another deed governs the goods behind it, in Hindi and Malayalam those before it, as far
as the clause goes or a verb of an order begins another. Goods that are ordered may be described by
such a word: "5 repair kits", "3 relays to repair an ac", "the relays i bought, 2 more".
"""

from __future__ import annotations

__all__ = ["without_other_deeds"]

from dataclasses import dataclass
from functools import lru_cache

from engine.readers.clauses import CLAUSE_ENDS, apart
from engine.readers.folding import Word, words
from engine.readers.lexicon import all_languages, phrases, word_set
from engine.readers.order_words import LONGEST_LINE
from engine.readers.product_names import product_names
from engine.readers.product_words import number_words, small_words
from engine.readers.reading import Hearing

_ENDS = frozenset([*CLAUSE_ENDS, ":"])
_DEEDS = ("deeds", "deeds_behind")
_TOPICS = (*_DEEDS, "order_verbs", "no_deeds")  # of the same words the last is meant


@dataclass(frozen=True, slots=True)
class _Known:
    """The words of deeds in all languages, the bot's own first, and what stands around goods."""

    phrases: dict[str, list[tuple[tuple[str, ...], str]]]  # by first word, the longest first
    begins: frozenset[str]  # the first words of deeds
    counts: frozenset[str]  # numbers, and articles
    joins: frozenset[str]
    opening: frozenset[str]  # "please", "i need": said before an order
    counted: frozenset[str]  # "days", "pm": a number before them counts no goods
    breaks: frozenset[str]
    small: frozenset[str]  # words that name no goods


@lru_cache(256)
def _known(languages: tuple[str, ...]) -> _Known:
    wide = tuple(dict.fromkeys((*languages, *all_languages())))
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for topic in _TOPICS:
        for phrase in phrases(wide, topic):
            said = tuple(phrase.split())
            found.setdefault(said[0], []).append((said, topic))
    for alike in found.values():
        alike.sort(key=lambda one: (len(one[0]), _TOPICS.index(one[1])), reverse=True)
    return _Known(
        phrases=found,
        begins=frozenset(
            word for word, alike in found.items() if any(topic in _DEEDS for _, topic in alike)
        ),
        counts=number_words(languages) | word_set(languages, "one"),
        joins=word_set(languages, "and"),
        opening=word_set(languages, "order_words") - word_set(languages, "with"),
        counted=word_set(languages, "not_items"),
        breaks=word_set(languages, "breaks"),
        small=small_words(languages),
    )


def without_other_deeds(text: str, hearing: Hearing) -> str:
    """Blank what a verb of another deed governs, and the verb; all other places stay."""
    known = _known(hearing.languages)
    said = words(text)
    if not any(word in known.begins for word, _, _ in said):
        return text
    parts: list[str] = []
    end = 0
    for start, stop, sign in _Clauses(text, said, known, _named(text, hearing)).governed():
        parts += [text[end:start], sign, " " * (stop - start - 1)]
        end = stop
    return "".join([*parts, text[end:]])


def _named(text: str, hearing: Hearing) -> frozenset[int]:
    """Find where the words of products stand that have one of these in their name."""
    if not hearing.catalogue:
        return frozenset()
    names = product_names(hearing.catalogue, hearing.languages)
    return frozenset(
        one.start + start
        for one in names.find(text)
        for word, start, _ in words(text[one.start : one.end])
        if names.has(word)
    )


class _Clauses:
    """The words of a text, and which of them a verb of another deed governs."""

    def __init__(self, text: str, said: list[Word], known: _Known, named: frozenset[int]) -> None:
        self.text = text
        self.said = said
        self.known = known
        self.named = named

    def governed(self) -> list[tuple[int, int, str]]:
        """Give the places of each part, and what is to stand there instead."""
        found: list[tuple[int, int, str]] = []
        done = place = 0
        while place < len(self.said):
            topic, end = self._phrase(place)
            if topic == "deeds" and not self._describes(place, end):
                stop = self._stop(end)
                if stop > end:
                    found += self._again(place, end, stop) or [self._part(place, stop)]
                done = end = stop
            elif topic == "deeds_behind":
                found.append(self._part(self._begin(place, done), end))
                done = end
            place = end
        return found

    def _part(self, first: int, stop: int, sign: str = ",") -> tuple[int, int, str]:
        return self.said[first][1], self.said[stop - 1][2], sign

    def _again(self, first: int, end: int, stop: int) -> list[tuple[int, int, str]]:
        """Leave the goods where more of them are ordered: "i bought 2 remotes, now send 3 more"."""
        counts = [place for place in range(end, stop) if self._counts(place)]
        if len(counts) > 1 or not self._orders_more(stop):
            return []
        gap = (self.said[stop - 1][2], self.said[stop][1], " ")
        return [
            self._part(first, end, " "),
            *(self._part(place, place + 1, " ") for place in counts),
            gap,
        ]

    def _orders_more(self, place: int) -> bool:
        """Tell whether a clause orders a number of nothing it names: "now send 3 more"."""
        ordered = number = False
        for at in range(place, min(len(self.said), place + 2 * LONGEST_LINE)):
            if at > place and self._ends_at(at):
                break
            word = self.said[at][0]
            if self._is_goods(at):
                return False
            if ordered and self._counts(at):
                before = self.said[at - 1][0]
                number = word.isdecimal() and before in self.known.opening
            number = number and word not in self.known.counted
            ordered = ordered or self._phrase(at)[0] == "order_verbs"
        return number

    def _phrase(self, place: int) -> tuple[str, int]:
        """Tell what begins here, and the word after it."""
        word, start, _ = self.said[place]
        for phrase, topic in self.known.phrases.get(word, ()) if start not in self.named else ():
            end = place + len(phrase)
            if tuple(one for one, _, _ in self.said[place:end]) == phrase:
                return topic, end
        return "", place + 1

    def _describes(self, first: int, end: int) -> bool:
        """Tell whether goods that are counted or ordered before it are meant: "5 repair kits"."""
        goods = False
        kind = end < len(self.said) and not self._ends_at(end) and self._is_goods(end)
        for place in range(first - 1, max(-1, first - 1 - 2 * LONGEST_LINE), -1):
            if self._ends_at(place + 1) or self.said[place][0] in self.known.joins:
                return False
            if self._counts(place):
                return goods or kind
            if self._phrase(place)[0] == "order_verbs":
                return goods or (kind and place == first - 1)
            goods = goods or self._is_goods(place)
        return False

    def _stop(self, place: int) -> int:
        """Find the word at which something else begins, or the end."""
        counted = False
        while place < len(self.said):
            if self._ends_at(place) and not (counted and self._lists_more(place)):
                break
            if self.said[place][0] in self.known.breaks:
                break
            if self._phrase(place)[0] == "order_verbs":
                break
            counted = counted or self._counts(place)
            place += 1
        return place

    def _begin(self, place: int, done: int) -> int:
        """Find the first of the goods that are named before their verb."""
        while place > done and not self._ends_at(place):
            if self.said[place - 1][0] in self.known.breaks:
                break
            if self._phrase(place - 1)[0] == "order_verbs":
                break
            place -= 1
        return place

    def _lists_more(self, place: int) -> bool:
        """Tell whether a list goes on behind a comma: "i bought 2 remotes, 3 relays"."""
        gap = self.text[self.said[place - 1][2] : self.said[place][1]]
        if gap.strip() != ",":
            return False
        joined = self.said[place][0] in self.known.joins
        ahead = place + joined
        if ahead == len(self.said) or not self._counts(ahead):
            return False
        for more in range(ahead + 1, len(self.said)):
            if self._ends_at(more):
                break
            word = self.said[more][0]
            if word in self.known.opening and word not in self.known.joins:
                return False  # ", 3 relays please"
        return True

    def _counts(self, place: int) -> bool:
        word = self.said[place][0]
        return word[0].isdigit() or word in self.known.counts

    def _is_goods(self, place: int) -> bool:
        return not self._counts(place) and self.said[place][0] not in self.known.small

    def _ends_at(self, place: int) -> bool:
        """Tell whether a clause ends between a word and the one before it."""
        return place > 0 and apart(self.text, self.said, place, _ENDS)
