"""Where the bench of the stores runs its programs: a folder on the disk, servers of its own."""

from __future__ import annotations

__all__ = ["IN_FLIGHT", "Ground", "ground"]

import json
import signal
import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

from bench.environment import PEERS, peers_python
from bench.peers import servers

IN_FLIGHT = 64


@dataclass(frozen=True, slots=True)
class Ground:
    """Where programs run: the folder on the disk, the servers, the interpreter, how much of it."""

    folder: Path
    pg: str
    redis: str
    python: str
    rounds: int
    share: float  # of the work
    peers: bool

    def urls(self) -> list[str]:
        """Return the servers as flags."""
        return ["--pg", self.pg, "--redis", self.redis]

    def work(self, full: int) -> str:
        """Return how much of it is done."""
        return str(max(IN_FLIGHT, int(full * self.share)))

    def run(self, *command: str | Path, python: str = "") -> str:
        """Run a Python program to its end and return what it said."""
        done = subprocess.run(  # noqa: S603 - our own programs
            [python or self.python, "-W", "ignore", *command],
            capture_output=True,
            text=True,
            check=False,
            cwd=PEERS.parent.parent,
        )
        if done.returncode:
            told = " ".join(map(str, command))
            raise RuntimeError(f"{told} failed:\n{done.stdout[-500:]}{done.stderr[-3000:]}")
        return done.stdout

    def written(self, *command: str | Path) -> dict[str, Any]:
        """Run a program that writes its results into a file, and return them."""
        with TemporaryDirectory(dir=self.folder) as folder:
            path = Path(folder) / "results.json"
            self.run(*command, "--json", path)
            results: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return results


@contextmanager
def ground(options: Namespace) -> Iterator[Ground]:
    """Make ready a folder and servers of our own; nothing of them stays behind."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as a shell calls 128 + SIGTERM
    # A temporary folder of many systems is in memory; this one outlives a reboot, so it is not.
    lasting = Path("/var/tmp")  # noqa: S108 - a folder of our own is made in it
    on_disk = options.dir or (lasting if lasting.is_dir() else Path(gettempdir()))
    python = peers_python() if options.peers else sys.executable
    with TemporaryDirectory(prefix="rj-bench-", dir=on_disk) as folder:
        # PostgreSQL does not run as root; its own user must get to its folder.
        Path(folder).chmod(0o711)
        base = Path(folder) / "servers"
        try:
            pg, redis = servers.start(base, servers.free_port(), servers.free_port())
            share = 0.1 if options.quick else 1
            yield Ground(Path(folder), pg, redis, python, options.rounds, share, options.peers)
        finally:
            servers.stop(base)
