"""Something that takes what WAHA posts, and a client of its API."""

from __future__ import annotations

__all__ = ["Listener", "Took", "client"]

import json
from dataclasses import dataclass
from threading import Condition
from typing import Any, Self

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.whatsapp.standins.background import Background
from adapters.whatsapp.standins.waha import WahaStandin

PATIENCE = 20.0  # seconds; the machine may have other things to do


@dataclass(frozen=True, slots=True)
class Took:
    """One post."""

    headers: dict[str, str]
    raw: bytes
    body: dict[str, Any]


class Listener:
    """Takes posts at `url`; `refuses` holds the statuses the next ones get instead of 200."""

    def __init__(self) -> None:
        self.took: list[Took] = []
        self.refuses: list[int] = []
        self._changed = Condition()
        self._thread = Background(Starlette(routes=[Route("/hook", self._take, methods=["POST"])]))

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
            self.took.append(Took(dict(request.headers), raw, json.loads(raw)))
            status = self.refuses.pop(0) if self.refuses else 200
            self._changed.notify_all()
        return Response(status_code=status)

    def wait(self, n: int = 1, event: str = "") -> list[Took]:
        """Return the posts (of this event) once that are `n`."""

        def found() -> list[Took]:
            return [one for one in self.took if event in ("", one.body["event"])]

        with self._changed:
            came = self._changed.wait_for(lambda: len(found()) >= n, PATIENCE)
            told = [(one.body["event"], one.body["payload"]) for one in self.took]
            assert came, f"{n} of {event or 'any'} never came: {told}"
            return found()

    def until_status(self, status: str) -> None:
        """Wait until the session was said to be so."""

        def told() -> bool:
            return any(one.body["payload"].get("status") == status for one in self.took)

        with self._changed:
            assert self._changed.wait_for(told, PATIENCE), f"{status} was never told"


def client(waha: WahaStandin, key: str | None = None) -> httpx2.Client:
    """Return a client of the API; close it."""
    headers = {"X-Api-Key": waha.api_key if key is None else key}
    return httpx2.Client(base_url=waha.url, headers=headers, timeout=PATIENCE, trust_env=False)
