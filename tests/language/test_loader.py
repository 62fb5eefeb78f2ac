"""Reading files: whole or not at all, every fault with its place, and nothing that hangs."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from engine.errors import AuthorError
from engine.language import refusals
from engine.language.catalogue import read_catalogue
from engine.language.document import MAX_BYTES
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


def write(folder: Path, text: str) -> Path:
    """Write a flow's file."""
    file = folder / "order.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_shipped_bot_is_read_whole() -> None:
    """The shop's files become models, in the order bot.yaml names them."""
    source = load_bot(FLOWS / "parts_shop", defaults=FLOWS)

    flows = [
        "bulk_order",
        "callback",
        "order_status",
        "reorder",
        "change_order",
        "price",
        "complaint",
    ]
    assert flows == list(source.flows)
    assert "person_name" == source.flows["bulk_order"].slots["name"].type
    assert "greeting" == source.faq[0].id
    assert {"bot", "faq", "always", "texts"} == set(source.documents)
    assert 60 == len(source.catalogue)
    assert 1 == sum("remote" in product["name"] for product in source.catalogue)


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


def test_a_catalogue_becomes_rows(tmp_path: Path) -> None:
    """Cells are trimmed, aliases split, empty cells left open, empty lines passed over."""
    file = tmp_path / "catalogue.csv"
    file.write_text(
        "id, name ,name_es,aliases,price,unit,min,pack,stock\n"
        "r1, Remote control ,mando,remote | controller|,1250.50|10: 1200 | 50:999,piece,5,10,0\n\n"
        'c1,"Compressor, 1.5T",,,,,,,\n',
        encoding="utf-8",
    )

    first, second = read_catalogue(file)

    assert {
        "id": "r1", "name": "Remote control", "names": {"es": "mando"},
        "aliases": ("remote", "controller"),
        "price": Decimal("1250.50"), "tiers": ((10, Decimal(1200)), (50, Decimal(999))),
        "unit": "piece", "min": 5, "pack": 10, "stock": 0, "line": 2,
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
