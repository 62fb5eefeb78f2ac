"""The JSON Schemas that editors read: current, complete, and with help for every key."""

from __future__ import annotations

import json
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from adapters import schemas
from adapters.schemas import FOLDER, SCHEMAS, main, schema_text, tidy
from engine.language import schema as language
from engine.language.document import parse
from engine.language.schema import Model

SHIPPED = [
    ("always.schema.json", FOLDER / "always.yaml"),
    ("texts.schema.json", FOLDER / "texts.yaml"),
    *(("bot.schema.json", each) for each in sorted(FOLDER.glob("*/bot.yaml"))),
    *(("faq.schema.json", each) for each in sorted(FOLDER.glob("*/faq.yaml"))),
    *(
        ("flow.schema.json", each)
        for each in sorted(FOLDER.glob("*/*.yaml"))
        if each.stem not in {"bot", "faq"}
    ),
]


def models() -> list[type[Model]]:
    """List every model of the language."""
    named = [getattr(language, each) for each in language.__all__]
    return [each for each in named if isinstance(each, type) and issubclass(each, Model)]


def definitions() -> dict[str, set[str]]:
    """List every map the schemas describe, with its keys."""
    found: dict[str, set[str]] = {}
    for model in SCHEMAS.values():
        whole = model.model_json_schema()
        for name, each in {**whole.get("$defs", {}), model.__name__: whole}.items():
            found[name] = set(each.get("properties", {}))
    return found


def described(schema: Any, path: str = "") -> Iterator[tuple[str, bool]]:
    """Walk over every key and tell whether it has a description."""
    for name, each in schema.get("properties", {}).items():
        yield f"{path}.{name}", bool(each.get("description"))
    for name, each in schema.get("$defs", {}).items():
        yield from described(each, name)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_written_schema_is_current(name: str) -> None:
    """Whoever changes a model writes the schemas anew: python -m adapters.schemas."""
    assert schema_text(SCHEMAS[name]) == (FOLDER / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_is_one(name: str) -> None:
    """It is valid JSON Schema, so every editor understands it."""
    Draft202012Validator.check_schema(json.loads((FOLDER / name).read_text(encoding="utf-8")))


def test_the_schemas_have_exactly_the_keys_of_the_models() -> None:
    """An editor offers no key the loader refuses, and lacks none it takes."""
    found = definitions()

    for model in models():
        if model in {Model, language.CloudConnection} or model.__name__ not in found:
            continue
        keys = {field.alias or name for name, field in model.model_fields.items()}
        assert keys == found[model.__name__]


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_key_is_explained(name: str) -> None:
    """An editor shows a sentence for each key."""
    schema = json.loads((FOLDER / name).read_text(encoding="utf-8"))

    assert [] == [path for path, explained in described(schema) if not explained]


@pytest.mark.parametrize(
    ("name", "file"), SHIPPED, ids=[f"{file.parent.name}.{file.stem}" for _, file in SHIPPED]
)
def test_shipped_files_pass_their_schema_and_name_it(name: str, file: Path) -> None:
    """The first line tells an editor which schema to use, and the schema agrees with the file."""
    text = file.read_text(encoding="utf-8")
    read, _ = parse(str(file), text)
    schema = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    first = text.splitlines()[0]

    assert read
    assert [] == [
        each.message for each in Draft202012Validator(schema).iter_errors(strings(read.value))
    ]
    assert first.startswith("# yaml-language-server: $schema=")
    assert FOLDER / name == (file.parent / first.partition("=")[2]).resolve()


def strings(value: Any) -> Any:
    """Make keys texts, as JSON has them."""
    return json.loads(json.dumps(value))


def test_check_names_what_is_not_current_and_writing_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """--check changes nothing; without it the files are written."""
    monkeypatch.setattr(schemas, "FOLDER", tmp_path)

    assert 1 == main(["--check"])
    assert "flow.schema.json" in capsys.readouterr().err
    assert [] == list(tmp_path.iterdir())
    assert 0 == main([])
    assert 0 == main(["--check"])
    assert set(SCHEMAS) == {each.name for each in tmp_path.iterdir()}


def test_it_is_run_as_a_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -m adapters.schemas --check` is what a check of the repository calls."""
    monkeypatch.setattr(sys, "argv", ["schemas", "--check"])
    monkeypatch.delitem(sys.modules, "adapters.schemas")

    with pytest.raises(SystemExit) as ended:
        runpy.run_module("adapters.schemas", run_name="__main__")

    assert 0 == ended.value.code


def test_a_key_called_title_is_kept() -> None:
    """Only Python's own titles are dropped, not the title of a flow."""
    model: type[BaseModel] = SCHEMAS["flow.schema.json"]

    assert "title" in json.loads(schema_text(model))["properties"]
    assert {"a": 1} == tidy({"a": 1, "title": "A"})
