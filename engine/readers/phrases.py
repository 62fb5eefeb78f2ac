"""Many phrases found in one message, at a cost that does not grow with their number.

Words are looked up by hash first. Only a word of no phrase is tried as a slip of the finger, by
deletion neighbourhoods (the SymSpell idea): two words one edit apart share a string that is left
after deleting a letter of either, so a slip is found by lookups too.
"""

from __future__ import annotations

__all__ = ["PhraseIndex"]

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Generic, TypeVar

from engine.readers.folding import Word, words

Key = TypeVar("Key")

# Under five letters one edit makes another common word (here/her, cost/most); from nine on two
# slips still leave the word recognisable.
ONE_SLIP_FROM = 5
TWO_SLIPS_FROM = 9
# Customers repeat themselves and each other; what was worked out for a word is kept.
REMEMBERED_WORDS = 4096


class PhraseIndex(Generic[Key]):
    """Phrases by key, built once.

    `polite` are phrases that may stand around a whole one; `known` are words that mean
    themselves, so that "quite" is no slip of "quiet".
    """

    __slots__ = (
        "_begin",
        "_closing",
        "_correct",
        "_deletions",
        "_known",
        "_longest",
        "_opening",
        "_tree",
    )

    def __init__(
        self,
        phrases: Mapping[Key, Iterable[str]],
        *,
        polite: Iterable[str] = (),
        known: Iterable[str] = (),
    ) -> None:
        """Index the phrases; where two keys share one, the earlier key keeps it."""
        self._tree: _Level[Key] = {}
        vocabulary: set[str] = set()
        for rank, (key, texts) in enumerate(phrases.items()):
            for text in texts:
                phrase = [word for word, _, _ in words(text)]
                self._add(rank, key, phrase)
                vocabulary.update(phrase)
        self._longest = max(map(len, vocabulary), default=0)
        self._deletions = _neighbourhoods(vocabulary)
        self._known = vocabulary.union(known)
        self._correct = lru_cache(REMEMBERED_WORDS)(self._work_out)
        self._begin = lru_cache(REMEMBERED_WORDS)(self._beginning)
        self._opening: dict[str, list[list[str]]] = {}
        self._closing: dict[str, list[list[str]]] = {}
        for text in polite:
            said = [word for word, _, _ in words(text)]
            if said:
                self._opening.setdefault(said[0], []).append(said)
                self._closing.setdefault(said[-1], []).append(said)

    def find(self, said: Sequence[Word]) -> list[tuple[Key, int, int]]:
        """Find phrases as runs of words, as (key, first word, word after the last).

        Longest first, then by the order of the keys; no two of them share a word.
        """
        first = self._tree.get
        found: list[tuple[int, int, int, int, Key]] = []
        for start, (word, _, _) in enumerate(said):
            # Most words begin no phrase and are too short for a slip: one look-up settles them.
            node = first(word)
            if node is None:
                if len(word) < ONE_SLIP_FROM:
                    continue
                node = self._begin(word)
            end = start
            while node is not None:
                end += 1
                if node.ends is not None:
                    rank, key = node.ends
                    found.append((start - end, rank, start, end, key))
                node = node.next.get(self._word(said[end][0])) if end < len(said) else None
        if not found:
            return []
        found.sort(key=lambda match: match[:3])
        taken: set[int] = set()
        chosen = []
        for _, _, start, end, key in found:
            if taken.isdisjoint(range(start, end)):
                taken.update(range(start, end))
                chosen.append((key, start, end))
        return chosen

    def whole(self, said: Sequence[Word]) -> Key | None:
        """Return the key whose phrase is the whole message, polite words around it aside."""
        key = self._phrase(said)
        if key is None and said and (said[0][0] in self._opening or said[-1][0] in self._closing):
            key = self._phrase(self._without_polite(said))
        return key

    def _add(self, rank: int, key: Key, phrase: list[str]) -> None:
        level = self._tree
        node = None
        for word in phrase:
            node = level.setdefault(word, _Node())
            level = node.next
        if node is not None and node.ends is None:
            node.ends = (rank, key)

    def _phrase(self, said: Sequence[Word]) -> Key | None:
        level = self._tree
        node = None
        for word, _, _ in said:
            node = level.get(word) or level.get(self._word(word))
            if node is None:
                return None
            level = node.next
        return node.ends[1] if node is not None and node.ends is not None else None

    def _without_polite(self, said: Sequence[Word]) -> Sequence[Word]:
        plain = [word for word, _, _ in said]
        start, end = 0, len(plain)
        while start < end:
            for polite in self._opening.get(plain[start], ()):
                if plain[start : start + len(polite)] == polite:
                    start += len(polite)
                    break
            else:
                break
        while start < end:
            for polite in self._closing.get(plain[end - 1], ()):
                if plain[end - len(polite) : end] == polite:
                    end -= len(polite)
                    break
            else:
                break
        return said[start:end]

    def _beginning(self, word: str) -> _Node[Key] | None:
        return self._tree.get(self._word(word))

    def _word(self, word: str) -> str:
        """Give the vocabulary word that is meant; the word itself when there is none."""
        if word in self._known or not ONE_SLIP_FROM <= len(word) <= self._longest + 2:
            return word
        return self._correct(word)

    def _work_out(self, word: str) -> str:
        best = (3, "")
        slips = _slips(len(word))
        if sum(map(str.isdigit, word)) > slips:
            return word  # each digit is a slip; so are not many addresses and codes worked out
        for left in _deletions(word, slips):
            for candidate in self._deletions.get(left, ()):
                # Nobody misses the first letter, and "where" must not become "there".
                if candidate[0] == word[0]:
                    distance = _distance(word, candidate)
                    if distance <= _slips(min(len(word), len(candidate))):
                        best = min(best, (distance, candidate))
        return best[1] or word


class _Node(Generic[Key]):
    """One word of a phrase: what may follow it, and whose phrase ends here."""

    __slots__ = ("ends", "next")

    def __init__(self) -> None:
        self.ends: tuple[int, Key] | None = None
        self.next: _Level[Key] = {}


_Level = dict[str, _Node[Key]]


def _slips(length: int) -> int:
    return 0 if length < ONE_SLIP_FROM else 1 if length < TWO_SLIPS_FROM else 2


def _deletions(word: str, slips: int) -> set[str]:
    """Give the word and all that is left of it after deleting up to `slips` letters."""
    left = {word}
    edge = left
    for _ in range(slips):
        edge = {w[:i] + w[i + 1 :] for w in edge for i in range(len(w))}
        left = left | edge
    return left


def _neighbourhoods(vocabulary: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for word in sorted(vocabulary):
        # Codes and amounts are exact: "A-1001" is not a slip of "A-1002".
        if word.isalpha():
            slips = _slips(len(word))
            for left in _deletions(word, slips) if slips else ():
                found[left] = (*found.get(left, ()), word)
    return found


def _distance(one: str, other: str) -> int:
    """Count insertions, deletions, substitutions and swaps of neighbours between two words."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
