"""How a conversation looks from outside: committed lines, and where it stands. The same for all routes."""

from __future__ import annotations

__all__ = ["chat", "is_busy", "line_shown", "shown", "standing", "version_of"]

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from adapters.web.order_rows import order_rows
from engine.language.book import Book
from engine.language.states import Collect
from engine.session import Session
from engine.transcript import Line

NO_SESSION: Mapping[str, Any] = {
    "flow": None,
    "state": None,
    "mode": "agent",
    "status": None,
    "pending": False,
    "files": False,
}


def shown(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """Return the lines a visitor may see: notes are for the people of the shop."""
    return [line_shown(line) for line in lines if not line.note]


def line_shown(line: Line) -> dict[str, Any]:
    """Return one line as JSON."""
    at = datetime.fromtimestamp(line.at / 1_000, UTC).isoformat(timespec="milliseconds")
    shown_line: dict[str, Any] = {
        "seq": line.seq,
        "turn": line.turn,
        "who": line.who,
        "text": line.text,
        "choices": [{"id": id_, "label": label} for id_, label in line.choices],
        "at": f"{at[:-6]}Z",
    }
    if line.who == "bot" and "\n- " in line.text and (data := order_rows(line.text)):
        shown_line["data"] = data
    return shown_line


def is_busy(session: Session) -> bool:
    """Say whether an action runs, or the assistant was asked: more will be said by itself."""
    return bool(session.doing or session.asking)


def version_of(session: Session | None) -> tuple[str, int] | None:
    """Return what a look at the database would find, as long as nothing has changed."""
    return (session.id, session.version) if session and session.status == "open" else None


def standing(book: Book, session: Session | None) -> Mapping[str, Any]:
    """Return where a conversation stands."""
    if session is None:
        return NO_SESSION
    is_open = session.status == "open"
    return {
        "flow": session.flow if is_open else None,
        "state": session.state if is_open else None,
        "mode": session.mode,
        "status": session.status,
        "pending": is_open and is_busy(session),
        "files": is_open and _takes_files(book, session),
    }


def _takes_files(book: Book, session: Session) -> bool:
    """Say whether what is asked for now can come as a list: the parts of an order."""
    if session.mode != "agent" or not session.frames:
        return False
    top = session.frames[-1]
    flow = book.flows.get(top.flow)
    state = flow.states.get(top.state) if flow else None
    return isinstance(state, Collect) and any(
        flow is not None and flow.slots[name].kind == "items" for name in state.slots
    )


def chat(
    book: Book,
    session: Session | None,
    lines: Iterable[Line],
    *,
    key: str | None,
    token: str | None,
    opened: bool = False,
) -> dict[str, Any]:
    """Return the answer of every route that is about a conversation."""
    return {
        "session": token,
        "key": key,
        "conversation": session.id if session else None,
        "opened": opened,
        "lines": shown(lines),
        **standing(book, session),
        "language": (session.language if session else "") or book.languages[0],
        "bot": book.bot,
    }
