"""What pydantic refused, in the words of the person who wrote the file.

One row per kind of refusal. The names of keys and their help come from the JSON Schema, so that a
suggestion can never name a key the models do not have.
"""

from __future__ import annotations

__all__ = ["did_you_mean", "faults_of"]

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from engine.language.schema_values import type_name

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

    from engine.errors import Fault
    from engine.language.document import Document

Schema = Mapping[str, Any]


def did_you_mean(written: object, known: Iterable[str]) -> str:
    """Ask whether a known word was meant; nothing when none is near."""
    # Folded both ways: "Confirm" is as near to "confirm" as a word can be.
    by_fold = {each.casefold(): each for each in known}
    near = get_close_matches(str(written).casefold(), by_fold, 1, 0.6)
    return f'Did you mean "{by_fold[near[0]]}"?' if near else ""


def faults_of(error: ValidationError, model: type[BaseModel], document: Document) -> list[Fault]:
    """Turn every refusal of a file into a fault with its place."""
    schema = model.model_json_schema()
    found = []
    for each in error.errors(include_url=False):
        path = each["loc"]
        kind = (
            "wrong_key"
            if path and path[-1] == "[key]" and each["type"] != "wrong"
            else each["type"]
        )
        say = REFUSALS.get(kind, other)
        fault, remedy = say(Refusal(each, schema, document))
        found.append(document.fault(path, fault, remedy))
    return found


class Refusal:
    """One refusal, with what is needed to explain it."""

    def __init__(self, error: Any, schema: Schema, document: Document) -> None:
        """Look up the value and the key it stands under."""
        self.path: tuple[str | int, ...] = error["loc"]
        self.context: Mapping[str, Any] = error.get("ctx", {})
        self.message: str = error["msg"]
        self.value = document.at(*self.path)
        self.schema = schema
        names = [str(step) for step in self.path if not str(step).startswith(("<", "["))]
        words = [each for each in names if not each.isdigit()]
        self.key = words[-1] if words else "this file"
        self.parent = words[-2] if len(words) > 1 else ""

    def __str__(self) -> str:
        """Name the place in words."""
        return f'"{self.key}"'

    def around(self) -> list[Schema]:
        """List what the schema allows where the refused key stands."""
        return list(walk(self.schema, self.path[:-1]))


def walk(schema: Schema, path: tuple[str | int, ...]) -> Iterator[Schema]:
    """Follow a path through the schema, into every form a place may have."""
    here = list(forms(schema, schema))
    for step in path:
        if isinstance(step, str) and step.startswith("<"):
            kind = step[1:-1]
            narrowed = [form for form in here if is_kind(form, kind)]
            here = narrowed or here
        else:
            here = [
                form
                for each in here
                for inner in inside(each, step)
                for form in forms(schema, inner)
            ]
    yield from here


def is_kind(form: Schema, kind: str) -> bool:
    """Tell whether a form is the one that pydantic's tag names."""
    properties = form.get("properties", {})
    return kind in properties or properties.get("provider", {}).get("const") == kind


def inside(form: Schema, step: str | int) -> Iterator[Schema]:
    """Go one step down."""
    if isinstance(step, int) and "items" in form:
        yield form["items"]
    if step in form.get("properties", {}):
        yield form["properties"][step]
        return
    yield from form.get("patternProperties", {}).values()
    if isinstance(form.get("additionalProperties"), dict):
        yield form["additionalProperties"]


def forms(root: Schema, schema: Schema) -> Iterator[Schema]:
    """List the forms a schema stands for, references followed."""
    if "$ref" in schema:
        yield from forms(root, root["$defs"][schema["$ref"].rpartition("/")[2]])
    for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from forms(root, each)
    if "$ref" not in schema and "anyOf" not in schema and "oneOf" not in schema:
        yield schema


def unknown_key(refused: Refusal) -> tuple[str, str]:
    """Name a key nobody knows, and the nearest or all that stand here."""
    known = sorted({key for form in refused.around() for key in form.get("properties", {})})
    remedy = did_you_mean(refused.key, known) or f"Keys here are {', '.join(known)}."
    return f"no key is called {refused} here", remedy


