"""Runs of words in a text, and what each of them may name in a catalogue."""

from __future__ import annotations

__all__ = ["Named", "Window", "extended", "places"]

from dataclasses import dataclass

from engine.readers.product_words import Way

MOST_WAYS = 6  # how several misspelt words together may be meant


@dataclass(frozen=True, slots=True)
class Named:
    """Words of a text that name a product, or any of several: ``text[start:end]``."""

    start: int
    end: int
    products: tuple[int, ...]  # places in the catalogue; none for a size it does not have
    size_in_words: int
    whole: bool  # a whole name; else words that are a part of some
    size: bool  # "1.5 ton": no product by itself
    alike: float = 100.0
    words: tuple[str, ...] = ()  # the catalogue's, of which it is made
    sure: bool = True  # False for a single short word that only looks like one of the catalogue's


@dataclass(frozen=True, slots=True)
class Window:
    """A run of pieces, as places in the text, and the products it may mean."""

    first: int
    stop: int
    size: int
    gap: bool
    alike: float
    products: frozenset[int]
    words: tuple[str, ...]
    whole: bool

    @property
    def rank(self) -> tuple[int, bool, bool, float, int, int]:
        """Order windows: the longest first, then those that are most like what was typed."""
        # A word said twice is said once: of two windows alike the longer one.
        length = self.stop - self.first
        return -self.size, self.gap, self.alike < 100, -self.alike, -length, self.first


def places(window: Window) -> range:
    """Give the places of the pieces in a window."""
    return range(window.first, window.stop)


def extended(together: list[Way], ways: tuple[Way, ...]) -> list[Way]:
    """Add one more word to what the words before it may mean."""
    found = []
    for one in together:
        for way in ways:
            if set(way.words) <= set(one.words):
                found.append(one)
                continue
            products = one.products & way.products
            if products and set(way.words).isdisjoint(one.words):
                found.append(
                    Way(
                        (*one.words, *way.words),
                        products,
                        # The blank between them is alike.
                        one.score + 200 + way.score,
                        one.weight + 2 + way.weight,
                    )
                )
    return sorted(found, key=lambda way: -way.alike)[:MOST_WAYS]
