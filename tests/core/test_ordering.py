"""Lines of an order against the catalogue: prices, and what is asked about which line."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.language.slot import Product, Slot
from engine.ordering import Open, first_open, priced, settled, total

PRODUCTS = {
    "remote": Product("remote", "Remote control", {"es": "mando"}, "", ((0, 350.0), (50, 320.0))),
    "nut": Product("nut", "Flare nut", {}, "", ((0, 0.1),), min=10, pack=20),
    "pipe": Product("pipe", "Copper pipe", {}, "m", (), min=3),
    "box": Product("box", "Box", {}, "box", (), pack=4),
}


def slot(**limits: Any) -> Slot:
    return Slot("items", "items", {}, products=PRODUCTS, currency="INR", **limits)


def line(id_: str, quantity: float, **more: Any) -> dict[str, Any]:
    return {"id": id_, "quantity": quantity, "unit": None, "name": id_, **more}


def test_a_line_gets_its_name_its_unit_and_the_price_of_its_quantity() -> None:
    lines = priced(slot(), [line("remote", 11), line("remote", 50), line("pipe", 4)], "es")
    assert ["mando", "mando", "Copper pipe"] == [one["name"] for one in lines]
    assert [None, None, "m"] == [one["unit"] for one in lines]
    assert [350.0, 320.0] == [one["price"]["amount"] for one in lines[:2]]
    assert "price" not in lines[2]


def test_a_price_that_is_not_the_catalogues_goes() -> None:
    """An amount that a line brings along is nobody's word; a line without a product has none."""
    old = {"amount": 1, "currency": "INR"}
    assert "price" not in priced(slot(), [line("pipe", 4, price=old)], "en")[0]
    assert "price" not in priced(slot(), [{"quantity": 1, "name": "x", "price": old}], "en")[0]


def test_an_order_adds_up_exactly_where_every_price_is_known() -> None:
    lines = priced(slot(), [line("remote", 3), line("nut", 3)], "en")
    assert (Decimal("1050.3"), "INR") == total(lines)
    assert None is total([*lines, line("pipe", 1)])
    assert None is total([])


def test_an_order_in_two_currencies_has_no_total() -> None:
    lines = priced(slot(), [line("remote", 3), line("nut", 3)], "en")
    lines[1]["price"] = {"amount": 1, "currency": "EUR"}
    assert None is total(lines)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (line("remote", 11), None),
        ({"quantity": 2, "name": "x"}, None),
        (line("", 3, among=["nut", "box"]), ("line_which", ("nut", "box"))),
        (line("", 3, among=["nut"], unknown=True), ("line_unknown", ("nut",))),
        (line("remote", 1, bare=True), ("line_how_many", ())),
        (line("remote", 0), ("line_too_few", ())),
        (line("remote", -3), ("line_too_few", ())),
        (line("remote", 0.5), ("line_whole", ())),
        (line("remote", 2.5), ("line_whole", ())),
        (line("remote", 10**12), ("line_too_many", ())),
        (line("pipe", 3.5), None),
        (line("pipe", 2), ("line_too_few", (3,))),
        (line("nut", 10), ("line_too_few", (20,))),
        (line("nut", 20), None),
        (line("nut", 50), ("line_pack", (40, 60))),
        (line("box", 2.5), ("line_too_few", (4,))),
        (line("box", 4.5), ("line_whole", ())),
    ],
)
def test_what_cannot_be_ordered_as_it_stands_is_asked(
    asked: dict[str, Any], found: tuple[str, tuple[Any, ...]] | None
) -> None:
    opened = first_open(slot(), [line("remote", 1), asked])
    assert found == (opened and (opened.why, opened.candidates))
    assert opened is None or opened.line == 1


def test_the_authors_limits_hold_for_every_line() -> None:
    assert first_open(slot(at_least=5), [line("remote", 4)]) == Open(0, "line_too_few", (5,), 5)
    opened = first_open(slot(at_most=10), [line("remote", 11)])
    assert opened is not None
    assert ("line_too_many", 10) == (opened.why, opened.most)


def test_a_line_is_settled_by_a_product_by_a_quantity_or_left_out() -> None:
    lines = [line("remote", 1, bare=True), line("", 2, among=["nut"], unknown=True)]
    assert [line("remote", 7), lines[1]] == settled(lines, 0, quantity=7)
    assert [lines[0], line("nut", 2, name="")] == settled(lines, 1, product="nut")
    assert lines[:1] == settled(lines, 1)
