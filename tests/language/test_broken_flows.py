"""What authors are told: every broken file of fixtures/broken_flows, and the exact words for it.

A file there replaces `order.yaml` of the sound bot beside it, a folder replaces the files it holds.
The words stand in fixtures/broken_flows/expected, one file per fault, to be read like a page of help.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation

from engine.errors import AuthorError
from engine.language.checks import check_bot, load_checked
from engine.language.loader import load_bot
from engine.language.schema import ActionSpec, Argument

ROOT = Path(__file__).parents[2]
BROKEN = ROOT / "fixtures" / "broken_flows"
CASES = sorted(each for each in BROKEN.iterdir() if each.name not in {"sound", "expected"})
ACTIONS = {
    "place_order": ActionSpec(
        "place_order", (Argument("items", "items"), Argument("phone", "phone", required=False))
    ),
    "find_order": ActionSpec("find_order", (Argument("phone", "phone", required=False),)),
}


class Said(SingleFileSnapshotExtension):
    """Keeps what was said as plain text, one file per broken bot."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        """Keep the words beside the files they are about."""
        return str(BROKEN / "expected")

    @classmethod
    def get_file_basename(cls, *, test_location: PyTestLocation, index: str | int) -> str:
        """Call the words as the broken file is called."""
        return str(test_location.item.callspec.id)  # type: ignore[attr-defined]

    @classmethod
    def matches_test_location(
        cls, *, test_location: PyTestLocation, snapshot_location: str
    ) -> bool:
        """Take every file of the folder for this test's own."""
        return Path(snapshot_location).parent == BROKEN / "expected" and (
            test_location.basename == Path(__file__).stem
        )

    def serialize(self, data: str, **_: object) -> str:
        """Write the faults as the terminal shows them."""
        return data


def put_together(case: Path, folder: Path) -> None:
    """Copy the sound bot and lay the broken files over it."""
    shutil.copytree(BROKEN / "sound", folder, dirs_exist_ok=True)
    if case.is_file():
        shutil.copy(case, folder / "order.yaml")
        return
    for each in case.iterdir():
        if each.is_dir():
            (folder / each.name).unlink(missing_ok=True)
            shutil.copytree(each, folder / each.name)
        else:
            shutil.copy(each, folder / each.name)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_the_author_is_told_what_is_wrong_and_what_to_do(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion
) -> None:
    """Each fault names its place, itself and its remedy, in the very words kept for it."""
    put_together(case, tmp_path)
    monkeypatch.chdir(tmp_path)

    with pytest.raises(AuthorError) as refused:
        load_checked(Path(), defaults=ROOT / "flows", actions=ACTIONS)

    assert snapshot(extension_class=Said) == f"{refused.value}\n"


def test_the_sound_bot_has_no_fault(tmp_path: Path) -> None:
    """What the broken files are put into is right, so each fault is the broken file's own."""
    shutil.copytree(BROKEN / "sound", tmp_path, dirs_exist_ok=True)

    source = load_bot(tmp_path, defaults=ROOT / "flows")

    assert check_bot(source, actions=ACTIONS) == []


def test_no_words_are_kept_for_a_file_that_is_gone() -> None:
    """Whoever removes a broken file removes what was said of it."""
    kept = {file.stem for file in (BROKEN / "expected").iterdir()}

    assert kept == {case.stem for case in CASES}
