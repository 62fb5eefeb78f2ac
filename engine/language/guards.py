"""Guards: conditions an author wrote as data, compiled to closures over the slots."""

from __future__ import annotations

__all__ = ["compile_when", "slots_read"]

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.language.schema import Guard

Slots = Mapping[str, Any]
Test = Callable[[Any], bool]
When = Sequence[Mapping[str, Guard]]


def compile_when(when: When | None) -> Callable[[Slots], bool] | None:
    """Compile alternatives of conditions: one map must hold, and in it every slot's condition."""
    if when is None:
        return None
    maps = [[(slot, _test(guard)) for slot, guard in one.items()] for one in when]
    if len(maps) == 1 and len(maps[0]) == 1:
        slot, test = maps[0][0]
        return lambda slots: test(slots.get(slot))
    return lambda slots: any(all(test(slots.get(slot)) for slot, test in one) for one in maps)


def slots_read(when: When | None) -> set[str]:
    """Name the slots a guard looks at."""
    return {slot for one in when or () for slot in one}


def _test(guard: Guard) -> Test:
    tests = [
        make(getattr(guard, name))
        for name, make in _TESTS.items()
        if getattr(guard, name) is not None
    ]
    if len(tests) == 1:
        return tests[0]
    return lambda value: all(test(value) for test in tests)


def _numbers(value: Any) -> list[Any]:
    """Return what a bound is compared with: every quantity, the amount, or the value itself."""
    if isinstance(value, list):
        return [line["quantity"] for line in value]
    if isinstance(value, dict):
        return [value["amount"]] if "amount" in value else []
    return [] if value is None else [value]


def _ordered(value: Any, holds: Callable[[Any], bool]) -> bool:
    numbers = _numbers(value)
    return bool(numbers) and all(holds(number) for number in numbers)


def _not(guard: Guard) -> Test:
    test = _test(guard)
    return lambda value: not test(value)


def _known(wanted: bool) -> Test:  # noqa: FBT001 - a value out of a table
    return lambda value: (value is not None) is wanted


def _total(least: float) -> Test:
    return lambda value: (
        isinstance(value, list) and sum(line["quantity"] for line in value) >= least
    )


_TESTS: dict[str, Callable[[Any], Test]] = {
    "is_": lambda wanted: lambda value: value == wanted,
    "in_": lambda wanted: lambda value: value in wanted,
    "at_least": lambda least: lambda value: _ordered(value, lambda number: number >= least),
    "at_most": lambda most: lambda value: _ordered(value, lambda number: number <= most),
    "begins": lambda start: lambda value: isinstance(value, str) and value.startswith(start),
    "total_at_least": _total,
    "known": _known,
    "not_": _not,
}
