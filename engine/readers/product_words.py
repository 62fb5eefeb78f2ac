"""The words of a catalogue's names, and what a typed word may mean among them.

A word the catalogue does not know is tried as a slip of one it knows; numbers and codes are never
slips. "35uf" is a number and its unit, "1.5T" is 1.5 ton, "fanmotor" is two words.
"""

from __future__ import annotations

__all__ = [
    "ProductWords",
    "Way",
    "number_words",
    "small_words",
]

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from engine.readers.folding import singular
from engine.readers.lexicon import mixed, own_words, spellings
from engine.readers.numerals import part_in_digits, part_words, tokens
from engine.readers.order_words import order_words
from engine.readers.product_pieces import Piece, pieces_of

# Within a long name a single word may differ more than a word alone.
ALIKE_PART = 66
ALIKE_NEAR = 75  # below that "Sabari" would be near a "spray"
SHORT_WORD = 4
MOST_OTHER_WORDS = 4  # what a misspelt word may have meant
LONGEST_NAME = 8
NEAREST = 3
REMEMBERED_WORDS = 4096


@dataclass(frozen=True, slots=True)
class Way:
    """One way to understand some words: which words of the catalogue, and how alike."""

    words: tuple[str, ...]
    products: frozenset[int]
    score: float
    weight: int

    @property
    def alike(self) -> float:
        """Tell how alike the words are to those typed, of a hundred."""
        return self.score / self.weight


