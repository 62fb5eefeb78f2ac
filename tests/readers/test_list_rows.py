"""Pasted lists: the rows a person counts, numbers that are no quantity, headings that are no goods."""

from __future__ import annotations

import pytest

from tests.readers.test_products import brief, read


def test_lines_are_numbered_as_they_were_typed() -> None:
    lines = read("remote 3\n\nrelay 5, filter 2\nremote 4\nfan motor 6\ndrain pump 1")
    # The remotes are one line; what comes behind keeps the number it has in the message.
    assert [(7, "remote"), (5, "relay"), (2, "filter"), (6, None), (1, "drain")] == [
        (line["quantity"], line.get("id")) for line in lines
    ]
    assert [None, None, 2, 4, None] == [line.get("no") for line in lines]


def test_goods_in_a_single_line_are_counted_themselves() -> None:
    lines = read("3 remotes, 5 relays, 2 remotes and 6 fan motors")
    assert [None, None, 4] == [line.get("no") for line in lines]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("1 relay 20\n2 remote 15\n3 fan blade 7", ["20 relay", "15 remote", "7 blade"]),
        ("1 | relay | 20\n2 | remote | 15\n3 | filter | 7", ["20 relay", "15 remote", "7 filter"]),
        ("1. relay - 20\n2. remote - 15\n3. filter: 7", ["20 relay", "15 remote", "7 filter"]),
        # Only where they run 1, 2, 3, and three of them: two lines may be counted so by chance.
        ("4 relays 20\n2 remotes\n3 filters", ["4 relay", "2 remote", "3 filter"]),
        ("1 relay\n2 remotes\n3 filters", ["1 relay", "2 remote", "3 filter"]),
    ],
)
def test_numbers_of_rows_are_no_quantities(text: str, lines: list[str]) -> None:
    assert lines == brief(read(text))


@pytest.mark.parametrize(
    "heading",
    [
        "=== AC PARTS ===",
        "-- RELAY TYPES (2) --",
        "**Relays**",
        "for the shop in Goa:",
        "Parts list 2026:",
        "Item | Qty",
        "ITEM QTY REMARKS",
    ],
)
@pytest.mark.parametrize("asked", [True, False])
def test_headings_are_no_goods(heading: str, *, asked: bool) -> None:
    lines = read(f"{heading}\nremote | 20\nfilter | 5", asked=asked)
    assert ["20 remote", "5 filter"] == brief(lines)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("relay:\n20\nremote 5", ["1 relay bare", "5 remote"]),
        ("**relay 20**\nremote 5", ["20 relay", "5 remote"]),
        ("relay:", ["1 relay bare"]),
    ],
)
def test_what_only_looks_like_a_heading(text: str, lines: list[str]) -> None:
    assert lines == brief(read(text))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("relay 20\ndrain pump: none\nremote - nil", ["20 relay", "0 drain", "0 remote"]),
        ("relay 20\nremote none of the large ones", ["20 relay", "1 remote bare"]),
        ("relay 20\nremote for nothing", ["20 relay", "1 remote bare"]),
    ],
)
def test_none_of_a_part_is_a_zero(text: str, lines: list[str]) -> None:
    assert lines == brief(read(text))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("relay.......15\nfilter .... 5\ndrain pump.....NIL", ["15 relay", "5 filter", "0 drain"]),
        ("relay,15\nfilter,0\nremote , 5", ["15 relay", "0 filter", "5 remote"]),
        # One of them is said in a sentence.
        ("send 15 relays, 5 filters\nand a remote, 2", ["15 relay", "5 filter", "1 remote"]),
    ],
)
def test_what_leads_to_a_quantity_is_a_colon(text: str, lines: list[str]) -> None:
    assert lines == brief(read(text))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            "Sensor 101: remote 1, filter 2\nSensor 102: remote 1",
            ["2 remote", "2 filter"],
        ),
        ("capacitor 35: qty 20\nrelay 5", ["20 cap_35", "5 relay"]),
    ],
)
def test_whom_a_line_is_for_is_no_quantity(text: str, lines: list[str]) -> None:
    assert lines == brief(read(text))
