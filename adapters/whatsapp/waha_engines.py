"""What only the engine behind WAHA tells, in `_data`: NOWEB, GOWS and WEBJS have shapes of their own.

Nothing here is promised by anybody, so each is looked for where an engine has been seen to put it.
"""

from __future__ import annotations

__all__ = ["kind_of", "name_of", "other_chat", "row_of"]

from collections.abc import Mapping
from typing import Final, Literal

from adapters.whatsapp.posted import identifier, record, text
from adapters.whatsapp.waha_ids import chat_id

Data = Mapping[str, object]
Kind = Literal["image", "video", "audio", "voice", "document", "sticker"]


def name_of(data: Data) -> str:
    """Return what the sender calls themselves: NOWEB, GOWS, WEBJS."""
    return (
        text(data.get("pushName"))
        or text(record(data.get("Info")).get("PushName"))
        or text(data.get("notifyName"))
    )


def other_chat(data: Data, *, outgoing: bool) -> str:
    """Return the other id of the person in a chat: the number behind a hidden id, or the reverse."""
    info = record(data.get("Info"))
    # Of what went out, the sender of GOWS is the business.
    alt = info.get("RecipientAlt" if outgoing else "SenderAlt")
    return chat_id(record(data.get("key")).get("remoteJidAlt")) or chat_id(alt)


def row_of(data: Data) -> str:
    """Return the id of the row or button that was pressed; WAHA tells its title alone."""
    inside = _inside(data)
    listed = record(record(inside.get("listResponseMessage")).get("singleSelectReply"))
    pressed = record(inside.get("buttonsResponseMessage"))
    webjs = record(record(data.get("listResponse")).get("singleSelectReply"))
    places = (
        listed.get("selectedRowId"),  # NOWEB
        listed.get("selectedRowID"),  # GOWS
        pressed.get("selectedButtonId"),
        pressed.get("selectedButtonID"),
        webjs.get("selectedRowId"),
        data.get("selectedButtonId"),
    )
    return next(filter(None, map(identifier, places)), "")


def kind_of(data: Data, mime: str) -> Kind:
    """Return what kind of file was sent; of one that was not fetched there is no more than `_data`."""
    inside = _inside(data)
    audio = record(inside.get("audioMessage"))
    if audio.get("ptt") is True or audio.get("PTT") is True:
        return "voice"
    told = text(data.get("type")) or text(record(data.get("Info")).get("MediaType"))
    kind = _KINDS.get(told) or next((_KINDS[each] for each in _KINDS if each in inside), None)
    if kind is not None:
        return kind
    if mime.startswith("audio/ogg"):
        return "voice"  # what WhatsApp records; music comes as mp3 or mp4
    if mime == "image/webp":
        return "sticker"
    return _KINDS.get(mime.partition("/")[0], "document")


def _inside(data: Data) -> Data:
    """Return the message as WhatsApp wrote it: NOWEB, GOWS; the envelope of a vanishing one is opened."""
    message = record(data.get("message")) or record(data.get("Message"))
    vanishing = record(record(message.get("ephemeralMessage")).get("message"))
    return vanishing or message


_KINDS: Final[dict[str, Kind]] = {
    "image": "image",
    "video": "video",
    "audio": "audio",
    "ptt": "voice",
    "document": "document",
    "sticker": "sticker",
    "imageMessage": "image",
    "videoMessage": "video",
    "audioMessage": "audio",
    "documentMessage": "document",
    "documentWithCaptionMessage": "document",
    "stickerMessage": "sticker",
}
