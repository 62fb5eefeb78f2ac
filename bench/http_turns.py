"""What a durable turn over HTTP costs: `wrk` against the product and against routes that store nothing.

Every server is a process of its own. In each round each of them is asked for some seconds, so that a
slow moment of the machine hits all alike; ratios are taken inside a round, and medians are shown.
"""

from __future__ import annotations

__all__ = ["RAISED", "READY", "add_flags", "rows", "serving"]

import json
import os
import resource
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import httpx2

from bench.report import Row

SCRIPT = Path(__file__).with_name("http.lua")
READY = "Rejoinder is listening on "
IN_FLIGHT = 64
VISITORS = 640  # ten times as many as are in flight, so that nobody says two things at once
STREAMS = 2_000
CLOSING = 1.0  # seconds, until the server has noticed that all of them were closed
RAISED = {"REJOINDER_WEB_RATE": "100000000/1s", "REJOINDER_ADDRESS_RATE": "100000000/1s"}
# An address of ten requests a second: every visitor's is far below, the flood far above.
STRICT = {"REJOINDER_WEB_RATE": "100000000/1s", "REJOINDER_ADDRESS_RATE": "600/60s"}


@dataclass(frozen=True, slots=True)
class Server:
    """A server that listens."""

    process: subprocess.Popen[str]
    url: str

    @property
    def kilobytes(self) -> int:
        """The memory it has now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        return int(status.partition("VmRSS:")[2].split()[0])


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking for some seconds."""

    per_second: float
    p50: float
    p99: float


def add_flags(parser: ArgumentParser) -> None:
    """Say how long it takes."""
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5, help="of each server in each round")


