"""The order book: an order is placed once per key, whoever asks how often."""

from __future__ import annotations

__all__ = ["Order", "Orders"]

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FIRST_NUMBER = 1001  # a shop's first order should not look like its first


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody ordered; `key` is the effect that placed it."""

    number: str
    key: str
    items: tuple[Mapping[str, Any], ...]
    name: str
    phone: str
    email: str
    note: str = ""
    status: str = "placed"


class Orders:
    """Orders in memory, numbered A-1001, A-1002, ... as they come."""

    def __init__(self) -> None:
        self._by_key: dict[str, Order] = {}

    def __iter__(self) -> Iterator[Order]:
        return iter(self._by_key.values())

    def place(
        self,
        key: str,
        items: Sequence[Mapping[str, Any]],
        *,
        name: str,
        phone: str,
        email: str,
        note: str = "",
    ) -> Order:
        """Place an order; under a key that was used before, return the order it placed."""
        if key not in self._by_key:
            number = f"A-{FIRST_NUMBER + len(self._by_key)}"
            self._by_key[key] = Order(number, key, tuple(items), name, phone, email, note)
        return self._by_key[key]
