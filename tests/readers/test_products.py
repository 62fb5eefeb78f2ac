"""Orders read against a catalogue: which products, how many of each, and what stays open."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.readers import READERS, Hearing, Read
from engine.readers.product_names import product_names

PARTS = {
    "remote": ("AC remote control", "remote control", "remote"),
    "comp_1": ("Compressor 1 ton",),
    "comp_15": ("Compressor 1.5 ton",),
    "comp_2": ("Compressor 2 ton",),
    "cap_35": ("Capacitor 35 uF",),
    "cap_50": ("Capacitor 50 \u00b5F",),
    "fan_in": ("Fan motor indoor",),
    "fan_out": ("Fan motor outdoor",),
    "blade": ("Fan blade",),
    "pipe_14": ("Copper pipe 1/4 inch",),
    "pipe_38": ("Copper pipe 3/8 inch",),
    "pcb_inv": ("PCB inverter",),
    "pcb_non": ("PCB non-inverter",),
    "r32": ("R32 gas cylinder", "r32 gas"),
    "r410": ("R410A gas cylinder",),
    "filter": ("Air filter", "filter"),
    "drain": ("Drain pump",),
    "relay": ("Relay",),
    "board": ("MK 253 keyboard", "mk 253"),
    "nuts": ("Nut and bolt set",),
    "swing": ("Swing motor",),
    "stand": ("Stand",),
    "sensor": ("Room sensor", "sensor"),
    "plate": ("Plate for the wall",),
}
CAFE = {
    "latte": ("Latte",),
    "espresso": ("Espresso",),
    "drip": ("Drip coffee", "coffee"),
    "burger": ("Double cheeseburger",),
    "single": ("Cheeseburger",),
    "crisps": ("Cheddar crisps", "crisps"),
    "mints": ("Mints", "mint"),
    "lemonade": ("Pink lemonade",),
    "punch": ("Super fruit punch",),
    "none": (),
    "signs": ("&",),
}
PIEZAS = {
    "filtro": ("Filtro de aire", "filtro"),
    "motor": ("Motor de ventilador", "motor"),
    "compresor": ("Compresor",),
}


def read(text: str, catalogue: Mapping[str, tuple[str, ...]] = PARTS, **hearing: Any) -> Any:
    """Read the lines of a text, asked for them if not said otherwise."""
    heard = Hearing(catalogue=catalogue, **{"asked": True, **hearing})
    readings = READERS["items"].read(text, heard)
    for reading in readings:
        assert isinstance(reading, Read)
        assert text[reading.start : reading.end] == text[reading.start : reading.end].strip()
        return reading.value
    return []


def brief(lines: list[dict[str, Any]]) -> list[str]:
    """Write lines as "2 filter", "1 filter bare", "3 fan_in|fan_out", "2 gizmos?"."""
    return [
        " ".join(
            [
                str(line["quantity"]),
                *([line["unit"]] if line["unit"] else []),
                line.get("id")
                or (f"{line['name']}?" if "unknown" in line else "|".join(line["among"])),
                *(["bare"] if "bare" in line else []),
            ]
        )
        for line in lines
    ]


def test_a_known_product_has_its_name_and_id() -> None:
    """The name is the shop's, not what was typed."""
    assert [{"quantity": 11, "unit": None, "name": "AC remote control", "id": "remote"}] == read(
        "I need to buy 11 remots"
    )


def test_a_shared_name_stays_open() -> None:
    """The flow asks which of them, in the order of the catalogue."""
    line = {"quantity": 3, "unit": None, "name": "fan motors", "among": ["fan_in", "fan_out"]}

    assert [line] == read("3 fan motors")


def test_goods_that_are_not_sold_are_told_only_when_asked_for() -> None:
    """Unasked, what matches nothing is no order."""
    gizmos: dict[str, Any] = {
        "quantity": 2,
        "unit": None,
        "name": "gizmos",
        "unknown": True,
        "among": [],
    }

    assert [gizmos] == read("2 gizmos")
    assert [] == read("2 gizmos", asked=False)
    assert [] == read("2 flux capacitors", asked=False)
    assert ["2 relay"] == brief(read("2 gizmos and 2 relays", asked=False))


