"""The command `read`: texts in, readings out, one row of JSON each."""

from __future__ import annotations

__all__ = ["row_of", "show_readings"]

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.errors import UsageError
from engine.language.refusals import did_you_mean
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
    shown = {"value": reading.value, **place, **named}
    if "phone" in (kind, reading.kind):
        shown["dialable"] = not reading.fault
    elif reading.fault:
        shown["fault"] = reading.fault
    return shown
