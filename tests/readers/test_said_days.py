"""Days said in words."""

from __future__ import annotations

import pytest

from engine.readers import READERS, Hearing, Read

MONDAY = "2026-01-05T07:00:00"
SATURDAY, SUNDAY = "2026-01-10", "2026-01-11"


def moment(text: str, language: str, want: str) -> str:
    """Read the one day of a text, with its time if it has one; nothing where it has none."""
    hearing = Hearing(languages=(language,), now=MONDAY, want=want)
    found = READERS["date"].read(text, hearing)
    return str(found[0].value) if found and isinstance(found[0], Read) else ""


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("sabtu, minggu jam 2 siang", f"{SATURDAY}T14:00"),
        ("minggu jam 2 siang", f"{SUNDAY}T14:00"),
        ("jam 2 minggu", f"{SUNDAY}T02:00"),
        ("jam 2 siang minggu", f"{SUNDAY}T14:00"),
        ("minggu pagi jam 9", f"{SUNDAY}T09:00"),
        ("hari minggu jam 9", f"{SUNDAY}T09:00"),
        ("bukan sabtu, minggu jam 2 siang", f"{SUNDAY}T14:00"),
        ("bukan sabtu tapi minggu", SUNDAY),
        ("bukan minggu, sabtu pagi", SATURDAY),
        ("2 minggu lagi", "2026-01-19"),
        ("sabtu 2 minggu lagi", "2026-01-19"),
        ("sabtu minggu depan", "2026-01-17"),
        ("minggu depan jam 2", "02:00"),
        ("sabtu minggu ini", SATURDAY),
        ("minggu", ""),
        ("sabtu atau hari minggu", SATURDAY),
    ],
)
def test_a_week_that_is_also_a_day_is_told_by_what_stands_beside_it(text: str, day: str) -> None:
    """Indonesian "minggu" is a week, and Sunday beside a clock or another weekday."""
    assert day == moment(text, "id", "")


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("not friday, saturday", "en", SATURDAY),
        ("saturday, not friday", "en", SATURDAY),
        ("no el viernes, el sabado", "es", "2026-01-09"),
        ("no viernes, sabado", "es", SATURDAY),
        ("no viernes", "es", "2026-01-09"),
        ("no, viernes o sabado", "es", "2026-01-09"),
        ("bukan jam 3, jam 4 sore", "id", "16:00"),
    ],
)
def test_what_is_said_not_to_be_gives_way(text: str, language: str, expected: str) -> None:
    """Of two days the one behind "not" is not meant; the only one is, for no may be an answer."""
    assert expected == moment(text, language, "")
