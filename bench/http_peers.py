"""The same route storing nothing: by FastAPI with typed bodies, and as a plain Starlette route.

``python -m bench.http_peers KIND``: both stand behind the product's own middleware and server, and
answer what the product answers to a first message.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from fastapi import FastAPI
from pydantic_core import to_json
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.running import run_loop, spare_the_collector
from adapters.settings import Settings
from adapters.web.gate import Gate
from adapters.web.problems import Problems
from adapters.web.serving import listen, served_until_told
from adapters.web.site import Site
from adapters.web.wire import Chat, Message

ANSWER: dict[str, Any] = {
    "session": "3bd74bc0d1f4c2c24f9443fe.awF1-g.3rTnel76ix8FH7mNXrJIQQFwl8jQ6uUxv5t6hPWv3v8",
    "key": "web-3bd74bc0d1f4c2c24f9443fe",
    "conversation": "1a1fdb4dafb_fAvs0Ll9w1Q",
    "opened": False,
    "lines": [
        {
            "seq": seq,
            "turn": 1,
            "who": who,
            "text": text,
            "choices": [],
            "at": "2026-11-21T10:44:10.619Z",
        }
        for seq, who, text in (
            (1, "user", "i need 11 remote controls"),
            (2, "bot", "To confirm your order, please send your name, phone number and email."),
        )
    ],
    "flow": "bulk_order",
    "state": "collecting_contact",
    "mode": "agent",
    "status": "open",
    "pending": False,
    "files": False,
    "language": "en",
    "bot": "parts_shop",
}


@asynccontextmanager
async def _nothing(_app: FastAPI) -> AsyncIterator[None]:
    yield


def typed(site: Site) -> FastAPI:
    """Return an application whose route FastAPI reads and writes."""
    app = _app(site)

    @app.post("/api/chat")
    async def post(_message: Message) -> Chat:
        return Chat(**ANSWER)

    return app


def plain(site: Site) -> FastAPI:
    """Return an application with a plain route, which reads and writes for itself."""
    app = _app(site)

    async def post(request: Request) -> Response:
        Message.model_validate_json(await request.body())
        return Response(to_json(ANSWER), media_type="application/json")

    app.router.routes.append(Route("/api/chat", post, methods=["POST"]))
    return app


def _app(site: Site) -> FastAPI:
    return FastAPI(
        lifespan=_nothing,
        exception_handlers=Problems().handlers(),
        middleware=[Middleware(Gate, site=site)],
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )


def main() -> None:
    """Serve one of them until told to stop."""
    settings = Settings(data=Path(mkdtemp()), port=0, address_rate="100000000/1s")
    app = {"typed": typed, "plain": plain}[sys.argv[1]](Site(settings))
    spare_the_collector()
    run_loop(served_until_told(app, listen(settings)))


if __name__ == "__main__":
    main()
