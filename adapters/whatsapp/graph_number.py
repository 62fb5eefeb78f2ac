"""One number behind Meta's Graph API, whoever passes the requests on."""

from __future__ import annotations

__all__ = ["GraphNumber"]

import re
from abc import ABC, abstractmethod
from typing import Final

import httpx2
import structlog

from adapters.whatsapp.calls import Calls
from adapters.whatsapp.graph_bodies import LIMITS, message_body, read_body, sent_id
from adapters.whatsapp.media import NotOurs
from adapters.whatsapp.provider import Limits, Outgoing, Refused
from adapters.whatsapp.refusals import refusal_of
from adapters.whatsapp.updates import Attachment, Message

log = structlog.get_logger()

_NAME: Final = re.compile(r"[\w-]+", re.ASCII)  # of a file: no way to another endpoint


class GraphNumber(ABC):
    """Posts, marks and fetches; where that goes, and where files lie, its heirs say."""

    limits: Limits = LIMITS
    resends: bool = True

    def __init__(self, calls: Calls, *, messages: str, media: str) -> None:
        """Keep the paths of what is posted, and of files by their id."""
        self._calls = calls
        self._messages = messages
        self._media = media

    async def post(self, to: str, outgoing: Outgoing, *, ours: str) -> str:
        """Send one message; `ours` comes back with its statuses, and settles what stayed open."""
        answer = await self._calls.tell(self._messages, message_body(to, outgoing, ours=ours))
        if id_ := sent_id(answer):
            return id_
        raise refusal_of(200, answer)

    async def seen(self, message: Message, *, typing: bool) -> None:
        """Mark a message as read, with what shows that an answer is being written."""
        await self._calls.tell(self._messages, read_body(message.mark or message.id, typing=typing))

    async def fetch(self, attachment: Attachment, *, most: int) -> bytes | None:
        """Return a file; its id is asked for an address, for those that were told are short-lived."""
        try:
            url = await self._address(attachment, most)
            return None if url is None else await self._calls.download(url, most=most)
        except NotOurs as fault:
            log.warning("media.not_ours", why=str(fault))
            return None

    async def close(self) -> None:
        """Close the connections."""
        await self._calls.close()

    @abstractmethod
    def file_at(self, url: str) -> httpx2.URL:
        """Return where to fetch the file of this address, or raise `NotOurs`."""

    async def _address(self, attachment: Attachment, most: int) -> httpx2.URL | None:
        """Return where a file lies; None where it is gone or too long."""
        if not attachment.media:
            return self.file_at(attachment.url) if attachment.url else None
        if not _NAME.fullmatch(attachment.media):
            raise NotOurs("the file's id is none")
        try:
            told = await self._calls.look(f"{self._media}/{attachment.media}")
        except Refused as refused:
            if refused.code in (33, 100):  # there is no such file, or no longer
                return None
            raise
        size, url = told.get("file_size"), told.get("url")
        if isinstance(size, int) and size > most:
            return None
        return self.file_at(url) if isinstance(url, str) and url else None
