"""Where a flow in progress stands, what is asked about it, and how its turns are undone."""

from __future__ import annotations

__all__ = ["Frame", "Pending", "Undo", "names"]

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any


@lru_cache(4096)
def names(found: tuple[str, ...]) -> tuple[str, ...]:
    """Return the one tuple of these names that all sessions share."""
    return found


@dataclass(slots=True)
class Frame:
    """One flow in progress; a called flow stands on its caller."""

    flow: str
    state: str
    version: int
    hash: str
    kinds: str  # the flow's "slot:kind ..." when last read, to tell which slots survive a change
    slots: dict[str, Any] = field(default_factory=dict)
    trail: tuple[str, ...] = ()  # the states on the way here, without loops
    done: tuple[str, ...] = ()  # finished `do` states: never undone
    declined: tuple[str, ...] = ()  # optional slots the customer does not want to fill
    stale: tuple[str, ...] = ()  # corrected from within a called flow: re-enter on return
    reopened: bool = False  # a choice led here although all is known: it is asked again
    misses: int = 0
    waiting: Pending | None = None  # about a line of an order, until it is settled

    def copy(self) -> Frame:
        """Copy deep enough that changing the copy's slots leaves this one as it is."""
        return Frame(
            self.flow,
            self.state,
            self.version,
            self.hash,
            self.kinds,
            self.slots.copy(),
            self.trail,
            self.done,
            self.declined,
            self.stale,
            self.reopened,
            self.misses,
            self.waiting,
        )


@dataclass(frozen=True, slots=True)
class Pending:
    """A question of the engine's own that is read before anything else.

    `kind` is ``unclear`` (which of several values), ``line`` (what is open about one line of an
    order; `text` names the question), ``value`` and ``change`` (what instead?), ``cancel``, ``restart`` (really?),
    ``leave`` (finish this first, or start `flow`?) or ``offer`` (shall I start `flow`?).
    """

    kind: str
    slot: str = ""
    depth: int = 0  # the frame whose slot it is
    candidates: tuple[Any, ...] = ()
    labels: tuple[str, ...] = ()
    flow: str = ""
    text: str = ""  # what led here; it is read again when the answer is yes
    value: Any = None  # the whole order, where one line of it is open, or where it is offered
    line: int = 0

    @property
    def unspoken(self) -> bool:
        """Whether it is an offer that waits for a quantity: who asks a price may only want that."""
        return self.kind == "offer" and self.value is not None and "bare" in self.value[0]

    @property
    def lets_go(self) -> bool:
        """Whether another question passes it over: the assistant may have offered what nobody wants."""
        return self.unspoken or (self.kind == "offer" and self.value is None)


@dataclass(slots=True)
class Undo:
    """How one frame differed before a turn that filled slots: what to set or remove. A value."""

    turn: int
    step: int  # which text of a burst
    depth: int
    trail: tuple[str, ...]  # its last state is where the frame stood
    set: dict[str, Any] | None = None
    gone: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    whole: Frame | None = None  # the frame has returned since: all of it
