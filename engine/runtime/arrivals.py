"""What an adapter hands in: one verified event, where it came from, and who vouches for whom.

An inbound id is unique wherever it comes from, and tells nobody anything: a digest of connection,
sender and the channel's own message id. Visitor B sending A's id has another one.
"""

from __future__ import annotations

__all__ = ["Answer", "Arrival", "Busy", "Stopping", "contact_id", "inbound_id"]

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from engine.errors import RejoinderError
from engine.events import Event
from engine.session import Session
from engine.transcript import Line


class Busy(RejoinderError):
    """Other workers were faster again and again; the sender is asked to try once more (503)."""


class Stopping(RejoinderError):
    """This process is about to end and takes nothing more; another one does (503)."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One event on its way to a conversation.

    `addresses` are what the channel vouches for, the one to be known by first; a number typed in a
    chat is never one. `key` names the session if this opens one. `forms` are other ways in which an
    address book may have written their number.
    """

    bot: str
    lane: str
    addresses: tuple[str, ...]
    key: str
    event: Event
    person: Mapping[str, Any] = field(default_factory=dict)
    forms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an arrival: the session, and the lines of the turn that took it."""

    session: Session
    lines: tuple[Line, ...]
    duplicate: bool = False


def inbound_id(bot: str, connection: str, sender: str, message: str) -> str:
    """Return the one name of a message, whatever way and how often it comes."""
    return _digest(bot, connection, sender, message)


@lru_cache(maxsize=100_000)
def contact_id(bot: str, address: str) -> str:
    """Return the contact an address means as long as no other address is known to be theirs."""
    return _digest("contact", bot, address)


def _digest(*parts: str) -> str:
    # Written as Python writes it, so that no two lists of parts look the same.
    return urlsafe_b64encode(blake2b(repr(parts).encode(), digest_size=15).digest()).decode()
