"""``./run prove``: remove one guard at a time from a copy of the source; its test must turn red."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.prove.guards import GUARDS, Guard

HERE = Path(__file__).resolve().parents[2]
COPIED = ("adapters", "bench", "engine", "fixtures", "flows", "tests", "pyproject.toml")
NOTHING = shutil.ignore_patterns("__pycache__", ".venv", "*.pyc")
RED, GREEN, HANGS = 1, 0, -1  # pytest: some test failed; all passed; neither in time
PATIENCE = 60  # seconds


def main() -> int:
    """Prove every guard, or those named; 0 when each removal was noticed."""
    parser = argparse.ArgumentParser(prog="./run prove", description=__doc__)
    parser.add_argument("guards", nargs="*", help="only these (default: all)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    names = [guard.name for guard in GUARDS]
    if unknown := set(options.guards) - set(names):
        listed = ", ".join(names)
        parser.error(f"there is no guard {', '.join(sorted(unknown))}. There are: {listed}")
    chosen = [guard for guard in GUARDS if not options.guards or guard.name in options.guards]
    rows: list[dict[str, str | bool]] = []
    for n, guard in enumerate(chosen, 1):
        if sys.stderr.isatty():
            print(f"\r{n}/{len(chosen)} {guard.name:<40}", end="", file=sys.stderr)
        fault = proven(guard)
        rows.append({"guard": guard.name, "promise": guard.promise, "test": guard.test})
        rows[-1] |= {"proven": not fault, "fault": fault}
        if not options.json:
            print(f"{guard.name:<24} {fault or 'removed: its test turns red'}\n    {guard.test}")
    if options.json:
        print(json.dumps(rows, indent=1))
    missed = sum(not row["proven"] for row in rows)
    print(f"prove: {len(rows) - missed} of {len(rows)} guards proven", file=sys.stderr)
    return 1 if missed else 0


def proven(guard: Guard) -> str:
    """Return what is wrong with the proof of a guard; nothing when it holds."""
    with TemporaryDirectory(prefix="prove-") as folder:
        copy = Path(folder)
        for name in COPIED:
            source = HERE / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=NOTHING)
            else:
                shutil.copy(source, copy / name)
        if tested(copy, guard) != GREEN:
            return "NOT PROVEN: its test is red with the guard in place"
        for removal in guard.removals:
            file = copy / removal.file
            text = file.read_text("utf-8")
            if text.count(removal.guarded) != 1:
                return f"NOT PROVEN: {removal.file} does not have this once: {removal.guarded!r}"
            file.write_text(text.replace(removal.guarded, removal.bare), "utf-8")
        ended = tested(copy, guard)
    return "" if ended == RED else f"NOT PROVEN: its test stays green without it (exit {ended})"


def tested(copy: Path, guard: Guard) -> int:
    """Run a guard's test on a copy; return how pytest ended."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", guard.test]
    try:
        ended = subprocess.run(
            command, cwd=copy, capture_output=True, check=False, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return HANGS
    return ended.returncode


if __name__ == "__main__":
    sys.exit(main())
