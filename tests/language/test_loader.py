"""Reading files: whole or not at all, every fault with its place, and nothing that hangs."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from engine.errors import AuthorError
from engine.language import document, refusals
from engine.language.catalogue import read_catalogue
from engine.language.document import MAX_BYTES, Document, parse, read_text, shown_path
from engine.language.loader import load_bot, load_flow_file
from engine.language.source import content_hash

ROOT = Path(__file__).parents[2]
FLOWS = ROOT / "flows"

FLOW = """
flow: order   # a comment
start:
  phrases: [order]
  at: done
states:
  done: {end: completed, say: Thank you.}
  other: {say: "Hm.", then: done}
"""


def faults_of(file: Path) -> list[str]:
    """List the faults that reading a flow's file raises."""
    with pytest.raises(AuthorError) as refused:
        load_flow_file(file)
    return [str(fault) for fault in refused.value.faults]


def whole(text: str) -> Document:
    """Read a text that has no fault."""
    read, faults = parse("a.yaml", text)
    assert faults == []
    assert read is not None
    return read


def write(folder: Path, text: str) -> Path:
    """Write a flow's file."""
    file = folder / "order.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_shipped_bot_is_read_whole() -> None:
    """The shop's files become models, in the order bot.yaml names them."""
    source = load_bot(FLOWS / "parts_shop", defaults=FLOWS)

    assert ["bulk_order", "callback"] == list(source.flows)
    assert "person_name" == source.flows["bulk_order"].slots["name"].type
    assert "greeting" == source.faq[0].id
    assert {"bot", "faq", "always", "texts"} == set(source.documents)
    assert () == source.catalogue


def test_comments_and_the_order_of_keys_do_not_change_the_hash(tmp_path: Path) -> None:
    """A live conversation is not disturbed by a flow that only looks different."""
    first = load_flow_file(write(tmp_path, FLOW))
    other = load_flow_file(
        write(
            tmp_path,
            "states: {done: {say: Thank you., end: completed}, other: {then: done, say: Hm.}}\n"
            "start: {at: done, phrases: [order]}\nflow: order\n",
        )
    )

    assert first.hash == other.hash
    assert 16 == len(first.hash)


def test_any_other_change_changes_the_hash(tmp_path: Path) -> None:
    """What a customer would notice is another flow."""
    first = load_flow_file(write(tmp_path, FLOW))
    other = load_flow_file(write(tmp_path, FLOW.replace("Thank you.", "Thanks.")))

    assert first.hash != other.hash


def test_the_first_state_counts_where_no_state_is_named_as_the_first() -> None:
    """Without start.at the order of the states says where a flow begins."""
    states = {"a": {"end": "completed"}, "b": {"end": "completed"}}

    turned = dict(reversed(states.items()))

    assert content_hash({"states": states}) != content_hash({"states": turned})


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


def test_a_file_of_more_than_a_megabyte_is_refused_unread(tmp_path: Path) -> None:
    """A file that large is a mistake; it is not read to its end."""
    file = write(tmp_path, "#" * (5 * MAX_BYTES))

    assert [f"{file}:1:1: this file is larger than 1 MB. Split it."] == faults_of(file)


def test_a_file_that_may_not_be_read_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Permissions are named, not traced back."""
    file = write(tmp_path, FLOW)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    # root reads everything, so the refusal is played.
    monkeypatch.setattr(Path, "open", refuse)

    assert [
        f"{file}:1:1: this file cannot be read: permission denied. Check its permissions."
    ] == faults_of(file)


def test_a_refusal_without_words_is_still_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some systems refuse without saying why."""
    file = write(tmp_path, FLOW)

    def refuse(*_: object, **__: object) -> None:
        raise OSError("Strange")

    monkeypatch.setattr(Path, "open", refuse)

    assert "cannot be read: strange." in faults_of(file)[0]


def test_a_missing_folder_is_one_fault(tmp_path: Path) -> None:
    """A bot that is not there is said to be not there, once."""
    with pytest.raises(AuthorError) as refused:
        load_bot(tmp_path / "nowhere", defaults=FLOWS)

    assert 1 == len(refused.value.faults)
    assert "nowhere/bot.yaml:1:1: there is no such file." in str(refused.value)


def test_all_files_are_read_before_anything_is_refused(tmp_path: Path) -> None:
    """One wrong key in bot.yaml hides no fault of the flows; the list is in order of the files."""
    (tmp_path / "bot.yaml").write_text(
        "bot: x\nlanguages: [en]\nflows: [order, b-d, 5]\ncolour: red\nfaq: faq.yaml\n"
        "catalogue: c.csv\nassistant: {knowledge: nowhere/}\n",
        encoding="utf-8",
    )
    (tmp_path / "order.yaml").write_text("flow: order\n", encoding="utf-8")
    (tmp_path / "faq.yaml").write_text("{}\n", encoding="utf-8")
    (tmp_path / "c.csv").write_text("id\n", encoding="utf-8")

    with pytest.raises(AuthorError) as refused:
        load_bot(tmp_path, defaults=tmp_path)

    assert {"bot.yaml", "order.yaml", "faq.yaml", "c.csv", "always.yaml", "texts.yaml"} == {
        Path(fault.path).name for fault in refused.value.faults
    }
    assert refused.value.faults == sorted(refused.value.faults)


@pytest.mark.parametrize("text", ["- a", "x", "flows: order", "faq: [a]\nflows: [{a: b}]"])
def test_a_bot_of_another_shape_is_refused_and_nothing_else_happens(
    tmp_path: Path, text: str
) -> None:
    """Whatever stands in bot.yaml, the answer is a list of faults."""
    (tmp_path / "bot.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(AuthorError):
        load_bot(tmp_path, defaults=FLOWS)


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


def test_a_catalogue_becomes_rows(tmp_path: Path) -> None:
    """Cells are trimmed, aliases split, empty cells left open, empty lines passed over."""
    file = tmp_path / "catalogue.csv"
    file.write_text(
        "id, name ,aliases,price,unit,min,pack,stock\n"
        "r1, Remote control ,remote | controller|,1250.50,piece,5,10,0\n\n"
        'c1,"Compressor, 1.5T",,,,,,\n',
        encoding="utf-8",
    )

    first, second = read_catalogue(file)

    assert {
        "id": "r1", "name": "Remote control", "aliases": ("remote", "controller"),
        "price": Decimal("1250.50"), "unit": "piece", "min": 5, "pack": 10, "stock": 0, "line": 2,
    } == first  # fmt: skip
    assert ("Compressor, 1.5T", (), None, None) == (
        second["name"], second["aliases"], second["price"], second["min"],
    )  # fmt: skip
    assert 4 == second["line"]


def test_a_refusal_nobody_foresaw_is_repeated_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new kind of refusal in a newer pydantic is still a fault with its place."""
    monkeypatch.setattr(refusals, "REFUSALS", {})
    file = write(tmp_path, FLOW.replace("order   #", "[] #"))

    (fault,) = faults_of(file)

    assert fault.startswith(
        f'{file}:2:1: "flow" is not understood: Input should be a valid string.'
    )
