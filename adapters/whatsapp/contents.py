"""What a message holds, whoever delivered it."""

from __future__ import annotations

__all__ = ["Content"]

from typing import NamedTuple

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
