"""Who wrote: Meta tells a number, an id of its own, or both, in the message and beside it."""

from __future__ import annotations

__all__ = ["People", "digits", "person"]

from collections.abc import Mapping

from adapters.whatsapp.posted import identifier, items, record, text
from adapters.whatsapp.updates import Person

Posted = Mapping[str, object]


class People:
    """The `contacts` of one body; each of their ids may be missing, and so may all of them."""

    def __init__(self, contacts: object, *, told: int) -> None:
        """Keep who is named; where one contact stands beside one thing told, they belong together."""
        named = [record(contact) for contact in items(contacts)]
        self._alone = named[0] if len(named) == told == 1 else None
        self._named = {
            each: contact
            for contact in named
            for each in (digits(contact.get("wa_id")), identifier(contact.get("user_id")))
            if each
        }

    def person(self, number: object, user_id: object) -> Person | None:
        """Return who has this number or this id, as far as is told; None where nobody is."""
        contact = self._alone
        if contact is None:
            contact = self._named.get(digits(number)) or self._named.get(identifier(user_id)) or {}
        profile = record(contact.get("profile"))
        return person(
            digits(number) or digits(contact.get("wa_id")),
            identifier(user_id) or identifier(contact.get("user_id")),
            text(profile.get("name")) or text(profile.get("username")),
        )


def person(number: object, user_id: object, name: str = "") -> Person | None:
    """Return somebody as Meta vouches for them; the number comes first where both are known."""
    wa_id, scoped = digits(number), identifier(user_id)
    to = wa_id or scoped
    # A number has 15 digits at most (ITU-T E.164, 6.1).
    phone = f"+{wa_id}" if 7 <= len(wa_id) <= 15 else ""
    return Person(to, phone=phone, user_id=scoped, name=name) if to else None


def digits(number: object) -> str:
    """Return a wa_id; nothing where this is no number. A user id is never stripped to one."""
    told = identifier(number).removeprefix("+")
    return told if told.isascii() and told.isdigit() else ""
