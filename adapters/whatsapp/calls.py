"""Requests to a provider: what an answer means, and what it means that none came.

A message surely did not go out where nothing was connected, or where the answer says so: `Refused`.
Whatever else is raised here, a time-out or a cut connection, leaves that open. Nothing is logged:
httpx2 tells addresses and answers to nobody by itself, and we tell no bodies.
"""

from __future__ import annotations

__all__ = ["Calls", "plain_client"]

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx2

from adapters.whatsapp.provider import Refused
from adapters.whatsapp.refusals import Unclear, refusal_of

CONNECT: Final = 5  # seconds
READ: Final = 20  # seconds until the next bytes; the servers send within a second
ANSWER: Final = 60  # seconds for a whole answer, however its bytes trickle
FILE: Final = 180  # seconds for a file
LONGEST: Final = 1_000_000  # bytes of an answer; they have some hundreds
# Node, which WAHA runs on, hangs up after 5 seconds; what is sent into that moment is unclear.
IDLE: Final = 3  # seconds

_NOT_CONNECTED = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
)
# Found out before anything is sent: no address, or a key that fits into no header.
_IMPOSSIBLE = (
    httpx2.InvalidURL,
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
    UnicodeEncodeError,
)


def plain_client() -> httpx2.AsyncClient:
    """Make a client that gives up in time and goes nowhere it was not sent."""
    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(READ, connect=CONNECT, pool=CONNECT),
        limits=httpx2.Limits(max_connections=50, keepalive_expiry=IDLE),
        follow_redirects=False,
        # Meta's file server turns away what looks like a library.
        headers={"user-agent": "Rejoinder", "accept-encoding": "identity"},
    )


class Calls:
    """What is asked of one provider with one key."""

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        client: Callable[[], httpx2.AsyncClient] = plain_client,
    ) -> None:
        """Keep the address and the key; the client is made when it is first needed."""
        self.base_url = base_url.rstrip("/")
        self._headers = dict(headers)
        self._make = client
        self._client: httpx2.AsyncClient | None = None

    async def tell(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Post a body; return the JSON object of a success, empty where that is something else."""
        # A half of a character that came from somewhere is no reason to send nothing.
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        async with (
            asyncio.timeout(ANSWER),
            self._asked("POST", f"{self.base_url}{path}", content=content) as response,
        ):
            return await _understood(response)

    async def look(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Get a JSON object, as `tell` does. Nothing is sent by looking: what fails is `Refused`."""
        async with (
            _only_looking(),
            asyncio.timeout(ANSWER),
            self._asked("GET", f"{self.base_url}{path}", query=query) as response,
        ):
            return await _understood(response)

    async def download(self, url: httpx2.URL, *, most: int) -> bytes | None:
        """Get a file; None where it is gone, lies elsewhere, or has more than `most` bytes."""
        async with (
            _only_looking(),
            asyncio.timeout(FILE),
            self._asked("GET", url) as response,
        ):
            if response.is_redirect or response.status_code in (404, 410):
                return None
            if not response.is_success:
                await _understood(response)
            return await _read(response, most)

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    @asynccontextmanager
    async def _asked(
        self,
        method: str,
        url: httpx2.URL | str,
        *,
        content: bytes | None = None,
        query: Mapping[str, str] | None = None,
    ) -> AsyncIterator[httpx2.Response]:
        """Send a request; the answer's body is still to be read."""
        if self._client is None:
            self._client = self._make()
        headers = self._headers | ({"content-type": "application/json"} if content else {})
        try:
            request = self._client.build_request(
                method, url, content=content, params=query, headers=headers
            )
            response = await self._client.send(request, stream=True, follow_redirects=False)
        except _NOT_CONNECTED as fault:
            why = "could not be reached. Compare base_url, and see whether it runs"
            raise Refused("away", f"the provider {why}.") from fault
        except _IMPOSSIBLE as fault:
            why = "base_url is no address, or its key holds letters that no key has"
            raise Refused("stop", f"the connection: {why}. Correct it.") from fault
        try:
            yield response
        finally:
            await response.aclose()


async def _understood(response: httpx2.Response) -> dict[str, Any]:
    """Return the JSON object of a success, or raise what the answer is.

    Where no answer is needed, WAHA's may be anything: nothing, `true`, another object by engine.
    """
    raw = await _read(response, LONGEST)
    body: object = "too long" if raw is None else _parsed(raw)
    if not response.is_success:
        raise refusal_of(response.status_code, body)
    return body if isinstance(body, dict) else {}


def _parsed(raw: bytes) -> object:
    """Return an answer's JSON, else its text; None where it is empty."""
    if not raw.strip():
        return None
    try:
        parsed: object = json.loads(raw)
    except (ValueError, RecursionError):
        return raw.decode(errors="replace")
    return parsed


async def _read(response: httpx2.Response, most: int) -> bytes | None:
    """Read a body; None once it is longer than `most`, and the rest is left."""
    told = response.headers.get("content-length", "")
    if told.isdecimal() and int(told[:20]) > most:
        return None
    raw = bytearray()
    async for some in response.aiter_bytes():
        raw += some
        if len(raw) > most:
            return None
    return bytes(raw)


@asynccontextmanager
async def _only_looking() -> AsyncIterator[None]:
    """Make whatever stays open a refusal: looking may be done again."""
    try:
        yield
    except (httpx2.RequestError, TimeoutError, Unclear) as fault:
        why = "nothing that could be used came back. It is tried again"
        raise Refused("retry", f"the provider: {why}.") from fault
