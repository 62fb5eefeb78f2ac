"""One YAML file as plain values, each with the line and column it was written at.

Built from ruamel's events, not from its loader: nothing here recurses, so no file can be nested deep
enough to end the process, and positions cost one tuple per value. Plain words are read as YAML 1.2
reads them, without its dates: `yes`, `no`, `on` and `2026-01-05` stay text.
"""

from __future__ import annotations

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "Document",
    "Path",
    "Place",
    "parse",
    "read_text",
    "shown_path",
]

import os
import re
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path as File
from typing import Any, Final, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
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

from engine.errors import AuthorError, Fault

# Above every real bot by far; reading YAML takes a second per few hundred kilobytes.
MAX_BYTES: Final = 1_000_000
# The deepest key of the language stands at depth 10.
MAX_DEPTH: Final = 32
# Neither "007" nor "+91": those are numbers that somebody dials or copies, so they stay text.
NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?")
WORDS: Final = {"true": True, "false": False, "null": None, "~": None, "": None}

Place = tuple[int, int]
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A file's content, and where each part of it stands; both counted from 1."""

    path: str
    value: Any
    places: dict[Path, Place] = field(repr=False)

    def where(self, *path: str | int) -> Place:
        """Find a part's key or item; of what is not written, the place of its parent."""
        # Models put words of their own into a path ("<text>", the index of a short form): what the
        # file does not hold is passed over.
        known: Path = ()
        for step in path:
            if (*known, step) in self.places:
                known = (*known, step)
        return self.places[known]

    def fault(self, path: Path, fault: str, remedy: str = "") -> Fault:
        """Say what is wrong with a part."""
        line, column = self.where(*path)
        return Fault(self.path, line, column, f"{fault.rstrip('.')}.", remedy)

    def at(self, *path: str | int) -> Any:
        """Look up a part as it was written; None where the file has none."""
        value = self.value
        for step in path:
            if isinstance(step, str) and not step.startswith(("<", "[")):
                value = value.get(step) if isinstance(value, dict) else None
            elif isinstance(value, dict) and step in value:
                value = value[step]
            elif isinstance(value, list) and isinstance(step, int):
                value = value[step] if step < len(value) else None
        return value


def shown_path(file: File) -> str:
    """Name a file as the person at the terminal would: from where they are, if it is below."""
    full = File(os.path.abspath(file))  # noqa: PTH100 - resolve() would name a link's target
    return (full.relative_to(File.cwd()) if full.is_relative_to(File.cwd()) else full).as_posix()


def read_text(file: File) -> str:
    """Read a file's text; whatever stands in the way is a fault at its first line."""
    path = shown_path(file)
    try:
        with file.open("rb") as stream:
            # One byte more than allowed is enough to know, however large the file is.
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        fault = Fault(path, 1, 1, "there is no such file.", "Create it, or correct its name.")
    except IsADirectoryError:
        fault = Fault(path, 1, 1, "this is a folder, and a file is meant.", "Name the file.")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        fault = Fault(path, 1, 1, f"this file cannot be read: {reason}.", "Check its permissions.")
    else:
        if len(data) > MAX_BYTES:
            fault = Fault(path, 1, 1, "this file is larger than 1 MB.", "Split it.")
        else:
            return decode(path, data)
    raise AuthorError([fault])


def decode(path: str, data: bytes) -> str:
    """Read bytes as UTF-8 without control characters, or name the first line that is not."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        remedy = "Save it as UTF-8."
        raise AuthorError(
            [Fault(path, line, column, "this file is not UTF-8 text.", remedy)]
        ) from None
    control = re.search(
        r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text
    )
    if control:
        before_text = text[: control.start()]
        line, column = before_text.count("\n") + 1, control.start() - before_text.rfind("\n")
        fault = f"a control character stands here (U+{ord(control[0]):04X})."
        raise AuthorError([Fault(path, line, column, fault, "Remove it.")])
    return text


def parse(path: str, text: str) -> tuple[Document | None, list[Fault]]:
    """Read a text as one document; with faults of YAML itself there is none."""
    builder = Builder(path)
    try:
        for event in YAML(typ="safe", pure=True).parse(StringIO(text)):
            if not builder.take(event):
                break
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        builder.blame(place, *explained(error))
    except YAMLError as error:
        builder.blame((1, 1), f"this is not YAML: {error}.", "Check quotes and brackets.")
    if not builder.faults and builder.root in ([], [None]):
        builder.blame((1, 1), "this file is empty.", "Write it, or remove it.")
    if builder.faults:
        return None, builder.faults
    return Document(path, builder.root[0], builder.places), []


def explained(error: MarkedYAMLError) -> tuple[str, str]:
    """Say what YAML's own faults mean for the person who typed the file."""
    problem = str(error.problem or error.context or "")
    for said, fault, remedy in YAML_FAULTS:
        if said in problem:
            return fault, remedy
    return f"this is not YAML: {problem}.", "Check the quotes, brackets and indentation before it."


YAML_FAULTS: Final = (
    (
        "cannot start any token",
        "no value can begin with this character.",
        "Indent with spaces, not tabs, and put a text that begins so in quotes.",
    ),
    (
        "mapping values are not allowed",
        "a second colon stands on this line, or the line is indented wrongly.",
        "Put a text with a colon in quotes, and indent keys of one map alike.",
    ),
    (
        "expected <block end>",
        "this line is indented differently from those it belongs to.",
        "Indent keys of one map, and items of one list, alike.",
    ),
    (
        "could not find expected ':'",
        "a key without a colon, or a text that goes on in the wrong column.",
        'Write "key: value", and indent the lines of a longer text.',
    ),
    ("unexpected end of stream", "a quote is opened and never closed.", "Close it."),
    (
        "expected ',' or",
        "a bracket is opened and not closed, or a comma is missing.",
        "Close it, and put a text with a comma, a colon or a bracket in quotes.",
    ),
)


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
