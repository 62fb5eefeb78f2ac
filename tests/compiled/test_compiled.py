"""Which engine runs: a build of exactly these sources, and else the sources.

The builds here are stand-ins, because a real one takes minutes and a C compiler; `./run build
--check` makes and proves that one.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.compiled import BUILDS, build_of, present_build
from adapters.compiling import LEFT_OUT, modules

ROOT = Path(__file__).parents[2]
# What the command line would be: it says which engine it got.
COMMAND_LINE = """
from adapters.compiled import runs_compiled
def main():
    from engine.turn import ENGINE
    print(ENGINE, runs_compiled())
"""


@dataclass(frozen=True)
class Tree:
    """A small tree of sources with the real `adapters` that decide."""

    root: Path

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def build(self) -> Path:
        """Stand in for `./run build`."""
        folder = build_of(self.root)
        shutil.copytree(self.root / "engine", folder / "engine")
        (folder / "engine" / "turn.py").write_text("ENGINE = 'built'\n", encoding="utf-8")
        return folder

    def run(self, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", *command],
            cwd=self.root,
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            check=False,
        )

    def engine_of(self, command: str) -> str:
        return self.run("adapters", command).stdout.strip()


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    tree = Tree(tmp_path / "tree")
    for name in ("__init__", "__main__", "compiled", "compiling", "native_init"):
        tree.write(f"adapters/{name}.py", (ROOT / f"adapters/{name}.py").read_text("utf-8"))
    tree.write("adapters/cli.py", COMMAND_LINE)
    tree.write("engine/__init__.py", "")
    tree.write("engine/turn.py", "ENGINE = 'sources'\n")
    tree.write("engine/readers/languages/en.yaml", "yes: [yes]\n")
    tree.write("requirements/dev.lock", "mypy==2.0 \\\nruff==1.0 \\\n")
    return tree


# --- which engine runs ---------------------------------------------------------------------------


def test_what_runs_for_long_takes_the_build(tree: Tree) -> None:
    assert tree.engine_of("serve") == "sources False"
    tree.build()

    found = {name: tree.engine_of(name) for name in ("serve", "worker", "chat", "play", "sessions")}

    sources, built = "sources False", "built True"
    assert found == {
        "serve": built,
        "worker": built,
        "chat": sources,
        "play": sources,
        "sessions": sources,
    }


def test_an_edited_source_runs_and_its_old_build_does_not(tree: Tree) -> None:
    tree.build()
    tree.write("engine/turn.py", "ENGINE = 'edited'\n")

    assert tree.engine_of("worker") == "edited False"
    tree.write("engine/turn.py", "ENGINE = 'sources'\n")
    assert tree.engine_of("worker") == "built True"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("engine/turn.py", "ENGINE = 'source!'\n"),
        ("engine/new.py", ""),
        ("engine/readers/languages/en.yaml", "yes: [yep]\n"),
        ("adapters/compiling.py", ""),
        ("adapters/native_init.py", ""),
        ("requirements/dev.lock", "mypy==2.1 \\\nruff==1.0 \\\n"),
    ],
)
def test_a_build_belongs_to_all_that_went_into_it(tree: Tree, name: str, text: str) -> None:
    built = tree.build()
    assert present_build(tree.root) == built
    tree.write(name, text)

    assert present_build(tree.root) is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("engine/__pycache__/turn.cpython-311.pyc", "anything"),
        ("adapters/settings.py", ""),
        ("requirements/dev.lock", "mypy==2.0 \\\nruff==1.1 \\\n"),
    ],
)
def test_what_did_not_go_into_a_build_leaves_it(tree: Tree, name: str, text: str) -> None:
    built = tree.build()
    tree.write(name, text)

    assert present_build(tree.root) == built


# --- building ------------------------------------------------------------------------------------


def test_a_missing_compiler_is_named_with_the_way_to_get_it(tree: Tree) -> None:
    ran = tree.run("adapters.compiling", "--missing", CC="no-such-compiler -O2")

    assert ran.returncode == 1
    said = (
        "build: The C compiler no-such-compiler is missing. On Debian and Ubuntu: apt install gcc"
    )
    assert said in ran.stderr
    assert ran.stdout == ""


def test_a_build_taken_away_leaves_the_sources(tree: Tree) -> None:
    tree.build()
    (tree.root / BUILDS / "unfinished-1").mkdir()
    ran = tree.run("adapters.compiling", "--remove")

    assert (ran.returncode, ran.stderr) == (0, "build: no build is left; the sources run.\n")
    assert [path.name for path in (tree.root / BUILDS).iterdir()] == [".lock"]
    assert tree.engine_of("serve") == "sources False"


def test_what_is_left_out_is_there_and_is_left_out() -> None:
    compiled = modules()

    assert "engine/turn.py" in compiled
    assert [name for name in LEFT_OUT if not (ROOT / name).is_file() or name in compiled] == []


# Seconds and likenesses: nobody reads or stores them.
TRULY_FLOAT = {
    "engine/readers/product_names.py": {"wholes", "_least"},
    "engine/readers/product_windows.py": {"alike", "rank"},
    "engine/readers/product_words.py": {"alike", "marks", "score"},
    "engine/runtime/queues.py": {"since"},
    "engine/runtime/counting.py": {"every"},
    "engine/runtime/worker.py": {"within"},
}


@pytest.mark.parametrize("module", modules())
def test_a_number_stays_what_it_is_when_compiled(module: str) -> None:
    """Compiled, what is declared `float` makes 11 pieces 11.0; `int | float` leaves them."""
    tree = ast.parse((ROOT / module).read_text("utf-8"))

    found = {name for name, declared in _declared(tree) if _is_float(declared)}

    assert found == TRULY_FLOAT.get(module, set())


def _declared(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Yield what functions take and return and what variables hold, as it is written."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if node.returns is not None:
                    yield node.name, node.returns
            case ast.arg(annotation=ast.expr() as declared):
                yield node.arg, declared
            case ast.AnnAssign():
                target = node.target
                yield ast.unparse(target).removeprefix("self."), node.annotation


def _is_float(declared: ast.expr) -> bool:
    return "float" in re.findall(r"\w+", ast.unparse(declared).replace("int | float", ""))


@pytest.mark.parametrize("module", modules())
def test_what_is_looked_up_is_listed_plainly(module: str) -> None:
    """The compiler falls over `in (None, *MEASURES)`; the build would only say so after minutes."""
    compared = (
        side
        for node in ast.walk(ast.parse((ROOT / module).read_text("utf-8")))
        if isinstance(node, ast.Compare)
        for side in node.comparators
    )

    assert not [
        one.lineno
        for side in compared
        if isinstance(side, (ast.Tuple, ast.List, ast.Set))
        for one in side.elts
        if isinstance(one, ast.Starred)
    ]
