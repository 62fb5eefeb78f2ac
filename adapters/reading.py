"""The command `read`: texts in, readings out, one row of JSON each."""

from __future__ import annotations

__all__ = ["hearing_of", "read_rows"]

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.errors import UsageError
from engine.language.refusals import did_you_mean
from engine.language.source import BotSource
from engine.readers import READERS, Hearing, Reading, Unclear

# What a row may say -> what it must be.
ROW = {
    "id": (str, int),
    "text": (str,),
    "lang": (str,),
    "region": (str,),
    "asked": (bool,),
    "now": (str,),
    "date_order": (str,),
    "want": (str,),
    "catalogue": (dict,),
}


def hearing_of(source: BotSource, hearing: Hearing) -> Hearing:
    """Add what a bot knows: its languages, its region and its catalogue."""
    names = {row["id"]: (row["name"], *row["aliases"]) for row in source.catalogue}
    languages = tuple(source.bot.languages)
    return replace(hearing, languages=languages, region=source.bot.region, catalogue=names)


def read_rows(kind: str, lines: Iterable[str], hearing: Hearing, *, jsonl: bool) -> Iterator[str]:
    """Read every line and yield its readings as JSON."""
    if kind not in READERS:
        hint = did_you_mean(kind, READERS) or f"Known are: {', '.join(READERS)}."
        raise UsageError(f'No kind of value is called "{kind}". {hint}')
    for number, line in enumerate(lines, start=1):
        if line.strip():
            row = row_of(line.removesuffix("\n"), number, jsonl=jsonl)
            yield show_readings(kind, row, hearing)


def row_of(line: str, number: int, *, jsonl: bool) -> dict[str, Any]:
    """Read one line of the input: a JSON object, or a text that is numbered."""
    if not jsonl:
        return {"id": number, "text": line}
    try:
        row = json.loads(line)
    except ValueError as error:
        raise UsageError(f"line {number} is not JSON: {error}.") from None
    if not isinstance(row, dict) or "text" not in row:
        raise UsageError(f'line {number} is no row. Example: {{"id": 1, "text": "Name is Hari"}}')
    for key, value in row.items():
        if key not in ROW:
            hint = did_you_mean(key, ROW) or f"Known are: {', '.join(ROW)}."
            raise UsageError(f'line {number}: a row has no "{key}". {hint}')
        if not isinstance(value, ROW[key]) and value is not None:
            kinds = " or ".join(kind.__name__ for kind in ROW[key])
            raise UsageError(f'line {number}: "{key}" must be {kinds}, not {json.dumps(value)}.')
    return row


def show_readings(kind: str, row: Mapping[str, Any], hearing: Hearing) -> str:
    """Read a row with what it says itself, else with what the command said, as JSON."""
    given = {key: value for key, value in row.items() if value is not None}
    if "lang" in given:
        hearing = replace(hearing, languages=tuple(given["lang"].split(",")))
    if "catalogue" in given:
        names = {id_: tuple(aliases) for id_, aliases in given["catalogue"].items()}
        hearing = replace(hearing, catalogue=names)
    own = {
        key: given[key] for key in ("region", "asked", "now", "date_order", "want") if key in given
    }
    text = row["text"]
    readings = [
        _shown(kind, one, text) for one in READERS[kind].read(text, replace(hearing, **own))
    ]
    answer = {"id": row["id"]} if "id" in row else {}
    written = json.dumps({**answer, "readings": readings}, ensure_ascii=False)
    # Readable where it can be; with anything unseen in it, every letter is escaped.
    return written if written.isprintable() else json.dumps({**answer, "readings": readings})


def _shown(kind: str, reading: Reading, text: str) -> dict[str, Any]:
    """Write a reading; its place is counted in code points."""
    place = {"text": text[reading.start : reading.end], "start": reading.start, "end": reading.end}
    named = {"kind": reading.kind} if reading.kind else {}
    if isinstance(reading, Unclear):
        return {"candidates": reading.candidates, "labels": reading.labels, **place, **named}
    value = reading.value
    if kind == "items":
        value = [_shown_line(line) for line in value]
    shown = {"value": value, **place, **named}
    if "phone" in (kind, reading.kind):
        shown["dialable"] = not reading.fault
    elif reading.fault:
        shown["fault"] = reading.fault
    return shown


def _shown_line(line: dict[str, Any]) -> dict[str, Any]:
    """Write a line of a catalogue as a quantity and an id; an open one has none and says more."""
    if "id" in line:
        return {"quantity": line["quantity"], "id": line["id"]}
    return {"id": None, **line} if "among" in line else line
