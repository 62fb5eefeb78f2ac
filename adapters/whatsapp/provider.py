"""What every provider can do for us, in one shape: post a message, mark one as read, fetch a file."""

from __future__ import annotations

__all__ = ["Limits", "Outgoing", "Provider", "Refused", "ToDo"]

from dataclasses import dataclass
from typing import Literal, Protocol

from adapters.whatsapp.updates import Attachment, Message

ToDo = Literal["retry", "away", "pair", "stop", "slow", "never", "template", "wait", "ours"]
"""What to do about a refusal.

`retry`: later, it will pass. `away`: nobody is there; everything waits until somebody is. `pair`: this person got too much, 4^n seconds. `stop`: nothing passes
on this connection until a person has repaired it. `slow`: the whole connection rests a while.
`never`: not to this person, or not this message. `template`: the 24 hours are over. `wait`: a day.
`ours`: a fault of ours.
"""


class Refused(Exception):
    """A provider said no, and surely did not send. Anything else that is raised may have gone out."""

    def __init__(self, do: ToDo, why: str, *, code: int = 0) -> None:
        """Keep what to do; `why` is for operators and repeats nothing that was said."""
        super().__init__(why)
        self.do = do
        self.code = code


@dataclass(frozen=True, slots=True)
class Limits:
    """What a provider can show."""

    text: int  # characters of one text message
    buttons: int = 0  # reply buttons; 0: it has none
    button: int = 20  # characters of a title
    button_body: int = 1_024
    rows: int = 0  # of a list; 0: it has none
    row: int = 24
    list_body: int = 4_096


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message as a provider takes it. `choices` are (id, title); without them it is a text."""

    text: str
    kind: Literal["text", "buttons", "list", "template"] = "text"
    choices: tuple[tuple[str, str], ...] = ()
    open_list: str = ""  # what stands on the button that opens the list
    template: str = ""
    language: str = ""  # of the template
    values: tuple[str, ...] = ()  # that fill its gaps


class Provider(Protocol):
    """One number at one provider."""

    limits: Limits
    resends: bool
    """Whether it tells us later, by what we gave along, which messages it got."""

    async def post(self, to: str, outgoing: Outgoing, *, ours: str) -> str:
        """Send one message to a `Person.to`; return the provider's id of it, or raise `Refused`."""
        ...

    async def seen(self, message: Message, *, typing: bool) -> None:
        """Mark a message as read; `typing`: show that an answer is being written."""
        ...

    async def fetch(self, attachment: Attachment, *, most: int) -> bytes | None:
        """Return a file's bytes; None where there is none, or it has more than `most` bytes."""
        ...

    async def close(self) -> None:
        """Close what is open."""
        ...
