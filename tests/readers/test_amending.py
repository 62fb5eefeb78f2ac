"""A known value changed in words: an order line by line, a moment half by half."""

from __future__ import annotations

from typing import Any

import pytest

from engine.readers import READERS, Hearing, Read

NOW = "2026-01-05T09:00"  # a Monday
ORDER = ((2, "compressors"), (5, "relays"))


def _amended(kind: str, old: Any, text: str, **hearing: Any) -> Any:
    amend = READERS[kind].amend
    assert amend is not None
    readings = amend(old, text, Hearing(**{"asked": True, **hearing}))
    for reading in readings:
        assert isinstance(reading, Read)
        assert 0 <= reading.start < reading.end <= len(text)
        return reading.value
    return None


def _lines(*lines: tuple[float, str], unit: str | None = None) -> list[dict[str, Any]]:
    return [{"quantity": quantity, "unit": unit, "name": name} for quantity, name in lines]


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("add 20 capacitors also", [*ORDER, (20, "capacitors")]),
        ("also 3 relays", [(2, "compressors"), (8, "relays")]),
        ("add 1 compressor", [(3, "compressors"), (5, "relays")]),
        ("remove the relays", [(2, "compressors")]),
        ("remove 2 relays", [(2, "compressors"), (3, "relays")]),
        ("remove 9 relays", [(2, "compressors")]),
        ("remove 1 compressor and 4 relays", [(1, "compressors"), (1, "relays")]),
        ("make it 7 relays", [(2, "compressors"), (7, "relays")]),
        ("3 fans instead", [(3, "fans")]),
        ("change the relays to 20", [(2, "compressors"), (20, "relays")]),
        ("change the relays to 20 please, compressors stay as they are", None),
        ("change the fans to 20 please", [(20, "fans")]),
        ("instead of relays 12 capacitors", [(2, "compressors"), (12, "capacitors")]),
        ("12 capacitors instead of relays", [(2, "compressors"), (12, "capacitors")]),
        ("instead of relays nothing", None),
        ("no relays", [(2, "compressors")]),
        ("remove the relays and add 2 fans", [(2, "compressors"), (2, "fans")]),
        (
            "add 2 fans, also 3 hoses, without relays",
            [(2, "compressors"), (2, "fans"), (3, "hoses")],
        ),
    ],
)
def test_an_order_is_changed_line_by_line(text: str, order: list[tuple[float, str]] | None) -> None:
    """What is added is appended, what is dropped goes, and anything else replaces its line."""
    expected = None if order is None else _lines(*order)

    assert expected == _amended("items", _lines(*ORDER), text)


@pytest.mark.parametrize(
    "text", ["remove the relays and the compressors", "5 relays", "what a day", ""]
)
def test_an_order_is_neither_emptied_nor_changed_into_itself(text: str) -> None:
    """Taking everything off is what cancelling is for, and no change is no reading."""
    assert _amended("items", _lines(*ORDER), text) is None


def test_a_word_of_the_order_is_no_slip_of_a_verb() -> None:
    """One letter lies between a remote and to remove."""
    assert _lines((3, "remote")) == _amended("items", _lines((2, "remote")), "also a remote")


def test_lines_of_another_unit_are_lines_of_their_own() -> None:
    """Two boxes and five single ones do not add up."""
    boxes = _lines((2, "filters"), unit="box")

    assert [*boxes, *_lines((5, "filters"))] == _amended("items", boxes, "add 5 filters")


def test_an_order_is_changed_in_the_language_of_the_bot() -> None:
    """The verbs of a change come from the language files."""
    order = _lines((2, "compresores"), (5, "filtros"))

    changed = _amended("items", order, "quita los filtros", languages=("es",))

    assert _lines((2, "compresores")) == changed


PARTS = {
    "remote": ("AC remote control", "remote"),
    "fan_in": ("Fan motor indoor",),
    "fan_out": ("Fan motor outdoor",),
    "blade": ("Fan blade",),
    "relay": ("Relay",),
    "add_on": ("Add-on card",),
}


def _part(quantity: float, product: str, **more: Any) -> dict[str, Any]:
    return {
        "quantity": quantity,
        "unit": None,
        "name": PARTS[product][0],
        "id": product,
    } | more


