"""`./run` sets up once, recovers from anything, and hands each command to the right program.

Most tests drive the real script in a folder of its own where python, pip, uv and apt are stand-ins
that write down how they were called; the locks are checked as they are.
"""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SETS = ("bootstrap", "run", "test", "dev", "services")

# Answers `-c` with a real Python (run takes its lock that way), makes the venv, logs all else.
PYTHON = """#!/bin/sh
case "$1 ${2:-}" in
  "-c "*) exec "REAL" "$@";;
  "-m venv") rm -rf .venv; mkdir -p .venv/bin; cp "$0" .venv/bin/python;;
  "-m pip") cp "BIN/uv" .venv/bin/uv;;
esac
echo "python $*" >> "LOG"
"""
UV = """#!/bin/sh
echo "uv $*" >> "LOG"
[ ! -e "BIN/uv-fails" ] || { echo "no route to the index" >&2; exit 1; }
"""
TOOLS = ("sh", "cat", "cksum", "dirname", "rm", "mkdir", "cp", "sleep", "env")


@dataclass(frozen=True)
class Clone:
    """A copy of the script with stand-ins for what it calls."""

    root: Path
    bin: Path
    log: Path

    def start(self, *args: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["./run", *args],
            cwd=self.root,
            env={"PATH": str(self.bin), "HOME": str(self.root.parent)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *args: str) -> subprocess.CompletedProcess[str]:
        with self.start(*args) as process:
            said, complained = process.communicate(timeout=60)
        return subprocess.CompletedProcess(args, process.returncode, said, complained)

    def called(self) -> list[str]:
        """What was called since the last look, without the long options."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return [_short(line) for line in lines]

    def program(self, name: str, text: str = '#!/bin/sh\necho "NAME $*" >> "LOG"\n') -> Path:
        text = text.replace("NAME", name).replace("REAL", sys.executable)
        path = self.bin / name
        path.write_text(text.replace("LOG", str(self.log)).replace("BIN", str(self.bin)))
        path.chmod(0o755)
        return path


def _short(line: str) -> str:
    if line.startswith(("uv pip install", "python -m pip")):
        program, *_, lock = line.split()
        return f"{program} installs {Path(lock).stem}"
    return line


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    clone = Clone(tmp_path / "clone", tmp_path / "bin", tmp_path / "log")
    clone.bin.mkdir()
    (clone.root / "requirements").mkdir(parents=True)
    shutil.copy(ROOT / "run", clone.root / "run")
    for name in SETS:
        (clone.root / "requirements" / f"{name}.lock").write_text(f"{name}==1\n")
    for name in TOOLS:
        (clone.bin / name).symlink_to(str(shutil.which(name)))
    clone.program("id", "#!/bin/sh\necho 1000\n")
    clone.program("python3.11", PYTHON)
    clone.program("uv", UV)
    for name in ("redis-server", "postgres", "initdb", "chromium"):
        clone.program(name)
    return clone


FIRST = ["python -m venv --clear .venv", "python installs bootstrap"]

# --- set-up --------------------------------------------------------------------------------------


def test_the_first_start_installs_and_the_second_does_not(clone: Clone) -> None:
    first = clone.run()

    assert [*FIRST, "uv installs run", "python -m adapters serve"] == clone.called()
    assert "run: installing the run packages into .venv\n" == first.stderr
    assert first.stdout == ""
    second = clone.run()
    assert ["python -m adapters serve"] == clone.called()
    assert second.stderr == ""


def test_the_environment_of_a_larger_set_serves_the_smaller_ones(clone: Clone) -> None:
    clone.run("test", "-x")

    assert [*FIRST, "uv installs test", "python -m pytest -x"] == clone.called()
    clone.run("chat")
    assert ["python -m adapters chat"] == clone.called()


def test_a_changed_lock_is_installed_into_the_same_environment(clone: Clone) -> None:
    clone.run("chat")
    clone.called()
    (clone.root / "requirements" / "run.lock").write_text("run==2\n")
    clone.run("chat")

    assert ["uv installs run", "python -m adapters chat"] == clone.called()


def test_a_new_uv_or_another_folder_means_a_new_environment(clone: Clone) -> None:
    clone.run("chat")
    clone.called()
    (clone.root / "requirements" / "bootstrap.lock").write_text("bootstrap==2\n")
    clone.run("chat")

    assert [*FIRST, "uv installs run", "python -m adapters chat"] == clone.called()
    moved = Clone(clone.root.rename(clone.root.with_name("moved")), clone.bin, clone.log)
    moved.run("chat")
    assert [*FIRST, "uv installs run", "python -m adapters chat"] == moved.called()


def test_a_set_up_that_failed_or_was_cut_short_starts_afresh(clone: Clone) -> None:
    (clone.bin / "uv-fails").touch()
    ran = clone.run("chat")

    assert ran.returncode == 1
    assert (
        "no route to the index\nrun: setting up .venv failed; the lines above say why" in ran.stderr
    )
    assert [*FIRST, "uv installs run"] == clone.called()
    (clone.bin / "uv-fails").unlink()
    assert clone.run("chat").returncode == 0
    assert [*FIRST, "uv installs run", "python -m adapters chat"] == clone.called()


def test_the_environment_behind_a_link_is_left_alone(clone: Clone) -> None:
    other = clone.root.parent / "other"
    other.mkdir()
    (other / "kept").touch()
    (clone.root / ".venv").symlink_to(other)
    ran = clone.run("check", "bot")

    assert ran.returncode == 1
    assert "rm .venv" in ran.stderr
    assert (other / "kept").exists()


def test_a_python_that_is_gone_means_a_new_environment(clone: Clone) -> None:
    clone.run("chat")
    clone.called()
    (clone.root / ".venv" / "bin" / "python").unlink()
    clone.run("chat")

    assert [*FIRST, "uv installs run", "python -m adapters chat"] == clone.called()


def test_two_first_starts_at_once_set_up_once(clone: Clone) -> None:
    clone.program("uv", UV + "sleep 0.3\n")
    both = [clone.start("chat"), clone.start("chat")]
    said = [process.communicate(timeout=60)[1] for process in both]
    called = clone.called()

    assert [process.returncode for process in both] == [0, 0], said
    assert sorted([*FIRST, "uv installs run", *["python -m adapters chat"] * 2]) == sorted(called)
    assert "run: waiting for another ./run that is setting up\n" in said


def test_no_python_new_enough_is_said_in_one_line(clone: Clone) -> None:
    clone.program("python3.11", "#!/bin/sh\nexit 1\n")
    ran = clone.run()

    assert ran.returncode == 1
    assert ran.stderr.startswith("run: Python 3.11 or newer is needed")
    assert len(ran.stderr.splitlines()) == 1


# --- which command goes where --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "command"),
    [
        pytest.param([], "adapters serve", id="nothing"),
        pytest.param(["--port", "0"], "adapters serve --port 0", id="options"),
        pytest.param(["--help"], "adapters --help", id="help"),
        pytest.param(["--version"], "adapters --version", id="version"),
        pytest.param(["check", "flows/x"], "adapters check flows/x", id="check-a-bot"),
        pytest.param(["play", "a b.chat"], "adapters play a b.chat", id="other"),
        pytest.param(["test", "-k", "x"], "pytest -k x", id="some-tests"),
        pytest.param(["test"], "coverage run -m pytest", id="all-tests"),
    ],
)
def test_a_command_goes_to_its_program(clone: Clone, args: list[str], command: str) -> None:
    clone.run(*args)

    assert f"python -m {command}" == clone.called()[-1]


def test_the_exit_code_is_that_of_the_command(clone: Clone) -> None:
    clone.program("python3.11", PYTHON + 'case "$*" in *"-m adapters "*) exit 3;; esac\n')

    assert clone.run("chat").returncode == 3


def test_check_runs_every_part_and_names_those_that_fell_short(clone: Clone) -> None:
    for bot in ("parts_shop", "hotel_desk"):
        (clone.root / "flows" / bot).mkdir(parents=True)
        (clone.root / "flows" / bot / "bot.yaml").touch()
    clone.program("python3.11", PYTHON + 'case "$*" in *hotel_desk*) exit 1;; esac\n')
    clone.run("chat")
    for tool, code in (("ruff", 0), ("mypy", 1), ("lint-imports", 0)):
        path = clone.root / ".venv" / "bin" / tool
        path.write_text(f"#!/bin/sh\nexit {code}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    clone.called()
    ran = clone.run("check")

    assert ran.returncode == 1
    assert "run: check: these fell short: mypy, flows: flows/hotel_desk\n" in ran.stderr
    assert [
        "uv installs dev",
        "python -m adapters.schemas --check",
        "python -m adapters.cli check flows/hotel_desk",
        "python -m adapters.cli check flows/parts_shop",
    ] == clone.called()


# --- the build -----------------------------------------------------------------------------------


def test_a_build_is_made_where_mypyc_is_and_removed_without_it(clone: Clone) -> None:
    clone.run("build")

    compiling = "python -m adapters.compiling"
    assert [*FIRST, "uv installs dev", f"{compiling} --missing", compiling] == clone.called()
    (clone.root / ".venv" / ".dev").unlink()
    clone.run("build", "--remove")
    assert [f"{compiling} --remove"] == clone.called()


def test_a_compiler_is_installed_where_that_is_allowed(clone: Clone) -> None:
    lacking = 'case "$*" in *--missing*) exit 1;; esac\n'
    clone.program("python3.11", PYTHON + lacking)
    clone.program("sudo", '#!/bin/sh\nshift; exec "$@"\n')
    clone.program("apt-get")
    clone.program("true", "#!/bin/sh\n")
    clone.run("build")

    installed = f"gcc libc6-dev python{sys.version_info[0]}.{sys.version_info[1]}-dev"
    assert clone.called()[-3:] == [
        "apt-get update -qq",
        f"apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends {installed}",
        "python -m adapters.compiling",
    ]


# --- engines -------------------------------------------------------------------------------------


def test_servers_nobody_may_install_come_from_wheels(clone: Clone) -> None:
    (clone.bin / "redis-server").unlink()
    ran = clone.run("test", "-x")

    assert [
        *FIRST,
        "uv installs test",
        "uv installs services",
        "python -m pytest -x",
    ] == clone.called()
    assert "no system package for redis: taking wheels" in ran.stderr


def test_a_server_of_the_machine_is_installed_where_that_is_allowed(clone: Clone) -> None:
    (clone.bin / "redis-server").unlink()
    clone.program("sudo", '#!/bin/sh\nshift; exec "$@"\n')
    clone.program("apt-get")
    clone.program("true", "#!/bin/sh\n")
    clone.run("test", "-x")

    assert [line for line in clone.called() if line.startswith(("apt", "uv"))] == [
        "uv installs test",
        "apt-get update -qq",
        "apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends redis-tools",
    ]


@pytest.mark.parametrize(
    "option", [["--without", "browser"], ["--without=browser"]], ids=["two", "one"]
)
def test_an_engine_left_out_is_not_installed(clone: Clone, option: list[str]) -> None:
    (clone.bin / "chromium").unlink()

    assert "no browser found" in clone.run("test", "-x").stderr
    assert clone.run("test", *option).stderr == ""
