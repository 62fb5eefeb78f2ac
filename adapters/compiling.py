"""``./run build``: compiles the engine with mypyc, for the processes that run for long.

./run build            compile what these sources have not been compiled to yet
./run build --check    and prove it (tests/compiled): it does what its sources do
./run build --remove   take every build away; the sources run again
"""

from __future__ import annotations

__all__ = ["COMPILED", "LEFT_OUT", "main"]

import argparse
import compileall
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from time import monotonic

from adapters.compiled import BUILDS, ROOT, build_of
from adapters.native_init import with_native_init

# The way of a message, from its arrival to the statements that store its turn. What runs once, at
# the start or for the keeper of a bot, stays as it is.
COMPILED = (
    "engine/*.py",
    "engine/readers/*.py",
    "engine/language/book.py",
    "engine/language/plain_words.py",
    "engine/language/wording.py",
    "engine/runtime/*.py",
    "engine/stores/*.py",
)
DERIVED = "tests and simulation derive from its classes, which compiled ones do not allow"
LEFT_OUT = {
    "engine/errors.py": "classes alone",
    "engine/overview.py": "shapes alone",
    "engine/play.py": "plays scripts",
    "engine/ports.py": "shapes alone: anything of that shape may be handed in",
    "engine/script.py": "reads scripts",
    "engine/script_facts.py": "reads scripts",
    "engine/stage.py": "plays scripts",
    "engine/runtime/housekeeping.py": "once an hour",
    "engine/runtime/retrying.py": "once, by hand",
    "engine/runtime/system.py": "two lines around the operating system",
    "engine/stores/cache.py": DERIVED,
    "engine/stores/database.py": "mypyc makes no generic dataclass with slots",
    "engine/stores/lists.py": "for operators",
    "engine/stores/memory.py": "forgets everything: for scripts and tests",
    "engine/stores/postgres.py": "mypyc has no asynchronous generators",
    "engine/stores/retention.py": "once an hour",
    "engine/stores/schema.py": "at the start",
    "engine/stores/sqlite.py": DERIVED,
    "engine/stores/tables.py": "SQLModel makes its classes as the program runs",
}
SETUP = """\
from mypyc.build import mypycify
from setuptools import setup

modules = mypycify({asked}, opt_level="3", debug_level="0", group_name="rejoinder_engine")
setup(name="rejoinder_engine", ext_modules=modules)
"""
IMPORTS = """\
import importlib, sys
for name in sys.argv[1:]:
    found = importlib.import_module(name).__file__
    assert not found.endswith(".py"), found
"""
LOG = "build.log"


def main(arguments: list[str]) -> int:
    """Compile, or remove; 0 when that went well."""
    parser = argparse.ArgumentParser(
        prog="./run build",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--remove", action="store_true", help="take every build away")
    parser.add_argument("--missing", action="store_true", help="only say what is missing for it")
    options = parser.parse_args(arguments)
    if options.remove:
        with _alone():
            _remove(but=None)
        _say("no build is left; the sources run.")
        return 0
    if lacking := list(_missing()):
        _say("\n".join(lacking))
        return 1
    if options.missing:
        return 0
    with _alone():
        folder = build_of(ROOT)
        if folder.is_dir():
            _say(f"these sources are compiled already, in {folder.relative_to(ROOT)}")
            return 0
        return 0 if _built(folder) else 1


def _missing() -> Iterator[str]:
    """Say what this machine lacks, and how to get it."""
    if find_spec("mypyc") is None or find_spec("setuptools") is None:
        yield "mypyc is missing. ./run build installs it into .venv."
    compiler = os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc"
    program = shlex.split(compiler)[0]
    if shutil.which(program) is None:
        yield (
            f"The C compiler {program} is missing. On Debian and Ubuntu: apt install gcc libc6-dev."
            " On a Mac: xcode-select --install."
        )
    headers = Path(sysconfig.get_path("include"))
    if not (headers / "Python.h").is_file():
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-dev"
        yield (
            f"Python's headers are missing: there is no {headers}/Python.h. On Debian and Ubuntu:"
            f" apt install {package}."
        )


def modules() -> list[str]:
    """Name the files that are compiled."""
    found = {file.relative_to(ROOT).as_posix() for glob in COMPILED for file in ROOT.glob(glob)}
    return sorted(name for name in found - LEFT_OUT.keys() if not name.endswith("__init__.py"))


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the folder of builds: who comes second waits. The lock goes with its process."""
    import fcntl  # noqa: PLC0415 - not on every system, and one without it has no ./run either

    folder = ROOT / BUILDS
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _built(folder: Path) -> bool:
    """Compile into a folder of its own, which gets its name when all is well."""
    work = Path(mkdtemp(prefix="unfinished-", dir=folder.parent))
    work.chmod(0o755)  # a worker may run as another user than whoever built
    shutil.copytree(ROOT / "engine", work / "engine", ignore=shutil.ignore_patterns("__pycache__"))
    for name in modules():
        copy = work / name
        copy.write_text(with_native_init(copy.read_text("utf-8")), encoding="utf-8")
    asked = ["--config-file", str(ROOT / "pyproject.toml"), *modules()]
    (work / "setup.py").write_text(SETUP.format(asked=asked), encoding="utf-8")
    names = [name.removesuffix(".py").replace("/", ".") for name in modules()]
    jobs = str(os.cpu_count() or 1)
    steps = (
        (f"compiling {len(names)} modules", ("setup.py", "build_ext", "--inplace", "-j", jobs)),
        ("importing them", ("-c", IMPORTS, *names)),
    )
    for what, command in steps:
        with _progress(what):
            code = _run(work, *command)
        if code:
            told = (work / LOG).read_text(encoding="utf-8", errors="replace").splitlines()
            said = "\n".join(line for line in told[-60:] if "warning: " not in line)
            _say(f"{said}\n{what} failed; the lines above say why. The sources run as before.")
            shutil.rmtree(work)
            return False
    for left in ("build", "setup.py", LOG, ".mypy_cache"):
        path = work / left
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    compileall.compile_dir(work, quiet=2)
    if build_of(ROOT) != folder:
        shutil.rmtree(work)
        _say("a source was changed meanwhile. Build again: ./run build")
        return False
    work.rename(folder)
    _remove(but=folder)
    _say(f"built: {folder.relative_to(ROOT)}. What starts from now on runs it: serve, worker.")
    return True


def _run(work: Path, *command: str) -> int:
    with (work / LOG).open("ab") as log:
        return subprocess.run(  # noqa: S603 - our own program
            [sys.executable, *command],
            cwd=work,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "MYPY_CACHE_DIR": ".mypy_cache"},
            check=False,
        ).returncode


def _remove(but: Path | None) -> None:
    for folder in (ROOT / BUILDS).iterdir():
        if folder.is_dir() and folder != but:
            shutil.rmtree(folder)


@contextmanager
def _progress(what: str) -> Iterator[None]:
    """Say what is being done, and at the end how long it took."""
    began = monotonic()
    _say(f"{what} ...")
    yield
    _say(f"{what}: {monotonic() - began:.0f} s")


def _say(text: str) -> None:
    sys.stderr.write("".join(f"build: {line}\n" for line in text.splitlines()))
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
