"""A customer's handset: what it got, and everything a person can do with it."""

from __future__ import annotations

__all__ = ["Choice", "Mark", "Phone", "Received"]

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from adapters.whatsapp.standins.inbound import Update

if TYPE_CHECKING:
    from adapters.whatsapp.standins.customers import Customers


@dataclass(frozen=True, slots=True)
class Choice:
    """A button or a row."""

    id: str
    title: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """A message as the handset shows it."""

    wamid: str
    at: int
    kind: str  # text, button, list, template, or what else was sent
    text: str = ""
    buttons: tuple[Choice, ...] = ()
    rows: tuple[Choice, ...] = ()
    open_list: str = ""  # what stands on the button that opens the list
    header: str = ""
    footer: str = ""
    template: str = ""
    language: str = ""
    values: tuple[str, ...] = ()
    answers: str = ""  # the message it is an answer to
    biz_opaque_callback_data: str = ""
    by_hand: bool = False  # typed on the business's phone
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Mark:
    """The business read a message; `typing`: and writes an answer."""

    message: str
    typing: bool


class Phone:
    """One customer. What they send is posted at once; `post=False` keeps it for `deliver`."""

    def __init__(
        self,
        standin: Customers,
        number: str,
        *,
        name: str,
        user_id: str,
        username: str,
        wa_id: str,
    ) -> None:
        """Take digits; with a `username` the number and wa_id are told to nobody."""
        self.number = number
        self.name = name
        self.user_id = user_id
        self.username = username
        self.wa_id = wa_id
        self.inbox: list[Received] = []
        self.marks: list[Mark] = []
        self.last_in: int | None = None
        self._standin = standin
        self._shown = 0

    # -- what came ---------------------------------------------------------------------------------

    def wait(self, n: int = 1, timeout: float = 10.0) -> list[Received]:
        """Return the next messages once so many have come; those returned before do not count."""
        since = self._shown
        if not self._standin.wait_for(lambda: len(self.inbox) >= since + n, timeout):
            came = [one.text or one.kind for one in self.inbox[since:]]
            raise TimeoutError(
                f"{self.name}: waited {timeout:g} s for {n} messages, got {len(came)}: {came};"
                f" {self._standin.what_happened()}"
            )
        self._shown = since + n
        return self.inbox[since : since + n]

    def reads(self) -> None:
        """Open the chat: everything that came is read."""
        self._standin.read_by(self)

    # -- what is sent ------------------------------------------------------------------------------

    def sends(
        self, kind: str, content: Any = None, *, post: bool = True, answers: str = "", **more: Any
    ) -> Update:
        """Send a message of any type, also one that nobody knows."""
        body = {**more} if content is None else {kind: content, **more}
        if answers:
            body["context"] = {"from": self._standin.display_phone_number, "id": answers}
        return self._standin.sent_by(self, kind, body, post=post)

    def says(self, text: str, *, post: bool = True, answers: str = "") -> Update:
        """Write a text."""
        return self.sends("text", {"body": text}, post=post, answers=answers)

    def taps(self, message: Received, title: str, *, post: bool = True) -> Update:
        """Press a button under a message, also under an old one."""
        chosen = _named(title, message.buttons, message)
        if message.template:
            content = {"payload": chosen.id, "text": chosen.title}
            return self.sends("button", content, post=post, answers=message.wamid)
        reply = {"type": "button_reply", "button_reply": {"id": chosen.id, "title": chosen.title}}
        return self.sends("interactive", reply, post=post, answers=message.wamid)

    def picks(self, message: Received, title: str, *, post: bool = True) -> Update:
        """Choose a row of a list."""
        chosen = _named(title, message.rows, message)
        row = {"id": chosen.id, "title": chosen.title}
        if chosen.description:
            row["description"] = chosen.description
        reply = {"type": "list_reply", "list_reply": row}
        return self.sends("interactive", reply, post=post, answers=message.wamid)

    def sends_image(
        self, data: bytes = b"\xff\xd8\xff\xe0 no picture", caption: str = "", *, post: bool = True
    ) -> Update:
        """Send a photo."""
        return self._file("image", data, "image/jpeg", post=post, caption=caption)

    def sends_video(
        self, data: bytes = b"no film", caption: str = "", *, post: bool = True
    ) -> Update:
        """Send a video."""
        return self._file("video", data, "video/mp4", post=post, caption=caption)

    def sends_file(
        self,
        data: bytes,
        name: str,
        mime: str = "application/octet-stream",
        caption: str = "",
        *,
        post: bool = True,
    ) -> Update:
        """Send a document."""
        return self._file("document", data, mime, post=post, caption=caption, filename=name)

    def sends_voice(self, data: bytes = b"OggS no voice", *, post: bool = True) -> Update:
        """Record a voice message."""
        return self._file("audio", data, "audio/ogg; codecs=opus", post=post, voice=True)

    def sends_audio(self, data: bytes = b"ID3 no song", *, post: bool = True) -> Update:
        """Send a sound file."""
        return self._file("audio", data, "audio/mpeg", post=post, voice=False)

    def sends_sticker(self, data: bytes = b"RIFF no sticker", *, post: bool = True) -> Update:
        """Send a sticker."""
        return self._file("sticker", data, "image/webp", post=post, animated=False)

    def location(
        self,
        latitude: float = 0.0,
        longitude: float = 0.0,
        name: str = "",
        *,
        address: str = "",
        post: bool = True,
    ) -> Update:
        """Send a place; without a name it is where they stand."""
        place: dict[str, Any] = {"latitude": latitude, "longitude": longitude}
        place |= {key: text for key, text in (("name", name), ("address", address)) if text}
        return self.sends("location", place, post=post)

    def contact(self, name: str, number: str, *, post: bool = True) -> Update:
        """Send somebody's contact card."""
        card = {
            "name": {"formatted_name": name, "first_name": name},
            "phones": [{"phone": f"+{number}", "wa_id": number, "type": "CELL"}],
        }
        return self.sends("contacts", [card], post=post)

    def reacts(self, message: str, emoji: str = "👍", *, post: bool = True) -> Update:
        """React to a message; without an emoji the reaction is taken back."""
        content = {"message_id": message} | ({"emoji": emoji} if emoji else {})
        return self.sends("reaction", content, post=post)

    def orders(self, items: Sequence[tuple[str, int, float]], *, post: bool = True) -> Update:
        """Send an order from the catalogue: (retailer id, quantity, price) each."""
        rows = [
            {
                "product_retailer_id": id_,
                "quantity": quantity,
                "item_price": price,
                "currency": "USD",
            }
            for id_, quantity, price in items
        ]
        return self.sends(
            "order", {"catalog_id": "194836987003835", "product_items": rows}, post=post
        )

    def sends_unsupported(self, kind: str = "poll_creation", *, post: bool = True) -> Update:
        """Send something that Meta cannot pass on."""
        error = {
            "code": 131051,
            "title": "Message type unknown",
            "message": "Message type unknown",
            "error_data": {"details": "Message type is currently not supported."},
        }
        return self.sends("unsupported", {"type": kind}, post=post, errors=[error])

    def changes_number(self, number: str, *, post: bool = True) -> Update:
        """Go by another number from now on."""
        return self._standin.moved(self, post=post, number=number.removeprefix("+"))

    def changes_user_id(self, user_id: str, *, post: bool = True) -> Update:
        """Go by another business-scoped id from now on, as after a change of the number."""
        return self._standin.moved(self, post=post, user_id=user_id)

    def _file(self, kind: str, data: bytes, mime: str, *, post: bool, **more: Any) -> Update:
        content = self._standin.stored(data, mime)
        content |= {key: value for key, value in more.items() if value != ""}
        return self.sends(kind, content, post=post)


def _named(title: str, choices: Sequence[Choice], message: Received) -> Choice:
    for choice in choices:
        if choice.title == title:
            return choice
    there = ", ".join(f'"{choice.title}"' for choice in choices) or "nothing"
    raise LookupError(f'"{title}" cannot be pressed under "{message.text}"; there is {there}.')
