"""What a backup looks like: every row of every table as lines of JSON, gzip around them.

    {"rejoinder": 1, "schema": {"engine": "0001"}, "tables": {"session": [["id", "text"], ...]}}
    ["session", "s1", ...]
    {"rows": {"session": 1}}

The same from SQLite and from PostgreSQL. The file holds what customers wrote: it is its owner's.
"""

from __future__ import annotations

__all__ = ["AT_ONCE", "Counts", "Header", "batches", "damaged", "promised", "read_header"]

import gzip
import re
import zlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic_core import from_json, to_json

from engine.errors import RejoinderError, UsageError

FORMAT = 1
# Rows on their way at once: the widest table has 15 columns, and SQLite takes 32,766 values.
AT_ONCE = 1_000
KINDS = ("text", "bigint", "int", "double precision")
NAME = re.compile(r"[a-z][a-z_0-9]*")

Counts = dict[str, int]


@dataclass(frozen=True, slots=True)
class Header:
    """What a backup says of itself."""

    schema: Mapping[str, str]  # part -> revision
    tables: Mapping[str, Sequence[tuple[str, str]]]  # table -> its columns and their kinds

    def write(self) -> bytes:
        """Return the first line."""
        return to_json({"rejoinder": FORMAT, "schema": self.schema, "tables": self.tables})

    def columns(self, table: str) -> list[str]:
        """Return the names of a table's columns."""
        return [name for name, _ in self.tables[table]]


def read_header(file: Path) -> Header:
    """Return what a backup says of itself; refuse what is none, and what cannot be one of ours."""
    if not file.is_file():
        raise UsageError(f"There is no backup {file}.")
    first = next(_lines(file), None)
    if not isinstance(first, dict) or "rejoinder" not in first:
        raise RejoinderError(f"{file} is no backup of Rejoinder.")
    if first["rejoinder"] != FORMAT:
        raise RejoinderError(
            f"{file} was written by a newer Rejoinder (format {first['rejoinder']}). Update the program."
        )
    try:
        header = Header(
            {str(part): str(found) for part, found in first["schema"].items()},
            {
                table: [(name, kind) for name, kind in columns]
                for table, columns in first["tables"].items()
            },
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise damaged(file, "its first line is not as it was written") from error
    names = [name for table in header.tables for name in (table, *header.columns(table))]
    kinds = {kind for columns in header.tables.values() for _, kind in columns}
    # They become part of statements.
    if not all(NAME.fullmatch(str(name)) for name in names) or not kinds.issubset(KINDS):
        raise damaged(file, "its first line is not as it was written")
    return header


def batches(file: Path, header: Header) -> Iterator[tuple[str, list[list[Any]]]]:
    """Yield the rows of a backup, those of one table together."""
    lines = _lines(file)
    next(lines)
    table, batch = "", list[list[Any]]()
    for line in lines:
        if isinstance(line, dict):
            break
        if line[0] != table or len(batch) == AT_ONCE:
            if batch:
                yield table, batch
            table, batch = line[0], []
        if len(line) != len(header.tables.get(table, ())) + 1:
            raise damaged(file, "a line is not as it was written")
        batch.append(line[1:])
    if batch:
        yield table, batch


def promised(file: Path) -> Counts:
    """Return what the last line says how many rows there are."""
    (last,) = deque(_lines(file), maxlen=1)
    if not isinstance(last, dict) or not isinstance(last.get("rows"), dict):
        raise damaged(file, "its end is missing")
    counts: Counts = last["rows"]
    return counts


def _lines(file: Path) -> Iterator[Any]:
    try:
        with gzip.open(file, "rb") as lines:
            for line in lines:
                found = from_json(line)
                if not isinstance(found, dict) and not (isinstance(found, list) and found):
                    raise damaged(file, "a line is not as it was written")
                yield found
    except gzip.BadGzipFile as error:
        raise RejoinderError(f"{file} is no backup of Rejoinder: {error}.") from error
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise damaged(file, str(error)) from error


def damaged(file: Path, why: str) -> RejoinderError:
    """Return what is said of a file that is not as it was written."""
    return RejoinderError(f"{file} is damaged: {why}. Nothing was restored; take another backup.")
