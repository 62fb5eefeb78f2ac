"""Which products of a catalogue a text names: whole names first, then words that some share.

A catalogue is indexed once, when it is first read against. A name is found by the words it is made
of, in any order ("1.5 ton compressor", "compressor 1.5T"), longest names first; a word the
catalogue does not know is tried as a slip of one it knows. Numbers and codes are never slips.
"""

from __future__ import annotations

__all__ = ["Named", "ProductNames", "product_names"]

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import pairwise

from engine.readers.folding import singular
from engine.readers.product_pieces import Piece, pieces_of
from engine.readers.product_windows import Named, Window, extended, places
from engine.readers.product_words import ProductWords, Way

# Alike enough, of a hundred: a single word, and several words together.
ALIKE_WORD = 80
ALIKE_NAME = 85
# A short word may lack a letter ("late"); any other slip makes another word of it.
ALIKE_SHORT_WORD = 88
LONG_WORD = 5
# From here on a slip leaves a word recognisable, whatever else it might be.
SURE_WORD = 8
# Scores so close say nothing about which of two products is meant.
CLOSE = 5
# A name with a word too many in it is less sure than one written as it is.
WITH_A_GAP = 90
REMEMBERED_CATALOGUES = 64


class _Same:
    """A catalogue as a key: the same object is the same catalogue, and nothing else is compared."""

    __slots__ = ("catalogue",)

    def __init__(self, catalogue: Mapping[str, tuple[str, ...]]) -> None:
        self.catalogue = catalogue

    def __hash__(self) -> int:
        return id(self.catalogue)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.catalogue is self.catalogue


def product_names(
    catalogue: Mapping[str, tuple[str, ...]], languages: tuple[str, ...]
) -> ProductNames:
    """Give the index of a catalogue, which is made when it is first asked for."""
    return _indexed(_Same(catalogue), languages)


@lru_cache(REMEMBERED_CATALOGUES)
def _indexed(same: _Same, languages: tuple[str, ...]) -> ProductNames:
    return ProductNames(same.catalogue, languages)


