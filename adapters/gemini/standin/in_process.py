"""The stand-in as a transport of a client: no socket, no thread, and the loop's own time."""

from __future__ import annotations

__all__ = ["InProcess"]

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import httpx2

from adapters.gemini.standin.wire import headers_of, written

if TYPE_CHECKING:
    from adapters.gemini.standin.standin import GeminiStandin


class _Half(httpx2.AsyncByteStream):
    """A body that breaks off."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body
        raise httpx2.RemoteProtocolError("peer closed connection without sending complete body")


class InProcess(httpx2.AsyncBaseTransport):
    """Hands requests over; times out and refuses connections as a network would."""

    def __init__(self, standin: GeminiStandin) -> None:
        self._standin = standin

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request."""
        if self._standin.is_down:
            raise httpx2.ConnectError("All connection attempts failed", request=request)
        raw = await request.aread()
        limit = request.extensions.get("timeout", {}).get("read")
        try:
            async with asyncio.timeout(limit):
                asked, mood = await self._standin.take(request.url.path, dict(request.headers), raw)
        except TimeoutError:
            raise httpx2.ReadTimeout("The read operation timed out", request=request) from None
        body, headers = written(asked, mood), headers_of(asked, mood)
        if mood.cut:
            return httpx2.Response(mood.status, headers=headers, stream=_Half(body))
        return httpx2.Response(mood.status, headers=headers, content=body)
