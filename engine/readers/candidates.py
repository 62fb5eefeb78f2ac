"""From what was found to a reading: nothing, the one value, or a question which of them."""

from __future__ import annotations

__all__ = ["one_of"]

from engine.readers.reading import Read, Reading, Unclear


def one_of(found: list[Read]) -> list[Reading]:
    """Take the first of equal values; several different ones are unclear."""
    different = {str(read.value).casefold(): read.value for read in reversed(found)}
    values = tuple(reversed(different.values()))
    if len(values) < 2:
        return list(found[:1])
    return [Unclear(values, tuple(map(str, values)), found[0].start, found[-1].end)]
