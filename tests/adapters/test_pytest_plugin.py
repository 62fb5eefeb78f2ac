"""Scripts as tests: what an author sees who drops `.chat` files into a folder and runs pytest."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
Pytest = Callable[..., "subprocess.CompletedProcess[str]"]
TALK = "# a talk\n# bot: parts_shop\n> i need 11 remote controls\n"
ASKED = "< Noted: 11 x AC remote control. To confirm your order, please send your name, phone number and email."


@pytest.fixture
def author(tmp_path: Path) -> Pytest:
    """Run pytest in an author's folder."""

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "adapters.pytest_plugin", "-q", *args],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_a_script_is_recorded_once_and_compared_from_then_on(
    author: Pytest, tmp_path: Path
) -> None:
    talk = tmp_path / "talk.chat"
    talk.write_text(TALK, "utf-8")

    first = author()
    assert first.returncode == 1
    assert (
        "talk.chat:1: never recorded; if it reads well, run pytest --snapshot-update."
        in first.stdout
    )
    assert ASKED in first.stdout

    assert author("--snapshot-update").returncode == 0
    assert (tmp_path / "transcripts/talk.txt").read_text("utf-8") == (
        f"{TALK}{ASKED}\n  [bulk_order: collecting_contact]\n"
    )
    assert author().returncode == 0

    talk.write_text(TALK + "> Hari\n", "utf-8")
    changed = author()
    assert changed.returncode == 1
    assert "talk.chat:4: from here on it goes another way than recorded" in changed.stdout
    assert "+> Hari" in changed.stdout
    assert "Traceback" not in changed.stdout
    assert "pytest_plugin.py" not in changed.stdout


def test_a_transcript_that_no_script_plays_any_more_fails_the_run(
    author: Pytest, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.chat").write_text(TALK, "utf-8")
    author("--snapshot-update")
    (tmp_path / "transcripts/notes.md").write_text("ours", "utf-8")
    (tmp_path / "test_other.py").write_text("def test_other(): pass")

    (tmp_path / "two.chat").unlink()
    found = author()

    assert found.returncode == 1
    assert "1 snapshot unused" in found.stdout
    author("--snapshot-update")
    assert sorted(file.name for file in (tmp_path / "transcripts").iterdir()) == [
        "notes.md",
        "one.txt",
    ]


def test_conversations_are_grouped_by_their_kind(author: Pytest, tmp_path: Path) -> None:
    for kind in ("happy", "cancelled"):
        (tmp_path / "conversations" / kind).mkdir(parents=True)
        (tmp_path / "conversations" / kind / "talk.chat").write_text(TALK, "utf-8")

    author("--snapshot-update")

    assert sorted(file.name for file in (tmp_path / "transcripts").iterdir()) == [
        "cancelled.talk.txt",
        "happy.talk.txt",
    ]
    assert "1 passed" in author("-k", "happy.talk").stdout


def test_the_bot_is_found_from_the_script_and_from_the_root(author: Pytest, tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk/bot.yaml").write_text("bot: desk\nlanguages: [en]\nflows: [f]\n", "utf-8")
    (tmp_path / "desk/f.yaml").write_text(
        "flow: f\nstart: {phrases: [go on]}\nstates: {a: {end: completed, say: Gone.}}\n", "utf-8"
    )
    (tmp_path / "desk/talks").mkdir()
    talk = "# t\n# bot: {}\n> go on\n< Gone.\n"
    (tmp_path / "desk/talks/near.chat").write_text(talk.format(".."), "utf-8")
    (tmp_path / "desk/talks/root.chat").write_text(talk.format("desk"), "utf-8")

    assert "2 passed" in author("--snapshot-update").stdout


def test_what_is_wrong_in_a_file_is_told_by_its_line_and_not_by_ours(
    author: Pytest, tmp_path: Path
) -> None:
    (tmp_path / "bad.chat").write_text("# t\n> hi\n~ restrat\n", "utf-8")
    (tmp_path / "unmet.chat").write_text(f"{TALK}< Hello!\n", "utf-8")
    (tmp_path / "lost.chat").write_text("# t\n# bot: nowhere\n> hi\n", "utf-8")

    found = author()

    assert 'bad.chat:3: no event is called "~ restrat". Did you mean "~ restart"?' in found.stdout
    assert "unmet.chat:4: this was expected here" in found.stdout
    assert "    4 - < Hello!" in found.stdout
    assert 'There is no bot "nowhere".' in found.stdout
    assert "3 failed" in found.stdout
    assert "pytest_plugin.py" not in found.stdout


def test_a_bug_of_ours_still_shows_its_traceback(author: Pytest, tmp_path: Path) -> None:
    (tmp_path / "talk.chat").write_text(TALK, "utf-8")
    (tmp_path / "conftest.py").write_text(
        "import adapters.assembly\ndef broken(*_, **__): raise ZeroDivisionError\n"
        "adapters.assembly.load_script = broken\n",
        "utf-8",
    )

    assert "ZeroDivisionError" in author().stdout
