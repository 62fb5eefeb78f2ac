"""Goods the catalogue does not have, and words that only look like what it has."""

from __future__ import annotations

from typing import Any

import pytest

from engine.readers import READERS, Hearing, Read
from engine.readers.amend_items import recounted
from engine.readers.dropped_lines import drops_nothing, empties
from engine.readers.items import beside, is_same_order, opens_an_order
from engine.readers.product_names import product_names

PARTS = {
    "remote": ("AC remote control", "remote"),
    "r32": ("R32 gas cylinder", "r32 gas"),
    "r410": ("R410A gas cylinder", "r410a gas"),
    "service": ("Service valve",),
    "stop": ("Stop valve",),
    "drier": ("Filter drier",),
    "wheel": ("Blower wheel",),
    "swing": ("Swing motor",),
    "tray": ("Drain tray",),
    "cap_25": ("Capacitor 25 uF",),
    "cap_50": ("Capacitor 50 uF",),
    "thermostat": ("Thermostat",),
    "mando": ("Control remoto", "mando"),
}


def _lines(text: str, *, asked: bool = True, languages: tuple[str, ...] = ("en", "es")) -> Any:
    hearing = Hearing(languages=languages, asked=asked, catalogue=PARTS)
    readings = READERS["items"].read(text, hearing)
    return [line for one in readings if isinstance(one, Read) for line in one.value]


def _brief(lines: list[dict[str, Any]]) -> list[str]:
    return [
        f"{line['quantity']} {line.get('id') or line['name'] + '?' + '|'.join(line['among'])}"
        for line in lines
    ]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("25 remote covers", ["25 remote covers?remote"]),
        ("25 remotes white", ["25 remote"]),
        ("25 remote", ["25 remote"]),
        ("25 covers for remotes", ["25 covers for remotes?remote"]),
        ("25 fundas de mando", ["25 fundas de mando?mando"]),
        ("12 gas valves", ["12 gas valves?service|stop|r32"]),
        ("10 swing motor covers", ["10 swing motor covers?swing"]),
        ("10 wheels of cheese", ["10 wheels?wheel"]),
        ("10 wheels of the best", ["10 wheel"]),
    ],
)
def test_the_head_of_several_words_says_what_is_wanted(text: str, lines: list[str]) -> None:
    """A product that only says what the goods are for is not taken for them."""
    assert lines == _brief(_lines(text))


@pytest.mark.parametrize("text", ["25 remote covers", "12 gas valves", "10 swing motor gears"])
def test_unasked_such_goods_are_no_order_of_the_product(text: str) -> None:
    """Where nothing is asked for, they are left to whoever asks about goods that are not sold."""
    assert [] == _lines(text, asked=False)


@pytest.mark.parametrize(
    ("text", "asked", "lines"),
    [
        ("10 drivers", False, ["10 drivers?drier"]),
        ("10 drivers", True, ["10 drier"]),
        ("10 drivers and 5 remotes", False, ["10 drier", "5 remote"]),
        ("10 thermostts", False, ["10 thermostat"]),
        ("driver", True, ["1 drier"]),
        ("driver", False, []),
        ("my driver will come at five", True, []),
        ("the driver from the other company with us", True, []),
        ("we are a service centre, 12 remotes", False, ["12 remote"]),
    ],
)
def test_a_word_that_only_looks_like_a_product_is_not_taken_silently(
    text: str,
    asked: bool,  # noqa: FBT001
    lines: list[str],
) -> None:
    """A short slip is asked about where nobody asked for goods, and is nothing in talk."""
    assert lines == _brief(_lines(text, asked=asked))


def test_far_names_are_not_offered() -> None:
    """The nearest three are near."""
    names = product_names(PARTS, ("en",))

    assert () == names.nearest("plumbus")
    assert ("cap_25", "cap_50") == names.nearest("flux capacitors")
    # One short word that looks like one of the catalogue's is a chance beside a long unknown one.
    assert names.nearest("swin")
    assert () == names.nearest("swin encabulators")


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("sorry 22", 22),
        ("yes but make it 18", 18),
        ("17 not 15", 17),
        ("no wait, 15, not 11 pcs", 15),
        ("sorry twenty-two", 22),
        ("22 or 23", None),
        ("call 9847012345", None),
        ("sorry 22 fans", None),
        ("5pm", None),
        ("no, 0", None),
    ],
)
def test_the_only_line_gets_the_number_that_is_said(text: str, quantity: int | None) -> None:
    """One line, one number, and nothing else that means anything."""
    line = {"quantity": 11, "unit": None, "name": "Relay", "bare": True}

    changed = recounted([line], text, ("en",))

    assert quantity == (changed[0]["quantity"] if changed else None)
    assert all("bare" not in one for one in changed)
    assert [] == recounted([line, line], text, ("en",))


