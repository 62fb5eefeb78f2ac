"""What every request passes first: its address's allowance, its size, the site its page is from.

One plain ASGI wrapper. It answers before a body is read, and puts on every response what browsers
need to hear. Starlette's CORS middleware lets requests of unknown sites through and answers their
preflights in plain text; ours refuses both with a problem document.
"""

from __future__ import annotations

__all__ = ["Gate"]

import asyncio

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.web.problems import Problem, problem_response
from adapters.web.site import Site, network_of, too_many

API = "/api/"
# A provider posts from few addresses, as fast as customers write; who signs nothing is counted there.
WEBHOOKS = "/api/whatsapp/"
LONGEST_WEBHOOK = 3_500_000  # bytes; Meta posts up to 3 MB
# Whoever is refused waits for it: otherwise a flood is answered at the pace it comes in, and takes
# from the others the time that answering takes.
PAUSE = 0.5
PAUSING = 512  # at once; what comes on top is told without waiting
PREFLIGHT = {
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": "authorization, content-type, last-event-id",
    "access-control-max-age": "600",
}
ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
}


class Gate:
    """Around the application."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        """Let nothing through yet."""
        self._app = app
        self._site = site
        self._sites = frozenset(site.settings.allowed_sites)
        self._pausing = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer at once, or hand a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin") if scope["path"].startswith(API) else None
        if origin is not None and self._site.is_own(origin, headers):
            origin = None
        elsewhere = origin if origin in self._sites else None
        send = self._with_headers(send, scope["path"], elsewhere)
        try:
            self._check(scope, headers, refused=origin if elsewhere is None else None)
        except Problem as problem:
            if problem.kind == "too-many":
                await self._pause()
            response = problem_response(problem, headers)
            # What was not read of the body must not be taken for the next request.
            response.headers["connection"] = "close"
            await response(scope, receive, send)
            return
        if elsewhere is not None and scope["method"] == "OPTIONS":
            await Response(status_code=204, headers=PREFLIGHT)(scope, receive, send)
            return
        await self._app(scope, _Counted(receive, self._most(scope["path"])), send)

    def _with_headers(self, send: Send, path: str, elsewhere: str | None) -> Send:
        """Put on a response what browsers need to hear."""

        async def send_with(message: Message) -> None:
            if message["type"] == "http.response.start":
                out = MutableHeaders(scope=message)
                for name, value in ALWAYS.items():
                    out.setdefault(name, value)
                if path.startswith(API):
                    out.setdefault("cache-control", "no-store")
                    if self._sites:
                        out.add_vary_header("origin")
                if elsewhere is not None:
                    out["access-control-allow-origin"] = elsewhere
                    out["access-control-expose-headers"] = "retry-after"
            await send(message)

        return send_with

    def _check(self, scope: Scope, headers: Headers, *, refused: str | None) -> None:
        path = scope["path"]
        counted = path.startswith(API) and not path.startswith(WEBHOOKS)
        if counted and (wait := self._site.of_address.wait(network_of(scope))):
            raise too_many(wait)
        if refused is not None:
            raise Problem("site-not-allowed")
        length = headers.get("content-length")
        if length is not None and int(length) > self._most(path):
            raise _too_large(self._most(path))

    def _most(self, path: str) -> int:
        return LONGEST_WEBHOOK if path.startswith(WEBHOOKS) else self._site.settings.max_body

    async def _pause(self) -> None:
        if self._pausing >= PAUSING:
            return
        self._pausing += 1
        try:
            await asyncio.sleep(PAUSE)
        finally:
            self._pausing -= 1


class _Counted:
    """The body as it comes in, counted: a length may be missing or wrong."""

    __slots__ = ("_left", "_most", "_receive")

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._most = self._left = most

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                raise _too_large(self._most)
        return message


def _too_large(most: int) -> Problem:
    return Problem("too-large", case="most", values={"most": f"{most:,}"})
