"""The customers of a script: who they are, where they write, and what is known of them."""

from __future__ import annotations

__all__ = ["CHANNELS", "Customer", "Customers", "known_of"]

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import ScriptError
from engine.language.book import Book
from engine.script_facts import facts_known

PHONE = 918848850001  # a customer's number where a channel has one; the next customers count up
_CONNECTIONS = {  # channel -> how a session's key begins, and whom an answer is sent through
    "web": ("web-", ""),
    "cloud": ("wa-1065-", "cloud"),
    "waha": ("wa-default-", "waha"),
    "preview": ("wa-preview-", "cloud"),
}
CHANNELS = tuple(_CONNECTIONS)


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who talks in a script; the first one has no name."""

    name: str
    lane: str
    key: str
    route: str | None = None
    person: Mapping[str, Any] = field(default_factory=dict)

    @property
    def contact(self) -> str:
        """The contact's id."""
        return self.name or "me"


class Customers:
    """Gives everybody who talks in a script their number and their conversation."""

    def __init__(self, channel: str, phone: str, facts: Mapping[str, Any]) -> None:
        """Take the script's channel, and the number and the facts of its first customer."""
        self._channel = channel
        self._phone = phone or f"+{PHONE}"
        self._facts = facts
        self._names = [""]

    def named(self, name: str, via: str = "") -> Customer:
        """Return a customer as they write through the script's channel, or `via` another one."""
        if name not in self._names:
            self._names.append(name)
        channel = via or self._channel
        key, connection = _CONNECTIONS[channel]
        facts = {} if name else self._facts
        if channel == "web":
            return Customer(name, channel, f"{key}{name or 'me'}", person=facts)
        phone = f"+{PHONE + self._names.index(name)}" if name else self._phone
        digits = phone.removeprefix("+")
        known = {**facts, "phone": phone}
        return Customer(name, channel, f"{key}{digits}", f"{connection}:{digits}", known)


def known_of(written: str, book: Book, path: str) -> Mapping[str, Any]:
    """Read what a script says is known of its first customer."""
    try:
        return facts_known(written, book)
    except ValueError as error:
        raise ScriptError(f"{path}: person: {error}. Correct the fact.") from None
