"""The fields that a request may have; Google refuses any other by its name."""

from __future__ import annotations

__all__ = ["unknown_field"]

import re
from collections.abc import Mapping
from typing import Any, Final

_ANY: Final = None
_CONTENT: Final[Mapping[str, Any]] = {
    "role": _ANY,
    "parts": {
        "text": _ANY,
        "thought": _ANY,
        "thoughtSignature": _ANY,
        "functionCall": {"id": _ANY, "name": _ANY, "args": _ANY},
        "functionResponse": {"id": _ANY, "name": _ANY, "response": _ANY},
        "inlineData": {"mimeType": _ANY, "data": _ANY},
    },
}
_REQUEST: Final[Mapping[str, Any]] = {
    "contents": _CONTENT,
    "systemInstruction": _CONTENT,
    "tools": {
        "functionDeclarations": {
            "name": _ANY,
            "description": _ANY,
            "parameters": _ANY,
            "parametersJsonSchema": _ANY,
            "response": _ANY,
            "responseJsonSchema": _ANY,
        }
    },
    "toolConfig": {"functionCallingConfig": {"mode": _ANY, "allowedFunctionNames": _ANY}},
    "safetySettings": {"category": _ANY, "threshold": _ANY},
    "generationConfig": {
        "temperature": _ANY,
        "topP": _ANY,
        "topK": _ANY,
        "candidateCount": _ANY,
        "maxOutputTokens": _ANY,
        "stopSequences": _ANY,
        "seed": _ANY,
        "responseMimeType": _ANY,
        "thinkingConfig": {"thinkingBudget": _ANY, "includeThoughts": _ANY, "thinkingLevel": _ANY},
    },
    "cachedContent": _ANY,
}


def unknown_field(body: Any) -> str:
    """Return the first name that is no field, with where it stands; empty where all are."""
    return _unknown(body, _REQUEST, "")


def _unknown(value: Any, known: Mapping[str, Any] | None, place: str) -> str:
    if known is None:
        return ""
    if isinstance(value, list):
        found = (_unknown(one, known, f"{place}[{n}]") for n, one in enumerate(value))
        return next(filter(None, found), "")
    if not isinstance(value, Mapping):
        return ""
    for name, given in value.items():
        plain = _camel(name)
        if plain not in known:
            return f'Unknown name "{name}"' + (f" at '{place}'" if place else "")
        if deeper := _unknown(given, known[plain], f"{place}.{name}" if place else name):
            return deeper
    return ""


def _camel(name: str) -> str:
    """Return a field's JSON name; protobuf takes the name of its definition as well."""
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)
