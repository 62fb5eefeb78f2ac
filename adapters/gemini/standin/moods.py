"""What the stand-in does with a request that no rule refuses: one function for each mood."""

from __future__ import annotations

__all__ = [
    "Mood",
    "blocked",
    "broken",
    "call",
    "calls",
    "cut",
    "empty",
    "error_body",
    "fails",
    "html",
    "limited",
    "says",
    "slow",
    "stopped",
]

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Final

# google.rpc.Code by HTTP status, as Google's front ends name them.
STATUSES: Final = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


@dataclass(frozen=True, slots=True)
class Mood:
    """An answer and how it comes: after how many seconds, whole or cut in the middle."""

    status: int = 200
    body: Any = None  # JSON; bytes and str go out as they are
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    cut: bool = False


def says(text: str, *, end: str = "STOP") -> Mood:
    """Answer with a text."""
    return _candidate([{"text": text}], end)


def call(name: str = "offer_flow", /, **arguments: Any) -> dict[str, Any]:
    """Return one function call, for `calls`."""
    return {"name": name, "args": arguments}


def calls(*these: Mapping[str, Any], text: str = "") -> Mood:
    """Call functions, the first with a thought signature, as Gemini 3 signs parallel calls."""
    parts: list[dict[str, Any]] = [{"text": text}] if text else []
    for number, one in enumerate(these, 1):
        made = {"functionCall": {"id": f"call-{number}", **one}}
        if number == 1:
            made["thoughtSignature"] = signature(made["functionCall"])
        parts.append(made)
    return _candidate(parts, "STOP")


def signature(made: Mapping[str, Any]) -> Any:
    """Sign a call: by nothing but itself, so that every stand-in knows every one's signatures."""
    what = json.dumps([made.get("id"), made.get("name"), made.get("args")], sort_keys=True)
    return base64.b64encode(hashlib.sha512(f"stand-in {what}".encode()).digest()).decode()


def limited(delay: str = "", *, header: str = "") -> Mood:
    """Refuse with 429; `delay` ("17s") in RetryInfo, `header` as Retry-After."""
    info = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}]
    body = error_body(429, "You exceeded your current quota.", info if delay else [])
    return Mood(429, body, {"retry-after": header} if header else {})


def fails(code: int = 500, message: str = "An internal error has occurred.") -> Mood:
    """Refuse with an error in Google's shape."""
    return Mood(code, error_body(code, message))


def slow(seconds: float, then: Mood | None = None) -> Mood:
    """Answer after so many seconds of the loop's time."""
    return replace(then or says("Here I am at last."), seconds=seconds)


def cut(then: Mood | None = None) -> Mood:
    """Close the connection in the middle of the answer."""
    return replace(then or says("This sentence will never be"), cut=True)


def blocked(reason: str = "SAFETY") -> Mood:
    """Refuse to read the question: no candidates."""
    return Mood(body={"promptFeedback": {"blockReason": reason}, **_META})


def stopped(reason: str = "SAFETY", text: str = "") -> Mood:
    """Break off the answer: SAFETY, RECITATION, MAX_TOKENS ..."""
    return _candidate([{"text": text}] if text else [], reason)


def empty() -> Mood:
    """Say nothing."""
    return _candidate([], "STOP")


def html(status: int = 502) -> Mood:
    """Answer as a proxy does that does not reach it."""
    title = f"{status} {HTTPStatus(status).phrase}"
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Mood(status, page, {"content-type": "text/html"})


def broken() -> Mood:
    """Answer with half a JSON."""
    return Mood(body='{"candidates": [{"content": {"parts"')


def error_body(code: int, message: str, details: list[dict[str, Any]] | None = None) -> Any:
    """Return an error as Google writes it."""
    error: dict[str, Any] = {
        "code": code,
        "message": message,
        "status": STATUSES.get(code, "UNKNOWN"),
    }
    return {"error": {**error, "details": details} if details else error}


_META: Final = {
    "usageMetadata": {"promptTokenCount": 5, "totalTokenCount": 7},
    "modelVersion": "stand-in",
}


def _candidate(parts: list[dict[str, Any]], end: str) -> Mood:
    content = {"role": "model", "parts": parts} if parts else {"role": "model"}
    candidate = {"content": content, "finishReason": end, "index": 0}
    return Mood(body={"candidates": [candidate], **_META})
