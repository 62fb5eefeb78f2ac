"""A request as the stand-in took it, and what can be read off it."""

from __future__ import annotations

__all__ = ["Asked", "read"]

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_PATH: Final = re.compile(r"/(v1|v1beta)/models/([^/:]+):(generateContent|streamGenerateContent)$")
_SOURCE: Final = re.compile(r"^\[(.+)\]$", re.MULTILINE)
KEY: Final = "x-goog-api-key"


@dataclass(slots=True)
class Asked:
    """One request; `status` is what it was answered, 0 while it waits or where it was cut."""

    at: int  # milliseconds
    path: str
    headers: Mapping[str, str] = field(repr=False)  # without the key
    raw: bytes = field(repr=False)
    key: str = field(repr=False, default="")
    version: str = ""
    model: str = ""
    method: str = ""
    body: Any = field(repr=False, default=None)
    status: int = 0
    rule: str = ""  # which rule refused it

    @property
    def contents(self) -> list[dict[str, Any]]:
        """The history with the question at its end."""
        return list(self.body.get("contents") or ()) if isinstance(self.body, dict) else []

    @property
    def texts(self) -> list[str]:
        """Every text of the history, the oldest first."""
        return [text for one in self.contents for text in _texts(one)]

    @property
    def question(self) -> str:
        """The last text: what the customer asks."""
        return self.texts[-1] if self.texts else ""

    @property
    def context(self) -> str:
        """What stands before the question in the last content: the time and the passages."""
        return "\n".join(_texts(self.contents[-1])[:-1]) if self.contents else ""

    @property
    def passages(self) -> dict[str, str]:
        """The passages it was given, by their sources, the best first."""
        _, *rest = _SOURCE.split(self.context)
        return dict(zip(rest[::2], map(str.strip, rest[1::2]), strict=True))

    @property
    def instruction(self) -> str:
        """The system instruction."""
        return "\n".join(_texts(self.body.get("systemInstruction") or {}))

    @property
    def offers(self) -> tuple[str, ...]:
        """The flows it may offer."""
        for tool in self.body.get("tools") or ():
            for one in tool["functionDeclarations"]:
                return tuple(one["parameters_json_schema"]["properties"]["flow"]["enum"])
        return ()


def _texts(content: Mapping[str, Any]) -> list[str]:
    return [part["text"] for part in content.get("parts", ()) if "text" in part]


def read(at: int, path: str, headers: Mapping[str, str], raw: bytes) -> Asked:
    """Take a request apart; what cannot be read is left empty for the rules to refuse."""
    given = {name.lower(): text for name, text in headers.items()}
    asked = Asked(at, path, given, raw, given.pop(KEY, ""))
    if match := _PATH.search(path):
        asked.version, asked.model, asked.method = match[1], match[2], match[3]
    try:
        asked.body = json.loads(raw)
    except ValueError:
        asked.body = None
    return asked
