"""Conditions: on slots that exist, of a kind that fits, and filled by the time they are read."""

from __future__ import annotations

__all__ = ["check_guards", "check_value"]

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Final

from engine.errors import Fault
from engine.language.document import Path
from engine.language.flow_graph import compares, empty_by, ways
from engine.language.refusals import did_you_mean
from engine.language.schema import Guard, Slot, SlotKind, When
from engine.language.survey import FlowSurvey, Known

NUMBERS: Final[tuple[SlotKind, ...]] = ("number", "money", "items")
# Which conditions fit which kinds; what is not listed fits every kind.
FITS: Final[dict[str, tuple[SlotKind, ...]]] = {
    "is": (
        "text",
        "number",
        "choice",
        "yes_no",
        "email",
        "phone",
        "address",
        "person_name",
        "date",
        "order_ref",
    ),
    "in": (
        "text",
        "number",
        "choice",
        "yes_no",
        "email",
        "phone",
        "address",
        "person_name",
        "date",
        "order_ref",
    ),
    "at_least": ("number", "items", "money", "date"),
    "at_most": ("number", "items", "money", "date"),
    "begins": ("text", "email", "phone", "address", "order_ref"),
    "total_at_least": ("items",),
}
DATES: Final[Mapping[str, type[date | time]]] = {
    "date": date,
    "time": time,
    "datetime": datetime,
}
EXAMPLES: Final = {"date": "2026-01-31", "time": '"09:30"', "datetime": "2026-01-31T09:30"}


def check_guards(flow: FlowSurvey) -> Iterator[Fault]:
    """Check every condition of a flow."""
    start = flow.flow.start.when
    if start is not None:
        yield from check_when(flow, ("start", "when"), start, frozenset(flow.flow.slots))
        yield from check_start(flow, start)
    for name, state in flow.flow.states.items():
        for path, via, way in ways(name, state):
            known = flow.left.get((name, via))
            for number, branch in enumerate(way):
                yield from check_when(flow, (*path, number, "when"), branch.when, known)
                if known is not None:
                    known |= empty_by(branch.when)


def check_start(flow: FlowSurvey, when: When) -> Iterator[Fault]:
    """Refuse a start by text: every message is one."""
    for number, each in enumerate(when):
        for slot in each:
            if slot in flow.flow.slots and flow.flow.slots[slot].type == "text":
                fault = f'every message would fill the text "{slot}" and start this flow'
                yield flow.fault(("start", "when", number, slot), fault, "Use phrases instead.")


def check_when(
    flow: FlowSurvey, path: Path, when: When | None, known: Known | None
) -> Iterator[Fault]:
    """Check one condition; `known` is None where no path leads."""
    slots = flow.flow.slots
    for number, each in enumerate(when or ()):
        for name, guard in each.items():
            place = (*path, number, name)
            if name not in slots:
                remedy = did_you_mean(name, slots) or f"Slots here are {', '.join(slots)}."
                if name.partition(".")[0] in flow.saved:
                    remedy = "Save the field into a slot first: saves: {SLOT: FIELD}."
                yield flow.fault(place, f'no slot is called "{name}"', remedy)
                continue
            yield from check_guard(flow, place, slots[name], guard)
            if known is not None and name not in known and reads(guard):
                fault = f'"{name}" may be empty where this looks at its value'
                remedy = "Collect it on every path before, or put known: true beside it."
                yield flow.fault(place, fault, remedy)


def reads(guard: Guard) -> bool:
    """Tell whether a condition looks at a value it has not made sure of."""
    inner = guard.not_ is not None and reads(guard.not_)
    return guard.known is not True and (compares(guard) or inner)


def check_guard(flow: FlowSurvey, path: Path, slot: Slot, guard: Guard) -> Iterator[Fault]:
    """Check that a condition fits the kind of its slot."""
    if not guard.model_fields_set:
        yield flow.fault(path, "this condition asks nothing", "Write known, or {is: ...}.")
    for field in sorted(guard.model_fields_set):
        key = field.rstrip("_")
        kinds = FITS.get(key)
        if key == "not" and guard.not_ is not None:
            yield from check_guard(flow, (*path, "not"), slot, guard.not_)
        elif kinds and slot.type not in kinds:
            fitting = [each for each, may in FITS.items() if slot.type in may]
            fault = f'"{key}" does not fit a slot of type {slot.type}'
            yield flow.fault((*path, key), fault, f"Use {', '.join((*fitting, 'known'))}.")
        elif kinds:
            value = getattr(guard, field)
            for each in value if isinstance(value, list) else [value]:
                if said := check_value(slot, each):
                    yield flow.fault((*path, key), *said)


def check_value(slot: Slot, value: object) -> tuple[str, str] | None:
    """Say why a value can never be one of this slot, if it cannot."""
    written = f'"{value}"' if isinstance(value, str) else str(value).lower()
    if slot.type in NUMBERS:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return None
        return f"{written} is not a number", "Write a number without quotes, like 10."
    if slot.type == "date":
        shape = slot.want or "date"
        try:
            DATES[shape].fromisoformat(str(value))
        except ValueError:
            return f"{written} is not a {shape}", f"Write it like {EXAMPLES[shape]}."
        return None
    words = [option.id for option in slot.options or ()] if slot.type == "choice" else []
    words = ["yes", "no"] if slot.type == "yes_no" else words
    if words and value not in words:
        remedy = did_you_mean(value, words) or f"It can be {', '.join(words)}."
        return f"this slot can never be {written}", remedy
    if not isinstance(value, str):
        return f"{written} is not a text", "Put it in quotes."
    return None
