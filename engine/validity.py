"""May this value stand in this slot? The shape of its kind, and the limits its author set."""

from __future__ import annotations

__all__ = ["fault_of", "fits", "suited"]

from typing import Any

from engine.language.slot import Slot
from engine.readers.reading import Read


def fault_of(slot: Slot, value: Any) -> str:
    """Name why this value cannot be taken for this slot, or return nothing."""
    if slot.kind == "items":
        # What is open about a line of the catalogue is asked line by line (ordering).
        return "" if slot.products else _fault_of_items(slot, value)
    if slot.length is not None:
        length = len(str(value))
        if length < slot.length[0]:
            return "too_short"
        if length > slot.length[1]:
            return "too_long_value"
    amount = value["amount"] if slot.kind == "money" else value
    if slot.at_least is not None and _below(amount, slot.at_least):
        return "too_few"
    if slot.at_most is not None and _below(slot.at_most, amount):
        return "too_many"
    return ""


def suited(slot: Slot, reading: Read) -> Any:
    """Give what a reading means for this slot: "6" is 18:00 where that alone is within the limits."""
    other = reading.otherwise
    better = other is not None and fault_of(slot, reading.value) and not fault_of(slot, other)
    return other if better else reading.value


def _below(one: Any, other: Any) -> bool:
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return one < other
    return str(one) < str(other)


def _fault_of_items(slot: Slot, value: Any) -> str:
    for line in value:
        quantity = line["quantity"]
        if quantity <= 0 or (slot.at_least is not None and quantity < slot.at_least):
            return "too_few"
        if slot.at_most is not None and quantity > slot.at_most:
            return "too_many"
    return ""


def fits(kind: str, value: Any) -> bool:
    """Tell whether a value from outside has the shape its kind has; what does not is not kept."""
    if kind == "items":
        return isinstance(value, list) and all(
            isinstance(line, dict)
            and "name" in line
            and isinstance(line.get("quantity"), int | float)
            for line in value
        )
    if kind == "money":
        return isinstance(value, dict) and isinstance(value.get("amount"), int | float | str)
    if kind == "number":
        return isinstance(value, int | float)
    return isinstance(value, str)
