"""Reads what WAHA posts: one event to a body, of one of its sessions."""

from __future__ import annotations

__all__ = ["waha_updates"]

from collections.abc import Mapping
from typing import Final, Literal

from adapters.whatsapp.contents import Content, place
from adapters.whatsapp.posted import ODD, identifier, items, milliseconds, record, text
from adapters.whatsapp.updates import (
    Attachment,
    Echo,
    Ignored,
    Message,
    Person,
    SessionState,
    Status,
    Update,
)
from adapters.whatsapp.waha_engines import kind_of, name_of, other_chat, row_of
from adapters.whatsapp.waha_ids import (
    chat_id,
    chat_of,
    not_a_person,
    phone_of,
    sent_by_us,
    stanza,
    whole,
)

Posted = Mapping[str, object]


def waha_updates(body: object, *, session: str) -> list[Update]:
    """Return what a body told; `session` is the one we answer for."""
    event = record(body)
    kind = text(event.get("event"))
    if not kind:
        return [ODD]
    if event.get("session") != session:
        return [Ignored("other session")]
    payload = record(event.get("payload"))
    posted_at = milliseconds(event.get("timestamp"))
    at = milliseconds(payload.get("timestamp")) or posted_at
    if kind in ("message", "message.any"):
        return [_message(payload, at, any_=kind == "message.any")]
    if kind == "message.ack":
        return [_status(payload, at)]
    if kind == "session.status":
        return [_state(payload, posted_at, event.get("me"))]
    word = _EVENTS.get(kind) or _EVENTS.get(kind.partition(".")[0])
    return [Ignored(word or "other event")]


def _message(payload: Posted, at: int, *, any_: bool) -> Update:
    mark = whole(payload.get("id"))
    id_ = stanza(mark)
    if not id_:
        return Ignored("no id") if payload else ODD
    ours = payload.get("fromMe") is True or sent_by_us(mark)
    # Only one of the two events tells of what the business writes; what came by our API is ours.
    if ours and not (any_ and payload.get("source") == "app"):
        return Ignored("own")
    # The chat of the id is the person's in both directions; `to` may be missing or wrong.
    of_id = chat_id(chat_of(mark))
    chat = of_id or chat_id(payload.get("to")) if ours else chat_id(payload.get("from")) or of_id
    nobody = not_a_person(chat) or (not_a_person(of_id) if of_id else None)
    if nobody:
        return nobody
    data = record(payload.get("_data"))
    found = _content(payload, data, mark)
    if found == Content():
        return Ignored("empty")
    person = _person(chat, data, outgoing=ours)
    if ours:
        return Echo(id_, at, person, found.in_words())
    return Message(id_, at, person, found.text, found.choice, found.attachment, mark)


def _person(chat: str, data: Posted, *, outgoing: bool) -> Person:
    other = other_chat(data, outgoing=outgoing)
    hidden = next((each for each in (chat, other) if each.endswith("@lid")), "")
    # The name in what went out is the business's own.
    name = "" if outgoing else name_of(data)
    return Person(chat, phone=phone_of(chat) or phone_of(other), lid=hidden, name=name)


def _content(payload: Posted, data: Posted, mark: str) -> Content:
    body = text(payload.get("body"))
    media = record(payload.get("media"))
    if media or payload.get("hasMedia") is True:
        name, mime = text(media.get("filename")), text(media.get("mimetype"))
        url = text(media.get("url"))
        file = Attachment(kind_of(data, mime), name=name, mime=mime, media=mark, url=url)
        # Some engines give the file's name for a caption.
        return Content("" if body == name else body, attachment=file)
    location = record(payload.get("location"))
    if location:
        return place(location)  # the body is a picture of the map, in some engines
    cards = items(payload.get("vCards"))
    if cards:
        # The body is the first card itself, in some engines.
        names = ", ".join(filter(None, (_card(text(card)) for card in cards)))
        return Content(attachment=Attachment("contact", name=names))
    return Content(body, row_of(data))


def _card(card: str) -> str:
    """Name a contact by its card: the lines `FN:` and `TEL;..:`."""
    lines = (line.partition(":") for line in card.splitlines())
    fields = {field.partition(";")[0].upper(): value.strip() for field, _, value in lines if value}
    return " ".join(filter(None, (fields.get("FN"), fields.get("TEL"))))


def _status(payload: Posted, at: int) -> Update:
    mark = whole(payload.get("id"))
    if not stanza(mark):
        return Ignored("no id") if payload else ODD
    chat = chat_id(chat_of(mark)) or chat_id(payload.get("from"))
    elsewhere = not_a_person(chat)
    if elsewhere and chat:
        return elsewhere
    if payload.get("fromMe") is False or mark.startswith("false_"):
        return Ignored("own")  # the business has read what a customer wrote
    number = payload.get("ack")
    named = text(payload.get("ackName")) or (
        _NUMBERS.get(number, "") if isinstance(number, int) else ""
    )
    state = _STATES.get(named)
    return Status(stanza(mark), state, at) if state else Ignored("status")


def _state(payload: Posted, at: int, me: object) -> Update:
    status = identifier(payload.get("status"))
    phone = phone_of(chat_id(record(me).get("id")))
    return SessionState(status, at, phone) if status else ODD


_NUMBERS: Final = {-1: "ERROR", 1: "SERVER", 2: "DEVICE", 3: "READ", 4: "PLAYED"}
_STATES: Final[dict[str, Literal["sent", "delivered", "read", "played", "failed"]]] = {
    "ERROR": "failed",
    "SERVER": "sent",
    "DEVICE": "delivered",
    "READ": "read",
    "PLAYED": "played",
}
# Events by their whole name, or by what stands before the dot.
_EVENTS: Final = {
    "message.reaction": "reaction",
    "message.edited": "edited",
    "message.revoked": "deleted",
    "message.waiting": "waiting",
    "message.ack.group": "group",
    "poll": "poll",
    "event": "appointment",
    "presence": "presence",
    "call": "call",
    "label": "label",
    "group": "group",
    "chat": "chat",
    "engine": "engine",
    "state": "state",
}
