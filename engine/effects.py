"""What goes out: requests, in the imperative, as frozen values. A turn lists them; nothing runs.

The id ``{session}:{version}:{n}`` is the idempotency key: whoever performs an effect twice under
one id gets the first result again.
"""

from __future__ import annotations

__all__ = [
    "AskAssistant",
    "Effect",
    "Notify",
    "OpenAssistant",
    "Publish",
    "RunAction",
    "Send",
]

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Send:
    """Deliver these lines of the turn as one message to `to`; at most one per turn."""

    id: str
    to: str
    text: str
    lines: tuple[int, ...]
    choices: tuple[tuple[str, str], ...] = ()  # (id, label)
    template: str = ""  # an approved template of the channel, for a first word to the customer
    values: tuple[str, ...] = ()  # that fill its gaps
    language: str = ""  # the customer's
    by_operator: bool = False  # an operator's own line is never withdrawn by a take-over


@dataclass(frozen=True, slots=True)
class RunAction:
    """Do `action` with these arguments, up to `attempts` times; its outcome is an event."""

    id: str
    action: str
    arguments: Mapping[str, Any]
    attempts: int = 3
    saves: str = ""  # the name its result gets in the flow, for people who read about it


@dataclass(frozen=True, slots=True)
class AskAssistant:
    """Ask the language model; only a session without an active flow can request this."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class OpenAssistant:
    """Open the conversation at an assistant that keeps its own history."""

    id: str


@dataclass(frozen=True, slots=True)
class Publish:
    """Tell other systems by signed webhook."""

    id: str
    event: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell the people of `desk` that they are needed, or what has happened."""

    id: str
    desk: str
    reason: str


Effect = Send | RunAction | AskAssistant | OpenAssistant | Publish | Notify
