"""The two bots of every world: the shipped shop on the web, and errands on phones, with deadlines."""

from __future__ import annotations

__all__ = ["ERRANDS", "SHOP", "books"]

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from adapters.assembly import build_book, find_bot
from engine.language.book import Book
from tests.core.flows import asking, flow
from tests.core.talk import book_of

SHOP, ERRANDS = "parts_shop", "errands"

JOB = flow(
    "job",
    {
        "collecting": asking(
            "name",
            "email",
            then="confirming",
            nudge={"after": "5m", "say": "Still there? Only {missing}."},
        ),
        "confirming": {
            "say": "{name}, {email}: right?",
            "choices": [
                {"id": "go", "label": "Go ahead", "means": "yes", "go": "working"},
                {"id": "change", "label": "Change", "means": "change"},
                {"id": "drop", "label": "Drop it", "means": "no", "go": "dropped"},
            ],
        },
        "working": {
            "do": "work",
            "with": ["email"],
            "saves": "result",
            "say": "Working.",
            "done": "rating",
            "failed": "person",
        },
        "rating": asking("stars"),
        "ended": {"end": "completed", "say": "Number {result.number}, {stars} stars."},
        "dropped": {"end": "cancelled", "say": "Dropped."},
        "person": {"hand_over": "desk", "say": "A person comes.", "nobody_after": {"15m": "none"}},
        "none": {"end": "cancelled", "say": "Nobody is free."},
    },
    slots={
        "name": {"type": "person_name"},
        "email": {"type": "email"},
        "stars": {"type": "number", "at_least": 1, "at_most": 5},
    },
    expires={"after": "2h", "say": "Put aside: {flow}."},
)
_CLOUD = {
    "provider": "cloud",
    "phone_number_id": "1",
    "app_secret": "env:APP_SECRET",
    "token": "env:TOKEN",
    "verify_token": "env:VERIFY_TOKEN",
}
_WAHA = {"provider": "waha", "api_key": "env:API_KEY", "hmac_key": "env:HMAC_KEY"}
_BOT: dict[str, Any] = {
    "bot": ERRANDS,
    "languages": ["en"],
    "welcome": "Welcome.",
    "unknown": "What?",
    "session": {"idle": "30m", "in_flow": "end", "welcome": "always"},
    "manual": {"return_after": "20m"},
    "hand_over": {"desk": {"notify": ["browser"]}},
    "assistant": {"use": "gemini", "system": "Be kind.", "fallback": "I cannot say."},
    "channels": {"web": {}, "whatsapp": {"cloud": _CLOUD, "waha": _WAHA}, "preview": True},
    "webhooks": [
        {
            "to": "https://example.com/hook",
            "secret": "env:HOOK_SECRET",
            "events": ["session.opened", "session.ended", "flow.completed"],
        }
    ],
}


@cache
def books() -> Mapping[str, Book]:
    """Compile both bots, once per process: books are values."""
    with TemporaryDirectory() as folder:
        return {
            SHOP: build_book(find_bot(SHOP)),
            ERRANDS: book_of(Path(folder) / ERRANDS, JOB, **_BOT),
        }
