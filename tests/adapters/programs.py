"""The command line as programs of their own, and what they say while they run."""

from __future__ import annotations

__all__ = ["ROOT", "Program", "program", "start"]

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds; the machine may have other things to do


class Program:
    """A running command: told things, and read as far as something was said."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._heard = {"stdout": b"", "stderr": b""}

    def tell(self, line: str) -> None:
        """Type a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()

    def until(self, words: str, stream: str = "stdout") -> str:
        """Return what was said up to these words, once they come."""
        pipe = getattr(self.process, stream)
        deadline = time.monotonic() + PATIENCE
        while words.encode() not in self._heard[stream]:
            ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
            data = os.read(pipe.fileno(), 65_536) if ready else b""
            assert data, f"{words!r} never came; {stream}: {self._heard[stream].decode()}"
            self._heard[stream] += data
        before, _, rest = self._heard[stream].partition(words.encode())
        self._heard[stream] = rest
        return before.decode()

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Send a signal; return the exit code and the rest of what was said."""
        self.process.send_signal(number)
        # Its input stays open until it has ended: closed, it would be an end of its own.
        self.process.wait(PATIENCE)
        return self.ended()

    def ended(self) -> tuple[int, str, str]:
        """Close its input and wait for its end."""
        out, err = self.process.communicate(timeout=PATIENCE)
        said = (self._heard["stdout"] + out).decode(), (self._heard["stderr"] + err).decode()
        return self.process.returncode, *said


@contextmanager
def start(*args: str, env: Mapping[str, str] | None = None) -> Iterator[Program]:
    """Start a command; killed at the end if it is still there."""
    process = subprocess.Popen(
        [sys.executable, "-m", "adapters.cli", *args],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **(env or {})},
    )
    try:
        yield Program(process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


def program(*args: str, **options: object) -> subprocess.Popen[bytes]:
    """Start the command line as a program of its own."""
    return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
        [sys.executable, "-m", "adapters.cli", *args],
        cwd=ROOT,
        stdin=options.get("stdin", subprocess.DEVNULL),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **options.get("env", {})},  # type: ignore[dict-item]
        # A shell that runs the tests in the background leaves Ctrl-C ignored in all they start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads
    )
