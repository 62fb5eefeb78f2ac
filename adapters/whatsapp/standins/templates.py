"""Templates that are approved here, and how a handset shows a message that was sent."""

from __future__ import annotations

__all__ = ["Template", "shown"]

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from adapters.whatsapp.standins.phones import Choice, Received
from adapters.whatsapp.standins.refusing import found


@dataclass(frozen=True, slots=True)
class Template:
    """An approved template: its text with gaps `{{1}}`, `{{2}}` .., its quick replies."""

    name: str
    language: str
    text: str
    buttons: tuple[str, ...] = ()
    category: str = "utility"

    @property
    def parameters(self) -> int:
        """How many gaps there are."""
        return len(set(re.findall(r"\{\{(\d+)\}\}", self.text)))


def shown(body: Mapping[str, Any], wamid: str, at: int, template: Template | None) -> Received:
    """Return what the handset shows of a body that was taken."""
    kind = str(body.get("type", "text"))
    plain = Received(
        wamid,
        at,
        kind,
        str(found(body, kind, "body" if kind == "text" else "caption") or ""),
        answers=str(found(body, "context", "message_id") or ""),
        biz_opaque_callback_data=str(body.get("biz_opaque_callback_data") or ""),
        body=body,
    )
    if kind == "interactive":
        return _interactive(plain, body["interactive"])
    if kind == "template" and template is not None:
        return _filled(plain, template, found(body, "template", "components") or ())
    return plain


def _interactive(plain: Received, part: Mapping[str, Any]) -> Received:
    replies = [one["reply"] for one in found(part, "action", "buttons") or ()]
    rows = [row for one in found(part, "action", "sections") or () for row in one["rows"]]
    return replace(
        plain,
        kind=part["type"],
        text=str(found(part, "body", "text")),
        buttons=tuple(Choice(one["id"], one["title"]) for one in replies),
        rows=tuple(Choice(one["id"], one["title"], one.get("description", "")) for one in rows),
        open_list=str(found(part, "action", "button") or ""),
        header=str(found(part, "header", "text") or ""),
        footer=str(found(part, "footer", "text") or ""),
    )


def _filled(plain: Received, template: Template, components: Iterable[Any]) -> Received:
    values: tuple[str, ...] = ()
    payloads: dict[int, str] = {}
    for one in components:
        parameters = found(one, "parameters") or ()
        if found(one, "type") == "body":
            values = tuple(str(found(each, "text")) for each in parameters)
        elif found(one, "type") == "button" and parameters:
            payloads[int(one.get("index", 0))] = str(found(parameters[0], "payload"))
    return replace(
        plain,
        text=re.sub(r"\{\{(\d+)\}\}", lambda gap: values[int(gap[1]) - 1], template.text),
        buttons=tuple(
            Choice(payloads.get(n, title), title) for n, title in enumerate(template.buttons)
        ),
        template=template.name,
        language=template.language,
        values=values,
    )
