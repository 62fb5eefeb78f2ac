"""An order's lines as a flow gives them: what they come to, and how they are shown.

A line is ``{"quantity", "unit", "name"}``, from a catalogue also ``"id"`` and ``"price"``: the price
of each at that quantity, ``{"amount", "currency"}``.
"""

from __future__ import annotations

__all__ = ["Line", "plain", "quantities", "shown", "shown_total", "total_of"]

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from engine.ordering import total

Line = Mapping[str, Any]
CENT = Decimal("0.01")


def total_of(lines: Sequence[Line]) -> tuple[str, str] | None:
    """Return amount and currency of all lines, as they are kept; None where there is no total."""
    found = total(lines)
    return None if found is None else (str(found[0].quantize(CENT, ROUND_HALF_UP)), found[1])


def quantities(lines: Sequence[Line]) -> dict[str, float]:
    """Return how much of each product of the catalogue is ordered."""
    wanted: dict[str, float] = defaultdict(float)
    for line in lines:
        if line.get("id"):
            wanted[str(line["id"])] += line["quantity"]
    return dict(wanted)


def plain(number: float) -> str:
    """Write a quantity as a person would."""
    return f"{number:.6f}".rstrip("0").rstrip(".")


def shown(lines: Sequence[Line]) -> str:
    """Write the lines as one text."""
    return ", ".join(
        f"{plain(line.get('quantity', 1))} {line.get('unit') or 'x'} {line.get('name', '')}"
        for line in lines
    )


def shown_total(total: str | None, currency: str | None) -> str:
    """Write an amount of money; nothing where none is known."""
    if total is None or currency is None:
        return ""
    from babel.numbers import format_currency  # noqa: PLC0415 - only orders with prices pay for it

    return str(format_currency(Decimal(total), currency, locale="en"))
