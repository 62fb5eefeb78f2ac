"""The order book: an order is placed once per key, whoever asks how often."""

from __future__ import annotations

__all__ = ["Orders"]

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flows.ledger import Ledger

FIRST_NUMBER = 1001  # a shop's first order should not look like its first


class Orders:
    """Orders, numbered A-1001, A-1002, ... as they come."""

    def __init__(self, ledger: Ledger) -> None:
        """Write them in this ledger."""
        self._ledger = ledger

    async def place(
        self,
        key: str,
        items: Sequence[Mapping[str, Any]],
        *,
        name: str,
        phone: str,
        email: str,
        note: str = "",
    ) -> str:
        """Place an order and return its number; under a known key, the number it has."""
        listed = json.dumps(items, ensure_ascii=False)
        entry = {"items": listed, "name": name, "phone": phone, "email": email, "note": note}
        return f"A-{FIRST_NUMBER - 1 + await self._ledger.enter(key, entry)}"
