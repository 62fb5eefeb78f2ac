"""A request as the stand-in took it, and what can be read off it."""

from __future__ import annotations

__all__ = ["Asked", "read"]

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_PATH: Final = re.compile(r"/(v1|v1beta)/models/([^/:]+):(generateContent|streamGenerateContent)$")
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
        return self.body["contents"] if isinstance(self.body, dict) else []

    @property
    def texts(self) -> list[str]:
        """Every text of the history, the oldest first."""
        return [part["text"] for one in self.contents for part in one["parts"] if "text" in part]

    @property
    def question(self) -> str:
        """The last text: what the customer asks."""
        return self.texts[-1] if self.texts else ""

    @property
    def context(self) -> str:
        """What stands before the question in the last content: the time and the passages."""
        parts = self.contents[-1]["parts"] if self.contents else []
        return "\n".join(part["text"] for part in parts[:-1] if "text" in part)

    @property
    def instruction(self) -> str:
        """The system instruction."""
        given = self.body.get("systemInstruction") or {}
        return "\n".join(part["text"] for part in given.get("parts", ()) if "text" in part)

    @property
    def offers(self) -> dict[str, str]:
        """The flows it may offer, each with what the tool says of them all."""
        for tool in self.body.get("tools") or ():
            for one in tool.get("functionDeclarations") or ():
                schema = one.get("parameters_json_schema") or one.get("parametersJsonSchema") or {}
                flows = schema.get("properties", {}).get("flow", {}).get("enum", ())
                return dict.fromkeys(flows, one.get("description", ""))
        return {}


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
