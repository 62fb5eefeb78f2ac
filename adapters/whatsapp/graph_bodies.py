"""The bodies of Meta's Graph API, which 360dialog takes too, and what is read out of its answers."""

from __future__ import annotations

__all__ = ["LIMITS", "message_body", "read_body", "sent_id"]

from collections.abc import Callable, Mapping
from typing import Any, Final

from adapters.whatsapp.long_texts import cut
from adapters.whatsapp.provider import Limits, Outgoing
from engine.language.check_choices import BUTTONS, LIST

# Meta, text messages: 4096 characters. The body of buttons has 1024, that of a list 4096.
LIMITS: Final = Limits(text=4_096, buttons=BUTTONS[0], button=BUTTONS[1], rows=LIST[0], row=LIST[1])
_SECTION: Final = 24  # characters of a section's title


def message_body(to: str, outgoing: Outgoing, *, ours: str) -> dict[str, Any]:
    """Return what posts a message; `ours` comes back with its statuses."""
    body: dict[str, Any] = {"messaging_product": "whatsapp", "recipient_type": "individual"}
    body |= _addressed(to)
    body |= _CONTENT[outgoing.kind](outgoing)
    return body | ({"biz_opaque_callback_data": ours} if ours else {})


def read_body(message: str, *, typing: bool) -> dict[str, Any]:
    """Return what marks a message as read; `typing` shows for 25 seconds, or until the answer."""
    body: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": message,
    }
    return body | ({"typing_indicator": {"type": "text"}} if typing else {})


def sent_id(answer: Mapping[str, Any]) -> str:
    """Return the id of the message that was taken; empty where the answer has none."""
    messages = answer.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else None
    id_ = first.get("id") if isinstance(first, dict) else None
    return id_ if isinstance(id_, str) else ""


def _addressed(to: str) -> dict[str, str]:
    """Return the address: a number with its plus, or a business-scoped id.

    Without the plus Meta may read the number as one of the business's own country.
    """
    digits = to.removeprefix("+")
    if digits.isascii() and digits.isdecimal():
        return {"to": f"+{digits}"}
    return {"recipient": to}


def _text(outgoing: Outgoing) -> dict[str, Any]:
    return {"type": "text", "text": {"body": outgoing.text, "preview_url": False}}


def _buttons(outgoing: Outgoing) -> dict[str, Any]:
    buttons = [
        {"type": "reply", "reply": {"id": id_, "title": title}} for id_, title in outgoing.choices
    ]
    return _interactive("button", outgoing.text, {"buttons": buttons})


def _list(outgoing: Outgoing) -> dict[str, Any]:
    rows = [{"id": id_, "title": title} for id_, title in outgoing.choices]
    section = {"title": cut(outgoing.open_list, _SECTION), "rows": rows}
    return _interactive(
        "list", outgoing.text, {"button": outgoing.open_list, "sections": [section]}
    )


def _interactive(kind: str, text: str, action: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "interactive",
        "interactive": {"type": kind, "body": {"text": text}, "action": action},
    }


def _template(outgoing: Outgoing) -> dict[str, Any]:
    template: dict[str, Any] = {
        "name": outgoing.template,
        "language": {"code": outgoing.language},
    }
    if outgoing.values:
        values = [{"type": "text", "text": value} for value in outgoing.values]
        template["components"] = [{"type": "body", "parameters": values}]
    return {"type": "template", "template": template}


_CONTENT: Final[Mapping[str, Callable[[Outgoing], dict[str, Any]]]] = {
    "text": _text,
    "buttons": _buttons,
    "list": _list,
    "template": _template,
}