def test_which_text_takes_the_last_line_off() -> None:
    """An order of one line is emptied by dropping it; what else is dropped empties nothing."""
    order = [{"quantity": 11, "unit": None, "name": "Swing motor", "id": "swing"}]
    hearing = Hearing(asked=True, catalogue=PARTS)

    assert empties(order, "remove the swing motors", hearing)
    assert not empties(order, "remove the remotes", hearing)
    assert not empties(order, "the swing motors", hearing)
    assert empties(order, "yes but without that", hearing)
    assert not empties([*order, *order], "yes but without that", hearing)


def test_what_is_dropped_may_not_be_there_at_all() -> None:
    """Who takes off what was never ordered does not order it."""
    order = [{"quantity": 11, "unit": None, "name": "Swing motor", "id": "swing"}]
    hearing = Hearing(asked=True, catalogue=PARTS)

    assert drops_nothing(order, "just ignore the remotes", hearing)
    assert not drops_nothing(order, "the remotes", hearing)
    assert not drops_nothing(order, "remove it and send 5 remotes", hearing)
    assert not drops_nothing(order, "remove it", hearing)


def _order(*lines: tuple[int, str]) -> list[dict[str, Any]]:
    return [
        {"quantity": quantity, "unit": None, "name": PARTS[product][0], "id": product}
        for quantity, product in lines
    ]


@pytest.mark.parametrize(
    ("order", "text", "lines"),
    [
        (_order((5, "tray"), (3, "remote")), "sorry 70 trays", ["70 tray", "3 remote"]),
        (_order((5, "tray"), (3, "remote")), "and 2 swing motors",
         ["5 tray", "3 remote", "2 swing"]),
        (_order((14, "r32")), "r410a gas instead of r32 gas", ["14 r410"]),
        (_order((14, "r32"), (3, "remote")), "no actually r410a gas instead of r32 gas",
         ["3 remote", "14 r410"]),
        (_order((14, "r32")), "instead of r32 gas give me 9 remotes", ["9 remote"]),
        (_order((14, "r32")), "no remotes instead of trays", None),
        (_order((14, "r32"), (3, "remote")), "no instead of r32 gas", None),
        (_order((20, "cap_50")), "make it 25 uf", ["20 cap_25"]),
        (_order((20, "cap_50")), "no, the remote", None),
        (_order((5, "service"), (3, "remote")), "no stop valves, remove", None),
    ],
)  # fmt: skip
def test_an_order_of_products_is_changed_as_it_is_meant(
    order: list[dict[str, Any]], text: str, lines: list[str] | None
) -> None:
    """What comes for another line has its quantity; only what is named goes."""
    amend = READERS["items"].amend
    assert amend is not None

    readings = amend(order, text, Hearing(languages=("en",), catalogue=PARTS))

    changed = [line for one in readings if isinstance(one, Read) for line in one.value]
    if lines is None:
        assert all("id" not in line or line in order or "bare" in line for line in changed)
    else:
        assert lines == _brief(changed)


def test_lines_said_unasked_come_beside_the_others() -> None:
    """Goods the order has are replaced in place, others are added, none is lost."""
    order = _order((5, "tray"), (3, "remote"))

    assert _order((7, "tray"), (3, "remote"), (2, "swing")) == beside(
        order, _order((2, "swing"), (7, "tray"))
    )
    assert is_same_order(order, _order((3, "remote")))
    assert not is_same_order(order, _order((4, "remote")))
    assert not is_same_order(order, _order((2, "swing")))


@pytest.mark.parametrize(
    ("text", "opens", "alone"),
    [
        ("need 10 spoons", True, True),
        ("10 spoons", False, True),
        ("please send me 10 spoons", True, True),
        ("i have 10 questions?", False, False),
        ("the 10 spoons of my aunt are 5", False, False),
        ("my aunt has 10 spoons", False, False),
        ("need spoons", False, False),
        ("need 10", False, False),
        ("need 10, spoons", False, False),
    ],
)
def test_an_order_is_told_from_talk_in_which_something_is_counted(
    text: str,
    opens: bool,  # noqa: FBT001
    alone: bool,  # noqa: FBT001
) -> None:
    """Nothing but the opening of an order stands before the number, and goods behind it."""
    assert opens == opens_an_order(text, ("en",), alone=False)
    assert alone == opens_an_order(text, ("en",))
