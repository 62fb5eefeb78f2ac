"""The table of readers: which exist, in what order, and how a correction combines."""

from __future__ import annotations

from typing import Any

from engine.readers import READERS


def test_the_kinds_are_those_of_the_flow_language() -> None:
    """Every slot kind has a reader, and `contact` reads three of them."""
    assert set(READERS) == {
        *(
            "text",
            "number",
            "choice",
            "yes_no",
            "email",
            "phone",
            "address",
            "person_name",
            "items",
        ),
        *("date", "money", "order_ref", "contact"),
    }


def test_what_is_unmistakable_is_read_first() -> None:
    """E-mail, then phone, then numbers of all sorts, then names, and free text last."""
    order = sorted(READERS, key=lambda kind: READERS[kind].order)

    assert order[:3] == ["email", "address", "phone"]
    assert order[-1] == "text"
    assert order.index("items") < order.index("number") < order.index("person_name")


def test_only_unmistakable_kinds_volunteer() -> None:
    """A number, a choice, a yes or a text is never read when something else was asked."""
    volunteers = {kind for kind, entry in READERS.items() if entry.volunteers}

    assert volunteers == {"email", "phone", "address", "person_name", "items"}


def test_a_correction_replaces_most_values() -> None:
    """A new e-mail address takes the place of the old one."""
    assert READERS["email"].revise("a@shop.com", "b@shop.com") == "b@shop.com"


def _line(quantity: float, name: str) -> dict[str, Any]:
    return {"quantity": quantity, "unit": None, "name": name}


def test_a_corrected_line_stays_in_its_place() -> None:
    """A line of a product that is in the order, in one or many, is replaced there."""
    old = [_line(2, "Fan motor"), _line(3, "filters")]

    revised = READERS["items"].revise(old, [_line(5, "fan motors")])

    assert revised == [_line(5, "fan motors"), _line(3, "filters")]


def test_other_lines_replace_the_whole_order() -> None:
    """A list with a new product is a new list."""
    old = [_line(2, "fan motor"), _line(3, "filters")]
    new = [_line(1, "filters"), _line(1, "bracket")]

    assert READERS["items"].revise(old, new) == new
