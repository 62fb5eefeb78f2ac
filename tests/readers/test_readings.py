"""Every kind of reader against the table of its sentences in `fixtures/readings`.

A row is what `./run read KIND --jsonl` takes, and `expect`: the value, or a list of readings.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench.reader_rows import own_hearing
from engine.readers import READERS, Read, Reading

FOLDER = Path(__file__).parents[2] / "fixtures" / "readings"
ROWS = [
    pytest.param(path.stem, json.loads(line), id=f"{path.stem}.{number}")
    for path in sorted(FOLDER.glob("*.jsonl"))
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
]


def _shown(reading: Reading, kind: str) -> Any:
    """Render a reading as the tables do: the bare value where there is nothing else to say."""
    if not isinstance(reading, Read):
        shown: dict[str, Any] = {"candidates": list(reading.candidates)}
    elif kind == "items":
        keys = ("quantity", "id") if "id" in reading.value[0] else ("quantity", "unit", "name")
        return [[line[key] for key in keys] for line in reading.value]
    else:
        shown = {"value": reading.value}
        if reading.fault:
            shown["fault"] = reading.fault
    if reading.kind:
        shown["kind"] = reading.kind
    bare = list(shown) == ["value"] and not isinstance(shown["value"], dict)
    return shown["value"] if bare else shown


@pytest.mark.parametrize(("kind", "row"), ROWS)
def test_a_sentence_is_read_as_its_table_says(kind: str, row: dict[str, Any]) -> None:
    """Each row of the tables gives the reading written beside it."""
    text = row["text"]

    readings = READERS[kind].read(text, own_hearing(row))

    shown = [_shown(reading, kind) for reading in readings]
    expected = row["expect"]
    if expected is None:
        expected = []
    elif kind == "items" or not (isinstance(expected, list) and isinstance(expected[0], dict)):
        expected = [expected]
    assert expected == shown


@pytest.mark.parametrize(("kind", "row"), ROWS)
def test_a_reading_says_where_it_stands(kind: str, row: dict[str, Any]) -> None:
    """The place of a reading is inside the text and begins and ends at what was read."""
    text = row["text"]

    readings = READERS[kind].read(text, own_hearing(row))

    for reading in readings:
        assert 0 <= reading.start < reading.end <= len(text)
        assert text[reading.start : reading.end] == text[reading.start : reading.end].strip()
        if kind in ("text", "person_name"):
            assert isinstance(reading, Read)
            value, typed = reading.value.casefold(), text[reading.start : reading.end].casefold()
            assert (value[0], value[-1]) == (typed[0], typed[-1])
            # "Lakshmi, surname Pillai": what names the rest of a name is no part of it.
            named = iter(typed.replace(",", " ").split())
            assert all(word in named for word in value.replace(",", " ").split())
            assert value == typed or "," in typed


def test_every_kind_has_a_table() -> None:
    """No reader is without sentences of its own."""
    assert set(READERS) == {path.stem for path in FOLDER.glob("*.jsonl")}
