"""How a session is written down, the same for every tier; and what cannot be read is said so.

A copy in a cache begins with the format's number, so that another version's is never guessed at.
"""

from __future__ import annotations

__all__ = ["Damaged", "cached", "decoded", "encoded", "to_text"]

from typing import Any

from pydantic_core import from_json, to_json

from engine.errors import RejoinderError
from engine.records import Cached
from engine.session import Session


class Damaged(RejoinderError):
    """What is stored of a session cannot be read; it is set aside, never guessed at."""


def encoded(session: Session) -> bytes:
    """Write a session as JSON."""
    return to_json(session.to_json())


def to_text(value: Any) -> str:
    """Write any plain value as JSON text."""
    return to_json(value).decode()


def decoded(body: bytes | str, *, version: int, of: str) -> Session:
    """Read what `encoded` wrote; `version` is what is written beside it."""
    try:
        session = Session.from_json(from_json(body, cache_strings="keys"))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Damaged(f"session {of} cannot be read: {type(error).__name__}") from error
    if session.version != version:
        raise Damaged(f"session {of}: its body is version {session.version}, its row {version}")
    return session


def cached(session: Session, body: bytes, *, owes: bool = False) -> Cached:
    """Return the copy of a committed session for the caches."""
    place = (session.bot, session.lane, session.contact)
    return Cached(place, session.version, session.status != "open", body, owes)
