"""Texts with what should be read from them, in two shapes: our tables and labelled corpora.

A table of ours is `KIND.jsonl` with `expect`; a set of a corpus is `SET.jsonl` or
`extract-SET*.jsonl` with a field of its own for what it labels.
"""

from __future__ import annotations

__all__ = ["READER_OF", "Case", "cases_in", "own_hearing", "shown"]

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.readers import READERS, Hearing, Reading, Unclear

# The sets of a corpus, and who reads them.
READER_OF = {
    "emails": "email",
    "phones": "phone",
    "contact": "contact",
    "names": "person_name",
    "numbers": "number",
    "yes_no": "yes_no",
    "dates": "date",
    "money": "money",
    "line_items": "items",
    "line_items_catalogue": "items",
    "line_items_catalogue_typos": "items",
}
CATALOGUES = "extract-catalogues.json"


@dataclass(frozen=True, slots=True)
class Case:
    """One text: who reads it, what the reader may know, and the row it comes from."""

    reader: str
    text: str
    hearing: Hearing
    row: Mapping[str, Any]

    def readings(self) -> list[Reading]:
        """Read the text."""
        return READERS[self.reader].read(self.text, self.hearing)

    def values(self) -> list[Any]:
        """Return what was read; of an unclear reading everything that it may be."""
        found: list[Any] = []
        for one in self.readings():
            found += one.candidates if isinstance(one, Unclear) else (one.value,)
        return found


def cases_in(folder: Path) -> Iterator[tuple[str, list[Case]]]:
    """Yield the name of each set in a folder with its cases."""
    catalogues: dict[str, Any] = {}
    if (folder / CATALOGUES).is_file():
        catalogues = json.loads((folder / CATALOGUES).read_text(encoding="utf-8"))
    for path in sorted(folder.glob("*.jsonl")):
        name = path.stem.removeprefix("extract-").partition(".")[0]
        lines = path.read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines if line.strip()]
        if rows and "expect" in rows[0]:
            yield name, [Case(name, row["text"], own_hearing(row), row) for row in rows]
        elif name in READER_OF:
            reader = READER_OF[name]
            yield (
                name,
                [Case(reader, row["text"], _foreign(row, catalogues), row) for row in rows],
            )


def own_hearing(row: Mapping[str, Any]) -> Hearing:
    """Return what a row of our tables lets its reader know."""
    return Hearing(
        languages=tuple(row.get("lang", "en").split("+")),
        region=row.get("region", "US"),
        asked=row.get("asked", True),
        now=row.get("now", ""),
        date_order=row.get("date_order", "dmy"),
        want=row.get("want", ""),
        options=tuple((key, tuple(spelt)) for key, spelt in row.get("options", {}).items()),
        catalogue={key: tuple(names) for key, names in row.get("catalogue", {}).items()},
    )


def _foreign(row: Mapping[str, Any], catalogues: Mapping[str, Any]) -> Hearing:
    """Return what a row of a corpus lets its reader know: it is an answer, if not said otherwise."""
    named = row.get("catalogue") or {}
    named = catalogues[named] if isinstance(named, str) else named
    kind = row.get("type", "")
    return Hearing(
        languages=(row.get("lang", "en"),),
        region=row.get("region", "US"),
        asked=row.get("requested", True),
        now=row.get("ref", ""),
        date_order=row.get("order", "dmy"),
        want="" if kind == "none" else kind,
        catalogue={key: tuple(aliases) for key, aliases in named.items()},
    )


def shown(case: Case) -> Any:
    """Write what was read as our tables do: the bare value where there is nothing else to say."""
    lines = [_line(one, case) for one in case.readings()]
    if not lines:
        return None
    listed = len(lines) > 1 or isinstance(lines[0], dict)
    return lines if listed else lines[0]


def _line(reading: Reading, case: Case) -> Any:
    if isinstance(reading, Unclear):
        told: dict[str, Any] = {"candidates": list(reading.candidates)}
    elif case.reader == "items":
        keys = ("quantity", "id") if case.hearing.catalogue else ("quantity", "unit", "name")
        return [[line[key] for key in keys] for line in reading.value]
    else:
        told = {"value": reading.value}
        if reading.fault:
            told["fault"] = reading.fault
    if reading.kind:
        told["kind"] = reading.kind
    return (
        told["value"] if list(told) == ["value"] and not isinstance(told["value"], dict) else told
    )
