"""What is only said on a condition decides nothing."""

from __future__ import annotations

import pytest

from engine.readers.conditions import has_condition, without_conditions


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("if it is wrong again i am gone. yes order", "yes order"),
        ("yes order. If it is wrong again i am gone!", "yes order. !"),
        ("if the 1.5 ton is gone call me. yes order", "yes order"),
        ("yes, if you can", "yes, if you can"),
        ("yes", "yes"),
        ("", ""),
    ],
)
def test_sentences_that_begin_with_a_condition_are_left_out(text: str, rest: str) -> None:
    """All other words stay at their places."""
    left = without_conditions(text, ("en",))

    assert (len(text), rest) == (len(left), " ".join(left.split()).removeprefix(". "))


def test_a_condition_may_stand_anywhere() -> None:
    """Wherever it stands, what hangs on it is not asked for."""
    assert has_condition("call me if in doubt", ("en",))
    assert not has_condition("call me", ("en",))
