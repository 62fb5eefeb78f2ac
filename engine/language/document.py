"""One YAML file, read whole: its content, and the line and column of every part of it.

Whatever stands in the way is a fault in words of the file: permissions, a wrong encoding, YAML's own
complaints. Nothing else leaves this module.
"""

from __future__ import annotations

__all__ = [
    "MAX_BYTES",
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
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from engine.errors import AuthorError, Fault
from engine.language.yaml_values import Builder, Path, Place

# Above every real bot by far; reading YAML takes a second per few hundred kilobytes.
MAX_BYTES: Final = 1_000_000


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
