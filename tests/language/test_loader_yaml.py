"""YAML as the language reads it: places, plain words, and nothing that hangs or raises."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from engine.language import document
from engine.language.document import Document, parse, read_text, shown_path


def whole(text: str) -> Document:
    """Read a text that has no fault."""
    read, faults = parse("a.yaml", text)
    assert faults == []
    assert read is not None
    return read


def test_places_are_those_of_the_keys() -> None:
    """A fault points at the key a value stands under, or at the item of a list."""
    read = whole("a: 1\nb:\n  - x\n  - {c: d}\n")

    assert (1, 1) == read.where()
    assert (2, 1) == read.where("b")
    assert (4, 5) == read.where("b", 1)
    assert (4, 6) == read.where("b", 1, "c")
    assert (4, 6) == read.where("b", 1, "<map>", "c", 0, "missing")


def test_plain_words_are_read_as_yaml_1_2_reads_them() -> None:
    """Words for yes, times, dates, and numbers that somebody dials stay text."""
    read = whole(
        "{a: yes, b: off, c: 09:00, d: 2026-01-05, e: 007, f: +91, g: '5', h: 5, i: -1.5,"
        " j: true, k: False, 1: one, true: two, l: 1e3}"
    )

    assert {
        "a": "yes", "b": "off", "c": "09:00", "d": "2026-01-05", "e": "007", "f": "+91", "g": "5",
        "h": 5, "i": -1.5, "j": True, "k": "False", 1: "one", "true": "two", "l": "1e3",
    } == read.value  # fmt: skip


def test_a_part_that_is_not_there_is_nothing() -> None:
    """Looking up what a file does not hold finds None, whatever stands in the way."""
    read = whole("a: [1, {b: 2}]\n")

    assert 2 == read.at("a", 1, "<map>", "b")
    assert read.at("a", 7) is None
    assert read.at("c", "d") is None
    assert read.at("a", 0, "b") is None
    assert 1 == read.at("a", 0, 3)
    assert [1, {"b": 2}] == read.at("a", "[key]")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "1:1: this file is empty. Write it, or remove it."),
        ("~", "1:1: this file is empty. Write it, or remove it."),
        ("- \n- b", "1:2: this item has no value. Write one, or remove the line."),
        ("a: 'x", "1:6: a quote is opened and never closed. Close it."),
        ("a: %b", ("1:4: no value can begin with this character. Indent with spaces, not tabs, "
         "and put a text that begins so in quotes.")),
        ("? {a: b}\n: c", "1:3: a list or a map stands where a key is meant. Write a word."),
        ("!!map {a: b}", "1:1: types marked with ! are not read. Remove it."),
    ],
)  # fmt: skip
def test_yaml_that_is_none_is_explained(text: str, fault: str) -> None:
    """YAML's own complaints are said in the words of whoever typed the file."""
    read, faults = parse("a.yaml", text)

    assert read is None
    assert [f"a.yaml:{fault}"] == [str(each) for each in faults]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        "{a: " * 100_000,
        "- " * 300_000,
        "? " * 300_000,
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n",
        "'" * 500_001,
        "\n" * 900_000,
    ],
    ids=["brackets", "braces", "dashes", "question marks", "aliases", "quotes", "lines"],
)
def test_hostile_files_are_refused_at_once(text: str) -> None:
    """No file hangs the checker or ends it: what is too deep is refused where it gets too deep."""
    read, faults = parse("a.yaml", text)

    assert read is None
    assert 1 == len(faults)


@given(st.text(alphabet="ab:-[]{}\"'|>&*!?#%@,~ \n\t1.", max_size=60))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    """Nothing an author can type raises anything but faults."""
    read, faults = parse("a.yaml", text)

    assert (read is None) == bool(faults)


def test_an_error_of_yaml_without_a_place_is_a_fault_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else the parser refuses is reported at the file's beginning."""

    class Refusing:
        def __init__(self, **_: object) -> None:
            pass

        def parse(self, _: object) -> None:
            raise YAMLError("out of order")

    monkeypatch.setattr(document, "YAML", Refusing)

    _, faults = parse("a.yaml", "a: b")

    assert ["a.yaml:1:1: this is not YAML: out of order. Check quotes and brackets."] == [
        str(fault) for fault in faults
    ]


def test_an_error_of_yaml_that_knows_no_line_stands_at_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A parser that forgets to say where is no reason to forget what."""

    class Refusing:
        def __init__(self, **_: object) -> None:
            pass

        def parse(self, _: object) -> None:
            raise MarkedYAMLError(problem="odd")

    monkeypatch.setattr(document, "YAML", Refusing)

    _, faults = parse("a.yaml", "a: b")

    assert (1, 1) == (faults[0].line, faults[0].column)


def test_paths_are_named_from_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file below is named in short, a file elsewhere in full."""
    monkeypatch.chdir(tmp_path)

    assert "a/b.yaml" == shown_path(Path("a/b.yaml"))
    assert "a/b.yaml" == shown_path(tmp_path / "a" / "b.yaml")
    assert "/etc/b.yaml" == shown_path(Path("/etc/b.yaml"))


def test_a_byte_order_mark_is_no_part_of_a_file(tmp_path: Path) -> None:
    """Editors on Windows write one; nobody sees it."""
    file = tmp_path / "a.yaml"
    file.write_bytes("\ufeffa: b".encode())

    assert "a: b" == read_text(file)
