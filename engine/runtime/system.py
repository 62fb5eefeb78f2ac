"""The world's clock and its chance: what a simulation replaces."""

from __future__ import annotations

__all__ = ["new_id", "system_clock"]

from secrets import token_urlsafe
from time import time_ns


def system_clock() -> int:
    """Return milliseconds since 1970, UTC."""
    return time_ns() // 1_000_000


def new_id() -> str:
    """Return the id of a new session: nobody guesses it, and two never meet (72 bits).

    It begins with the time, so that sessions of one hour lie side by side in every index: at random
    each turn would touch pages of its own, which doubles what SQLite writes.
    """
    return f"{system_clock():011x}{token_urlsafe(9)}"
