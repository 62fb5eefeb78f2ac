"""A thread with a loop of its own, in which a stand-in serves and posts while tests stay synchronous."""

from __future__ import annotations

__all__ = ["Background"]

import asyncio
import socket
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from threading import Thread, current_thread
from typing import Any, TypeVar

from starlette.types import ASGIApp
from uvicorn import Config, Server

T = TypeVar("T")

PATIENCE = 10.0  # seconds that starting or stopping may take on a busy machine
LEAVE = 1.0  # seconds for a request that is under way when nobody is to listen any more


class Background:
    """Serves an application on 127.0.0.1, on the same port however often it is stopped."""

    def __init__(self, app: ASGIApp, port: int = 0) -> None:
        """Start the thread; nobody listens before `listen`."""
        self._app = app
        self.port = port
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="stand-in", daemon=True)
        self._thread.start()
        self._serving: tuple[Server, socket.socket] | None = None

    def spawn(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Begin something in the background."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def run(self, work: Coroutine[Any, Any, T], timeout: float = PATIENCE) -> T:
        """Do something in the background and wait for its end."""
        return self.spawn(work).result(timeout)

    def listen(self) -> None:
        """Serve, from before this returns."""
        self.run(self._listen())

    def hang_up(self, *, cut: bool = False) -> None:
        """Serve no longer: who connects is refused; `cut` what is under way, as a death does."""
        self.run(self._hang_up(cut=cut))

    def do(self, work: Callable[[], T]) -> T:
        """Run a function where the application runs; return what it returns."""
        if current_thread() is self._thread:
            return work()

        async def done() -> T:
            return work()

        return self.run(done())

    def stop(self) -> None:
        """End everything that goes on here."""
        self.run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    async def _listen(self) -> None:
        if self._serving is not None:
            return
        # TCP by name, or asyncio waits for acknowledgements in the middle of answers.
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", self.port))
        self.port = sock.getsockname()[1]
        # Connections that come from now on wait in the backlog until the server takes them.
        sock.listen(1_024)
        config = Config(
            self._app,
            lifespan="off",
            log_config=None,
            log_level="critical",  # a connection cut on purpose is no news
            access_log=False,
            ws="none",
        )
        config.load()
        # Without its main loop, which looks only ten times a second whether it is to stop: a test
        # that starts and stops a stand-in would wait for it longer than for everything else.
        server = Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[sock])
        self._serving = (server, sock)

    async def _hang_up(self, *, cut: bool = False) -> None:
        if self._serving is None:
            return
        server, sock = self._serving
        self._serving = None
        for listening in server.servers:
            listening.close()
        sock.close()
        for connection in list(server.server_state.connections):
            if cut and connection.transport is not None:
                connection.transport.abort()
            else:
                connection.shutdown()
        if tasks := server.server_state.tasks:
            await asyncio.wait(tasks, timeout=LEAVE)

    async def _end(self) -> None:
        await self._hang_up()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*rest, return_exceptions=True)
