"""The benches as programs: what they are called, what they compare, how workers share turns."""

from __future__ import annotations

import re
import socket
import tomllib
from argparse import Namespace
from importlib import import_module
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bench import store
from bench.__main__ import BENCHES, MODULES, main
from bench.http_turns import serving
from bench.several_workers import shares

ROOT = Path(__file__).parents[2]
PEERS = ROOT / "bench" / "peers"


def test_an_unknown_bench_is_answered_with_the_known_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nobody has to look up how benches are called."""
    assert 2 == main(["stroe"])
    said = capsys.readouterr().err
    assert all(name in said for name in BENCHES)


@pytest.mark.parametrize("name", BENCHES)
def test_every_bench_takes_figures(name: str) -> None:
    """A bench that is listed and not there would only be missed by who asks for it."""
    assert callable(import_module(f"bench.{MODULES.get(name, name)}").rows)


def test_the_provider_of_the_bench_answers_each_request() -> None:
    """Also two that come together, and one that comes in pieces: a bench that hangs tells nothing."""
    body = b'{"status": "read"}'
    request = b"POST /x HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    with serving("bench.whatsapp_provider") as server:
        address = urlsplit(server.url)
        with socket.create_connection((address.hostname, address.port), timeout=30) as line:
            heard = b""
            for piece in (request + request + request[:20], request[20:]):
                line.sendall(piece)
            while heard.count(b"success") < 3:
                data = line.recv(65_536)
                assert data, heard
                heard += data
    ids = re.findall(rb"wamid\.\d+", heard)
    assert len(set(ids)) == 3


def test_every_engine_of_the_comparison_is_known_to_the_peers() -> None:
    """A renamed peer would only be missed an hour into a comparison."""
    registered = (PEERS / "bench_turns.py").read_text(encoding="utf-8")
    for name, _ in store.OURS | store.OTHERS:
        found = re.search(rf'"{name}": "(\w+)"', registered)
        assert found, name
        assert (PEERS / f"{found[1]}.py").is_file()


def test_each_turn_of_each_conversation_comes_to_one_worker() -> None:
    """Four workers do the work of one, no more."""
    alone, four = (shares(Namespace(workers=n, conversations=50)) for n in (1, 4))
    assert list(alone) == list(four)
    for step, taken in four.items():
        assert sorted(alone[step][0]) == sorted(chain(*taken))
        assert all(taken)


def test_the_peers_lock_holds_what_we_depend_on() -> None:
    """Our engine runs in the peers' environment, at versions it allows."""
    written = (PEERS / "requirements.lock").read_text(encoding="utf-8")
    locked = dict(re.findall(r"^([\w.-]+)==([\w.]+)", written, re.MULTILINE))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for text in project["dependencies"]:
        wanted = Requirement(text)
        assert locked[canonicalize_name(wanted.name)] in wanted.specifier, wanted.name