class ProductWords:
    """The words of a catalogue, indexed once."""

    def __init__(
        self, catalogue: Mapping[str, tuple[str, ...]], languages: tuple[str, ...]
    ) -> None:
        """Take every name of every product apart."""
        self.ids = tuple(catalogue)
        self._words: list[set[str]] = [set() for _ in self.ids]
        self.names = tuple(next(iter(names), id_) for id_, names in catalogue.items())
        known = order_words(languages)
        self._of = known.of
        self._counted = known.units.keys()
        self._joins = known.joins
        self._inner = known.inner | known.describes
        self.small = small_words(languages)
        self.number_words = number_words(languages)
        self.part_words = frozenset(part_words(languages))
        self._languages = languages
        self._measures = spellings(languages, "sizes")
        self._wholes: dict[tuple[str, ...], list[int]] = {}
        self._with_join: set[tuple[str, ...]] = set()
        self._spelt: dict[str, str] = {}  # a spelling -> the word
        self._having: dict[str, set[int]] = {}  # a word -> products
        self._glued: dict[str, tuple[str, ...]] = {}  # "fanmotor" -> its words
        self._sizes: dict[str, set[str]] = {}  # a number -> what stands behind it
        self._goods: set[str] = set()  # what stands without a number before it
        self._models: dict[str, set[str]] = {}  # a number -> what stands before it
        for product, names in enumerate(catalogue.values()):
            for name in names:
                self._add(product, name)
        self._units = self._find_units()
        self._products = {word: frozenset(found) for word, found in self._having.items()}
        self._longest = max(map(len, self._wholes), default=0)
        self._vocabulary = [
            spelling
            for spelling in self._spelt
            if len(spelling) >= SHORT_WORD - 1 and spelling.isalpha()
        ]
        self._meant = lru_cache(REMEMBERED_WORDS)(self._work_out)

    def _add(self, product: int, name: str) -> None:
        pieces = [piece for piece in pieces_of(name) if piece.word]
        plain = [one for one in pieces if one.word not in self._joins and one.word not in self._of]
        said = []
        for place, piece in enumerate(plain):
            word = piece.word if piece.number else singular(piece.word)
            said.append(word)
            self._spelt.setdefault(piece.word, word)
            self._spelt.setdefault(word, word)
            self._having.setdefault(word, set()).add(product)
            self._words[product].add(word)
            if not (place and plain[place - 1].number):
                self._goods.add(word)
            if piece.number and place + 1 < len(plain):
                self._sizes.setdefault(word, set()).add(singular(plain[place + 1].word))
            if piece.number and place:
                self._models.setdefault(word, set()).add(said[place - 1])
        words = tuple(dict.fromkeys(said))[:LONGEST_NAME]
        if not words:
            return
        key = tuple(sorted(words))
        if product not in self._wholes.setdefault(key, []):
            self._wholes[key].append(product)
        if any(piece.word in self._joins for piece in pieces):
            self._with_join.add(key)
        if len(words) > 1:
            self._glued.setdefault("".join(words), words)

    def _find_units(self) -> frozenset[str]:
        """Find what measures: "ton" stands behind several numbers, and never without one."""
        behind = Counter(unit for units in self._sizes.values() for unit in units)
        return frozenset(
            unit for unit, count in behind.items() if count > 1 and unit not in self._goods
        )

    def with_parts(self, pieces: list[Piece], text: str) -> list[Piece]:
        """Write a size that is said in words as the catalogue does: "half inch" is 1/2 inch."""
        said = [token for token in tokens(text, self._languages) if token.spelt and token.value % 1]
        found: list[Piece] = []
        place = 0
        for token in said:
            while place < len(pieces) and pieces[place].start < token.start:
                found.append(pieces[place])
                place += 1
            end = place
            while end < len(pieces) and pieces[end].start < token.end:
                end += 1
            digits = part_in_digits(token.value)
            if end < len(pieces) and self._unit(digits, pieces[end].word):
                found.append(Piece(digits, token.start, token.end, number=True))
                place = end
        return [*found, *pieces[place:]]

    def mend(self, pieces: list[Piece]) -> None:
        """Join what the catalogue writes as one: "r 32", "R-410 A", "air filter" for an airfilter."""
        for place in range(len(pieces) - 2, -1, -1):
            first, second = pieces[place].word, pieces[place + 1].word
            if pieces[place].number or not (first and second):
                continue
            third = pieces[place + 2].word if place + 2 < len(pieces) else ""
            for many, joined in ((3, first + second + third), (2, first + second)):
                if joined not in self._spelt or (many == 3 and not third):
                    continue
                parts = pieces[place : place + many]
                if parts[1].number or not all(part.word in self._spelt for part in parts):
                    pieces[place : place + many] = [Piece(joined, parts[0].start, parts[-1].end)]
                    break

    def nearest(self, text: str) -> tuple[str, ...]:
        """Give the products that share most with a name the catalogue does not have."""
        marks: dict[int, float] = {}
        sure: set[int] = set()  # a word of theirs was said as it is written
        alike: dict[int, int] = {}  # letters of words that only look like theirs
        said = [one.word for one in pieces_of(text) if one.word and one.word not in self.small]
        for word in said:
            for way in self._meant(word):
                for product in way.products if way.alike >= ALIKE_NEAR else ():
                    marks[product] = marks.get(product, 0.0) + way.alike
                    alike[product] = alike.get(product, 0) + len(word)
                sure.update(way.products if way.alike == 100 else ())
        # A slip in a short word beside a long one that nobody knows is a chance.
        half = sum(map(len, said)) / 2
        marks = {one: mark for one, mark in marks.items() if one in sure or alike[one] >= half}
        best = sorted(marks, key=lambda product: (-marks[product], product))[:NEAREST]
        return tuple(self.ids[product] for product in best)

    def has(self, word: str) -> bool:
        """Tell whether the catalogue writes this word, so that it is no slip of another."""
        return word in self._spelt or singular(word) in self._spelt

    def named_by(self, words: Iterable[str]) -> tuple[int, ...]:
        """Give the products of which these words are a whole name."""
        return tuple(self._wholes.get(tuple(sorted(words)), ()))

    def are_alike(self, one: str, other: str) -> bool:
        """Tell whether two different products share a word of their names."""
        known = one in self.ids and one != other
        return known and not self._words[self.ids.index(one)].isdisjoint(
            self._words[self.ids.index(other)] - self.small
        )

    def most_like(self, products: tuple[int, ...], other: int) -> tuple[int, ...]:
        """Keep those that share most words with another: "and one of 2 ton" is a compressor, too."""
        shared = {one: len(self._words[one] & self._words[other]) for one in products}
        most = max(shared.values())
        return tuple(one for one in products if shared[one] == most)

    def _unit(self, number: str, word: str) -> str:
        """Find what stands behind this number in a name: "1.5T" is 1.5 ton."""
        units = self._sizes.get(number, ())
        one = singular(word)
        if one in units:
            return one
        measure = self._measures.get(word)
        if measure is not None:
            return next((unit for unit in sorted(units) if self._measures.get(unit) == measure), "")
        if not 0 < len(word) < SHORT_WORD:
            return ""
        return next((unit for unit in sorted(units) if unit.startswith(word)), "")

    def _is_model(self, number: str, before: tuple[Way, ...]) -> bool:
        """Tell whether a word stands before this number in a name: "psre 253"."""
        models = self._models.get(number, ())
        return any(way.words[-1] in models for way in before)

    def _exactly(self, word: str, typed: str) -> Way:
        weight = 2 * len(typed)
        return Way((word,), self._products[word], 100.0 * weight, weight)

    def _work_out(self, word: str) -> tuple[Way, ...]:
        exact = self._spelt.get(word) or self._spelt.get(singular(word))
        if exact is None and word.endswith("es"):
            exact = self._spelt.get(word[:-2])
        if exact is not None:
            return (self._exactly(exact, word),)
        if glued := self._glued.get(word) or self._glued.get(singular(word)):
            common = frozenset.intersection(*(self._products[one] for one in glued))
            return (Way(glued, common, 200.0 * len(word), 2 * len(word)),)
        if len(word) < SHORT_WORD or word in self.small or not word.isalpha():
            return ()
        near = process.extract(
            word,
            self._vocabulary,
            scorer=fuzz.ratio,
            score_cutoff=ALIKE_PART,
            limit=2 * MOST_OTHER_WORDS,
        )
        ways: dict[str, Way] = {}
        for spelling, score, _ in near:
            meant = self._spelt[spelling]
            if abs(len(spelling) - len(word)) <= 2:
                weight = len(word) + len(spelling)
                ways.setdefault(meant, Way((meant,), self._products[meant], score * weight, weight))
        return tuple(ways.values())[:MOST_OTHER_WORDS]

    def _is_size(self, words: tuple[str, ...]) -> bool:
        """Tell a number with its unit, or such a unit alone, from the name of goods."""
        numbers = [word for word in words if word in self._sizes]
        return bool(numbers) and all(word in numbers or word in self._units for word in words)


@lru_cache(256)
def number_words(languages: tuple[str, ...]) -> frozenset[str]:
    """Collect the single words of numbers in some languages, and those they mix in."""
    return frozenset().union(*(own_words(language, "numbers") for language in mixed(languages)))


@lru_cache(256)
def small_words(languages: tuple[str, ...]) -> frozenset[str]:
    """Collect the words that are no slips of a product's, however alike."""
    known = order_words(languages)
    topics = (
        *("greetings", "fillers", "yes", "no", "cancel", "numbers", "questions", "name_labels"),
        *("drops", "adds", "instead", "instead_behind", "becomes", "corrections", "thanks"),
        "goodbyes",
    )
    own = (own_words(language, topic) for topic in topics for language in mixed(languages))
    return frozenset().union(
        known.opening, known.inner, known.articles, known.joins, known.of, known.trailing,
        known.asks, known.no_order, known.negations, known.counted, known.units, known.describes,
        known.labels, known.adds, known.times, known.pointing, known.polite, *own,
    )  # fmt: skip
