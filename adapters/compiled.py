"""Where the engine comes from: its sources, or what `./run build` compiled of exactly these sources.

A build lies in a folder of its own, named by all that went into it. Edited sources have another
name, so they meet no stale build: they run as they are until they are built again.
"""

from __future__ import annotations

__all__ = ["BUILDS", "ROOT", "build_of", "present_build", "runs_compiled", "use_compiled"]

import re
import sys
from hashlib import blake2b
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUILDS = Path(".venv") / "compiled"
RECIPE = ("adapters/compiling.py", "adapters/native_init.py")
LOCK = "requirements/dev.lock"
_COMPILER = re.compile(r"^mypy==(\S+)", re.MULTILINE)


def build_of(root: Path) -> Path:
    """Return where the build of the sources below `root` is, or would be; a few milliseconds."""
    made_of = blake2b(digest_size=12)
    compiler = _COMPILER.search((root / LOCK).read_text("utf-8"))
    made_of.update(f"{sys.version}\n{EXTENSION_SUFFIXES[0]}\n{compiler and compiler[1]}".encode())
    for name in (*RECIPE, *_sources(root)):
        body = (root / name).read_bytes()
        made_of.update(f"\n{name} {len(body)}\n".encode())
        made_of.update(body)
    return root / BUILDS / made_of.hexdigest()


def _sources(root: Path) -> list[str]:
    """Name every file of the engine, also those that are only read."""
    files = (file for file in (root / "engine").rglob("*") if file.suffix in {".py", ".yaml"})
    return sorted(file.relative_to(root).as_posix() for file in files)


def present_build(root: Path = ROOT) -> Path | None:
    """Return the build of these sources, where there is one."""
    if not (root / BUILDS).is_dir():
        return None
    folder = build_of(root)
    return folder if folder.is_dir() else None


def use_compiled(root: Path = ROOT) -> bool:
    """Let `engine` be imported compiled, where it can be; say whether it is.

    Called before anything imports the engine: half of it compiled would not fit the other half.
    """
    if "engine" not in sys.modules and (folder := present_build(root)):
        sys.path.insert(0, str(folder))
    return runs_compiled(root)


def runs_compiled(root: Path = ROOT) -> bool:
    """Say whether this process has the engine compiled."""
    import engine  # noqa: PLC0415 - where it comes from is what this module decides

    return Path(engine.__path__[0]).is_relative_to(root / BUILDS)
