"""HTTP of the smallest kind, over unix sockets: enough to hand messages in and out in a soak."""

from __future__ import annotations

__all__ = ["post", "serving"]

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

Handler = Callable[[Mapping[str, Any]], Awaitable[int]]


async def post(socket: Path, body: Mapping[str, Any], *, within: float = 5.0) -> int:
    """Post JSON; return the status, or 0 when nobody answered."""
    try:
        async with asyncio.timeout(within):
            reader, writer = await asyncio.open_unix_connection(socket)
            data = json.dumps(body).encode()
            writer.write(b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(data), data))
            status = (await reader.readline()).split()
            writer.close()
            return int(status[1]) if len(status) > 1 else 0
    except (OSError, TimeoutError):
        return 0


async def serving(socket: Path, handler: Handler) -> asyncio.Server:
    """Answer every request with the status that `handler` returns."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            status = await handler(json.loads(await reader.readexactly(length)))
            writer.write(b"HTTP/1.1 %d .\r\nContent-Length: 0\r\n\r\n" % status)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the other side was killed
        finally:
            writer.close()

    return await asyncio.start_unix_server(answer, socket)