def test_the_nearest_products_come_best_first() -> None:
    """Two words in common are nearer than one."""
    names = product_names(PARTS, ("en",))

    assert ("blade", "fan_in", "fan_out") == names.nearest("brass blade of the fan")


def test_a_product_without_a_quantity_is_bare() -> None:
    """The flow asks how many; an article is one."""
    line = {"quantity": 1, "unit": None, "name": "Drain pump", "id": "drain", "bare": True}

    assert [line] == read("the drain pump please")
    assert ["1 remote"] == brief(read("a remote control"))
    assert ["1 remote"] == brief(read("one remote"))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        # Quantities before, behind, marked, spelt, and of any size.
        ("remote - 10", "10 remote"),
        ("remote: 10, filter (5)", "10 remote, 5 filter"),
        ("remote x10", "10 remote"),
        ("remote x 10 relay x 2", "10 remote, 2 relay"),
        ("2x remotes", "2 remote"),
        ("fan blade 3 drain pump 2", "3 blade, 2 drain"),
        ("2 relays and filters 5", "2 relay, 5 filter"),
        ("filters for split ac 5", "5 filter"),
        ("half a dozen filters", "6 filter"),
        ("0 remotes", "0 remote"),
        ("2.5 relays", "2.5 relay"),
        ("1000000000000 remotes", "1000000000000 remote"),
        ("i want -3 remotes", "-3 remote"),
        ("-3 remotes\n-2 relays", "3 remote, 2 relay"),
        ("remote -3", "3 remote"),
        ("2 boxes of filters", "2 box filter"),
        ("a box of filters", "1 box filter"),
        ("remote 10 pcs", "10 pc remote"),
        ("5 each of filters and relays", "5 filter, 5 relay"),
        ("filters and relays 5 each", "5 filter, 5 relay"),
        ("2 remotes and 3 remotes", "5 remote"),
        ("2 remotes and 3 boxes of remotes", "2 remote, 3 box remote"),
        ("remotes, 2 remotes", "2 remote"),
        ("2 remotes @ 500", "2 remote"),
        ("remote rs 500", "1 remote bare"),
        ("remotes 5km", "1 remote bare"),
        ("remotes 5kg", "5 kg remote"),
        ("remote 5th", "1 remote bare"),
        ("remote #5 2", "1 remote bare"),
        ("this one remote", "1 remote bare"),
        ("remote 8848850922", "1 remote bare"),
        ("remote 3, 5, 2 relays", "3 remote, 2 relay"),
        ("remote with 2 relays", "1 remote bare, 2 relay"),
        ("a nice, filter", "1 filter bare"),
        ("an extra large filter", "1 filter"),
        ("one with a relay in relay", "1 relay"),
        # Lists.
        ("- 2x remotes\n- 3 filters\n* relay 4", "2 remote, 3 filter, 4 relay"),
        ("1) remote 5\n2) 3 fan blades\n3) drain pump", "5 remote, 3 blade, 1 drain bare"),
        ("Name: Hari\n2 remotes", "2 remote"),
        # Sizes and codes are no quantities.
        ("2 compressors 1.5 ton", "2 comp_15"),
        ("1.5T compressor x 2", "2 comp_15"),
        ("2 ton compressor", "1 comp_2 bare"),
        ("2 2 ton compressors", "2 comp_2"),
        ("2 compressors, 1.5 ton, 3 remotes", "2 comp_15, 3 remote"),
        ("compressors 2 nos 1.5 ton", "2 pc comp_15"),
        ("1.5 ton 2 compressors", "2 comp_15"),
        ("one 1.5 ton compressor and one 2 ton", "1 comp_15, 1 comp_2"),
        ("ten 35uf capacitors", "10 cap_35"),
        ("capacitor 50\u00b5F 4", "4 cap_50"),
        ("capacitor 35 5 pcs", "5 pc cap_35"),
        ("capacitor 35\n5 relays", "35 cap_35|cap_50, 5 relay"),
        ("2 1/4 inch copper pipes", "2 pipe_14"),
        ('two 1/4" pipes', "2 pipe_14"),
        ("five 3/8 pipes", "5 pipe_38"),
        ("copper pipe 3", "3 pipe_14|pipe_38"),
        ("gas r32 4 cylinders", "4 r32"),
        ("4 cylinders of r32 gas", "4 r32"),
        ("R-410 A gas 3", "3 r410"),
        ("r 32 gas", "1 r32 bare"),
        ("10 mk 253", "10 board"),
        ("mk 253", "1 board bare"),
        ("10 keyboards", "10 board"),
        ("non inverter pcb 2", "2 pcb_non"),
        ("2 inverter pcbs", "2 pcb_inv"),
        # Sizes the catalogue does not have.
        ("2 capacitors 70uf", "2 capacitors 70uf?"),
        ("2 5/8 inch pipes", "2 5/8 inch pipes?"),
        ("3 ton compressor 2", "2 3 ton compressor?"),
        ("capacitor 70uf", "1 cap_35|cap_50 bare"),
        ("70uf for capacitor 2", "2 cap_35|cap_50"),
        ("5/8 inch", ""),
        # What decides, and what does not.
        ("3 fan motors, indoor", "3 fan_in"),
        ("3 fan motors (outdoor)", "3 fan_out"),
        ("fan motor 3 indoor", "3 fan_in"),
        ("3 fan motors, 2 outdoor", "3 fan_in|fan_out, 2 fan_out"),
        ("3 fan motors 2 3 indoor", "3 fan_in|fan_out, 3 fan_in"),
        ("3 fan motors, swing motor", "3 fan_in|fan_out, 1 swing bare"),
        ("3 fan motors, motors", "3 fan_in|fan_out, 1 fan_in|fan_out|swing bare"),
        ("2 indoor fan motors and 1 outdoor", "2 fan_in, 1 fan_out"),
        ("motor", "1 fan_in|fan_out|swing bare"),
        ("3 black fan motors", "3 fan_in|fan_out"),
        ("2 flux capacitors", "2 flux capacitors?"),
        ("a flux capacitor", ""),
        ("fanmotors indoor 2", "2 fan_in"),
        ("2 fan-blades", "2 blade"),
        ("2 fanblades", "2 blade"),
        ("2 sensor relays", "2 sensor, 1 relay bare"),
        ("2 nut and bolt sets", "2 nuts"),
        ("2 nut bolt sets", "2 nuts"),
        ("2 plates for wall", "2 plate"),
        ("2 room and relays", "2 sensor, 1 relay bare"),
        ("filters filters 3", "3 filter"),
        # Slips.
        ("2 capaciter 35 uf", "2 cap_35"),
        ("4 filtrs and 3 drian pumps", "4 filter, 3 drain"),
        ("2 relais", "2 relais?"),
        ("2 hostels", "2 hostels?"),
        # Goods that are not sold, beside those that are.
        ("2 flux cables and 3 remotes", "2 flux cables?, 3 remote"),
        ("flux cable 5, 2 remotes", "5 flux cable?, 2 remote"),
        ("flux cable five, 2 remotes", "2 remote"),
        ("2 flux cables a relay", "2 flux cables?, 1 relay"),
        ("2 boxes of gizmos, 1 remote", "2 box gizmos?, 1 remote"),
        ("a gizmo", "1 gizmo?"),
        ("a gizmo\n2 remotes", "2 remote"),
        ("2 relays, one black and one white", "2 relay"),
        (
            "2 relays, 5 heavy long brown iron gizmo bars made under high pressure",
            "2 relay, 5 heavy long brown iron gizmo bars made under high?",
        ),
        ("2 relays with 3 screws and 4 nails", "2 relay"),
        ("2 relays, 5 for tomorrow", "2 relay"),
        ("2 relays, 3 questions of mine", "2 relay"),
        ("2 relays, 5 @ 300", "2 relay"),
        # Talk and questions.
        ("how much is a remote control?", ""),
        ("hi, how much are 2 relays", ""),
        ("do you have filters?", ""),
        ("can i get the relay?", "1 relay bare"),
        ("remove 2 relays", "2 relay"),
        ("remote?", ""),
        (f"{'so we would love to order ' * 4} the remote", "1 remote bare"),
        ("no remotes", ""),
        ("do not send the remote", ""),
        ("it is the remote", ""),
        ("thank you for the remote", ""),
        ("my problem with the remote", ""),
        ("the remote is broken", ""),
        ("the remote now costs how much", ""),
        ("and", ""),
        ("hello", ""),
        ("i want 2", ""),
        ("my number is 8848850922", ""),
        ("2 \ue000 remotes", "2 remote"),
        ("", ""),
    ],
)
def test_an_order_is_read_against_the_catalogue(text: str, lines: str) -> None:
    """Each product has the quantity it stands beside."""
    assert lines == ", ".join(brief(read(text)))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        # Ranges, sums, and numbers that count something else.
        ("need 20-25 room sensors", "25 sensor"),
        ("20 to 25 room sensors", "25 sensor"),
        ("approx 10 to 12 relays", "12 relay"),
        ("20-5 relays", "1 relay bare"),
        ("35 swing motors and 18 swing motors, so 53 swing motors", "53 swing"),
        ("10 relays, 20 relays, 5 relays", "35 relay"),
        ("50 filters if packs of 10", "50 filter"),
        ("22 rooms, each room 1 remote and 2 relays", "1 remote, 2 relay"),
        ("the units are of 2021 so r32 gas again, 4 nos", "4 pc r32"),
        ("2 relays to Door 14/220", "2 relay"),
        ("2 relays to the wall 14/220", "2 relay"),
        ("2 relays, Hilltown 682016", "2 relay"),
        ("10 relays. Budget 60,000.", "10 relay"),
        ("10 relays, budget 60,000.", "10 relay"),
        ("5 rolls of 1/4 inch copper pipe, each roll is 90 m", "450 m pipe_14"),
        ("5 rolls of 1/4 inch copper pipe, 90 m", "5 roll pipe_14"),
        ("5 relays, each of 90 m", "5 relay"),
        ("[10:43, 12/01] Anita: get 12 relays\n[10:44, 12/01] Hari: ok", "12 relay"),
        ("12/01/26, 10:43 - Anita: get 12 relays", "12 relay"),
        # Points that end no sentence.
        ("24 nos. air filters", "24 pc filter"),
        ("we wish to procure 24 nos. of air filters", "24 pc filter"),
        ("air filters 24 nos. relays 10 nos.", "24 pc filter, 10 pc relay"),
        # Names turned round, and what says which of several.
        ("12 motor, swing", "12 swing"),
        ("5 PCB, inverter ac", "5 pcb_inv"),
        ("5 gas, r32\n4 relays", "5 r32, 4 relay"),
        ("20 fan motors. Indoor", "20 fan_in"),
        ("20 fan motors. Relay", "20 fan_in|fan_out, 1 relay bare"),
        ("20 fan motors. 2 indoor", "20 fan_in|fan_out, 2 fan_in"),
        ("the fan motors got lost, 8 outdoor fan motors", "8 fan_out"),
        # What is taken back at once.
        ("60 relays sorry 16 relays", "16 relay"),
        ("10 relays pack ... 20 relays", "20 relay"),
        ("10 relays... and 20 relays", "30 relay"),
        ("17 relays, not 15 relays", "17 relay"),
        ("150 fan blades, i mean relays", "150 relay"),
        ("20 relays ... filters", "20 relay, 1 filter bare"),
        ("stabiliser, 20 pieces", "20 pc stabiliser?"),
        ("relay, 20 pieces", "20 pc relay"),
    ],
)
def test_an_order_is_read_as_it_is_meant(text: str, lines: str) -> None:
    """People write ranges, sums, addresses and second thoughts into their orders."""
    assert lines == ", ".join(brief(read(text)))


