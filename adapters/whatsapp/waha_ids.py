"""WAHA's ids: chats, `62812..@c.us` and `123..@lid`, and messages, `false_62812..@c.us_3EB0..`.

One message may be seen under the number of a chat and under its hidden id. What stays the same is
the third part of its id, the stanza.
"""

from __future__ import annotations

__all__ = ["chat_id", "chat_of", "not_a_person", "phone_of", "stanza"]

import re

from adapters.whatsapp.posted import identifier, record
from adapters.whatsapp.updates import Ignored

# `:3` is the third device of a person.
_CHAT = re.compile(r"([^@:\s]+)(?::[0-9]+)?@(c\.us|s\.whatsapp\.net|lid)")
_PHONE = re.compile(r"([0-9]{7,15})@c\.us")


def stanza(value: object) -> str:
    """Return what a message is known by, however it is written; the whole id where it has no parts."""
    id_ = whole(value)
    parts = _parts(id_)
    return parts[2] if parts else id_


def whole(value: object) -> str:
    """Return the id of a message; some engines put it into an object."""
    told = record(value)
    return identifier(told.get("_serialized")) or identifier(told.get("id")) or identifier(value)


def chat_of(id_: str) -> str:
    """Return the chat that stands in the id of a message, as it stands there."""
    parts = _parts(id_)
    return parts[1] if parts else ""


def sent_by_us(id_: str) -> bool:
    """Tell whether the id of a message says that it went out."""
    return id_.startswith("true_")


def _parts(id_: str) -> list[str]:
    parts = id_.split("_")
    whole_ = len(parts) >= 3 and parts[0] in ("true", "false") and "@" in parts[1] and parts[2]
    return parts if whole_ else []


def chat_id(value: object) -> str:
    """Return a chat as WAHA takes it; engines write `@s.whatsapp.net` inside, and name a device."""
    told = identifier(value)
    match = _CHAT.fullmatch(told)
    if not match:
        return told
    return f"{match[1]}@lid" if match[2] == "lid" else f"{match[1]}@c.us"


def phone_of(chat: str) -> str:
    """Return the number of a chat, E.164; nothing where the chat hides it."""
    match = _PHONE.fullmatch(chat)
    return f"+{match[1]}" if match else ""


def not_a_person(chat: str) -> Ignored | None:
    """Tell why nobody is answered in this chat; None where somebody is."""
    name, _, server = chat.rpartition("@")
    if chat == "status@broadcast":
        return Ignored("story")
    if name == "0":
        return Ignored("system")  # WhatsApp itself
    if server in ("c.us", "lid"):
        return None
    return _ELSEWHERE.get(server, Ignored("nobody"))


_ELSEWHERE = {
    "g.us": Ignored("group"),
    "newsletter": Ignored("channel"),
    "broadcast": Ignored("broadcast"),
}
