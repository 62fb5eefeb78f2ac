"""Times of the day said in words."""

from __future__ import annotations

import pytest

from engine.readers import READERS, Hearing, Read
from engine.readers.reading import Reading

MORNING = "2026-01-05T07:00:00"  # a Monday


def read(text: str, language: str, want: str = "time", *, asked: bool = False) -> list[Reading]:
    hearing = Hearing(languages=(language,), now=MORNING, want=want, asked=asked)
    return READERS["date"].read(text, hearing)


def clock(text: str, language: str, *, asked: bool = False) -> str:
    """Read the one time of a text."""
    (found,) = read(text, language, asked=asked)
    assert isinstance(found, Read)
    return str(found.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jam 8 pagi", "08:00"),
        ("jam 11 pagi", "11:00"),
        ("jam 12 pagi", "00:00"),
        ("jam 2 dini hari", "02:00"),
        ("jam 9 siang", "09:00"),
        ("jam 10 siang", "10:00"),
        ("jam 11 siang", "11:00"),
        ("jam 11.30 siang", "11:30"),
        ("11:30 siang", "11:30"),
        ("setengah 12 siang", "11:30"),
        ("jam 12 siang", "12:00"),
        ("setengah 1 siang", "12:30"),
        ("jam 1 siang", "13:00"),
        ("jam 13 siang", "13:00"),
        ("jam 2 siang", "14:00"),
        ("jam 3 siang", "15:00"),
        ("jam 2 sore", "14:00"),
        ("jam 3 sore", "15:00"),
        ("jam 6 sore", "18:00"),
        ("jam 6 malam", "18:00"),
        ("jam 7 malam", "19:00"),
        ("jam 11 malam", "23:00"),
        ("jam 12 malam", "00:00"),
        ("jam 12 kurang 10 malam", "23:50"),
        ("jam 1 malam", "01:00"),
        ("jam 5 malam", "05:00"),
        ("besok siang jam 11", "11:00"),
        ("nanti siang jam 1", "13:00"),
        ("siang ini jam 11", "11:00"),
    ],
)
def test_a_part_of_the_day_tells_which_hour_is_meant(text: str, expected: str) -> None:
    """Late morning and early afternoon are one part of the day in Indonesian."""
    assert expected == clock(text, "id")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12 am", "00:00"),
        ("12 pm", "12:00"),
        ("5 pm", "17:00"),
        ("at 5 in the night", "05:00"),
        ("at 6 in the night", "18:00"),
        ("at 12 in the night", "00:00"),
        ("at 0 at night", "00:00"),
    ],
)
def test_the_halves_of_the_day_are_parts_of_it(text: str, expected: str) -> None:
    """A night begins in the evening and ends in the morning."""
    assert expected == clock(text, "en")


def test_a_number_before_a_part_of_the_day_is_a_time_where_nights_are_counted() -> None:
    """Only nights are counted: "2 malam" is as long as somebody stays."""
    assert "11:00" == clock("besok 11 siang", "id")
    assert read("2 malam", "id") == []
    assert "02:00" == clock("2 malam", "id", asked=True)
