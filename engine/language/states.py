"""The states of a compiled flow: what each asks, says, does or waits for."""

from __future__ import annotations

__all__ = [
    "Call",
    "Choice",
    "Choose",
    "Collect",
    "Do",
    "End",
    "HandOver",
    "Nudge",
    "State",
    "Tell",
]

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.language.wording import Text
from engine.readers.phrases import PhraseIndex


@dataclass(frozen=True, slots=True)
class Nudge:
    """A reminder, once per question."""

    after: int
    say: Text


@dataclass(frozen=True, slots=True)
class Collect:
    """Asks for slots until all of them are known."""

    name: str
    slots: tuple[str, ...]
    required: tuple[str, ...]
    optional: tuple[str, ...]
    ask: Text
    more: Text | None = None
    reask: tuple[Text, ...] = ()
    after_misses: Mapping[int, str] = field(default_factory=dict)
    nudge: Nudge | None = None
    has_defaults: bool = False
    kind: str = "collect"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a choice state; `word` is its place in the index of answers."""

    id: str
    label: Text
    means: str = ""
    moves: bool = True  # False: stays (a change asks what)
    ask: Text | None = None


@dataclass(frozen=True, slots=True)
class Choose:
    """Says something and waits for one of its choices."""

    name: str
    say: Text
    choices: tuple[Choice, ...]
    answers: PhraseIndex[int]  # labels and words of all languages -> position of the choice
    means: Mapping[str, int]  # yes | no | change | back | cancel -> position of the choice
    shown: Mapping[str, tuple[tuple[str, str], ...]]  # language -> (flow.state.choice, label)
    reask: tuple[Text, ...] = ()
    after_misses: Mapping[int, str] = field(default_factory=dict)
    nudge: Nudge | None = None
    kind: str = "choose"


@dataclass(frozen=True, slots=True)
class Tell:
    """Says something and goes on."""

    name: str
    say: Text
    kind: str = "tell"


@dataclass(frozen=True, slots=True)
class Do:
    """Has an action run and waits for its outcome."""

    name: str
    action: str
    arguments: tuple[tuple[str, str], ...]  # (argument, slot)
    saves: tuple[tuple[str, str], ...]  # (field of the result, or "" for all of it; name)
    say: Text | None
    attempts: int
    again: frozenset[str]  # where nothing was done yet
    kind: str = "do"


@dataclass(frozen=True, slots=True)
class Call:
    """Has another flow talk and takes its results over."""

    name: str
    flow: str
    gives: tuple[tuple[str, str], ...]  # (theirs, ours)
    saves: tuple[tuple[str, str], ...]  # (ours, theirs)
    cancelled: bool  # False: a callee that ends as cancelled cancels the whole stack
    kind: str = "call"


@dataclass(frozen=True, slots=True)
class HandOver:
    """Waits for a person of the business."""

    name: str
    desk: str
    say: Text | None
    nobody_after: int | None
    kind: str = "hand_over"


@dataclass(frozen=True, slots=True)
class End:
    """Ends the flow as completed or cancelled."""

    name: str
    outcome: str
    say: Text | None
    notify: str = ""  # the desk that is told
    order: str = ""  # the flow that orders the product this one was about
    kind: str = "end"


State = Collect | Choose | Tell | Do | Call | HandOver | End
