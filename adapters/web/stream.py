"""What is said while a page is open, as server-sent events: `line`, `typing`, `state` and `ended`.

Every line comes from SQL, by its number: a page that comes back with its Last-Event-ID misses none
and gets none twice, whichever process it reaches and however often it was cut. Written against ASGI
and not as a generator: two thousand open pages cost two thousand times whatever a stream holds.
"""

from __future__ import annotations

__all__ = ["StreamRoute"]

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import structlog
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from pydantic_core import to_json
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from adapters.web.bodies import checked
from adapters.web.chat import LANE
from adapters.web.problems import Problem
from adapters.web.replies import is_busy, line_shown, standing, version_of
from adapters.web.site import Site
from adapters.web.wire import Ask, Listen
from engine.errors import RejoinderError
from engine.language.book import Book
from engine.runtime.arrivals import contact_id
from engine.session import Session

log = structlog.get_logger()

QUIET = 15.0  # seconds; proxies close what says nothing for longer (HTML, section 9.2.7)
RETRY = 1_000  # milliseconds until a browser comes back; it waits longer by itself when refused
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would keep lines back
]


@dataclass(slots=True)
class _Told:
    """What one page knows."""

    conversation: str = ""
    seq: int = 0
    state: str = ""
    typing: bool = False
    ended: bool = False


class StreamRoute:
    """The stream of one visitor's conversation with one bot."""

    def __init__(self, site: Site) -> None:
        """Take what all routes share."""
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell what happens until the page is closed or this process stops."""
        request = Request(scope, receive)
        site = self._site
        ask = checked(lambda: Listen.model_validate(dict(request.query_params)))
        book = site.book(ask.bot)
        visitor = site.visitors.of(request.headers, request.cookies)
        if visitor is None:
            raise Problem("no-token")
        service = site.service
        session = await service.overview.session(visitor.key, bot=book.bot)
        told = _begin(request, ask, session)
        contact = session.contact if session else contact_id(book.bot, visitor.address)
        with service.changes.watching((book.bot, LANE, contact)) as watch:
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            first = format_sse_event(retry=RETRY, comment="open")
            await send({"type": "http.response.body", "body": first, "more_body": True})
            loop = asyncio.get_running_loop()
            closed = loop.create_task(_closed(receive, watch.wake))
            until = None if ask.seconds is None else loop.time() + ask.seconds
            news = True
            try:
                while not closed.done():
                    body = b""
                    if news:
                        session = await service.overview.session(visitor.key, bot=book.bot)
                        watch.seen = version_of(session)
                        body = b"".join(await self._news(book, session, told))
                    if body or not news:
                        body = body or KEEPALIVE_COMMENT
                        await send({"type": "http.response.body", "body": body, "more_body": True})
                    left = QUIET if until is None else min(QUIET, until - loop.time())
                    if watch.ended or left <= 0:
                        break
                    news = await watch.news(left)
            except RejoinderError as error:
                # The page comes back after a moment, and is told then what it missed.
                log.warning("stream_cut", why=str(error))
            finally:
                closed.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _news(self, book: Book, session: Session | None, told: _Told) -> list[bytes]:
        if session is None:
            return list(_state(book, None, told))
        events: list[bytes] = []
        if told.conversation and told.conversation != session.id:
            # The last words of the one before, then the new one from its first line.
            events += await self._lines(told)
            events += _ended(told)
            told.seq, told.ended = 0, False
        told.conversation = session.id
        events += await self._lines(told)
        events += _state(book, session, told)
        if session.status == "ended":
            events += _ended(told)
        return events

    async def _lines(self, told: _Told) -> list[bytes]:
        lines = await self._site.service.store.lines(told.conversation, after=told.seq)
        told.seq = lines[-1].seq if lines else told.seq
        named = {"conversation": told.conversation}
        return [
            _event("line", line_shown(line) | named, line.seq) for line in lines if not line.note
        ]


def _begin(request: Request, ask: Ask, session: Session | None) -> _Told:
    """Return from where to tell: after the last event that came, else only what comes from now on."""
    last = request.headers.get("last-event-id", "").strip()
    if last and not (last.isdecimal() and len(last) < 16):
        fault = {"field": "Last-Event-ID", "fault": "This is the number of a line."}
        raise Problem("invalid", errors=[fault])
    if session is None:
        return _Told()
    after = int(last) if last else ask.after if "after" in ask.model_fields_set else session.seq
    if ask.conversation not in (None, session.id) or after > session.seq:
        # It counts in a conversation that is over: of this one nothing was told.
        return _Told(ask.conversation or "an earlier one", after)
    return _Told(session.id, after)


def _state(book: Book, session: Session | None, told: _Told) -> Iterator[bytes]:
    typing = session is not None and session.status == "open" and is_busy(session)
    if typing != told.typing:
        told.typing = typing
        yield _event("typing", {"on": typing})
    now = {"conversation": session.id if session else None, **standing(book, session)}
    text = to_json(now).decode()
    if text != told.state:
        told.state = text
        yield format_sse_event(event="state", data_str=text)


def _ended(told: _Told) -> Iterator[bytes]:
    if not told.ended:
        told.ended = True
        # The count begins anew: a page that comes back after this asks from the first line on.
        yield _event("ended", {"conversation": told.conversation}, 0)


def _event(name: str, data: Any, id_: int | None = None) -> bytes:
    number = None if id_ is None else str(id_)
    return format_sse_event(event=name, data_str=to_json(data).decode(), id=number)


async def _closed(receive: Receive, wake: Callable[[], None]) -> None:
    """Return when the page is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
    wake()
