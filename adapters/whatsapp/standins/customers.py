"""A business number's customers, and all that its webhooks tell of them."""

from __future__ import annotations

__all__ = ["Customers"]

import base64
import secrets
from abc import abstractmethod
from collections.abc import Mapping
from itertools import count
from typing import Any

from adapters.whatsapp.standins.inbound import Media, Update, webhook_bytes
from adapters.whatsapp.standins.phones import Phone, Received
from adapters.whatsapp.standins.rates import Throughput
from adapters.whatsapp.standins.standin import Standin


class Customers(Standin):
    """One business number, and the handsets of those who write to it."""

    def __init__(self, *, phone_number_id: str, **more: Any) -> None:
        """Take the number's id, and what every stand-in takes."""
        super().__init__(**more)
        self.phone_number_id = phone_number_id
        self.display_phone_number = "15550783881"
        self.account = "102290129340398"
        self.media_urls = True
        self.media: dict[str, Media] = {}
        self.phones: list[Phone] = []
        self.throughput = Throughput()
        self._from_customers: dict[str, Phone] = {}
        self._numbers = count(1)
        self._own_mark = secrets.token_hex(4)  # ids differ from those of an earlier stand-in

    def phone(
        self,
        number: str,
        *,
        name: str = "Budi",
        user_id: str | None = None,
        username: str = "",
        wa_id: str = "",
    ) -> Phone:
        """Return a customer's handset, a new one if need be.

        `user_id` is made up where none is given; "" tells none, as before April 2026. With a
        `username` the number stays hidden. `wa_id` may differ from the number (Brazil, Mexico).
        """
        digits = number.removeprefix("+")
        for phone in self.phones:
            if phone.number == digits:
                return phone
        user_id = f"US.{digits[::-1]}{len(digits)}" if user_id is None else user_id
        wa_id = wa_id or digits
        made = Phone(self, digits, name=name, user_id=user_id, username=username, wa_id=wa_id)
        self.phones.append(made)
        return made

    def sent_by(self, phone: Phone, kind: str, body: Mapping[str, Any], *, post: bool) -> Update:
        """Make a message of a customer, and post it unless it is kept."""
        message: dict[str, Any] = {} if phone.username else {"from": phone.wa_id}
        if phone.user_id:
            message["from_user_id"] = phone.user_id
        id_ = self.wamid(phone.number)
        message |= {"id": id_, "timestamp": self.seconds(), "type": kind, **body}
        contacts = {} if kind == "system" else {"contacts": [self.contact_of(phone)]}
        update = Update("messages", {**contacts, "messages": [message]}, id_, phone.number)
        with self._lock:
            self._from_customers[id_] = phone
            phone.last_in = self.clock()
            self.throughput.took(self.clock())
        if post:
            self.send(update)
        return update

    def moved(self, phone: Phone, *, post: bool, number: str = "", user_id: str = "") -> Update:
        """Let a customer go by another number or id, and tell it by a system message."""
        was = phone.wa_id if number else phone.user_id
        said = f"User {phone.name} changed from {was} to {number or user_id}"
        kind = "user_changed_number" if number else "user_changed_user_id"
        new = {"wa_id": number} if number else {"user_id": user_id}
        content = {"body": said, **new, "type": kind}
        update = self.sent_by(phone, "system", {"system": content}, post=post)
        with self._lock:
            if number:
                phone.number = phone.wa_id = number
            else:
                phone.user_id = user_id
        return update

    def stored(self, data: bytes, mime: str) -> dict[str, Any]:
        """Keep a file; return what a webhook tells of it."""
        one = Media(f"{next(self._numbers):015d}", data, mime)
        self.media[one.id] = one
        told = {"id": one.id, "mime_type": mime, "sha256": one.sha256}
        return told | ({"url": self.media_url(one)} if self.media_urls else {})

    def media_url(self, media: Media) -> str:
        """Return where a file lies, for those who have the token."""
        return f"{self.url}/whatsapp_business/attachments/?mid={media.id}&ext=1&hash=stand-in"

    def echo(self, *, to: Phone, text: str, post: bool = True) -> Update:
        """Let somebody of the business write to a customer by hand, on the business's phone."""
        id_ = self.wamid(to.number)
        told = {} if to.username else {"to": to.wa_id}
        told |= {"to_user_id": to.user_id} if to.user_id else {}
        message = {
            "from": self.display_phone_number,
            **told,
            "id": id_,
            "timestamp": self.seconds(),
            "type": "text",
            "text": {"body": text},
        }
        self.arrives(to, Received(id_, self.clock(), "text", text, by_hand=True))
        update = Update("smb_message_echoes", {"message_echoes": [message]}, id_, to.number)
        if post:
            self.send(update)
        return update

    def tells(self, field: str, value: Mapping[str, Any], *, post: bool = True) -> Update:
        """Tell something else that shares the webhook: account_update, user_id_update .."""
        update = Update(field, value)
        if post:
            self.send(update)
        return update

    @abstractmethod
    def read_by(self, phone: Phone) -> None:
        """Tell that a customer read everything."""

    def body_of(self, updates: list[Update]) -> bytes:
        """Return one webhook's body, as Meta writes it."""
        number = {
            "display_phone_number": self.display_phone_number,
            "phone_number_id": self.phone_number_id,
        }
        return webhook_bytes(self.account, number, updates)

    def contact_of(self, phone: Phone) -> dict[str, Any]:
        """Return what a webhook tells of somebody."""
        profile = {"name": phone.name}
        told: dict[str, Any] = {"profile": profile}
        if phone.username:
            profile["username"] = phone.username
        else:
            told["wa_id"] = phone.wa_id
        return told | ({"user_id": phone.user_id} if phone.user_id else {})

    def arrives(self, phone: Phone, message: Received) -> None:
        """Show a message on a handset."""
        with self._lock:
            phone.inbox.append(message)
        self.told(phone, message)

    def wamid(self, about: str) -> str:
        """Return an id that no other message has."""
        raw = f"{about} {next(self._numbers)} {self._own_mark}".encode()
        return f"wamid.{base64.b64encode(raw).decode().rstrip('=')}"

    def seconds(self) -> str:
        """Return the time as Meta's webhooks write it."""
        return str(self.clock() // 1_000)
