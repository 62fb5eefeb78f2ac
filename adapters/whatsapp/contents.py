"""What a message holds, whoever delivered it."""

from __future__ import annotations

__all__ = ["Content", "place"]

from collections.abc import Mapping
from typing import NamedTuple

from adapters.whatsapp.posted import coordinates, text
from adapters.whatsapp.updates import Attachment


class Content(NamedTuple):
    """What was written, pressed and sent along."""

    text: str = ""
    choice: str = ""
    attachment: Attachment | None = None

    def in_words(self) -> str:
        """Say it in one text, "[image] our new menu", for whoever reads and does not see."""
        if self.attachment is None:
            return self.text
        name = f": {self.attachment.name}" if self.attachment.name else ""
        return f"[{self.attachment.kind}{name}] {self.text}".rstrip()


def place(told: Mapping[str, object]) -> Content:
    """Name a place, with where it lies: a person who goes there needs both."""
    named = ", ".join(filter(None, (text(told.get("name")), text(told.get("address")))))
    name = named or text(told.get("description"))
    where = coordinates(told.get("latitude"), told.get("longitude"))
    whole = f"{name} ({where})" if name and where else name or where
    return Content(attachment=Attachment("location", name=whole))
