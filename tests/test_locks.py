"""The locks of requirements/: each holds the smaller one, what the project asks for, and no source."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
SETS = ("bootstrap", "run", "test", "dev", "services")


def locked(name: str) -> dict[str, str]:
    """Package to version, each of which must carry a hash."""
    text = (ROOT / "requirements" / f"{name}.lock").read_text()
    entries = re.findall(
        r"^([a-z0-9._-]+)==(\S+)([^\n]*)\\\n((?: +--hash=sha256:[0-9a-f]{64}.*\n)+)",
        text,
        re.MULTILINE,
    )

    assert len(entries) == len(re.findall(r"^\S", text, re.MULTILINE)), (
        f"{name}.lock has lines without a hash"
    )
    return {f"{package}{marker.strip()}": version for package, version, marker, _ in entries}


def test_each_lock_holds_the_smaller_one_at_the_same_versions() -> None:
    run, test, dev = locked("run"), locked("test"), locked("dev")

    assert run.items() <= test.items() <= dev.items()


def test_locks_hold_what_the_project_asks_for() -> None:
    """After a change in pyproject.toml, `./run lock` was run too."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = {"run": project["project"]["dependencies"], **project["dependency-groups"]}
    for name, requirements in wanted.items():
        versions = {
            re.split(r"[^a-z0-9._-]", key)[0]: version for key, version in locked(name).items()
        }
        for requirement in map(Requirement, requirements):
            if requirement.marker is None or requirement.marker.evaluate():
                version = versions[canonicalize_name(requirement.name)]
                assert requirement.specifier.contains(version), f"{name}.lock: {requirement}"


def test_locks_say_nothing_of_where_packages_came_from() -> None:
    for name in SETS:
        text = (ROOT / "requirements" / f"{name}.lock").read_text()
        assert not re.search(r"://|file:|--(index|extra|find)|@ ", text), name
