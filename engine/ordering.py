"""Lines of an order against the catalogue: what each costs, and what is still open about one.

A reader leaves a line open where it cannot know: several products fit, or none does. Whatever is
open is asked line by line; the other lines stay as they are. Values are plain JSON throughout.
"""

from __future__ import annotations

__all__ = [
    "LEFT_OUT",
    "MOST",
    "WHICH",
    "Open",
    "first_open",
    "number_of",
    "numbered",
    "priced",
    "settled",
    "total",
    "unnumbered",
    "without_zeros",
]

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.language.slot import Slot
from engine.readers.order_lines import MEASURES

Line = Mapping[str, Any]

WHICH = frozenset(["line_which", "line_unknown"])  # asks for a product; the others for a quantity
LEFT_OUT = "0"  # the answer that takes a line off the order
MOST = 1_000_000  # pieces of one product; more is a slip of the finger


@dataclass(frozen=True, slots=True)
class Open:
    """What must be asked about one line; `candidates` are ids of products, or quantities.

    `why` names the built-in line that asks: ``line_which``, ``line_unknown``, ``line_how_many``,
    ``line_whole``, ``line_too_few``, ``line_too_many``, ``line_pack``.
    """

    line: int
    why: str
    candidates: tuple[Any, ...] = ()
    least: int = 1
    most: int | float = MOST
    pack: int = 1


def priced(slot: Slot, lines: Sequence[Line], language: str) -> list[dict[str, Any]]:
    """Give each line of a known product its name, its unit and its price at that quantity."""
    return [_priced(slot, line, language) for line in lines]


def _priced(slot: Slot, line: Line, language: str) -> dict[str, Any]:
    product = slot.products.get(line.get("id", ""))
    if product is None:
        return {key: value for key, value in line.items() if key != "price"}
    plain = {**line, "name": product.name_in(language), "unit": product.unit or None}
    if line.get("unit") == "pack" and product.pack:
        plain["quantity"] = line["quantity"] * product.pack
    elif product.unit and line.get("unit") and line["unit"] not in MEASURES:
        plain["bare"] = True  # "5 rolls of cable": how long a roll is, nobody knows
    price = product.price_of(plain["quantity"])
    if price is None:
        plain.pop("price", None)
    else:
        plain["price"] = {"amount": price, "currency": slot.currency}
    return plain


def total(lines: Sequence[Line]) -> tuple[Decimal, str] | None:
    """Add up an order, with its currency; None where a price is not known, or they differ."""
    prices = [line.get("price") for line in lines]
    known = [price for price in prices if isinstance(price, Mapping)]
    currencies = {str(price["currency"]) for price in known}
    if len(known) < len(prices) or len(currencies) != 1:
        return None
    amounts = [
        _decimal(price["amount"]) * _decimal(line["quantity"])
        for line, price in zip(lines, known, strict=True)
    ]
    return sum(amounts, Decimal(0)), currencies.pop()


def _decimal(number: int | float) -> Decimal:
    return Decimal(str(number))


def numbered(lines: Sequence[Line]) -> list[Line]:
    """Number the lines of an order once, so that each keeps its number when others are left out.

    A line without a number comes right after the one before it.
    """
    found: list[Line] = []
    last = 0
    for line in lines:
        last = max(last, line.get("no", last + 1))
        found.append({**line, "no": last})
    return found


def unnumbered(lines: Sequence[Line]) -> list[Line]:
    """Return the lines without their numbers, as they are kept when nothing is open any more."""
    return [{key: line[key] for key in line if key != "no"} for line in lines]


def number_of(lines: Sequence[Line], place: int) -> int:
    """Tell which line of the order, as it was said, is meant."""
    return int(lines[place].get("no", place + 1))


def without_zeros(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """Take apart what is wanted and what stands with a zero beside it, as price lists have it."""
    if not any(line["quantity"] and "bare" not in line for line in lines):
        return lines, []
    wanted = [line for line in lines if line["quantity"]]
    return wanted, [line for line in lines if not line["quantity"]]


def first_open(slot: Slot, lines: Sequence[Line]) -> Open | None:
    """Find the first line that cannot be ordered as it stands."""
    for place, line in enumerate(lines):
        found = _which(place, line) or _quantity(slot, place, line)
        if found is not None:
            return found
    return None


def _which(place: int, line: Line) -> Open | None:
    if "among" not in line:
        return None
    why = "line_unknown" if line.get("unknown") else "line_which"
    return Open(place, why, tuple(line["among"]))


def _quantity(slot: Slot, place: int, line: Line) -> Open | None:
    product = slot.products.get(line.get("id", ""))
    if product is None:
        return None
    quantity = line["quantity"]
    pack = product.pack or 1
    least = max(product.min or 1, int(slot.at_least or 1), pack)
    least += -least % pack
    most = slot.at_most if slot.at_most is not None else MOST
    if line.get("bare"):
        return Open(place, "line_how_many", (), least, most, pack)
    if quantity < least and not 0 < quantity < 1:
        return Open(place, "line_too_few", (least,) if quantity > 0 else (), least, most, pack)
    if quantity > most:
        return Open(place, "line_too_many", (), least, most, pack)
    if quantity != int(quantity) and not (product.unit and pack == 1):
        return Open(place, "line_whole", (), least, most, pack)
    if pack > 1 and quantity % pack:
        below = int(quantity) // pack * pack
        near = tuple(n for n in (below, below + pack) if n >= least)
        return Open(place, "line_pack", near, least, most, pack)
    return None


def settled(
    lines: Sequence[Line],
    place: int,
    *,
    product: str = "",
    quantity: int | float = 0,
    among: Sequence[str] = (),
) -> list[Line]:
    """Return the lines with one settled: by a product, by a quantity, or else left out.

    With `among` it stays open between fewer products.
    """
    if not (product or quantity or among):
        return [line for at, line in enumerate(lines) if at != place]
    line = dict(lines[place])
    if among:
        line |= {"among": list(among)}
    elif product:
        line |= {"id": product}
        line.pop("among", None)
        line.pop("unknown", None)
    else:
        line |= {"quantity": quantity}
        line.pop("bare", None)
    return [line if at == place else one for at, one in enumerate(lines)]