def test_two_words_stay_two_where_the_catalogue_writes_them_so() -> None:
    """Only what is nowhere written apart is joined."""
    parts = {"one": ("Airfilter",), "pump": ("Air pump with filter",)}

    assert ["2 pump"] == brief(read("2 air filter pumps", parts))


def test_sizes_are_spelt_in_many_ways() -> None:
    """Thirty amp are 30a, whichever the catalogue writes."""
    parts = {"relay": ("Relay 30a", "relay"), "fuse": ("Fuse 5 amp",), "lamp": ("Lamp 60 W",)}

    assert ["60 relay"] == brief(read("60 relay 30 amp", parts))
    assert ["2 fuse"] == brief(read("2 fuses 5a", parts))
    assert ["2 lamp"] == brief(read("2 lamps of 60 watts", parts))
    assert ["2 relay", "5 hp?"] == brief(read("2 relays 5 hp", parts))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("2 lattes with an extra espresso shot", "2 latte"),
        ("a latte with two extra shots of espresso", "1 latte"),
        ("a latte and an extra espresso", "1 latte, 1 espresso"),
        ("an extra espresso shot", "1 espresso"),
        ("a late please", "1 latte"),
        ("a large french roast drip with syrup", "1 drip"),
        ("a drip roast", "1 drip"),
        ("a hot drip roast", ""),
        ("a regular drip latte", "1 latte"),
        ("a latte with cheddar", "1 latte"),
        ("a latte with swiss and cheddar", "1 latte"),
        ("cheddar", "1 crisps bare"),
        ("cheddar crisps", "1 crisps bare"),
        ("double bacon cheeseburger", "1 burger bare"),
        ("double bacon rasher cheeseburger", "1 single bare"),
        ("fruti punh for drink", "1 punch bare"),
        ("2 mits", "2 mints"),
        ("2 pinc lemonad", "2 lemonade"),
    ],
)
def test_what_goes_into_a_dish_is_no_line(text: str, lines: str) -> None:
    """Only what is ordered for itself is a line."""
    assert lines == ", ".join(brief(read(text, CAFE)))


