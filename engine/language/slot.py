"""What a flow asks for: its slots, what may stand in them, and who reads them."""

from __future__ import annotations

__all__ = ["Group", "Product", "Slot"]

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.language.wording import Text
from engine.readers import Kind
from engine.readers.reading import Hearing


@dataclass(frozen=True, slots=True)
class Product:
    """What the catalogue says of one product that may be ordered."""

    id: str
    name: str
    names: Mapping[str, str] = field(default_factory=dict)  # in other languages
    unit: str = ""
    prices: tuple[tuple[int, int | float], ...] = ()  # (from this quantity, each), rising
    min: int | None = None
    pack: int | None = None

    def name_in(self, language: str) -> str:
        """Return its name in a language, else the one it has in all of them."""
        return self.names.get(language, self.name)

    def price_of(self, quantity: int | float) -> int | float | None:
        """Return what one costs when so many are ordered."""
        return next((each for least, each in reversed(self.prices) if quantity >= least), None)


@dataclass(frozen=True, slots=True)
class Slot:
    """One datum of a flow, and when a value read for it may be taken."""

    name: str
    kind: str
    label: Text
    optional: bool = False
    default: tuple[str, ...] = ()  # a path such as ("contact", "phone")
    at_least: Any = None  # a number, or a date: the checker has compared it with the kind
    at_most: Any = None
    length: tuple[int, int] | None = None
    unclear: Text | None = None
    invalid: Text | None = None
    options: Mapping[str, Text] = field(default_factory=dict)  # choice: id -> label
    products: Mapping[str, Product] = field(default_factory=dict)  # those of `from: catalogue`
    currency: str = ""  # of their prices

    @property
    def is_catalogue_order(self) -> bool:
        """Whether it is an order whose lines are found in the catalogue."""
        return self.kind == "items" and bool(self.products)


@dataclass(frozen=True, slots=True)
class Group:
    """Slots that one reader serves: the text is read once for all of them."""

    kind: str
    reader: Kind
    slots: tuple[str, ...]
    names: frozenset[str]  # the same slots, to be looked up
    hearings: Mapping[tuple[str, bool], Hearing]  # (language, asked) -> what the reader may know
    source: str = ""  # the kind of value, with its catalogue: equal ones read alike
    wants_now: bool = False
