"""Serves a stand-in from a thread of its own, so that whoever tests may wait however they like."""

from __future__ import annotations

__all__ = ["InThread"]

import asyncio
import socket
from collections.abc import Callable, Coroutine
from threading import Thread, current_thread
from typing import Any, TypeVar

from starlette.types import ASGIApp
from uvicorn import Config, Server

T = TypeVar("T")

PATIENCE = 30.0  # seconds; what is asked of the thread takes milliseconds
GRACE = 2.0  # seconds; a request that is cut in the middle leaves its socket open


class _Server(Server):
    """Says when it listens."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(Config(app, lifespan="off", log_config=None, access_log=False, ws="none"))
        self.listens = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listens.set()


class InThread:
    """An application on a free port of 127.0.0.1; its door may be closed and opened again."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="stand-in", daemon=True)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._serving: tuple[Server, asyncio.Task[None]] | None = None
        self.port = 0

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()
        self.open()

    def stop(self) -> None:
        """Close the door, end what still runs and leave nothing behind."""
        self.close()
        self.wait_for(self.end_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    def open(self) -> None:
        """Listen, on the same port as before."""
        self.wait_for(self._open())

    def close(self) -> None:
        """Listen no more and cut every connection, as a process does that dies."""
        self.wait_for(self._close())

    def do(self, work: Callable[[], T]) -> T:
        """Run a function where the application runs; return what it returns."""
        if current_thread() is self._thread:
            return work()

        async def done() -> T:
            return work()

        return self.wait_for(done())

    def wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine where the application runs; return what it returns."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Let a coroutine run on; called where the application runs."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end_tasks(self) -> None:
        """Cancel what was begun, once it had a moment to end by itself."""
        tasks = list(self._tasks)
        if tasks:
            await asyncio.wait(tasks, timeout=GRACE)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for _ in range(3):
            await asyncio.sleep(0)  # what was closed tells its transport in the next round

    async def _open(self) -> None:
        if self._serving:
            return
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", self.port))
        self.port = sock.getsockname()[1]
        server = _Server(self._app)
        self._serving = server, self._loop.create_task(server.serve([sock]))
        await server.listens.wait()

    async def _close(self) -> None:
        if not self._serving:
            return
        server, serving = self._serving
        self._serving = None
        for connection in list(server.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        # Its own loop looks ten times a second whether it shall end; a hundred tests would wait for it.
        serving.cancel()
        await asyncio.gather(serving, *server.server_state.tasks, return_exceptions=True)
        server.force_exit = True
        await server.shutdown()
