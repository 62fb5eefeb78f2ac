"""Stands where Meta is: takes everything at once and tells nothing. ``python -m bench.whatsapp_provider``."""

from __future__ import annotations

import asyncio
from itertools import count

from bench.http_turns import READY

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


class _Answering(asyncio.Protocol):
    """Reads requests, as far as needed to know where they end."""

    _ids = count(1)

    def __init__(self) -> None:
        self._heard = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where answers go."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a socket's
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self._heard += data
        while (end := self._heard.find(b"\r\n\r\n")) >= 0:
            head = self._heard[:end].lower()
            _, _, length = head.partition(b"content-length:")
            whole = end + 4 + int(length.partition(b"\r\n")[0] or 0)
            if len(self._heard) < whole:
                return
            self._heard = self._heard[whole:]
            body = b'{"messages":[{"id":"wamid.%d"}],"success":true}' % next(self._ids)
            assert self._transport is not None  # noqa: S101 - made before anything is heard
            self._transport.write(HEAD % len(body) + body)


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.get_running_loop().create_server(_Answering, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(f"{READY}http://127.0.0.1:{port}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
