"""The folder of texts: what is read, and what is refused beyond fixtures/broken_flows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.errors import AuthorError
from engine.language.loader import load_bot

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bot with a folder of texts, one of them good."""
    monkeypatch.chdir(tmp_path)
    lines = ("bot: shop", "languages: [en]", "flows: [visit]", "unknown: What?")
    rules = "assistant: {use: gemini, knowledge: knowledge/}"
    (tmp_path / "bot.yaml").write_text("\n".join((*lines, rules)), encoding="utf-8")
    flow = "flow: visit\nstart: {phrases: [visit]}\nstates: {done: {end: completed, say: Done.}}\n"
    (tmp_path / "visit.yaml").write_text(flow, encoding="utf-8")
    texts = tmp_path / "knowledge"
    texts.mkdir()
    (texts / "warranty.md").write_text("# Warranty\n\nThree months.\n", encoding="utf-8")
    return texts


def loaded(folder: Path) -> list[str]:
    """Load the bot; give where its passages stand."""
    source = load_bot(folder.parent, defaults=ROOT / "flows")
    return [piece.source for piece in source.knowledge]


def test_texts_are_read_in_the_order_of_their_names(folder: Path) -> None:
    """Other files and hidden ones (what a Mac leaves behind) are no texts."""
    (folder / "Returns.MD").write_text("## Seven days\nYes.\n", encoding="utf-8")
    (folder / "notes.txt").write_text("Not for customers.", encoding="utf-8")
    (folder / "._warranty.md").write_bytes(b"\x00\x05\x16")

    assert loaded(folder) == ["Returns.MD: Seven days", "warranty.md: Warranty"]


def test_a_file_whose_name_is_not_utf_8_is_read_and_can_be_named(folder: Path) -> None:
    """As an archive made elsewhere unpacks; its name stands in questions and in transcripts."""
    (folder / os.fsdecode(b"pre\xe7os.md")).write_text("# Fans\n\nTen.\n", encoding="utf-8")

    assert loaded(folder) == ["pre\ufffdos.md: Fans", "warranty.md: Warranty"]


def test_too_many_texts_are_refused(folder: Path) -> None:
    """All of them are kept in memory by every process."""
    for name in ("a", "b", "c"):
        (folder / f"{name}.md").write_text("word " * 180_000, encoding="utf-8")

    with pytest.raises(AuthorError) as refused:
        loaded(folder)

    assert str(refused.value) == (
        'bot.yaml:5:26: the texts of "knowledge/" are 2.7 MB together, and 2 MB is the most.'
        " Keep what customers ask about."
    )


def test_a_file_that_is_not_there_is_told(folder: Path) -> None:
    """A link whose target is gone has a name and no text."""
    (folder / "gone.md").symlink_to(folder / "nowhere")

    with pytest.raises(AuthorError, match=r"knowledge/gone\.md:1:1: there is no such file"):
        loaded(folder)


def test_texts_further_down_are_not_passed_over_in_silence(folder: Path) -> None:
    """A folder of pictures is nobody's text."""
    for place in ("spanish/old/garantia.MD", "pictures/fan.png"):
        (folder / place).parent.mkdir(parents=True)
        (folder / place).write_text("Tres meses.", encoding="utf-8")

    with pytest.raises(AuthorError) as refused:
        loaded(folder)

    assert str(refused.value) == (
        'bot.yaml:5:26: the texts in "knowledge/spanish/" are not read.'
        " Move them up, beside the others."
    )


@pytest.mark.parametrize("before", ["Three months.\n<!-- known -->\n\n ", "\n\n\n <!-- x --"])
def test_a_comment_without_an_end_is_told_by_its_place(folder: Path, before: str) -> None:
    (folder / "warranty.md").write_text(f"{before}<!-- or not?\nSix.", encoding="utf-8")

    with pytest.raises(AuthorError) as refused:
        loaded(folder)

    assert str(refused.value) == (
        "knowledge/warranty.md:4:2: this comment does not end, so that nothing behind it is read."
        " Write --> at its end."
    )


def test_a_bot_without_texts_knows_none(folder: Path) -> None:
    """The key may be left out."""
    bot = folder.parent / "bot.yaml"
    bot.write_text(bot.read_text("utf-8").replace(", knowledge: knowledge/", ""), encoding="utf-8")

    assert loaded(folder) == []