def rows(options: Namespace) -> list[Row]:
    """Take the figures."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        with TemporaryDirectory() as folder:
            return list(_rows(Path(folder), options.rounds, options.seconds))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _rows(folder: Path, rounds: int, seconds: int) -> Iterator[Row]:
    ours: list[Asked] = []
    shop: list[Asked] = []
    typed: list[Asked] = []
    plain: list[Asked] = []
    with ExitStack() as stack:
        product = stack.enter_context(_product(folder / "turns", RAISED))
        by_fastapi = stack.enter_context(serving("bench.http_peers", "typed"))
        by_starlette = stack.enter_context(serving("bench.http_peers", "plain"))
        parts = stack.enter_context(_product(folder / "shop", RAISED, bot="parts_shop"))
        asked = [(product, ours), (parts, shop), (by_fastapi, typed), (by_starlette, plain)]
        tokens = {server.url: folder / f"tokens-{n}" for n, (server, _) in enumerate(asked)}
        for server in (product, parts):
            _visitors(server, tokens[server.url], VISITORS)
        for server in (by_fastapi, by_starlette):
            tokens[server.url] = tokens[product.url]
        for _ in range(rounds):
            for server, into in asked:
                into.append(_ask(server, tokens[server.url], seconds))
    yield Row("durable turns over HTTP, 64 in flight", _middle(ours), "turns/s")
    yield Row("its p50", median(one.p50 for one in ours), "ms")
    yield Row("its p99", median(one.p99 for one in ours), "ms")
    yield Row("FastAPI + pydantic storing nothing", _middle(typed), "requests/s")
    share = _share(ours, typed)
    yield Row("a durable turn's share of it", share, "%", floor=50, goal=65, less_is_better=False)
    yield Row(
        "durable turns of the parts shop, its readers and catalogue", _middle(shop), "turns/s"
    )
    yield Row("their share of it", _share(shop, typed), "%")
    yield Row("plain Starlette storing nothing", _middle(plain), "requests/s")
    yield Row("a durable turn's share of it, plain", _share(ours, plain), "%")
    yield from _with_streams(folder / "streams", rounds, seconds)
    yield from _with_flood(folder / "flood", rounds, seconds)


def _with_streams(folder: Path, rounds: int, seconds: int) -> Iterator[Row]:
    """Two thousand pages are open: what each holds, and what the others lose by them."""
    without, beside, each = [], [], 0.0
    with _product(folder, RAISED) as server:
        tokens = _visitors(server, folder / "tokens", VISITORS)
        pages = _visitors(server, folder / "pages", STREAMS)
        _ask(server, tokens, seconds)
        for n in range(rounds):
            # Turn and turn about which is first: the database grows, and the later one has more of it.
            if n % 2 == 0:
                without.append(_ask(server, tokens, seconds))
            before = server.kilobytes
            with _open(server, pages):
                each = max(each, (server.kilobytes - before) / STREAMS)
                beside.append(_ask(server, tokens, seconds))
            if n % 2:
                time.sleep(CLOSING)
                without.append(_ask(server, tokens, seconds))
    yield Row("memory of an open stream, of 2,000", each, "KB")
    share = _share(beside, without)
    yield Row("turns/s beside 2,000 streams", share, "%", floor=90, less_is_better=False)


def _with_flood(folder: Path, rounds: int, seconds: int) -> Iterator[Row]:
    """One address asks without end: what the others lose by it."""
    without, beside = [], []
    with _product(folder, STRICT) as server:
        tokens = _visitors(server, folder / "tokens", VISITORS)
        (flood,) = _lines(tokens)[:1]
        one = folder / "one"
        one.write_text(f"{flood.split()[0]} 203.0.113.9\n", "ascii")
        for n in range(rounds):
            if n % 2 == 0:
                without.append(_ask(server, tokens, seconds))
            with _asking(server, one, seconds + 2):
                beside.append(_ask(server, tokens, seconds))
            if n % 2:
                without.append(_ask(server, tokens, seconds))
    share = _share(beside, without)
    yield Row("turns/s beside a flood of one address", share, "%", floor=90, less_is_better=False)


# -- servers ---------------------------------------------------------------------------------------


@contextmanager
def _product(
    folder: Path, rates: Mapping[str, str], *, bot: str = "bench/dialogue"
) -> Iterator[Server]:
    """Serve the dialogue that all engines of `./run bench store` hold, or another bot."""
    folder.mkdir()
    env = {"REJOINDER_DATA": str(folder), "REJOINDER_LOG_LEVEL": "error", **rates}
    with serving("adapters", "serve", "--port", "0", "--bot", bot, **env) as server:
        yield server


@contextmanager
def serving(module: str, *args: str, **env: str) -> Iterator[Server]:
    """Run a server of ours until the block is left."""
    process = subprocess.Popen(  # noqa: S603 - our own modules
        [sys.executable, "-m", module, *args],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **env},
    )
    try:
        assert process.stdout is not None  # noqa: S101 - asked for above
        said = process.stdout.readline()
        if not said.startswith(READY):
            raise RuntimeError(f"{module} {' '.join(args)} did not start: {said or 'it ended'}")
        yield Server(process, said.removeprefix(READY).strip())
    finally:
        process.kill()
        process.communicate()


def _visitors(server: Server, file: Path, count: int) -> Path:
    """Have so many begin a conversation, each at an address of their own; write their tokens down."""
    with httpx2.Client(base_url=server.url) as client, file.open("w", encoding="ascii") as out:
        for n in range(count):
            address = f"10.{n // 65_536}.{n // 256 % 256}.{n % 256}"
            headers = {"x-forwarded-for": address}
            answer = client.post("/api/chat", json={"text": "hello"}, headers=headers)
            client.cookies.clear()
            out.write(f"{answer.raise_for_status().json()['session']} {address}\n")
    return file


def _lines(file: Path) -> list[str]:
    return file.read_text("ascii").splitlines()


# -- asking ----------------------------------------------------------------------------------------


def _wrk(server: Server, tokens: Path, seconds: int) -> subprocess.Popen[str]:
    command = ["wrk", "-t1", f"-c{IN_FLIGHT}", f"-d{seconds}s", "--latency", "-s", str(SCRIPT)]
    return subprocess.Popen(  # noqa: S603 - found on PATH, as ./run put it there
        [*command, server.url],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TOKENS": str(tokens)},
    )


def _ask(server: Server, tokens: Path, seconds: int) -> Asked:
    """Ask for some seconds; every answer has to be a good one."""
    out, _ = _wrk(server, tokens, seconds).communicate()
    found = json.loads(out.partition("FIGURES ")[2])
    if found["refused"] or found["cut"]:
        raise RuntimeError(f"{found['refused']} answers were refusals, {found['cut']} never came")
    return Asked(found["requests"] / found["seconds"], found["p50"], found["p99"])


@contextmanager
def _asking(server: Server, tokens: Path, seconds: int) -> Iterator[None]:
    flood = _wrk(server, tokens, seconds)
    try:
        yield
    finally:
        flood.kill()
        flood.communicate()


@contextmanager
def _open(server: Server, tokens: Path) -> Iterator[None]:
    """Open a stream for each of these, and hear the first of each."""
    address = urlsplit(server.url)
    with ExitStack() as stack:
        for line in _lines(tokens):
            page = stack.enter_context(socket.create_connection((address.hostname, address.port)))
            token, _, sender = line.partition(" ")
            page.sendall(
                f"GET /api/chat/stream HTTP/1.1\r\nHost: bench\r\nX-Forwarded-For: {sender}\r\n"
                f"Authorization: Bearer {token}\r\n\r\n".encode()
            )
            heard = b""
            while b"event: state" not in heard:
                heard += page.recv(65_536) or b"event: state"
            if b"200 OK" not in heard:
                raise RuntimeError(f"a stream did not open: {heard[:200]!r}")
        yield


def _middle(asked: Sequence[Asked]) -> float:
    return median(one.per_second for one in asked)


def _share(ours: Sequence[Asked], theirs: Sequence[Asked]) -> float:
    """Return how many percent of theirs are ours, taken in each round."""
    pairs = zip(ours, theirs, strict=True)
    return median(100 * mine.per_second / other.per_second for mine, other in pairs)
