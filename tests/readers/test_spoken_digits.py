"""Phone numbers that are dictated in words."""

from __future__ import annotations

import pytest

from engine.readers.spoken_digits import spoken_digits


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("nine eight four seven zero one two three four five", ["9847012345"]),
        ("nine eight, four seven: double zero triple two", ["984700222"]),
        ("it is double nine eight oh 4 7 one two now", ["99804712"]),
        ("nine eight four seven, thanks, one two three", []),
        ("two fans and four coils", []),
        ("9847012345", []),
        ("one two three four five six seven      one two three four five six eight",
         ["1234567", "1234568"]),
        ("one two three four five six seven      double one", ["1234567"]),
        ("", []),
    ],
)  # fmt: skip
def test_digits_are_read_one_by_one(text: str, digits: list[str]) -> None:
    """Seven or more close together, some of them words; "double two" is two of them."""
    found = spoken_digits(text, ("en",), 7)

    assert digits == [one.digits for one in found]
    assert all(text[one.start : one.end].strip() for one in found)


def test_a_run_begins_at_its_first_word() -> None:
    """Also where that word only says how often the next one is meant."""
    text = "call double nine eight four seven one two"
    (found,) = spoken_digits(text, ("en",), 7)

    assert "double nine eight four seven one two" == text[found.start : found.end]
