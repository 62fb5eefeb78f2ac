"""Writes the JSON Schemas that editors check flow files with: `python -m adapters.schemas [--check]`.

They are made from the models and never edited. The shipped files name them in their first line, so
that an editor with a YAML language server explains every key and marks what is wrong while typing.
"""

from __future__ import annotations

__all__ = ["FOLDER", "SCHEMAS", "main", "schema_text"]

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from engine.language.schema import AlwaysFile, BotFile, FaqFile, FlowFile, TextsFile

FOLDER: Final = Path(__file__).parents[1] / "flows"
SCHEMAS: Final[Mapping[str, type[BaseModel]]] = {
    "always.schema.json": AlwaysFile,
    "bot.schema.json": BotFile,
    "faq.schema.json": FaqFile,
    "flow.schema.json": FlowFile,
    "texts.schema.json": TextsFile,
}


def schema_text(model: type[BaseModel]) -> str:
    """Write one schema as it stands in its file."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema |= tidy(model.model_json_schema())
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def tidy(schema: Any, *, names: bool = False) -> Any:
    """Drop what tells an author nothing: Python's names, and null, which no file may hold."""
    if isinstance(schema, list):
        return [tidy(each) for each in schema if each != {"type": "null"}]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: tidy(value, names=key in {"properties", "$defs", "patternProperties"} and not names)
        for key, value in schema.items()
        # In `properties` a key is a name of ours: `title` there is the flow's title.
        if names or not (key in {"title", "x-placeholders"} or (key == "default" and value is None))
    }
    if kept.get("type") == "string" and isinstance(kept.get("default"), int):
        del kept["default"]  # a duration: what is kept are milliseconds, what is written is 24h
    forms = kept.get("anyOf")
    if not names and isinstance(forms, list) and len(forms) == 1:
        del kept["anyOf"]
        kept = forms[0] | kept
    return kept


def main(arguments: list[str]) -> int:
    """Write every schema, or with --check say which are not current."""
    stale = []
    for name, model in SCHEMAS.items():
        file, text = FOLDER / name, schema_text(model)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in arguments:
                file.write_text(text, encoding="utf-8")
    if stale and "--check" in arguments:
        names = ", ".join(stale)
        sys.stderr.write(f"Not current: {names}. Write them with: python -m adapters.schemas\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
