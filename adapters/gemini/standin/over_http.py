"""The stand-in as an application that a server serves: every path and method is its own."""

from __future__ import annotations

__all__ = ["application"]

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.gemini.standin.wire import headers_of, written

if TYPE_CHECKING:
    from adapters.gemini.standin.standin import GeminiStandin


def application(standin: GeminiStandin) -> ASGIApp:
    """Return the application; it knows no lifespan and no sockets of the web."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        asked, mood = await standin.take(request.url.path, request.headers, await request.body())
        body = written(asked, mood)
        length = len(body) + (1 if mood.cut else 0)
        headers = {**headers_of(asked, mood), "content-length": str(length)}
        await send(
            {
                "type": "http.response.start",
                "status": mood.status,
                "headers": [(name.encode(), text.encode()) for name, text in headers.items()],
            }
        )
        # Promised and not brought: the server closes the connection.
        await send({"type": "http.response.body", "body": body, "more_body": mood.cut})

    return answer