class ProductNames(ProductWords):
    """The names of a catalogue, ready to be found in texts."""

    def find(self, text: str) -> list[Named]:
        """Find what names products, in the order of the text; no two share a word."""
        pieces = list(pieces_of(text))
        if not self.part_words.isdisjoint([piece.word for piece in pieces]):
            pieces = self.with_parts(pieces, text)
        self.mend(pieces)
        ways = self._ways(pieces)
        odd = self._odd_sizes(pieces, ways)
        if not (odd or any(ways)):
            return []
        windows = sorted(self._windows(pieces, ways), key=lambda window: window.rank)
        owner = {place: window for window in odd for place in places(window)}
        spare = self._spare(pieces, ways, owner.keys())
        for window in windows:
            if window.whole and not any(place in owner for place in places(window)):
                owner.update(dict.fromkeys(places(window), window))
        for window in windows:
            if not window.whole and self._says_more(window, owner, pieces, spare):
                owner.update(dict.fromkeys(places(window), window))
        chosen = {id(window): window for window in owner.values()}.values()
        found = [
            Named(
                pieces[window.first].start,
                pieces[window.stop - 1].end,
                tuple(sorted(window.products)),
                window.size,
                window.whole,
                not window.products or self._is_size(window.words),
                window.alike,
                window.words,
                self._is_sure(window, pieces),
            )
            for window in chosen
        ]
        return sorted(found, key=lambda named: named.start)

    def _ways(self, pieces: list[Piece]) -> list[tuple[Way, ...]]:
        """Understand every piece; a number is the catalogue's only beside its own words."""
        ways: list[tuple[Way, ...]] = []
        for place, piece in enumerate(pieces):
            behind = pieces[place + 1].word if place + 1 < len(pieces) else ""
            before = pieces[place - 1] if place else None
            if before is not None and before.number and ways[-1]:
                unit = self._unit(before.word, piece.word)
                if unit:
                    ways.append((self._exactly(unit, piece.word),))
                    continue
            if not piece.number:
                ways.append(self._meant(piece.word) if piece.word else ())
            elif piece.word in self._products and (
                self._unit(piece.word, behind)
                or (not piece.word.isdecimal() and not self._counts(piece.word, behind))
                or (place and self._is_model(piece.word, ways[-1]))
            ):
                ways.append((self._exactly(piece.word, piece.word),))
            else:
                ways.append(())
        return ways

    def _counts(self, number: str, behind: str) -> bool:
        """Tell the 1.5 before goods that come in no such size: "1.5 drain trays"."""
        goods = self._meant(behind) if behind and "/" not in number else ()
        return any(way.alike == 100 for way in goods) and not any(
            way.products & self._products[number] for way in goods
        )

    def _odd_sizes(self, pieces: list[Piece], ways: list[tuple[Way, ...]]) -> list[Window]:
        """Find sizes the catalogue does not have ("5/8 inch"), which count nothing either."""
        return [
            Window(
                place,
                place + 2,
                2,
                gap=False,
                alike=100.0,
                products=frozenset(),
                words=(),
                whole=False,
            )
            for place, (piece, unit) in enumerate(pairwise(pieces))
            if piece.number
            and not ways[place]
            and singular(unit.word) in self._units
            and ("/" in piece.word or unit.word not in self._counted)
        ]

    def _windows(self, pieces: list[Piece], ways: list[tuple[Way, ...]]) -> Iterator[Window]:
        """Go through all runs of words that one product has."""
        for first, begun in enumerate(ways):
            together = list(begun)
            # The "for" of "motors for outdoor units" begins no name.
            part = not (first and ways[first - 1] and pieces[first].word in self._inner)
            joined = gap = False
            yield from self._window(
                first, first + 1, together, pieces, joined=False, gap=False, part=part
            )
            for place in range(first + 1, min(len(pieces), first + 2 * self._longest)):
                piece = pieces[place]
                if ways[place] and together:
                    together = extended(together, ways[place])
                    yield from self._window(
                        first, place + 1, together, pieces, joined=joined, gap=gap, part=part
                    )
                elif piece.word in self._joins:
                    joined = True
                elif piece.word in self._of:
                    continue
                elif gap or not piece.word or piece.number or piece.word in self.small:
                    break
                else:
                    gap = True
                if not together:
                    break

    def _window(
        self,
        first: int,
        stop: int,
        ways: list[Way],
        pieces: list[Piece],
        *,
        joined: bool,
        gap: bool,
        part: bool,
    ) -> Iterator[Window]:
        """Give what some words together may mean: whole names, else a `part` of names."""
        sure = [way for way in ways if way.alike >= self._least(way, pieces[first].word)]
        wholes: dict[int, float] = {}
        for way in sure:
            key = tuple(sorted(way.words))
            if (not joined or key in self._with_join) and (not gap or len(key) > 1):
                for product in self._wholes.get(key, ()):
                    wholes[product] = max(way.alike, wholes.get(product, 0.0))
        if wholes:
            best = max(wholes.values())
            close = 0 if best == 100 else CLOSE
            products = frozenset(one for one in wholes if wholes[one] >= best - close)
            words = next(way.words for way in sure if products & way.products)
            alike = min(best, WITH_A_GAP) if gap else best
            yield Window(first, stop, len(words), gap, alike, products, words, whole=True)
        elif sure and part and not (joined or gap):
            way = max(sure, key=lambda way: way.alike)
            if any(word not in self.small for word in way.words):
                size = len(way.words)
                yield Window(
                    first, stop, size, gap, way.alike, way.products, way.words, whole=False
                )

    def _is_sure(self, window: Window, pieces: list[Piece]) -> bool:
        """Tell a word that is written as it is, or a long one with a slip, from "driver" for drier."""
        if window.size != 1 or window.alike == 100:
            return True
        longest = max(len(piece.word) for piece in pieces[window.first : window.stop])
        return longest >= SURE_WORD and window.alike >= ALIKE_SHORT_WORD

    def _least(self, way: Way, typed: str) -> float:
        if len(way.words) > 1:
            return ALIKE_NAME
        shorter = min(len(typed), way.weight - len(typed))
        return ALIKE_WORD if shorter >= LONG_WORD else ALIKE_SHORT_WORD

    def _says_more(
        self,
        window: Window,
        owner: Mapping[int, Window],
        pieces: list[Piece],
        spare: frozenset[int],
    ) -> bool:
        """Tell whether words that are a part of names add to what is named already."""
        numbers = [place for place in places(window) if pieces[place].number]
        for place in numbers:
            unit = place + 1 < window.stop and self._unit(
                pieces[place].word, pieces[place + 1].word
            )
            if pieces[place].word.isdecimal() and not unit and place not in spare:
                return False  # "capacitor 35" may be 35 of them
        inside = {id(one): one for place in places(window) if (one := owner.get(place))}
        if not inside:
            return True
        (one, *others) = inside.values()
        return (
            not others
            and window.alike == 100
            and window.first <= one.first
            and one.stop <= window.stop
            and window.size > one.size
        )

    def _spare(
        self, pieces: list[Piece], ways: list[tuple[Way, ...]], odd: AbstractSet[int]
    ) -> frozenset[int]:
        """Find the catalogue's numbers beside which another number can be the quantity."""
        spare: set[int] = set()
        line: list[int] = []
        counted = False
        for place, piece in enumerate(pieces):
            if piece.ends:
                spare.update(line if counted else ())
                line, counted = [], False
            elif piece.number and ways[place]:
                line.append(place)
            elif place not in odd:
                counted = counted or piece.number or piece.word in self.number_words
        return frozenset([*spare, *line] if counted else spare)