@pytest.mark.parametrize(
    ("language", "text", "lines"),
    [
        ("es", "quiero 3 compresores y 2 filtros de aire por favor", "3 compresor, 2 filtro"),
        ("es", "5 cada uno de filtros y motores", "5 filtro, 5 motor"),
        ("es", "hola, \u00bftienen filtros?", ""),
        ("id", "saya mau 3 filtro sama 2 motor ya", "3 filtro, 2 motor"),
        ("id", "filtro-filtro 4 buah", "4 pc filtro"),
        ("hi", "do motor aur teen filtro bhejo", "2 motor, 3 filtro"),
        ("hi", "filtro 4 pc bhej do", "4 pc filtro"),
        ("hi", "motor ka price kya hai", ""),
    ],
)
def test_orders_are_read_in_the_language_of_the_bot(language: str, text: str, lines: str) -> None:
    """The words around products come from the language files."""
    assert lines == ", ".join(brief(read(text, PIEZAS, languages=(language,))))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("i want 2 relays", "2 relay"),
        ("send relays", "1 relay bare"),
        ("i bought 2 remotes and they are broken", ""),
        ("2 remotes please thanks", "2 remote"),
        ("2 remotes with what you have", "2 remote"),
        ("hello", ""),
    ],
)
def test_unasked_only_an_order_is_read(text: str, lines: str) -> None:
    """Talk about a product orders none."""
    assert lines == ", ".join(brief(read(text, asked=False)))


