"""The people a bot knows: shapes only; the stores keep them."""

from __future__ import annotations

__all__ = ["Imported", "Person"]

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody a bot knows, and from when until when they are active; None: without an end."""

    phone: str  # E.164
    facts: Mapping[str, Any] = field(default_factory=dict)
    active_from: int | None = None
    active_until: int | None = None  # the first moment they are not active any more


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import changed, or would change."""

    added: int
    changed: int
    same: int
    removed: int
