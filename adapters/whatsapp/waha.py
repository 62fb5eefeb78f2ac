"""A number paired by QR code, through WAHA on a server of the business's own.

WhatsApp does not like programs here. So a message is marked as read, then somebody types for a
moment, then it is sent; and nobody is written to first who may not be there.
"""

from __future__ import annotations

__all__ = ["WahaApi"]

import asyncio
import random
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

import httpx2
import structlog

from adapters.whatsapp.calls import Calls, plain_client
from adapters.whatsapp.media import NotOurs, file_at, is_local
from adapters.whatsapp.provider import Limits, Outgoing, Refused
from adapters.whatsapp.refusals import Unclear, refusal_of
from adapters.whatsapp.updates import Attachment, Message
from adapters.whatsapp.waha_ids import chat_id, phone_of, stanza

log = structlog.get_logger()

TYPING: Final = (0.8, 2.5)  # seconds; an answer shall not wait for longer


class WahaApi:
    """One session at one WAHA."""

    # Its buttons do not work and its lists "may stop working at any time": choices are numbered.
    limits: Limits = Limits(text=4_096)
    resends: bool = False

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        session: str = "default",
        typing: tuple[int | float, int | float] = TYPING,
        client: Callable[[], httpx2.AsyncClient] = plain_client,
    ) -> None:
        """Keep the key; `typing`: for how many seconds at least and at most somebody types."""
        self._base_url = base_url
        self._session = session
        self._typing = typing
        self._calls = Calls(base_url, {"X-Api-Key": api_key}, client)

    async def post(self, to: str, outgoing: Outgoing, *, ours: str) -> str:
        """Send one message as text. What stays open stays so: WAHA takes no `ours` to return."""
        del ours
        if not outgoing.text.strip():
            why = "this template has no text for numbers paired by QR code. Give its greeting a say"
            raise Refused("ours", f"the form: {why}.")
        chat = _chat(to)
        if outgoing.kind == "template":
            chat = await self._stranger(chat)
        answer = await self._tell("sendText", chat, text=outgoing.text, linkPreview=False)
        if id_ := stanza(answer.get("id") or answer.get("key")):
            return id_
        raise refusal_of(200, answer)

    async def seen(self, message: Message, *, typing: bool) -> None:
        """Mark a message as read, and begin to type."""
        chat = _chat(message.sender.to)
        marked = {"messageIds": [message.mark]} if message.mark else {}
        await self._tell("sendSeen", chat, **marked)
        if typing:
            await self._tell("startTyping", chat)

    async def phone_behind(self, lid: str) -> str:
        """Return the number behind a hidden id; empty where WAHA does not know it either."""
        told = await self._calls.look(f"/api/{quote(self._session, safe='')}/lids/{lid}")
        return phone_of(chat_id(told.get("pn")))

    async def fetch(self, attachment: Attachment, *, most: int) -> bytes | None:
        """Return a file from WAHA itself; it often names itself localhost."""
        if not attachment.url:
            return None
        try:
            url = file_at(attachment.url, self._base_url, means_base=is_local)
        except NotOurs as fault:
            log.warning("media.not_ours", why=str(fault))
            return None
        return await self._calls.download(url, most=most)

    async def close(self) -> None:
        """Close the connections."""
        await self._calls.close()

    async def _tell(self, what: str, chat: str, **more: Any) -> dict[str, Any]:
        body = {"session": self._session, "chatId": chat, **more}
        return await self._calls.tell(f"/api/{what}", body)

    async def _stranger(self, chat: str) -> str:
        """Return the chat of somebody who has not written yet, or raise that they are not there.

        WhatsApp knows some numbers by another form than the one they are dialled by.
        """
        number, _, server = chat.partition("@")
        if server != "c.us":
            return chat
        query = {"phone": number, "session": self._session}
        told = await self._calls.look("/api/contacts/check-exists", query)
        exists = told.get("numberExists")
        if exists is False:
            raise Refused("never", "WAHA: this number has no WhatsApp.")
        if exists is not True:
            why = "it does not say whether a number has WhatsApp. See whether base_url leads to it"
            raise Refused("retry", f"WAHA: {why}.")
        known = told.get("chatId")
        return known if isinstance(known, str) and known else chat

    async def type(self, to: str) -> None:
        """Type for a moment. It is only for show: what fails here, fails again at the message."""
        chat = _chat(to)
        try:
            await self._tell("startTyping", chat)
            await asyncio.sleep(random.uniform(*self._typing))  # noqa: S311 - a pause is no secret
            await self._tell("stopTyping", chat)
        except (Refused, Unclear, httpx2.RequestError, TimeoutError) as fault:
            log.info("waha.not_typing", why=type(fault).__name__)


def _chat(to: str) -> str:
    """Return WAHA's id of a chat with a person."""
    return chat_id(to) if "@" in to else f"{to.removeprefix('+')}@c.us"
