"""What is known of messages on their way to a customer's phone: shapes only; the stores keep them.

A message is posted in parts where it is too long for one; each part has the provider's id, by which
its fate is told later, repeatedly and in any order. It only ever comes further.
"""

from __future__ import annotations

__all__ = ["FURTHER", "Again", "Deliveries", "Fate", "Kept", "Part", "Sent", "last_word"]

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

# How far a message has come: delivered may be skipped, and a failure is the end.
FURTHER: Mapping[str, int] = {"sent": 1, "delivered": 2, "read": 3, "played": 4, "failed": 5}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a message, by which a provider's word about it finds back."""

    effect: str
    number: int  # counts from one
    of: int

    @property
    def name(self) -> str:
        """What is given along to the provider."""
        return f"{self.effect}|{self.number}|{self.of}"

    @classmethod
    def named(cls, name: str) -> Part | None:
        """Read a name back; None where it is not one of ours."""
        effect, _, rest = name.partition("|")
        number, _, of = rest.partition("|")
        return cls(effect, int(number), int(of)) if number.isdecimal() and of.isdecimal() else None


@dataclass(frozen=True, slots=True)
class Fate:
    """What a provider told of a message of ours."""

    connection: str
    message: str  # the provider's id
    state: str
    at: int
    part: Part | None = None  # where the provider gave our name back
    code: int = 0  # of a failure


@dataclass(frozen=True, slots=True)
class Kept:
    """A part as it is stored."""

    number: int
    state: str
    code: int


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a message to a customer: its lines, and how far it came."""

    lines: Sequence[int]
    state: (
        str  # owed, sending, unknown, withdrawn, failed; else how far it came: sent, delivered...
    )
    at: int
    code: int = 0


Again = Callable[[int], int | None]
"""Return when a message that was tried so often may go once more; None: that was the last time."""


def last_word(_attempts: int) -> int | None:
    """Let a message go no more."""
    return None


class Deliveries(Protocol):
    """What is kept of messages on their way."""

    async def parts(self, effect: str) -> Sequence[Kept]:
        """Return the parts of a message that a provider took, also those that failed later."""
        ...

    async def took(self, connection: str, message: str, part: Part, at: int) -> None:
        """Keep that a provider took a part, under this id."""
        ...

    async def is_ours(self, connection: str, message: str) -> bool:
        """Tell whether a message of this id is one that we sent."""
        ...

    async def on_the_wire(self, connection: str) -> frozenset[str]:
        """Return the effects that are messages being sent through a connection at this moment."""
        ...

    async def hasten(self, connection: str, now: int) -> None:
        """Have what waits to be sent through a connection go now: it works again."""
        ...

    async def told(self, fate: Fate, *, again: Again = last_word) -> str | None:
        """Keep what a provider told; return the effect it is about, where that is news, else "".

        `again` says of a failure when the message may go once more. None: nothing is kept, because
        the request by which the message goes out has not returned yet; ask for it to be told again.
        """
        ...

    async def of_session(self, session: str) -> Sequence[Sent]:
        """Return what became of the messages of a session, the oldest first."""
        ...

    async def written_at(self, bot: str, contact: str, *, since: int) -> int | None:
        """Return when this person wrote last; None: not since then."""
        ...

    async def reserve(self, connection: str, to: str, now: int, *, step: int, room: int) -> int:
        """Count one more message to a person; 0, or the moment it may go (it is not counted then).

        Each takes `step` milliseconds of an allowance of `room`, which is whole again with time.
        """
        ...
