"""One client of Gemini for many worlds: opening one takes sixty milliseconds, and it knows of none."""

from __future__ import annotations

__all__ = ["NETWORK", "shared_client"]

from contextvars import ContextVar
from functools import cache

import httpx2

from adapters.gemini.assistant import Gemini

NETWORK: ContextVar[httpx2.AsyncBaseTransport] = ContextVar("network")  # of whoever asks


class _Network(httpx2.AsyncBaseTransport):
    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return await NETWORK.get().handle_async_request(request)


@cache
def shared_client() -> Gemini:
    """Return the client; its requests go where the `NETWORK` of whoever asks leads."""
    return Gemini(key="any", transport=_Network())
