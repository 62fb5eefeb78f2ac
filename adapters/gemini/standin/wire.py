"""A mood in bytes: one JSON, or the events of a stream."""

from __future__ import annotations

__all__ = ["headers_of", "written"]

import json
from collections.abc import Mapping
from typing import Any

from adapters.gemini.standin.asking import Asked
from adapters.gemini.standin.moods import Mood


def headers_of(asked: Asked, mood: Mood) -> dict[str, str]:
    """Return the headers of an answer."""
    kind = "text/event-stream" if _streamed(asked, mood) else "application/json; charset=UTF-8"
    return {"content-type": kind, **mood.headers}


def written(asked: Asked, mood: Mood) -> bytes:
    """Return the body of an answer; half of it where it is cut."""
    if isinstance(mood.body, str):
        body = mood.body.encode()
    elif _streamed(asked, mood):
        body = b"".join(f"data: {json.dumps(one)}\r\n\r\n".encode() for one in _events(mood.body))
    else:
        body = json.dumps(mood.body).encode()
    return body[: len(body) // 2] if mood.cut else body


def _streamed(asked: Asked, mood: Mood) -> bool:
    return asked.method == "streamGenerateContent" and mood.status == 200


def _events(body: Mapping[str, Any]) -> list[Any]:
    """Give each part an event of its own; the last one says why it ended."""
    candidates = body.get("candidates")
    if not candidates:
        return [body]
    parts = candidates[0]["content"].get("parts", [])
    if len(parts) < 2:
        return [body]
    rest = {name: given for name, given in body.items() if name != "candidates"}
    events: list[Any] = [
        {"candidates": [{"content": {"role": "model", "parts": [part]}, "index": 0}], **rest}
        for part in parts
    ]
    events[-1]["candidates"][0]["finishReason"] = candidates[0]["finishReason"]
    return events