def test_two_products_as_near_as_each_other_are_asked_about() -> None:
    """A slip of two names is neither of them; a name as it is written is no slip."""
    twins = {"a": ("sprinkler",), "b": ("sprinklet",)}

    assert ["1 a|b bare"] == brief(read("sprinkle", twins))
    assert ["1 b bare"] == brief(read("sprinklet", twins))


def test_one_name_of_two_products_is_asked_about() -> None:
    """At most five are offered."""
    many = {f"p{number}": ("valve",) for number in range(7)}

    (line,) = read("2 valves", many)

    assert ["p0", "p1", "p2", "p3", "p4"] == line["among"]


def test_a_more_precise_name_beats_a_shorter_whole_one() -> None:
    """Words that belong to one product together say more than the name of another."""
    motors = {"a": ("motor",), "b": ("fan motor indoor",)}

    assert ["2 b"] == brief(read("2 indoor motors", motors))
    assert ["2 a"] == brief(read("2 motors", motors))


def test_without_a_catalogue_a_word_longer_than_any_name_is_none() -> None:
    """A name comes out as typed, so that it has to look like one."""
    assert [] == read("x" * 41, {})
    assert [{"quantity": 1, "unit": None, "name": "fan motor"}] == read("fan motor", {})


def test_a_catalogue_is_indexed_once() -> None:
    """The same catalogue has one index for each tuple of languages; an equal one has its own."""
    assert product_names(PARTS, ("en",)) is product_names(PARTS, ("en",))
    assert product_names(PARTS, ("en",)) is not product_names(PARTS, ("es",))
    assert product_names(PARTS, ("en",)) is not product_names(dict(PARTS), ("en",))


