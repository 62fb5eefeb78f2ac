"""What WAHA posts: the envelope, and messages as its several engines write them."""

from __future__ import annotations

__all__ = ["Written", "envelope", "jid", "message", "sent_answer"]

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4


@dataclass(frozen=True, slots=True)
class Written:
    """A message as it was written, before an engine told of it."""

    chat: str  # 62..@c.us, ..@lid, ..@g.us, ..@newsletter, status@broadcast
    stanza: str
    at: int  # milliseconds
    body: str = ""
    name: str = ""  # what the sender calls themselves
    alt: str = ""  # the sender's phone where `chat` hides it
    participant: str = ""  # who of a group
    from_me: bool = False
    source: str = "app"
    media: dict[str, Any] | None = None
    has_media: bool = False
    kind: str = "text"
    data: dict[str, Any] = field(default_factory=dict)  # what the engine adds of its own
    more: dict[str, Any] = field(default_factory=dict)  # location, vCards, replyTo

    @property
    def id(self) -> str:
        """Return the id: whose it is, the chat, the stanza, and who of a group."""
        of_whom = f"_{self.participant}" if self.participant else ""
        return f"{str(self.from_me).lower()}_{self.chat}_{self.stanza}{of_whom}"


def envelope(
    event: str,
    payload: dict[str, Any],
    *,
    session: str,
    me: dict[str, str] | None,
    metadata: dict[str, Any],
    at: int,
    engine: str,
    version: str,
) -> dict[str, Any]:
    """Put an event into its envelope; GOWS leaves `engine` out at the top."""
    top = {} if engine == "GOWS" else {"engine": engine}
    return {
        "id": f"evt_01{uuid4().hex[:24]}",
        "timestamp": at,
        "event": event,
        "session": session,
        "metadata": metadata,
        "me": me,
        "payload": payload,
        **top,
        "environment": {"version": version, "engine": engine, "tier": "CORE", "browser": None},
    }


def jid(chat: str) -> str:
    """Write a chat id as the engines do inside."""
    return chat.replace("@c.us", "@s.whatsapp.net")


def message(written: Written, engine: str, me: str) -> dict[str, Any]:
    """Return the payload of a message."""
    to: str | None = me
    from_ = written.chat
    if written.from_me:
        # GOWS and NOWEB name the chat as where it came from, and nobody it went to.
        from_, to = (me, written.chat) if engine in ("WEBJS", "WPP") else (written.chat, None)
    return {
        "id": written.id,
        "timestamp": written.at // 1_000,
        "from": from_,
        "fromMe": written.from_me,
        "source": written.source,
        "to": to,
        "participant": written.participant or None,
        "body": written.body,
        "hasMedia": written.has_media,
        "media": written.media,
        "ack": 1 if written.from_me else 0,
        "ackName": "SERVER" if written.from_me else "PENDING",
        "location": None,
        "vCards": [],
        "replyTo": None,
        **written.more,
        "_data": _data(written, engine),
    }


def _data(written: Written, engine: str) -> dict[str, Any]:
    """Return what only this engine tells; the names of senders and their phones stand here."""
    if engine == "GOWS":
        info = {
            "Chat": jid(written.chat),
            "Sender": jid(written.participant or written.chat),
            "SenderAlt": jid(written.alt),
            "IsFromMe": written.from_me,
            "IsGroup": bool(written.participant),
            "ID": written.stanza,
            "PushName": written.name,
            "Type": written.kind,
        }
        return {"Info": info, "Message": {"conversation": written.body}, **written.data}
    if engine == "NOWEB":
        key = {
            "remoteJid": jid(written.chat),
            "fromMe": written.from_me,
            "id": written.stanza,
            "participant": jid(written.participant),
            **({"remoteJidAlt": jid(written.alt)} if written.alt else {}),
        }
        heard = {"conversation": written.body}
        return {"key": key, "pushName": written.name, "message": heard, **written.data}
    id_ = {
        "fromMe": written.from_me,
        "remote": written.chat,
        "id": written.stanza,
        "_serialized": written.id,
    }
    return {"id": id_, "notifyName": written.name, "type": written.kind, **written.data}


def sent_answer(written: Written, engine: str, me: str) -> dict[str, Any]:
    """Return what the API answers to whoever sent it; the id stands where the engine puts it."""
    if engine == "WEBJS":
        return {"_data": _data(written, engine), "id": _data(written, engine)["id"]}
    if engine == "NOWEB":
        return {**_data(written, engine), "status": "PENDING"}
    return message(written, engine, me)