REMOTES, BLADES = _part(2, "remote"), _part(5, "blade")
MOTORS = {"quantity": 3, "unit": None, "name": "fan motors", "among": ["fan_in", "fan_out"]}


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("add 20 relays", [REMOTES, BLADES, MOTORS, _part(20, "relay")]),
        ("add 3 more AC remotes", [_part(5, "remote"), BLADES, MOTORS]),
        ("add a remote control also", [_part(3, "remote"), BLADES, MOTORS]),
        ("add remotes", [REMOTES, BLADES, MOTORS, _part(1, "remote", bare=True)]),
        ("remove the blades", [REMOTES, MOTORS]),
        ("remove the fan blade", [REMOTES, MOTORS]),
        ("remove 2 blades", [REMOTES, _part(3, "blade"), MOTORS]),
        ("remove the fan motors", [REMOTES, BLADES]),
        ("remove the relays", None),
        ("no remotes", [BLADES, MOTORS]),
        ("change the remote to 20", [_part(20, "remote"), BLADES, MOTORS]),
        ("change the fan motors to 20", [REMOTES, BLADES, {**MOTORS, "quantity": 20}]),
        ("change the control to 20", [_part(20, "remote"), BLADES, MOTORS]),
        ("make it 7 remotes", [_part(7, "remote"), BLADES, MOTORS]),
        ("instead of the blades 12 relays", [REMOTES, MOTORS, _part(12, "relay")]),
        ("12 relays instead of the remote", [BLADES, MOTORS, _part(12, "relay")]),
    ],
)
def test_an_order_from_a_catalogue_is_changed_by_product(
    text: str, order: list[dict[str, Any]] | None
) -> None:
    """Whatever a product is called, its line is the one of the same product."""
    assert order == _amended("items", [REMOTES, BLADES, MOTORS], text, catalogue=PARTS)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        # What is refused goes, and what comes for it has its quantity.
        ("no remotes please, and 7 blades", [_part(7, "blade")]),
        ("not the remotes, 3 relays", [BLADES, _part(3, "relay")]),
        ("not remotes, relays", [BLADES, _part(2, "relay")]),
        ("no remotes, no blades", None),
        ("no remotes, no blades, 3 relays", [_part(3, "relay")]),
        ("no remotes, no blades, relays", [_part(1, "relay", bare=True)]),
        ("no relays", None),
        ("no, the remotes are fine", None),
        # Said beside the order, goods come to the others; announced, they may replace.
        ("3 relays and 4 motors indoor", [REMOTES, BLADES, _part(3, "relay"), _part(4, "fan_in")]),
        ("sorry, 3 relays and 4 motors indoor", [_part(3, "relay"), _part(4, "fan_in")]),
        ("sorry, 3 relays", [REMOTES, BLADES, _part(3, "relay")]),
        ("and 5 remotes", [_part(7, "remote"), BLADES]),
        ("and 5 remotes, i said", [_part(5, "remote"), BLADES]),
        # What is only named is there already.
        ("sorry, the remotes", None),
        ("sorry, the remotes and 3 blades", [REMOTES, _part(3, "blade")]),
    ],
)
def test_second_thoughts_change_an_order(text: str, order: list[dict[str, Any]] | None) -> None:
    """Nobody asked what to change: only what is named is changed."""
    assert order == _amended("items", [REMOTES, BLADES], text, catalogue=PARTS, asked=False)


def test_refused_goods_of_a_plain_order_are_named_by_their_words() -> None:
    """Without a catalogue the words of the order are all that is known."""
    order = _lines((2, "compressors"), (5, "relays"))

    assert _lines((5, "relays")) == _amended("items", order, "no compressors, thanks")
    assert _amended("items", order, "no problem, thanks") is None


def test_an_only_line_is_exchanged_for_its_like() -> None:
    """As many as before are meant."""
    order = [_part(3, "fan_in")]

    assert [_part(3, "fan_out")] == _amended(
        "items", order, "sorry, fan motor outdoor", catalogue=PARTS
    )


def test_the_first_sentence_may_say_the_quantity_alone() -> None:
    """The rest of the message is left for other readers."""
    text = "9 only, not 2. my name is Hari"
    amend = READERS["items"].amend
    assert amend is not None
    (reading,) = amend([REMOTES], text, Hearing(catalogue=PARTS))

    assert isinstance(reading, Read)
    assert ([_part(9, "remote")], "9 only, not 2") == (reading.value, text[: reading.end])


def test_a_word_of_the_catalogue_is_no_slip_of_a_verb() -> None:
    """The order need not have a remote yet."""
    assert [BLADES, _part(1, "remote")] == _amended(
        "items", [BLADES], "also a remote", catalogue=PARTS
    )


def test_a_quantity_that_is_told_makes_a_line_whole() -> None:
    """Once it is counted, a product is no longer named without a quantity."""
    bare = _part(1, "remote", bare=True)

    assert [_part(4, "remote")] == _amended(
        "items", [bare], "change the remotes to 4", catalogue=PARTS
    )


def test_goods_that_are_not_in_the_catalogue_are_named_by_their_words() -> None:
    """A line that fits nothing can be taken off, too."""
    gizmos: dict[str, Any] = {"quantity": 2, "unit": None, "name": "gizmos"}
    gizmos |= {"unknown": True, "among": []}

    assert [REMOTES] == _amended("items", [gizmos, REMOTES], "remove the gizmos", catalogue=PARTS)


@pytest.mark.parametrize(
    ("old", "text", "want", "moment"),
    [
        ("2026-01-07T20:00", "make it 9pm", "datetime", "2026-01-07T21:00"),
        ("2026-01-07T20:00", "friday instead", "datetime", "2026-01-09T20:00"),
        ("2026-01-06", "8pm", "datetime", "2026-01-06T20:00"),
        ("2026-01-06", "8pm", "", "2026-01-06T20:00"),
        # The rest is read as if nothing was known: both halves, none, or only one is wanted.
        ("2026-01-07T20:00", "friday 9pm", "datetime", None),
        ("2026-01-07T20:00", "sorry", "datetime", None),
        ("2026-01-06", "friday", "datetime", None),
        ("2026-01-06", "8pm", "date", None),
        ("20:00", "9pm", "time", None),
        ("20:00", "9pm", "", None),
    ],
)
def test_a_moment_is_changed_half_by_half(
    old: str, text: str, want: str, moment: str | None
) -> None:
    """A new time stays on the known day, a new day keeps the known time."""
    assert moment == _amended("date", old, text, want=want, now=NOW)
