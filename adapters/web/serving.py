"""Serves the web chat: one process with everything in it, or several that share an address."""

from __future__ import annotations

__all__ = ["listen", "serve_alone", "serve_together", "served_until_told"]

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from functools import partial
from typing import Any

import structlog
from fastapi import FastAPI
from uvicorn import Config, Server
from uvicorn.supervisors import Multiprocess

from adapters.assembly import open_database, prepare
from adapters.compiled import runs_compiled
from adapters.logs import configure
from adapters.operating import opened
from adapters.running import run_loop, spare_the_collector, working
from adapters.service import Service
from adapters.settings import Settings
from adapters.terms import show
from adapters.web.app import web_app
from engine.errors import UsageError

log = structlog.get_logger()

BACKLOG = 2_048  # connections that wait while we start, or are busy
LEAVE = 5  # seconds an open connection has when we stop; streams are ended at once
PATIENCE = 60  # seconds for the other processes to start


def listen(settings: Settings) -> socket.socket:
    """Take the address; what comes waits until we serve."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # TCP by name: only then does asyncio send the second half of an answer without waiting for an
    # acknowledgement of the first, which clients hold back for 40 ms. uvloop does so always.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((settings.host, settings.port))
    except OSError as error:
        sock.close()
        raise UsageError(
            f"{settings.host}:{settings.port} cannot be listened on: {error.strerror}. Stop who"
            " does, or choose another: --port 0 takes a free one."
        ) from error
    sock.listen(BACKLOG)
    _allow_many()
    sock.set_inheritable(True)
    return sock


def _allow_many() -> None:
    """Take as many connections as the system lets a process have: shells begin with 1,024."""
    import resource  # noqa: PLC0415 - not on every system

    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def serve_alone(settings: Settings, sock: socket.socket) -> None:
    """Serve in this process until SIGTERM or Ctrl-C."""
    run_loop(_serve(settings, sock))


async def _serve(settings: Settings, sock: socket.socket) -> None:
    async with working(settings) as (service, told):
        app = web_app(settings, lambda: _given(service))
        await served_until_told(app, sock, told, service.changes.close)


async def served_until_told(
    app: FastAPI,
    sock: socket.socket,
    told: asyncio.Event | None = None,
    stopping: Callable[[], None] = lambda: None,
) -> None:
    """Serve an application, say where, and stop when told; without an event, when killed."""
    server = _Server(_config(app), lambda: _say_where(sock))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(server.serve([sock]))
        await (told or asyncio.Event()).wait()
        stopping()
        server.should_exit = True


@asynccontextmanager
async def _given(service: Service) -> AsyncIterator[Service]:
    yield service


class _Server(Server):
    """Leaves the signals to us, because a stop is told to the streams first; says when it listens."""

    def __init__(self, config: Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._told_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._told_started()

    def capture_signals(self) -> Any:
        return nullcontext()


def _config(app: Any, **more: Any) -> Config:
    return Config(
        app,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=LEAVE,
        backlog=BACKLOG,
        ws="none",
        **more,
    )


def _say_where(sock: socket.socket) -> None:
    host, port = sock.getsockname()[:2]
    show(f"Rejoinder is listening on http://{f'[{host}]' if ':' in host else host}:{port}")


# -- several processes -----------------------------------------------------------------------------


def serve_together(settings: Settings, sock: socket.socket) -> None:
    """Serve in several processes until SIGTERM or Ctrl-C; one that dies is replaced."""
    # What is wrong with the database is told by us, once, and the tables are made by one.
    asyncio.run(_prepare(settings))
    app = partial(process_app, settings)
    config = _config(app, factory=True, workers=settings.workers)
    _Processes(config, [sock]).run()


async def _prepare(settings: Settings) -> None:
    database = open_database(settings)
    try:
        await prepare(database)
    finally:
        await database.close()


class _Processes(Multiprocess):
    """Says that it listens once all of them do."""

    def init_processes(self) -> None:
        super().init_processes()
        if all(one.wait_until_ready(PATIENCE, self.should_exit) for one in self.processes):
            _say_where(self.sockets[0])


def process_app(settings: Settings) -> FastAPI:
    """Return the application of one of several processes, which opens what it needs by itself."""
    configure(settings.log_level)
    return web_app(settings, lambda: _opened(settings))


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Service]:
    async with opened(settings) as service:
        spare_the_collector()
        log.info("started", engine="compiled" if runs_compiled() else "sources")
        service.start()
        with _streams_ended(service):
            yield service


@contextmanager
def _streams_ended(service: Service) -> Iterator[None]:
    """End the streams when this process is told to stop, before the server waits for them."""
    before = signal.getsignal(signal.SIGTERM)
    loop = asyncio.get_running_loop()

    def stop(number: int, frame: Any) -> None:
        loop.call_soon_threadsafe(service.changes.close)
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
