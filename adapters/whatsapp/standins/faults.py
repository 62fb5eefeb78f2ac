"""What goes wrong on demand: the next request is refused, or taken and never answered."""

from __future__ import annotations

__all__ = ["Fault", "Faults", "What"]

from collections import deque
from dataclasses import dataclass
from typing import Literal

What = Literal["message", "mark", "media"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is done to one request; `silent` and `cut` take it first."""

    kind: Literal["refuse", "silent", "cut"]
    code: int = 0
    http: int = 400
    details: str = ""
    transient: bool | None = None
    late: bool = False


class Faults:
    """The faults that wait for their requests, in order, one row for each sort of request."""

    def __init__(self) -> None:
        """Nothing goes wrong yet."""
        self._waiting: dict[What, deque[Fault]] = {
            "message": deque(),
            "mark": deque(),
            "media": deque(),
        }

    def add(self, what: What, fault: Fault, times: int = 1) -> None:
        """Let the next requests of this sort go wrong."""
        self._waiting[what].extend([fault] * times)

    def take(self, what: What) -> Fault | None:
        """Return what goes wrong with the request that has come."""
        waiting = self._waiting[what]
        return waiting.popleft() if waiting else None
