"""Stands where Gemini is: every answer takes so many seconds. ``python -m bench.assistant_vendor [SECONDS]``.

Beside it tells what it saw: how many questions are under way, and when it sent each answer. It can be told
to keep all questions waiting until it is told to answer them.
"""

from __future__ import annotations

__all__ = ["KEEP", "RELEASE", "SECONDS", "SEEN", "SENT"]

import asyncio
import json
import socket
import sys
import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn import Config, Server

from adapters.gemini.standin import GeminiStandin, slow
from adapters.gemini.standin.over_http import application
from bench.http_turns import READY

SECONDS = 2.0
SEEN = "/seen"
SENT = "/sent"
KEEP = "/keep"
RELEASE = "/release"
KEPT = 60.0  # seconds; whoever forgets them hears nothing for so long
BACKLOG = 1_024  # connections; five hundred come at once


def _watched(standin: GeminiStandin) -> ASGIApp:
    """Return the stand-in, with what it saw beside it."""
    answering = application(standin)
    usual = standin.always
    sent: dict[str, float] = {}

    def told(path: str) -> dict[str, Any] | None:
        if path == SENT:
            found = dict(sent)
            sent.clear()
            standin.asked.clear()
            return found
        if path == KEEP:
            standin.always = slow(KEPT)
        elif path == RELEASE:
            standin.always = usual
            standin.release()
        elif path != SEEN:
            return None
        return {"now": standin.under_way, "most": standin.most_at_once}

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        found = told(scope["path"])
        if found is not None:
            await _tell(send, found)
            return
        heard = b""

        async def hear() -> Message:
            nonlocal heard
            message = await receive()
            heard += message.get("body", b"")
            return message

        await answering(scope, hear, send)
        sent[json.loads(heard)["contents"][-1]["parts"][-1]["text"]] = time.time()

    return answer


async def _tell(send: Send, what: object) -> None:
    body = json.dumps(what).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _serve(seconds: float) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(BACKLOG)
        print(f"{READY}http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
        app = _watched(GeminiStandin(slow(seconds)))
        config = Config(app, lifespan="off", log_config=None, access_log=False, ws="none")
        await Server(config).serve(sockets=[listening])


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1]) if sys.argv[1:] else SECONDS))
