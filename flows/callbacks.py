"""Calls that colleagues owe to customers; a request is noted once per key."""

from __future__ import annotations

__all__ = ["Callback", "Callbacks"]

from collections.abc import Iterator
from dataclasses import dataclass

FIRST_NUMBER = 1001  # as orders count


@dataclass(frozen=True, slots=True)
class Callback:
    """Whom to call, and when it suits them, in their own words."""

    number: str
    key: str
    phone: str
    time: str


class Callbacks:
    """Requests in memory, numbered C-1001, C-1002, ... as they come."""

    def __init__(self) -> None:
        self._by_key: dict[str, Callback] = {}

    def __iter__(self) -> Iterator[Callback]:
        return iter(self._by_key.values())

    def request(self, key: str, *, phone: str, time: str) -> Callback:
        """Note a request; under a key that was used before, return the one it noted."""
        if key not in self._by_key:
            number = f"C-{FIRST_NUMBER + len(self._by_key)}"
            self._by_key[key] = Callback(number, key, phone, time)
        return self._by_key[key]
