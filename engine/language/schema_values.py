"""The small values authors write: texts, durations, names, secrets. Bad ones say what to write.

Every model of the language is strict and closed: a key nobody knows is refused, and a number never
passes for a text, because a silent guess would show up only in front of a customer.
"""

from __future__ import annotations

__all__ = [
    "PLACEHOLDER",
    "Address",
    "By",
    "Line",
    "Millis",
    "Model",
    "Name",
    "Phrases",
    "Scalar",
    "Secret",
    "Short",
    "Text",
    "by_shape",
    "clock",
    "duration",
    "variable",
    "wrong",
]

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    StringConstraints,
    Tag,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

# `{name}`, `{bot.pickup}`, `{order.number}`; whatever stands in braces is meant as one.
PLACEHOLDER: Final = re.compile(r"\{([^{}\n]*)\}|\{")

NAME_PATTERN: Final = r"^[a-z][a-z0-9_]*$"
DURATION_PATTERN: Final = r"^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$"
SECRET_PATTERN: Final = r"^env:[A-Z][A-Z0-9_]*$"  # noqa: S105 - the form of a name
ADDRESS_PATTERN: Final = r"^https?://[^\s/:]+"
CLOCK_PATTERN: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]|24:00$"
UNITS: Final = (86_400_000, 3_600_000, 60_000, 1_000)


class Model(BaseModel):
    """A part of a file: closed, strict, and never changed after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def wrong(fault: str, remedy: str) -> PydanticCustomError:
    """Build the error of one value; the loader turns it into a fault with its place."""
    return PydanticCustomError("wrong", "{fault}", {"fault": fault, "remedy": remedy})


def by_shape(value: object) -> str:
    """Name the shape of a value, so that a fault speaks of the form that was written."""
    shapes = {str: "<text>", dict: "<map>", list: "<list>", bool: "<flag>"}
    return shapes.get(type(value), "<other>")


def By(expected: str) -> Discriminator:  # noqa: N802 - reads as a type in the models
    """Choose a form by its shape; `expected` completes the sentence "is not ..."."""
    return Discriminator(by_shape, custom_error_type="shape", custom_error_message=expected)


# Compared by identity: its schema is a dict, and the parts of a union must have a hash.
@dataclass(frozen=True, slots=True, eq=False)
class Short:
    """Lets a short form stand for the long one, for the reader and in the editors' schema."""

    expand: Callable[[Any], object]
    schema: Mapping[str, Any] | None = None  # None: the short form is one item of the list

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Expand first, then read the long form."""
        return core_schema.no_info_before_validator_function(self.expand, handler(source))

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Offer both forms to the editor."""
        long = handler(core)
        short = dict(long["items"]) if self.schema is None else dict(self.schema)
        return {"anyOf": [short, long]}


def duration(value: object) -> int:
    """Read `30s`, `10m`, `24h`, `7d` or `1h30m` as milliseconds."""
    # Nine characters: more is no duration anyone means, and a million digits are slow to read.
    written = value if isinstance(value, str) and len(value) <= 9 else ""
    match = re.fullmatch(DURATION_PATTERN, written)
    parts = zip(match.groups(default="0s"), UNITS, strict=True) if match else ()
    total = sum(int(part[:-1]) * unit for part, unit in parts)
    if total:
        return total
    fault = f"{shown(value)} is not a duration"
    raise wrong(fault, "Write for example 30s, 10m, 24h, 7d or 1h30m.")


def clock(value: object) -> int:
    """Read `09:00` as minutes after midnight; `24:00` is the end of the day."""
    if not isinstance(value, str) or not re.fullmatch(CLOCK_PATTERN, value):
        raise wrong(f"{shown(value)} is not a time of day", 'Write for example "09:00".')
    return int(value[:2]) * 60 + int(value[3:])


def shown(value: object) -> str:
    """Quote what was written, cut where it would fill the screen."""
    text = f'"{value}"' if isinstance(value, str) else type_name(value)
    return text if len(text) <= 60 else f'{text[:57]}..."'


def type_name(value: object) -> str:
    """Name a value's type in words of the file, not of Python."""
    names = {dict: "a map", list: "a list", str: "a text", bool: str(value).lower()}
    return names.get(type(value), str(value))


def scalar(value: object) -> str | int | float | bool:
    """Take one plain value: a text, a number, true or false."""
    if isinstance(value, str | int | float | bool):
        return value
    raise wrong(f"{type_name(value)} stands where one value is meant", "Write a text or a number.")


def secret(value: object) -> str:
    """Take only the name of an environment variable, so that no secret is ever in a file."""
    if isinstance(value, str) and re.fullmatch(SECRET_PATTERN, value):
        return value
    # The value is not repeated: it may be the secret itself, and faults are printed and pasted.
    raise wrong(
        "a secret stands here in plain text or in a form that is not understood",
        "Put it into an environment variable and write env:NAME.",
    )


def variable(written: str) -> str:
    """Return the environment variable that a secret stands in."""
    return written.removeprefix("env:")


def web_address(value: str) -> str:
    """Take the beginning of an address: how it is reached, and a host."""
    if re.match(ADDRESS_PATTERN, value):
        return value
    fault = f"{shown(value)} is not an address"
    raise wrong(fault, "Write https:// or http://, and the host behind it.")


def name(value: str) -> str:
    """Take a name that can stand in keys, placeholders and taps."""
    if re.fullmatch(NAME_PATTERN, value):
        return value
    fault = f"{shown(value)} is not a name"
    raise wrong(fault, "Write small letters, digits and _ only, beginning with a letter.")


Name = Annotated[
    str, AfterValidator(name), WithJsonSchema({"type": "string", "pattern": NAME_PATTERN})
]
Address = Annotated[
    str, AfterValidator(web_address), WithJsonSchema({"type": "string", "pattern": ADDRESS_PATTERN})
]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Text = Annotated[
    Annotated[Line, Tag("<text>")] | Annotated[dict[str, Line], Tag("<map>")],
    By("a text, or a map of languages to texts"),
]
Phrases = Annotated[
    Annotated[list[Line], Tag("<list>")] | Annotated[dict[str, list[Line]], Tag("<map>")],
    By("a list of texts, or a map of languages to such lists"),
]
Millis = Annotated[
    int,
    BeforeValidator(duration),
    WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN, "examples": ["10m", "24h"]}),
]
Scalar = Annotated[
    str | int | float | bool,
    PlainValidator(scalar),
    WithJsonSchema({"type": ["string", "number", "boolean"]}),
]
Secret = Annotated[
    str, PlainValidator(secret), WithJsonSchema({"type": "string", "pattern": SECRET_PATTERN})
]
