"""What comes in: facts, in the past tense, as frozen values.

Every event carries an `id` (the channel's own, or the effect's whose outcome it is) and `at`, the
moment it happened in milliseconds since 1970, UTC. Nothing here knows where an event came from.
"""

from __future__ import annotations

__all__ = [
    "ActionFinished",
    "AssistantAnswered",
    "Event",
    "FormSent",
    "ModeChanged",
    "Moved",
    "OperatorSaid",
    "Said",
    "Tapped",
    "TimerRang",
]

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Said:
    """The customer wrote `text`; `file` names an attachment that came with it or instead of it.

    `content` is what the file says where it could be read as text; else `fault` names the built-in
    line that says why not. What comes `late` is recorded and not answered; what is `for_person`
    (an order out of a channel's own shop) is handed over.
    """

    id: str
    at: int
    text: str
    route: str | None = None  # where an answer is sent; None where the customer reads it (web)
    file: str = ""
    content: str = ""
    fault: str = "file"
    late: bool = False
    for_person: bool = False


@dataclass(frozen=True, slots=True)
class Tapped:
    """The customer pressed a button; `choice` is ``flow.state.choice#seq`` as it was shown."""

    id: str
    at: int
    choice: str
    text: str = ""  # the label, for the transcript
    route: str | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class ActionFinished:
    """The action requested as effect `id` came to its outcome, its last failure included."""

    id: str
    at: int
    ok: bool
    value: Any = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class AssistantAnswered:
    """The assistant answered question `id`: with a text, with a flow to offer, or not at all.

    `unasked`: there is nobody to ask, or nothing left to ask for.
    """

    id: str
    at: int
    text: str = ""
    offer: str = ""
    failed: bool = False
    unasked: bool = False
    about: Mapping[str, Any] | None = None  # kept with its line: sources, the model's own turn


@dataclass(frozen=True, slots=True)
class TimerRang:
    """The sweeper found a deadline of this session due."""

    id: str
    at: int


@dataclass(frozen=True, slots=True)
class OperatorSaid:
    """A person of the business wrote to the customer; on their phone it is `sent` already."""

    id: str
    at: int
    text: str
    by: str = ""
    sent: bool = False


@dataclass(frozen=True, slots=True)
class ModeChanged:
    """A person took the conversation over (``manual``) or handed it back (``agent``)."""

    id: str
    at: int
    mode: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class FormSent:
    """A form opened a conversation; its id is a message id, so a repeat changes nothing."""

    id: str
    at: int
    form: str
    fields: Mapping[str, Any]
    route: str | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """The customer goes by another address of the same channel from now on; nothing was said."""

    id: str
    at: int
    route: str
    person: Mapping[str, Any]


Event = (
    Said
    | Tapped
    | ActionFinished
    | AssistantAnswered
    | TimerRang
    | OperatorSaid
    | ModeChanged
    | FormSent
    | Moved
)
