"""Calls that colleagues owe to customers; a request is noted once per key."""

from __future__ import annotations

__all__ = ["CALLBACKS", "Callbacks"]

from flows.ledger import Ledger, Sheet

FIRST_NUMBER = 1001  # as orders count
CALLBACKS = Sheet("callback", {"phone": "text", "time": "text"})


class Callbacks:
    """Requests, numbered C-1001, C-1002, ... as they come."""

    def __init__(self, ledger: Ledger) -> None:
        """Write them in this ledger."""
        self._ledger = ledger

    async def request(self, key: str, *, phone: str, time: str) -> str:
        """Note a request and return its number; under a known key, the number it has."""
        return (
            f"C-{FIRST_NUMBER - 1 + await self._ledger.enter(key, {'phone': phone, 'time': time})}"
        )
