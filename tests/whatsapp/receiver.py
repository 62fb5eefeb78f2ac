"""A product that only remembers what Meta's webhooks posted to it."""

from __future__ import annotations

__all__ = ["Receiver"]

from collections.abc import Callable
from threading import Thread
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from tests.whatsapp.listener import Listener, Took

VERIFY = "fake-verify-token"


class Receiver(Listener):
    """Shows the verify token when it is asked; `on_message` hears each message that was taken."""

    def __init__(self, verify_token: str = VERIFY) -> None:
        super().__init__()
        self.verify_token = verify_token
        self.on_message: Callable[[Any], None] = lambda _: None

    @property
    def bodies(self) -> list[Any]:
        """What was taken."""
        return [one.body for one in self.took if one.status == 200]

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

    async def asked(self, request: Request) -> Response:
        given = request.query_params
        good = given["hub.verify_token"] == self.verify_token
        good = good and given["hub.mode"] == "subscribe"
        return PlainTextResponse(given["hub.challenge"] if good else "", 200 if good else 403)

    def good(self, one: Took) -> None:
        for message in messages_of(one.body):
            Thread(target=self.on_message, args=(message,), daemon=True).start()


def messages_of(body: Any) -> list[Any]:
    """Return all messages of a body, wherever they are."""
    values = [change["value"] for one in body.get("entry", ()) for change in one["changes"]]
    return [message for value in values for message in value.get("messages", ())]
