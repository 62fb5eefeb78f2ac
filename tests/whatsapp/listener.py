"""Something that takes what a provider posts and keeps it, in a thread of its own."""

from __future__ import annotations

__all__ = ["PATIENCE", "Listener", "Took"]

import json
from dataclasses import dataclass
from threading import Condition
from typing import Any, Self

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.whatsapp.standins.background import Background

PATIENCE = 20.0  # seconds; the machine may have other things to do


@dataclass(frozen=True, slots=True)
class Took:
    """One post, and what it was answered."""

    headers: dict[str, str]
    raw: bytes
    body: dict[str, Any]
    status: int


class Listener:
    """Takes posts at `url`; `refuses` holds the statuses the next ones get instead of 200."""

    def __init__(self) -> None:
        self.took: list[Took] = []
        self.refuses: list[int] = []
        self._changed = Condition()
        routes = [
            Route("/hook", self._take, methods=["POST"]),
            Route("/hook", self.asked, methods=["GET"]),
        ]
        self._thread = Background(Starlette(routes=routes))

    def __enter__(self) -> Self:
        self._thread.listen()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._thread.port}/hook"

    async def _take(self, request: Request) -> Response:
        raw = await request.body()
        with self._changed:
            status = self.refuses.pop(0) if self.refuses else 200
            one = Took(dict(request.headers), raw, json.loads(raw), status)
            self.took.append(one)
            self._changed.notify_all()
        if status == 200:
            self.good(one)
        return Response(status_code=status)

    async def asked(self, request: Request) -> Response:
        """Answer what is no post."""
        return Response(status_code=405)

    def good(self, one: Took) -> None:
        """Hear of a post that was not refused."""
