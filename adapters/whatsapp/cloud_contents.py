"""What a message of Meta's holds, type by type: the table below has a row for each."""

from __future__ import annotations

__all__ = ["content"]

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, Literal

from adapters.whatsapp.contents import Content, place
from adapters.whatsapp.posted import ODD, identifier, items, record, text
from adapters.whatsapp.updates import Attachment, Ignored

_File = Literal["image", "video", "audio", "voice", "document", "sticker"]

# Somebody sent something, and WhatsApp does not pass it on, or we do not know its type.
_UNREADABLE: Final = Content(attachment=Attachment("unsupported"))
# The message was for the phone of the business, and is not to be had here; on a number that is also
# on a phone, the very first contact may look so.
_NOT_FOR_US = "131060"


def content(posted: Mapping[str, object]) -> Content | Ignored:
    """Read a message; what nobody need answer is ignored with a word that says why."""
    kind = text(posted.get("type")) or next((each for each in _READ if each in posted), "")
    read = _READ.get(kind)
    if read is None and kind in _IGNORED:
        return _IGNORED[kind]
    found = read(posted.get(kind)) if read else None
    if found is not None:
        return ODD if found == _NOTHING else found
    codes = (identifier(record(error).get("code")) for error in items(posted.get("errors")))
    return Ignored("not for us") if _NOT_FOR_US in codes else _UNREADABLE


def _text(posted: object) -> Content:
    return Content(text(record(posted).get("body")))


def _pressed(posted: object) -> Content | None:
    """Read the button of a template."""
    pressed = record(posted)
    return _chosen(pressed.get("text"), pressed.get("payload"))


def _interactive(posted: object) -> Content | None:
    told = record(posted)
    for kind in ("button_reply", "list_reply"):
        reply = record(told.get(kind))
        chosen = _chosen(reply.get("title"), reply.get("id"))
        if chosen:
            return chosen
    return _form(record(told.get("nfm_reply")).get("response_json"))


def _chosen(title: object, choice: object) -> Content | None:
    chosen = Content(text(title), identifier(choice))
    return None if chosen == _NOTHING else chosen


def _form(posted: object) -> Content | None:
    """Read the answers of a form, a line for each, as if they had been written."""
    try:
        answers = record(json.loads(text(posted)))
    except (ValueError, RecursionError):
        return None
    told = (
        text(answer) or identifier(answer)
        for name, answer in answers.items()
        if name != "flow_token"  # whose form it was: ours, and not theirs
    )
    return _chosen("\n".join(filter(None, told)), "")


def _file(posted: object, *, kind: _File) -> Content:
    told = record(posted)
    attachment = Attachment(
        "voice" if kind == "audio" and told.get("voice") is True else kind,
        name=text(told.get("filename")),
        mime=text(told.get("mime_type")),
        media=identifier(told.get("id")),
        url=text(told.get("url")),
    )
    return Content(text(told.get("caption")), attachment=attachment)


def _location(posted: object) -> Content:
    return place(record(posted))


def _contacts(posted: object) -> Content:
    names = filter(None, (_card(record(card)) for card in items(posted)))
    return Content(attachment=Attachment("contact", name=", ".join(names)))


def _card(card: Mapping[str, object]) -> str:
    named = record(card.get("name"))
    name = text(named.get("formatted_name")) or text(named.get("first_name"))
    phones = (record(phone) for phone in items(card.get("phones")))
    numbers = (identifier(phone.get("phone")) or identifier(phone.get("wa_id")) for phone in phones)
    return " ".join(filter(None, (name, next(filter(None, numbers), ""))))


def _order(posted: object) -> Content:
    """Name what was put into the basket of a catalogue, "2 x SKU-1, 1 x SKU-9"."""
    told = record(posted)
    lines = (record(line) for line in items(told.get("product_items")))
    amounts = ((line.get("quantity"), line.get("product_retailer_id")) for line in lines)
    name = ", ".join(
        f"{identifier(quantity) or '?'} x {identifier(product) or '?'}"
        for quantity, product in amounts
    )
    return Content(text(told.get("text")), attachment=Attachment("order", name=name))


_NOTHING: Final = Content()
_READ: Final[dict[str, Callable[[object], Content | None]]] = {
    "text": _text,
    "interactive": _interactive,
    "button": _pressed,
    "image": partial(_file, kind="image"),
    "video": partial(_file, kind="video"),
    "audio": partial(_file, kind="audio"),
    "voice": partial(_file, kind="voice"),  # an audio with `voice`, as it was told before
    "document": partial(_file, kind="document"),
    "sticker": partial(_file, kind="sticker"),
    "location": _location,
    "contacts": _contacts,
    "order": _order,
}
_IGNORED: Final = {
    "reaction": Ignored("reaction"),
    "edit": Ignored("edited"),
    "revoke": Ignored("deleted"),
    "request_welcome": Ignored("opened"),  # a chat was opened, and nothing written
}