def test_a_large_catalogue_costs_no_more_than_a_small_one() -> None:
    """A message is looked up; it is not compared with every product."""
    large = PARTS | {f"x{number}": (f"x{number} thing {number}",) for number in range(3000)}
    text = "2 remotes and 3 fan motors, 4 filters please"
    for catalogue in (PARTS, large):
        read(text, catalogue)

    assert _calls(text, large) <= 1.2 * _calls(text, PARTS)


@pytest.mark.parametrize(
    "piece",
    [
        *("a ", "1 ", ",", "a\n", "fan ", "fan motor ", "of ", "fan of ", "fan and ", "1/4 inch "),
        *(
            "fan 70uf x ",
            "70uf ",
            "remote 2 3 ",
            "-3 remotes\n",
            "5 each fan relay ",
            "with motor ",
        ),
        *("extra relay shots ", "drain x pump ", "2 flux capacitors ", "capacitr mottor "),
    ],
)
def test_work_grows_with_the_length_of_a_text(piece: str) -> None:
    """A text of twice the length costs about twice the calls, whatever it repeats."""
    short, long = (piece * (length // len(piece)) for length in (1_000, 2_000))
    read(long)

    assert _calls(long, PARTS) <= 2.2 * _calls(short, PARTS) + 400


def _calls(text: str, catalogue: Mapping[str, tuple[str, ...]]) -> int:
    hearing = Hearing(asked=True, catalogue=catalogue)
    calls = 0

    def count(_frame: FrameType, event: str, _arg: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        READERS["items"].read(text, hearing)
    finally:
        sys.setprofile(None)
    return calls


WORDS = (
    *("remote", "fan", "motor", "indoor", "1.5", "ton", "35uf", "r32", "gas", "2", "two", "x3"),
    *("-4", "each", "of", "and", ",", "(", "a", "extra", "with", "flux", "\n", "?", "no", "5/8"),
    *("inch", "capacitr", "\ue000", "\u00bd", "8848850922", "@", "boxes", "is", "how"),
)


@settings(max_examples=300)
@given(
    text=st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS)).map(" ".join)),
    asked=st.booleans(),
)
def test_any_text_gives_lines_of_a_known_shape(text: str, asked: bool) -> None:  # noqa: FBT001
    """Whatever is typed, a line is known, open or unknown, and stands inside the text."""
    for line in read(text, asked=asked):
        assert {"quantity", "unit", "name"} <= line.keys()
        assert line["name"]
        if "id" in line:
            assert PARTS[line["id"]][0] == line["name"]
            assert "among" not in line
        else:
            least = 0 if "unknown" in line else 2
            assert least <= len(line["among"]) <= 5
            # Unasked, only a product that the word is like is asked about: "10 drivers".
            assert asked or "unknown" not in line or len(line["among"]) == 1


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("12 copper pipes quarter inch", ["12 pipe_14"]),
        ("copper pipe quarter inch 12", ["12 pipe_14"]),
        ("4 compressors one and a half ton", ["4 comp_15"]),
        ("half dozen relays, 2 copper pipes quarter inch", ["6 relay", "2 pipe_14"]),
        ("one and a half relays", ["1.5 relay"]),  # no size of a relay
        ("12 fan motors for outdoor", ["12 fan_out"]),
        ("12 fan motors for my office", ["12 fan_in|fan_out"]),
    ],
)
def test_what_stands_behind_goods_says_which(text: str, lines: list[str]) -> None:
    assert lines == brief(read(text))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("1.5 relays", ["1.5 relay"]),
        ("1.5 compressor 3", ["3 comp_15"]),
        ("compressor 1.5 - 3", ["3 comp_15"]),
    ],
)
def test_a_number_with_a_part_is_a_size_only_of_goods_that_have_it(
    text: str, lines: list[str]
) -> None:
    assert lines == brief(read(text))
