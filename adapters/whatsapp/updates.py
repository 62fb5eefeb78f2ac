"""What a provider's webhook told, in one shape for all providers; the parsers make it, nobody else.

Times are milliseconds since 1970, UTC. What a provider left out is empty.
"""

from __future__ import annotations

__all__ = [
    "Attachment",
    "Echo",
    "Ignored",
    "Message",
    "Moved",
    "Person",
    "SessionState",
    "Status",
    "Update",
]

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at the other end, as far as the provider vouches for them.

    `to` is what an answer is addressed to, exactly as it came: a wa_id (digits), a business-scoped
    id, or WAHA's chat id. `phone` is E.164 with its plus where the provider tells one.
    """

    to: str
    phone: str = ""
    user_id: str = ""  # Meta's business-scoped id
    lid: str = ""  # WAHA's hidden id, with its @lid
    name: str = ""  # what they call themselves

    @property
    def known_as(self) -> str:
        """What stands for them in the keys of their sessions."""
        return self.phone.removeprefix("+") or self.to


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something that is not text. `name` is what a person would call it: a file name, a place.

    A catalogue order is one too, and is handed to a person.
    """

    kind: Literal[
        "image",
        "video",
        "audio",
        "voice",
        "document",
        "sticker",
        "location",
        "contact",
        "order",
        "unsupported",
    ]
    name: str = ""
    mime: str = ""
    media: str = ""  # the provider's id of the file
    url: str = ""  # where the file lies, where that was told


@dataclass(frozen=True, slots=True)
class Message:
    """A customer wrote, pressed something or sent something."""

    id: str  # what it is known by however often it comes: the wamid, or WAHA's stanza
    at: int
    sender: Person
    text: str = ""  # what was written; the title of what was pressed; a caption
    choice: str = ""  # the id of the button or row that was pressed
    attachment: Attachment | None = None
    mark: str = ""  # what a read mark names, where that is another id


@dataclass(frozen=True, slots=True)
class Echo:
    """Somebody of the business wrote to `to` by hand, on the phone the number belongs to."""

    id: str
    at: int
    to: Person
    text: str


@dataclass(frozen=True, slots=True)
class Status:
    """What became of a message of ours."""

    message: str  # the provider's id
    state: Literal["sent", "delivered", "read", "played", "failed"]
    at: int
    ours: str = ""  # what we gave it along, where the provider returns that
    code: int = 0  # of a failure
    why: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """A customer goes by another number or id from now on."""

    id: str
    at: int
    old: Person
    new: Person


@dataclass(frozen=True, slots=True)
class SessionState:
    """A number paired by QR code is in this state now; the states are an open set."""

    status: str
    at: int
    phone: str = ""  # of the business, where told


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing to do; `why` is one of few words, for a counter, and repeats nothing that was sent."""

    why: str


Update = Message | Echo | Status | Moved | SessionState | Ignored
