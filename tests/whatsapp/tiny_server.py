"""A provider as small as a test needs it: it says what it is told to, over real HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


HANG = b"hang"  # the request is read and never answered
CUT = b""  # the request is read and the connection cut


def answer(status: int = 200, body: Any = None, *headers: str) -> bytes:
    """Return an answer: JSON, or the bytes that were given."""
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Said", f"content-length: {len(raw)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + raw


@dataclass
class Tiny:
    """What was asked, and what is said to it."""

    says: Callable[[Asked], bytes]
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    open: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def bodies(self) -> list[Any]:
        return [asked.body for asked in self.asked]

    @property
    def paths(self) -> list[str]:
        return [f"{asked.method} {asked.path}" for asked in self.asked]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.open.add(task)
        task.add_done_callback(self.open.discard)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode("latin-1").splitlines()
                headers = dict(line.lower().split(": ", 1) for line in lines if line)
                raw = await reader.readexactly(int(headers.get("content-length", "0")))
                method, path, _ = first.split(" ")
                self.asked.append(Asked(method, path, headers, raw))
                said = self.says(self.asked[-1])
                if said == HANG:
                    await reader.read()  # until the other side gives up
                    return
                writer.write(said)
                await writer.drain()
                if said == CUT or b"\r\nconnection: close" in said:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the other side hung up
        finally:
            writer.close()


@asynccontextmanager
async def tiny(*answers: bytes) -> AsyncIterator[Tiny]:
    """Serve these answers in their order, and the last one from then on."""
    waiting = list(answers)

    def says(asked: Asked) -> bytes:
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    async with tiny_saying(says) as server:
        yield server


@asynccontextmanager
async def tiny_saying(says: Callable[[Asked], bytes]) -> AsyncIterator[Tiny]:
    """Serve what a function says to each request."""
    server = Tiny(says)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, limit=8_000_000)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    async with listening:
        yield server
    await asyncio.gather(*server.open)  # every client is closed by now, or the test waits for it


def hasty() -> httpx2.AsyncClient:
    """Make a client that gives up at once."""
    return httpx2.AsyncClient(timeout=httpx2.Timeout(0.3, connect=5, pool=5))


async def nobody() -> str:
    """Return an address where nobody listens."""
    listening = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    listening.close()
    await listening.wait_closed()
    return f"http://127.0.0.1:{port}"
