"""A customer who asks for a moment."""

from __future__ import annotations

import pytest

from engine.readers.folding import words
from engine.readers.waiting import asks_to_wait


@pytest.mark.parametrize(
    ("text", "whole", "begins"),
    [
        ("wait", True, True),
        ("hold on please", True, True),
        ("one sec", True, True),
        ("un momento por favor", True, True),
        ("tunggu", True, True),
        ("bentar ya", True, True),
        ("benar", False, False),  # yes, and no slip of "bentar"
        ("benar, saya Budi", False, False),
        ("ek minute", True, True),
        ("one sec, getting the email", False, True),
        ("hmm wait", False, True),
        ("I am not sure whether I can wait", False, False),
        ("12 fans", False, False),
        ("", False, False),
    ],
)
def test_a_wish_for_patience_is_heard(text: str, whole: bool, begins: bool) -> None:  # noqa: FBT001
    """In every language we know: so short a message does not tell which one it is in."""
    assert whole == asks_to_wait(words(text))
    assert begins == asks_to_wait(words(text), whole=False)
