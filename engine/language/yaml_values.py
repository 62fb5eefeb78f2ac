"""YAML's events as plain values, each with the line and column it was written at.

Built from ruamel's events, not from its loader: nothing here recurses, so no file can be nested deep
enough to end the process, and positions cost one tuple per value. Plain words are read as YAML 1.2
reads them, without its dates: `yes`, `no`, `on` and `2026-01-05` stay text.
"""

from __future__ import annotations

__all__ = ["MAX_DEPTH", "Builder", "Path", "Place"]

import re
from dataclasses import dataclass, field
from typing import Any, Final, cast

from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from engine.errors import Fault

# The deepest key of the language stands at depth 10.
MAX_DEPTH: Final = 32
# Neither "007" nor "+91": those are numbers that somebody dials or copies, so they stay text.
NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?")
WORDS: Final = {"true": True, "false": False, "null": None, "~": None, "": None}

Place = tuple[int, int]
Path = tuple[str | int, ...]


@dataclass(slots=True)
class Builder:
    """Builds the values event by event, with a stack of its own."""

    path: str
    root: list[Any] = field(default_factory=list)
    places: dict[Path, Place] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    open: list[tuple[Any, Path]] = field(default_factory=list)
    key: list[str | int | None] = field(default_factory=list)  # of each open map, the key read last
    documents: int = 0

    def blame(self, place: Place, fault: str, remedy: str) -> None:
        """Keep a fault."""
        self.faults.append(Fault(self.path, *place, fault, remedy))

    def take(self, event: Event) -> bool:
        """Take one event in; False ends the reading."""
        place = (event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.blame(place, "a second document begins here.", "Remove the line ---.")
                return False
        elif isinstance(event, AliasEvent):
            self.blame(place, "repeats marked with * are not read.", "Write the part out.")
            return False
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self.open.pop()
            self.key.pop()
        elif isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent):
            return self.add(event, place)
        return True

    def add(
        self, event: ScalarEvent | MappingStartEvent | SequenceStartEvent, place: Place
    ) -> bool:
        """Put a key or a value where it belongs; False ends the reading."""
        for given, sign in (
            (event.anchor, "names marked with &"),
            (event.tag, "types marked with !"),
        ):
            if given is not None:
                self.blame(place, f"{sign} are not read.", "Remove it.")
                return False
        parent = self.open[-1][0] if self.open else None
        if isinstance(parent, dict) and self.key[-1] is None:
            return self.name(event, place)
        path = self.enter(parent, place)
        if isinstance(event, ScalarEvent):
            value = scalar(event)
            if value is None and path:
                self.blame(self.places[path], *nothing(path[-1]))
            self.put(parent, value)
            return True
        container: Any = {} if isinstance(event, MappingStartEvent) else []
        self.put(parent, container)
        self.open.append((container, path))
        self.key.append(None)
        if len(self.open) > MAX_DEPTH:
            self.blame(place, "this is nested too deeply.", "No part of a bot is that deep.")
        return len(self.open) <= MAX_DEPTH

    def name(self, event: Event, place: Place) -> bool:
        """Take the next key of a map."""
        if not isinstance(event, ScalarEvent):
            self.blame(place, "a list or a map stands where a key is meant.", "Write a word.")
            return False
        mapping, path = self.open[-1]
        key = scalar(event)
        named: str | int = key if type(key) is int else str(event.value)
        if named in mapping:
            line, _ = self.places[(*path, named)]
            fault = f'"{named}" stands here a second time; the first is on line {line}.'
            self.blame(place, fault, "Keep one of them.")
        self.places[(*path, named)] = place
        self.key[-1] = named
        return True

    def enter(self, parent: Any, place: Place) -> Path:
        """Name the place of the value that comes next; a map's value stands where its key does."""
        if parent is None:
            self.places[()] = place
            return ()
        path = self.open[-1][1]
        if isinstance(parent, dict):
            return (*path, cast("str | int", self.key[-1]))
        self.places[(*path, len(parent))] = place
        return (*path, len(parent))

    def put(self, parent: Any, value: Any) -> None:
        """Add a value to the list or map that is open."""
        if parent is None:
            self.root.append(value)
        elif isinstance(parent, dict):
            parent[self.key[-1]] = value
            self.key[-1] = None
        else:
            parent.append(value)


def nothing(last: str | int) -> tuple[str, str]:
    """Say that a key or an item has no value."""
    what = f'"{last}"' if isinstance(last, str) else "this item"
    return f"{what} has no value.", "Write one, or remove the line."


def scalar(event: ScalarEvent) -> str | int | float | bool | None:
    """Read one plain word as YAML 1.2 does; whatever is quoted is text."""
    text = str(event.value)
    if event.style is not None:
        return text
    if text in WORDS:
        return WORDS[text]
    match = NUMBER.fullmatch(text)
    if not match:
        return text
    return float(text) if match[1] else int(text)
