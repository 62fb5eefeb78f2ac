"""Data as an owner would say it: lists, durations, conditions, the words a customer types."""

from __future__ import annotations

__all__ = [
    "condition_in_words",
    "duration_in_words",
    "few_of",
    "first_of",
    "join",
    "quoted",
    "underlined",
]

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from engine.language.schema import Guard, Phrases, Text, When

UNITS: Final = ((86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1_000, "second"))
FEW: Final = 3
INDENT: Final = "    "


def join(parts: Sequence[str], word: str = "and") -> str:
    """Join as English does: a, b and c."""
    return ", ".join(parts[:-1]) + f" {word} {parts[-1]}" if len(parts) > 1 else "".join(parts)


def duration_in_words(millis: int) -> str:
    """Write 5400000 as 1 hour 30 minutes; a day and less in hours."""
    said = []
    for size, unit in UNITS if millis > UNITS[0][0] else UNITS[1:]:
        count, millis = divmod(millis, size)
        if count:
            said.append(f"{count} {unit}{'s' if count > 1 else ''}")
    return " ".join(said)


def first_of(text: Text, language: str) -> str:
    """Take a text in the bot's first language."""
    return text if isinstance(text, str) else text[language]


def quoted(text: Text, language: str, indent: str = INDENT) -> Iterator[str]:
    """Show what the bot says, line by line, behind a bar."""
    for line in first_of(text, language).splitlines():
        yield f"{indent}| {line}".rstrip()


def few_of(phrases: Phrases, language: str) -> str:
    """Name the first few words of a list, and how many there are besides."""
    listed = phrases if isinstance(phrases, list) else phrases[language]
    named = [f'"{each}"' for each in listed[:FEW]]
    more = len(listed) - FEW
    return f"{', '.join(named)} (or {more} more)" if more > 0 else join(named, "or")


def underlined(title: str, sign: str) -> Iterator[str]:
    """Write a heading."""
    yield title
    yield sign * len(title)


def condition_in_words(when: When, named: Callable[[str], str]) -> str:
    """Say when a condition holds; `named` gives a slot's name."""
    ways = [
        join([guard_in_words(guard, named(slot)) for slot, guard in each.items()]) for each in when
    ]
    return join(ways, "or")


def guard_in_words(guard: Guard, name: str) -> str:
    """Say when one condition holds."""
    said = [
        say(name, getattr(guard, field))
        for field, say in CONDITIONS.items()
        if field in guard.model_fields_set
    ]
    return join(said)


def plain(value: Any) -> str:
    """Write a value."""
    return join([plain(each) for each in value], "or") if isinstance(value, list) else str(value)


CONDITIONS: Final[Mapping[str, Callable[[str, Any], str]]] = {
    "is_": lambda name, value: f"{name} is {plain(value)}",
    "in_": lambda name, value: f"{name} is {plain(value)}",
    "at_least": lambda name, value: f"{name} is {plain(value)} or more",
    "at_most": lambda name, value: f"{name} is {plain(value)} or less",
    "begins": lambda name, value: f'{name} begins with "{value}"',
    "total_at_least": lambda name, value: f"{name} come to {plain(value)} or more in all",
    "known": lambda name, value: f"{name} is {'known' if value else 'not known'}",
    "not_": lambda name, value: f"not: {guard_in_words(value, name)}",
}
