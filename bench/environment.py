"""The environment of the other engines: bench/peers/.venv, made from the lock beside it."""

from __future__ import annotations

__all__ = ["PEERS", "peers_python"]

import hashlib
import subprocess
import sys
from pathlib import Path

PEERS = Path(__file__).parent / "peers"
ENVIRONMENT = PEERS / ".venv"
LOCK = PEERS / "requirements.lock"


def peers_python() -> str:
    """Return the interpreter the other engines run in; their environment is made when stale."""
    python = ENVIRONMENT / "bin" / "python"
    stamp = ENVIRONMENT / ".made-from"
    if not (stamp.is_file() and stamp.read_text(encoding="utf-8") == _key()):
        print("installing the other engines into bench/peers/.venv", file=sys.stderr)
        # Found missing, an earlier attempt was cut short and the environment is made anew.
        stamp.unlink(missing_ok=True)
        _uv("venv", "--clear", "--python", sys.executable, ENVIRONMENT)
        _uv("pip", "install", "--python", python, "--require-hashes", "-r", LOCK)
        stamp.write_text(_key(), encoding="utf-8")
    return str(python)


def _key() -> str:
    """Name what the environment is made of; scripts in it name its folder, so a moved clone differs."""
    made_of = LOCK.read_bytes() + str(ENVIRONMENT).encode() + sys.version.encode()
    return hashlib.sha256(made_of).hexdigest()


def _uv(*arguments: str | Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, *arguments[:1], "-q", *arguments[1:]], check=True)  # noqa: S603 - our own uv
