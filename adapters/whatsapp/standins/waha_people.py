"""The people at the other end of a WAHA stand-in: what they write, and what they get."""

from __future__ import annotations

__all__ = ["Phone", "Received"]

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

from adapters.whatsapp.standins.waha_events import Written

if TYPE_CHECKING:
    from adapters.whatsapp.standins.waha_world import WahaWorld

Seen = Literal["", "c.us", "lid", "both"]


@dataclass(frozen=True, slots=True)
class Received:
    """A message we sent; `call` is what it was sent with, `body` the whole of it."""

    id: str
    chat: str
    text: str
    call: str = "sendText"
    body: dict[str, Any] = field(default_factory=dict, repr=False)


def new_stanza() -> str:
    """Return an id as phones make them."""
    return f"3EB0{uuid4().hex[:18].upper()}"


class Phone:
    """Somebody with WhatsApp. `lid` is the hidden id they write under, where they have one.

    `seen_as` says under which id a message is told: one of them, or `both`, as it happens to one
    and the same message. `hidden`: their phone is not told beside the lid.
    """

    def __init__(self, world: WahaWorld, number: str, name: str, lid: str) -> None:
        self._world = world
        self.number = number
        self.name = name
        self.lid = lid
        self.hidden = False

    @property
    def chat(self) -> str:
        """Return the chat id with the phone in it."""
        return f"{self.number}@c.us"

    @property
    def inbox(self) -> list[Received]:
        """Return what we sent to them, the first first."""
        return [one for one in self._world.inbox if one.chat in (self.chat, self.lid)]

    def wait(self, n: int = 1, timeout: float = 10.0) -> list[Received]:
        """Return what they got once that are `n` messages; fail when it never is."""
        return self._world.wait_until(lambda: self.inbox, n, timeout, f"{self.number} got")

    def says(
        self, text: str, *, at: int = 0, again: str = "", seen_as: Seen = "", **more: Any
    ) -> str:
        """Write; return the stanza. `again`: the stanza of an earlier message, which this is."""
        return self._writes(text, at=at, stanza=again, seen_as=seen_as, **more)

    def picks(self, title: str, row: str, *, seen_as: Seen = "") -> str:
        """Choose from a list: the title is the text, the row's id stands in _data alone."""
        # Each engine spells it in its own way.
        whole, key = ("message", "Id") if self._world.engine == "NOWEB" else ("Message", "ID")
        chosen = {"title": title, "singleSelectReply": {f"selectedRow{key}": row}}
        data = {whole: {"listResponseMessage": chosen}}
        return self._writes(title, seen_as=seen_as, data=data)

    def sends_image(
        self, content: bytes = b"\xff\xd8\xff\xe0", caption: str = "", *, loaded: bool = True
    ) -> str:
        """Send a picture; not `loaded`: WAHA tells of it and did not fetch it."""
        return self._sends(content, caption, "image/jpeg", ".jpg", "image", loaded=loaded)

    def sends_voice(self, content: bytes = b"OggS", *, loaded: bool = True) -> str:
        """Speak."""
        return self._sends(content, "", "audio/ogg; codecs=opus", ".oga", "ptt", loaded=loaded)

    def sends_file(
        self, content: bytes, name: str, mime: str, caption: str = "", *, loaded: bool = True
    ) -> str:
        """Send a document."""
        tail = f".{name.rpartition('.')[2]}"
        return self._sends(content, caption, mime, tail, "document", name=name, loaded=loaded)

    def location(self, latitude: float, longitude: float, name: str = "") -> str:
        """Send a place."""
        where = {
            "latitude": str(latitude),
            "longitude": str(longitude),
            "description": name or None,
        }
        return self._writes("", kind="location", more={"location": where})

    def contact(self, name: str, number: str) -> str:
        """Send a contact card."""
        card = f"BEGIN:VCARD\nVERSION:3.0\nFN:{name}\nTEL;waid={number}:+{number}\nEND:VCARD"
        return self._writes("", kind="vcard", more={"vCards": [card]})

    def reacts(self, emoji: str, to: str) -> None:
        """React to a message of an id; without an emoji: take the reaction back."""
        written = self._written("", new_stanza(), 0)
        self._world.tell_of(
            "message.reaction",
            written,
            timestamp=written.at / 1_000,  # with a fraction, as WAHA has it
            reaction={"text": emoji, "messageId": to},
        )

    def edits(self, stanza: str, text: str) -> None:
        """Change what was written."""
        written = self._written(text, new_stanza(), 0)
        self._world.tell_of("message.edited", written, editedMessageId=stanza)

    def revokes(self, stanza: str) -> None:
        """Take back what was written."""
        gone = self._written("", stanza, 0)
        was = {"id": gone.id, "timestamp": gone.at // 1_000, "body": "?"}
        self._world.tell_raw(
            "message.revoked",
            {"before": was, "after": {**was, "body": ""}, "revokedMessageId": stanza},
        )

    def reads(self, *messages: str) -> None:
        """Read messages of ours, by the ids the API gave; all of them without any."""
        for one in self.inbox:
            if one.id in messages or not messages:
                self._world.acks(one, 3)

    def _sends(
        self,
        content: bytes,
        caption: str,
        mime: str,
        tail: str,
        kind: str,
        *,
        name: str = "",
        loaded: bool = True,
    ) -> str:
        stanza = new_stanza()
        media = None
        if loaded:
            url = self._world.keeps_file(f"{stanza}{tail}", content, mime)
            media = {"url": url, "mimetype": mime, "filename": name or None, "error": None}
        return self._writes(caption, stanza=stanza, kind=kind, has_media=True, media=media)

    def _writes(
        self, text: str, *, at: int = 0, stanza: str = "", seen_as: Seen = "", **more: Any
    ) -> str:
        stanza = stanza or new_stanza()
        seen = seen_as or ("lid" if self.lid else "c.us")
        first = self._written(text, stanza, at, lid=seen != "c.us", **more)
        second = self._written(text, stanza, at, lid=seen == "lid", **more)
        self._world.customer_wrote(first, second)
        return stanza

    def _written(
        self, text: str, stanza: str, at: int, *, lid: bool | None = None, **more: Any
    ) -> Written:
        hides = bool(self.lid) if lid is None else lid
        if hides and not self.lid:
            raise AssertionError(f"{self.number} has no lid to be seen as")
        return Written(
            chat=self.lid if hides else self.chat,
            stanza=stanza,
            at=at or self._world.now(),
            body=text,
            name=self.name,
            alt=self.chat if hides and not self.hidden else "",
            **more,
        )
