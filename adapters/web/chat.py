"""The visitor's routes: a message, the history, the end. What is answered is committed before."""

from __future__ import annotations

__all__ = ["ChatRoutes"]

import asyncio
from base64 import b64decode
from typing import Annotated, Any, Protocol

from fastapi import Query, Request
from pydantic_core import to_json
from starlette.requests import Request as PlainRequest
from starlette.responses import Response

from adapters.order_files import read_order_file
from adapters.web.bodies import read_body
from adapters.web.problems import Problem
from adapters.web.replies import chat, is_busy, version_of
from adapters.web.site import Site
from adapters.web.visitors import COOKIE, GOOD_FOR, Visitor
from adapters.web.wire import Ask, End, Message, SentFile
from engine.events import ModeChanged, Said, Tapped
from engine.language.book import Book
from engine.runtime.arrivals import Arrival, inbound_id
from engine.session import Session
from engine.transcript import Line

LANE = "web"
REPLY_WITHIN = (
    2.0  # seconds; design, section 6: so long an answer waits for what its turn asked for
)
ENDED_BY_VISITOR = "visitor"


class ChatRoutes:
    """Messages in, lines out."""

    def __init__(self, site: Site) -> None:
        """Take what all routes share."""
        self._site = site

    # -- a message ------------------------------------------------------------------------------

    async def post(self, request: PlainRequest) -> Response:
        """Take a message and answer with the lines of its turn.

        A plain route: what FastAPI does for a typed body costs as much as the turn itself.
        """
        message = await read_body(request, Message)
        site = self._site
        book = site.book(message.bot)
        visitor = site.visitors.of(request.headers, request.cookies, message.session)
        visitor = visitor or site.visitors.new()
        site.limit_visitor(visitor.name)
        service = site.service
        # Without an id of its own nobody can send it again: any new one will do.
        id_ = inbound_id(book.bot, LANE, visitor.name, message.id) if message.id else service.ids()
        event = await self._event(message, id_, book, visitor)
        arrival = Arrival(book.bot, LANE, (visitor.address,), visitor.key, event)
        answer = await service.conversations.receive(arrival)
        if answer is None:
            raise Problem("not-admitted")
        session: Session | None = answer.session
        lines = answer.lines
        if answer.duplicate:
            session = await service.overview.session(visitor.key, bot=book.bot) or session
        elif is_busy(answer.session):
            session, lines = await self._settled(visitor, answer.session, answer.lines)
        opened = not answer.duplicate and bool(lines) and lines[0].seq == 1
        body = chat(book, session, lines, key=visitor.key, token=visitor.token, opened=opened)
        response = Response(to_json(body), media_type="application/json")
        self._set_cookie(request, response, visitor)
        return response

    async def _event(
        self, message: Message, id_: str, book: Book, visitor: Visitor
    ) -> Said | Tapped:
        at = self._site.service.clock()
        if message.choice:
            seq, label = await self._label(message, book, visitor)
            return Tapped(id_, at, f"{message.choice}#{seq}", label)
        if message.file is not None:
            return await _sent(message.file, id_, at)
        return Said(id_, at, message.text)

    async def _label(self, message: Message, book: Book, visitor: Visitor) -> tuple[int, str]:
        """Return which line showed a choice, and what stood on its button."""
        service = self._site.service
        session = await service.overview.session(visitor.key, bot=book.bot)
        after = message.of - 1 if message.of else 0
        lines = await service.store.lines(session.id, after=after) if session else ()
        if message.of:
            lines = lines[:1]
        for line in reversed(lines):
            for id_, label in line.choices:
                if id_ == message.choice and message.of in (None, line.seq):
                    return line.seq, label
        raise Problem(
            "not-now",
            case="choice",
            errors=[{"field": "choice", "fault": "It was not shown."}],
        )

    async def _settled(
        self, visitor: Visitor, session: Session, lines: tuple[Line, ...]
    ) -> tuple[Session, tuple[Line, ...]]:
        """Wait a moment for what a turn asked for; return what was said by then."""
        service = self._site.service
        loop = asyncio.get_running_loop()
        until = loop.time() + REPLY_WITHIN
        after = lines[0].seq - 1 if lines else session.seq
        with service.changes.watching((session.bot, session.lane, session.contact)) as watch:
            while True:
                now = await service.overview.session(visitor.key, bot=session.bot)
                watch.seen = version_of(now)
                if now is None or now.id != session.id:
                    return session, lines  # it was ended meanwhile, and another one has begun
                left = until - loop.time()
                if not is_busy(now) or left <= 0 or watch.ended:
                    break
                await watch.news(left)
        return now, tuple(await service.store.lines(now.id, after=after))

    # -- history and end ------------------------------------------------------------------------

    async def history(
        self, request: Request, response: Response, ask: Annotated[Ask, Query()]
    ) -> dict[str, Any]:
        """Return what was said so far; nothing begins by it."""
        site = self._site
        book = site.book(ask.bot)
        visitor = site.visitors.of(request.headers, request.cookies)
        if visitor is None:
            return chat(book, None, (), key=None, token=None)
        self._set_cookie(request, response, visitor)
        service = site.service
        session = await service.overview.session(visitor.key, bot=book.bot)
        lines = await service.store.lines(session.id, after=since(ask, session)) if session else ()
        return chat(book, session, lines, key=visitor.key, token=visitor.token)

    async def end(self, request: Request, response: Response) -> dict[str, Any]:
        """End the conversation; the next message opens a new one."""
        body = await read_body(request, End)
        site = self._site
        book = site.book(body.bot)
        visitor = site.visitors.of(request.headers, request.cookies, body.session)
        if visitor is None:
            raise Problem("no-token")
        site.limit_visitor(visitor.name)
        self._set_cookie(request, response, visitor)
        service = site.service
        session = await service.overview.session(visitor.key, bot=book.bot)
        if session is not None and session.status == "open":
            event = ModeChanged(
                f"{visitor.key}:{service.ids()}", service.clock(), "ended", ENDED_BY_VISITOR
            )
            place = (session.bot, session.lane, session.contact)
            answer = await service.conversations.deliver(place, event, session=session.id)
            session = answer.session if answer else session
        return chat(book, session, (), key=visitor.key, token=visitor.token)

    # -- the cookie -----------------------------------------------------------------------------

    def _set_cookie(self, request: PlainRequest, response: Response, visitor: Visitor) -> None:
        """Give a visitor of our own pages the cookie; a page elsewhere keeps the token itself."""
        if not visitor.issued:
            return
        origin = request.headers.get("origin")
        if origin and not self._site.is_own(origin, request.headers):
            return
        public = self._site.settings.public_url or str(request.base_url)
        response.set_cookie(
            COOKIE,
            visitor.token,
            max_age=GOOD_FOR,
            httponly=True,
            samesite="lax",
            secure=public.startswith("https:"),
        )


class _Asked(Protocol):
    @property
    def after(self) -> int: ...
    @property
    def conversation(self) -> str | None: ...


def since(ask: _Asked, session: Session | None) -> int:
    """Return after which line to tell: from the first one where the count is another conversation's."""
    if session is None or ask.conversation not in (None, session.id) or ask.after > session.seq:
        return 0
    return ask.after


async def _sent(file: SentFile, id_: str, at: int) -> Said:
    """Read a file into the text it stands for; a large workbook takes a while, so in a thread."""
    data = b64decode(file.content)
    found = await asyncio.to_thread(read_order_file, file.name, data)
    return Said(id_, at, "", None, file.name, found.text, found.fault or "file")
