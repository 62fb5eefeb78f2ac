"""Starting and stopping: the ready line, what is wrong told in words, and the exit code."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import httpx2
import pytest

from adapters.settings import Settings
from adapters.web.serving import listen
from tests.adapters.programs import start
from tests.web.site import READY, served


def test_the_ready_line_names_where_it_listens(tmp_path: Path) -> None:
    with start("serve", "--port", "0", env={"REJOINDER_DATA": str(tmp_path)}) as shop:
        shop.until(f"{READY}http://127.0.0.1:")
        port = int(shop.until("\n"))
        health = httpx2.get(f"http://127.0.0.1:{port}/health")
        code, out, err = shop.stop()

    assert (200, "ok") == (health.status_code, health.json()["status"])
    assert {"sql": True, "redis": None} == {
        name: check["ok"] for name, check in health.json()["checks"].items()
    }
    assert (0, "") == (code, out)
    assert "Traceback" not in err


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        with start("serve", "--port", port, env={"REJOINDER_DATA": str(tmp_path)}) as shop:
            code, out, err = shop.ended()

    assert (2, "") == (code, out)
    assert f"127.0.0.1:{port} cannot be listened on" in err
    assert "--port 0" in err


async def test_an_answer_waits_for_no_acknowledgement() -> None:
    """On asyncio's own loop too, whose connections are told so only where TCP is named."""
    told: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def taken(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sock = writer.get_extra_info("socket")
        told.set_result(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    sock = listen(Settings(port=0))
    async with await asyncio.start_server(taken, sock=sock):
        _, writer = await asyncio.open_connection(*sock.getsockname())
        assert await told
        writer.close()


def test_a_second_one_on_the_same_file_is_told_who_is_there(tmp_path: Path) -> None:
    with (
        served(tmp_path),
        start("serve", "--port", "0", env={"REJOINDER_DATA": str(tmp_path)}) as second,
    ):
        code, _, err = second.ended()

    assert 3 == code
    assert "is served already, by process" in err


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"REJOINDER_WORKERS": "2"}, "REJOINDER_SECRET_KEY"),
        ({"REJOINDER_WORKERS": "2", "REJOINDER_SECRET_KEY": "k" * 32}, "of a PostgreSQL"),
        ({"REJOINDER_SECRET_KEY": "short"}, "REJOINDER_SECRET_KEY: is one key of 32"),
        ({"REJOINDER_OPERATOR_TOKEN": "short"}, "REJOINDER_OPERATOR_TOKEN: has fewer"),
        ({"REJOINDER_WEB_RATE": "20", "REJOINDER_MAX_BODY": "x"}, "REJOINDER_MAX_BODY: Input"),
        ({"REJOINDER_WEB_RATE": "20"}, "Example: 20/10s"),
        ({"REJOINDER_ALLOWED_SITES": "shop.example"}, "'shop.example' is no site"),
        ({"REJOINDER_PUBLIC_URL": "shop.example"}, "'shop.example' is no address"),
        ({"REJOINDER_BOT": "parts_shp"}, 'Did you mean "parts_shop"?'),
    ],
)
def test_a_wrong_setting_stops_the_start(tmp_path: Path, env: dict[str, str], words: str) -> None:
    with start("serve", "--port", "0", env={"REJOINDER_DATA": str(tmp_path)} | env) as shop:
        code, out, err = shop.ended()

    assert (2, "") == (code, out)
    assert words in err
    assert "short" not in err.replace("shorter", "")
    assert "Traceback" not in err


def test_several_processes_without_their_database_do_not_start(tmp_path: Path) -> None:
    env = {
        "REJOINDER_DATA": str(tmp_path),
        "REJOINDER_SECRET_KEY": "k" * 32,
        "REJOINDER_DATABASE_URL": "postgresql://127.0.0.1:1/none",
    }
    with start("serve", "--port", "0", "--workers", "2", env=env) as shop:
        code, out, err = shop.ended()

    assert (3, "") == (code, out)
    assert "PostgreSQL at 127.0.0.1" in err


def test_without_redis_it_is_degraded_and_works(tmp_path: Path) -> None:
    with served(tmp_path, "--redis-url", "redis://127.0.0.1:1/0") as shop:
        health = httpx2.get(f"{shop.url}/health")
        shop.visitor().say("hello")

    assert (200, "degraded") == (health.status_code, health.json()["status"])
    assert not health.json()["checks"]["redis"]["ok"]


def test_no_log_repeats_what_a_visitor_said_or_holds(tmp_path: Path) -> None:
    with served(tmp_path, REJOINDER_LOG_LEVEL="debug") as shop:
        visitor = shop.visitor()
        token = visitor.say("I am Hari, 8848850922, I need 11 remote controls")["session"]
        visitor.post({"text": "hari@example.com", "txt": "hari@example.com"})
        visitor.post({"text": "x", "session": token + "x"})
        visitor.http.get("/api/chat?after=Hari")
        code, _, err = shop.program.stop()

    assert 0 == code
    for word in ("Hari", "hari@", "88488", "remote", token):
        assert word not in err
