"""``./run build --check``: the build of these sources does what they do.

Tests, crash points and 200 simulated worlds run with the engine compiled; then all that is read
and decided in the fixtures is compared to the letter.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from adapters.compiled import ROOT, present_build

# Whoever is imported first decides: pytest puts the sources before all else.
COMPILED_FIRST = """\
import sys, engine.turn
assert not engine.turn.__file__.endswith(".py")
from {module} import main
sys.exit(main(sys.argv[1:]))
"""
PROOF = {
    "pytest": (
        *("-q", "--without", "browser"),
        *("fixtures/conversations", "tests/core", "tests/crash", "tests/language", "tests/play"),
        *("tests/knowledge", "tests/readers", "tests/runtime", "tests/stores"),
        # One hands in an object where a text is declared, which a compiled class refuses at once;
        # one puts a method of its own into an object, which a compiled one does not take; one
        # counts the steps of the interpreter, of which a build takes hardly any.
        *("-k", "not no-text-at-all and not is_refused_by_a_stop and not work_grows"),
    ),
    "tests.simulation.__main__": ("--seeds", "200"),
}


def main() -> int:
    """Prove it; 0 when it holds."""
    folder = present_build()
    if folder is None:
        _say("there is no build of these sources. Make it: ./run build")
        return 1
    for module, arguments in PROOF.items():
        _say(f"with the engine compiled: {module} {' '.join(arguments)}")
        command = [sys.executable, "-c", COMPILED_FIRST.format(module=module), *arguments]
        if subprocess.run(command, cwd=ROOT, env=_env(folder), check=False).returncode:
            _say("the compiled engine fell short; ./run build --remove takes it away.")
            return 1
    return 0 if _told_alike(folder) else 1


def _told_alike(folder: Path) -> bool:
    """Compare to the letter what the sources and the build read and decide."""
    written, compiled = (_told(env) for env in (_env(), _env(folder)))
    for n, (one, other) in enumerate(zip(written, compiled, strict=False), 1):
        if one != other:
            _say(f"line {n} of tests.compiled.told\nthe sources: {one}\ncompiled: {other}")
            return False
    _say(f"{len(written):,} readings and turns are the same to the letter.")
    return len(written) == len(compiled) > 0


def _told(env: Mapping[str, str]) -> list[str]:
    command = [sys.executable, "-m", "tests.compiled.told"]
    done = subprocess.run(
        command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, encoding="utf-8"
    )
    return done.stdout.splitlines()


def _env(*first: Path) -> dict[str, str]:
    path = os.pathsep.join(map(str, (*first, ROOT)))
    # One seed, so that sets are told in one order.
    fixed = {"PYTHONSAFEPATH": "1", "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
    return {**os.environ, **fixed, "PYTHONPATH": path}


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
