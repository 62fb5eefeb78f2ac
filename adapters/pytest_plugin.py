"""Conversation scripts as tests: every `.chat` file that pytest finds is played and compared.

A script passes when the output lines standing in it come (in their order, others between them), and
when its whole transcript equals the recorded one. `pytest --snapshot-update` records it; a recorded
transcript that no script plays any more fails the run.

- The bot is the script's `# bot:`: a folder, seen from the script or from pytest's root folder, or
  the name of a shipped bot.
- `conversations/KIND/NAME.chat` is recorded in `transcripts/KIND.NAME.txt` beside `conversations`
  and is called KIND.NAME; any other `NAME.chat` in `transcripts/NAME.txt` beside the script.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.data import SnapshotCollections
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation

from engine.errors import RejoinderError
from engine.transcript import Entry, rendered

KINDS = "conversations"  # the folder whose folders are kinds of conversations


class DifferentError(RejoinderError):
    """A conversation went another way than it should; the text shows where."""


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take every script for a test file."""
    return ScriptFile.from_parent(parent, path=file_path) if file_path.suffix == ".chat" else None


class ScriptFile(pytest.File):
    """A `.chat` file: one conversation."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the conversation."""
        folder = self.path.parent
        grouped = folder.parent.name == KINDS
        name = f"{folder.name}.{self.path.stem}" if grouped else self.path.stem
        yield Conversation.from_parent(self, name=name, callobj=goes_as_recorded)


class Conversation(pytest.Function):
    """A conversation to be played; a function for pytest, because syrupy looks at no other items."""

    @property
    def transcripts(self) -> Path:
        """The folder its transcript is recorded in."""
        folder = self.path.parent
        return (folder.parents[1] if folder.parent.name == KINDS else folder) / "transcripts"

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Name the script, not a line of this plugin."""
        return self.path, None, self.name

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: Any = None,  # noqa: ARG002 - pytest's own classes do not agree on it
    ) -> Any:
        """Show what differs, or what is wrong in the files; a traceback is for our bugs only."""
        if isinstance(excinfo.value, RejoinderError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


class Transcript(SingleFileSnapshotExtension):
    """A transcript as syrupy keeps it: a text file of its own."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        """Name the folder of a conversation's transcript."""
        if isinstance(test_location.item, Conversation):
            return str(test_location.item.transcripts)
        return super().dirname(test_location=test_location)

    def discover_snapshots(
        self, *, test_location: PyTestLocation, ignore_extensions: list[str] | None = None
    ) -> SnapshotCollections:
        """List the recorded transcripts; what else lies in their folder is nobody's business."""
        del ignore_extensions
        found = SnapshotCollections()
        if isinstance(test_location.item, Conversation):
            for file in sorted(test_location.item.transcripts.glob("*.txt")):
                found.add(self.read_snapshot_collection(snapshot_location=str(file)))
        return found

    @classmethod
    def matches_test_location(
        cls, *, test_location: PyTestLocation, snapshot_location: str
    ) -> bool:
        """Tell whether this is the transcript of that conversation."""
        return cls.get_location(test_location=test_location, index=0) == snapshot_location


def goes_as_recorded(request: pytest.FixtureRequest, snapshot: SnapshotAssertion) -> None:
    """Play the script; compare with what stands in it, then with what was recorded."""
    # Here, so that a project that has no scripts does not wait for the engine's imports.
    from adapters.assembly import DEFAULT_BOT, build_player, find_bot, load_script  # noqa: PLC0415 - only who needs it waits for it
    from engine.play import play  # noqa: PLC0415 - only who needs it waits for it
    from engine.transcript import render  # noqa: PLC0415 - only who needs it waits for it

    item = request.node
    script = load_script(item.path)
    near = (item.path.parent, item.config.rootpath)
    folder = find_bot(script.headers.get("bot", DEFAULT_BOT), near=near)
    played = play(build_player(folder, script.headers, path=script.path), script)
    if played.parked:
        # Never to be recorded: the customer was told that something went wrong on our side.
        raise DifferentError(f"{script.path}:1: {played.parked[0]}\n{render(played.entries)}")
    if played.unmet:
        raise DifferentError(played.unmet)
    went, recorded = render(played.entries), snapshot.use_extension(Transcript)
    if recorded == went:
        return
    file = item.transcripts / f"{item.name}.txt"
    if not file.is_file():
        hint = "never recorded; if it reads well, run pytest --snapshot-update."
        raise DifferentError(f"{script.path}:1: {hint}\n{went}")
    raise DifferentError(_change(file, script.path, played.entries))


def _change(file: Path, script: str, entries: Sequence[Entry]) -> str:
    """Show how a conversation goes now, and from which line of its script on it goes another way."""
    before = file.read_text("utf-8").splitlines()
    now = [(entry.line, text) for entry in entries for text in rendered(entry)]
    same = [text for _, text in now]
    first = next(
        (n for n, (old, new) in enumerate(zip(before, same, strict=False)) if old != new),
        min(len(before), len(now) - 1),
    )
    place = f"{script}:{now[first][0]}: from here on it goes another way than recorded"
    diff = unified_diff(before, same, file.name, "as it goes now", lineterm="")
    return "\n".join([place, *diff])
