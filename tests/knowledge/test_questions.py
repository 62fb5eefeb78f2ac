"""What customers of the shipped shop ask is answered by the passages that are found for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from engine.language.passages import pieces
from engine.runtime.knowledge import Texts

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "flows" / "parts_shop" / "knowledge"
QUESTIONS: dict[str, list[dict[str, Any]]] = YAML(typ="safe", pure=True).load(
    (ROOT / "fixtures" / "knowledge" / "questions.yaml").read_text("utf-8")
)
PIECES = [
    piece
    for file in sorted(FOLDER.glob("*.md"))
    for piece in pieces(file.name, file.read_text("utf-8"))
]
# How many are answered by one of the first three passages, as measured; never less.
FOUND = {"asked": 19, "held_out": 20}


@pytest.fixture(scope="module")
def texts() -> Texts:
    """The shop's knowledge, in its languages."""
    return Texts(PIECES, ("en", "es"))


def test_every_answer_stands_in_the_texts() -> None:
    """Whoever renames a heading renames it in the questions."""
    known = {piece.source for piece in PIECES}

    assert [q for listed in QUESTIONS.values() for q in listed if q["found"] not in known] == []


@pytest.mark.parametrize("group", FOUND)
def test_questions_are_answered_by_one_of_three_passages(texts: Texts, group: str) -> None:
    """Twenty in customers' words, and twenty that the search was never fitted to."""
    missed = [
        question["ask"]
        for question in QUESTIONS[group]
        if question["found"] not in [passage.source for passage in texts.find(question["ask"])]
    ]

    assert len(QUESTIONS[group]) == 20
    assert len(QUESTIONS[group]) - len(missed) >= FOUND[group], missed


def test_an_answer_is_not_found_by_chance(texts: Texts) -> None:
    """A control: for the question of somebody else the right passage is hardly ever found."""
    asked = QUESTIONS["asked"]
    others = [*asked[7:], *asked[:7]]
    hits = [
        question["found"] in [passage.source for passage in texts.find(other["ask"])]
        for question, other in zip(asked, others, strict=True)
    ]

    assert sum(hits) <= 3