def missing_key(refused: Refusal) -> tuple[str, str]:
    """Name a key that must stand here, and what it is for."""
    helps = [
        form["properties"][refused.key].get("description", "")
        for form in refused.around()
        if refused.key in form.get("properties", {})
    ]
    where = f' in "{refused.parent}"' if refused.parent else ""
    return f"{refused} is missing{where}", f"Add it: {helps[0][0].lower()}{helps[0][1:]}"


def meant(expected: str, remedy: str) -> Callable[[Refusal], tuple[str, str]]:
    """Say which type stands here and which is meant."""

    def say(refused: Refusal) -> tuple[str, str]:
        return f"{refused} is {type_name(refused.value)} where {expected} is meant", remedy

    return say


def no_such_word(refused: Refusal) -> tuple[str, str]:
    """Name the words that may stand here."""
    words = refused.context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
    if len(words) == 1:
        return f'{refused} is not "{words[0]}"', f"Write {words[0]}."
    written = f'"{refused.value}"' if isinstance(refused.value, str) else type_name(refused.value)
    said = did_you_mean(refused.value, words)
    return f"{refused} cannot be {written}", said or f"Write one of {', '.join(words)}."


def shape(refused: Refusal) -> tuple[str, str]:
    """Name the forms a value may have."""
    number = isinstance(refused.value, int | float) and "text" in refused.message
    quotes = " Numbers in quotes are texts." if number else ""
    return f"{refused} is {type_name(refused.value)}", f"Write {refused.message}.{quotes}"


def spoken(refused: Refusal) -> tuple[str, str]:
    """Say what one of our own validators said."""
    return refused.context["fault"], refused.context["remedy"]


def nothing_there(refused: Refusal) -> tuple[str, str]:
    """Name what must not be empty."""
    return f"{refused} is empty", "Write something, or remove the key."


def bad_key(refused: Refusal) -> tuple[str, str]:
    """Name a key of a wrong form or value."""
    known = refused.context.get("expected", "").replace("'", "").replace(" or ", ", ").split(", ")
    if known[0]:
        remedy = did_you_mean(refused.key, known) or f"Keys here are {', '.join(known)}."
        return f"no key is called {refused} here", remedy
    written = next(str(step) for step in reversed(refused.path) if step != "[key]")
    return f'the key "{written}" is not a whole number of 1 or more', "Write for example 3."


def out_of_range(refused: Refusal) -> tuple[str, str]:
    """Say which numbers are taken."""
    least, most = refused.context.get("ge"), refused.context.get("le")
    bound = f"at least {least}" if least is not None else f"at most {most}"
    return f"{refused} is {refused.value}", f"Write {bound}."


def too_many(refused: Refusal) -> tuple[str, str]:
    """Say how many entries are taken."""
    return f"{refused} has too many entries", f"Write at most {refused.context['max_length']}."


def other(refused: Refusal) -> tuple[str, str]:
    """Repeat what pydantic says, where no row knows better."""
    return f"{refused} is not understood: {refused.message}", "See docs/flow-language.md."


REFUSALS: Final[Mapping[str, Callable[[Refusal], tuple[str, str]]]] = {
    "extra_forbidden": unknown_key,
    "missing": missing_key,
    "string_type": meant("a text", "Put it in quotes, or write a text."),
    "int_type": meant("a whole number", "Write it without quotes, like 3."),
    "float_type": meant("a number", "Write it without quotes, like 10."),
    "bool_type": meant("true or false", "Write true or false."),
    "list_type": meant("a list", "Write [one, two], or one line per entry beginning with a dash."),
    "dict_type": meant("a map", "Write key: value, indented, one per line."),
    "model_type": meant("a map", "Write key: value, indented, one per line."),
    "model_attributes_type": meant("a map", "Write key: value, indented, one per line."),
    "literal_error": no_such_word,
    "shape": shape,
    "wrong": spoken,
    "wrong_key": bad_key,
    "too_short": nothing_there,
    "string_too_short": nothing_there,
    "too_long": too_many,
    "greater_than_equal": out_of_range,
    "less_than_equal": out_of_range,
}
