"""Lines that are taken off an order without their names: by their place, or by pointing at them."""

from __future__ import annotations

from typing import Any

import pytest

from engine.readers import READERS, Hearing, Read, Unclear
from tests.readers.test_products import PARTS


def order(*parts: str) -> list[dict[str, Any]]:
    """Make an order of two pieces of each part."""
    return [{"quantity": 2, "unit": None, "name": PARTS[part][0], "id": part} for part in parts]


def amended(old: list[dict[str, Any]], text: str, talked: int = -1) -> Any:
    """Read a change in words."""
    amend = READERS["items"].amend
    assert amend is not None
    return amend(old, text, Hearing(catalogue=PARTS, talked=talked))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("ok, only without the last one", ["relay", "filter"]),
        ("remove the first", ["filter", "drain"]),
        ("drop the second one please", ["relay", "drain"]),
        ("without the relays", ["filter", "drain"]),
    ],
)
def test_a_line_is_taken_off_by_its_place(text: str, left: list[str]) -> None:
    (read,) = amended(order("relay", "filter", "drain"), text)
    assert left == [line["id"] for line in read.value]


@pytest.mark.parametrize("text", ["remove the fourth", "remove the first, not the second"])
def test_a_place_that_is_none_takes_nothing_off(text: str) -> None:
    assert [] == amended(order("relay", "filter", "drain"), text)


def test_the_line_that_was_talked_about_goes() -> None:
    old = order("relay", "filter")
    (read,) = amended(old, "yes, but without that", talked=1)
    assert isinstance(read, Read)
    assert old[:1] == read.value


def test_without_such_a_line_it_is_asked_which() -> None:
    old = order("relay", "filter")
    (unclear,) = amended(old, "yes without that")
    assert isinstance(unclear, Unclear)
    # The last is the order as it stands.
    assert (old[1:], old[:1], old) == unclear.candidates
    assert ("Relay", "Air filter", "") == unclear.labels


def test_among_many_lines_it_is_not_asked() -> None:
    many = order("relay", "filter", "drain", "blade", "swing", "stand")
    assert [] == amended(many, "yes without that")
