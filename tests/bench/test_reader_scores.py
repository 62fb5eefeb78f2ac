"""The bench of the readers: which rows it takes, what counts as right, which goals hold."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from bench.reader_marks import MARKS
from bench.reader_matches import misses_of
from bench.reader_rows import READER_OF, cases_in
from bench.reader_scores import ENOUGH, rows
from bench.report import Row


def write(folder: Path, name: str, *lines: dict[str, Any]) -> None:
    text = "".join(f"{json.dumps(line)}\n" for line in lines)
    (folder / name).write_text(text, encoding="utf-8")


def taken(folder: Path, *, misses: bool = False) -> dict[str, Row]:
    return {row.row: row for row in rows(Namespace(rows=folder, misses=misses))}


def test_every_set_has_marks_and_a_reader() -> None:
    assert set(READER_OF) == set(MARKS) - {"own"}


def test_a_set_of_a_corpus_is_scored_by_its_own_field(tmp_path: Path) -> None:
    hit = {"text": "mail leena@example.com", "emails": ["leena@example.com"], "lang": "en"}
    miss = {"text": "mail me", "emails": ["me@example.com"], "lang": "en"}
    write(tmp_path, "extract-emails.dev.jsonl", hit, miss)

    found = taken(tmp_path)

    assert 2 == found["emails, rows"].value
    assert pytest.approx(200 / 3) == found["emails, F1 (2)"].value
    assert 100 == found["emails, precision (2)"].value
    assert {"emails, a text 8 x as long", "emails, one message, p95"} <= set(found)


def test_only_a_large_set_has_goals(tmp_path: Path) -> None:
    row = {"text": "yes", "label": "no", "lang": "en"}
    write(tmp_path, "yes_no.jsonl", *[row] * (ENOUGH - 1))
    assert taken(tmp_path)[f"yes_no, accuracy ({ENOUGH - 1})"].met is None

    write(tmp_path, "yes_no.jsonl", *[row] * ENOUGH)
    found = taken(tmp_path)
    assert found[f"yes_no, accuracy ({ENOUGH})"].met is False
    assert 100 == found[f"yes_no, wrong decisions ({ENOUGH})"].value


def test_parts_of_a_set_are_scored_apart(tmp_path: Path) -> None:
    people = {"lang": "en", "region": "IN", "origin": "human"}
    dialled = {"phones": ["9847012345"], "e164": ["+919847012345"], "dialable": True}
    counted = {"phones": ["112233445"], "e164": None, "dialable": False}
    write(
        tmp_path,
        "phones.jsonl",
        {"text": "9847012345", **people, **dialled},
        {"text": "112233445", **people, **counted},
    )

    found = taken(tmp_path)

    assert 100 == found["phones, people's, E.164 exact (1)"].value
    assert 100 == found["phones, not dialable, digits found (1)"].value


def test_a_miss_is_told_with_what_was_wanted_and_got(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    day = {"values": ["2026-01-06"], "ref": "2026-01-05T09:00", "order": "dmy", "lang": "en"}
    write(tmp_path, "dates.jsonl", {"text": "someday", "type": "date", **day})

    taken(tmp_path, misses=True)

    assert "dates: 'someday'\n  want [['2026-01-06']]\n  got  []" in capsys.readouterr().err


def test_our_own_tables_and_every_kind_of_row_are_taken(tmp_path: Path) -> None:
    common = {"lang": "en", "region": "IN", "requested": True}
    contact = {"name": "Asha", "phones": ["9847012345"], "emails": []}
    burger = {"burger": {"cheese_burger": ["cheese burger"]}}
    (tmp_path / "extract-catalogues.json").write_text(json.dumps(burger), encoding="utf-8")
    write(
        tmp_path,
        "money.jsonl",
        {"text": "$5", "expect": [{"value": {"amount": 5, "currency": "USD"}}]},
    )
    write(tmp_path, "contact.jsonl", {"text": "Asha 9847012345", **common, **contact})
    write(tmp_path, "names.jsonl", {"text": "hello", "name": None, **common})
    write(tmp_path, "numbers.jsonl", {"text": "4 or 5", "values": [4, 5], "lang": "en"})
    items = [{"qty": 3, "unit": None, "name": "latte"}]
    write(tmp_path, "line_items.jsonl", {"text": "3 lattes", "items": items, **common})
    write(tmp_path, "nothing.jsonl", {"text": "of no set"})

    sets = dict(cases_in(tmp_path))

    assert {"money", "contact", "names", "numbers", "line_items"} == set(sets)
    assert [] == [miss for name, cases in sets.items() for miss in misses_of(name, cases)]
