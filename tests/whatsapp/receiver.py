"""A product that only remembers what was posted to it."""

from __future__ import annotations

__all__ = ["Receiver", "receiving"]

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Thread
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from adapters.whatsapp.standins.background import Background

VERIFY = "fake-verify-token"


class Receiver:
    """Answers with `statuses`, one after the other, and with 200 when there are no more."""

    def __init__(self, verify_token: str) -> None:
        self.verify_token = verify_token
        self.statuses: list[int] = []
        self.got: list[tuple[Mapping[str, str], bytes, int]] = []
        self.url = ""
        self.on_message: Callable[[Any], None] = lambda _: None

    @property
    def bodies(self) -> list[Any]:
        """What was taken."""
        return [json.loads(body) for _, body, status in self.got if status == 200]

    @property
    def values(self) -> list[Any]:
        """The values of all changes that were taken."""
        return [
            change["value"]
            for body in self.bodies
            for entry in body["entry"]
            for change in entry["changes"]
        ]

    def told(self, key: str) -> list[Any]:
        """All messages, all statuses, .. that were taken."""
        return [one for value in self.values for one in value.get(key, ())]

    async def hook(self, request: Request) -> Response:
        if request.method == "GET":
            given = request.query_params
            good = given["hub.verify_token"] == self.verify_token
            good = good and given["hub.mode"] == "subscribe"
            return PlainTextResponse(given["hub.challenge"] if good else "", 200 if good else 403)
        status = self.statuses.pop(0) if self.statuses else 200
        body = await request.body()
        self.got.append((dict(request.headers), body, status))
        if status == 200:
            for message in messages_of(json.loads(body)):
                Thread(target=self.on_message, args=(message,), daemon=True).start()
        return Response(status_code=status)


def messages_of(body: Any) -> list[Any]:
    """Return all messages of a body, wherever they are."""
    values = [change["value"] for one in body.get("entry", ()) for change in one["changes"]]
    return [message for value in values for message in value.get("messages", ())]


@contextmanager
def receiving(verify_token: str = VERIFY) -> Iterator[Receiver]:
    """Receive webhooks until the block is left."""
    receiver = Receiver(verify_token)
    app = Starlette(routes=[Route("/hook", receiver.hook, methods=["GET", "POST"])])
    background = Background(app)
    background.listen()
    receiver.url = f"http://127.0.0.1:{background.port}/hook"
    try:
        yield receiver
    finally:
        background.stop()
