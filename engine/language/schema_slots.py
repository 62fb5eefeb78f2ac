"""What a flow wants to know, and the conditions on what it knows."""

from __future__ import annotations

__all__ = ["Guard", "Option", "Slot", "SlotKind", "When", "as_list"]

import re
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from engine.language.schema_values import Model, Name, Phrases, Scalar, Short, Text, shown, wrong

SlotKind = Literal[
    "text", "number", "choice", "yes_no", "email", "phone", "address", "person_name", "items", "date",
    "money", "order_ref",
]  # fmt: skip
LENGTH_PATTERN: Final = r"^[0-9]{1,5}\.\.[0-9]{1,5}$"


def as_list(value: object) -> object:
    """Read one as a list of one."""
    return value if isinstance(value, list) else [value]


def as_guard(value: object) -> object:
    """Read the word `known` as `{known: true}`."""
    if value == "known":
        return {"known": True}
    if isinstance(value, dict):
        return value
    fault = f"{shown(value)} is not a condition"
    raise wrong(fault, "Write known, or for example {is: x}, {in: [x, y]} or {at_least: 5}.")


def read_length(value: object) -> tuple[int, int]:
    """Read `2..200` as the shortest and the longest text that is taken."""
    if isinstance(value, str) and re.fullmatch(LENGTH_PATTERN, value):
        shortest, longest = map(int, value.split(".."))
        if shortest <= longest and longest:
            return shortest, longest
    raise wrong(f"{shown(value)} is not a length", "Write the least and the most, like 2..200.")


class Guard(Model):
    """A condition on one value; several keys must all hold."""

    is_: Scalar | None = Field(None, alias="is", description="The value is exactly this.")
    in_: list[Scalar] | None = Field(
        None, alias="in", min_length=1, description="The value is one of these."
    )
    at_least: Scalar | None = Field(
        None, description="The number, amount or date is this or more; for items: every quantity."
    )
    at_most: Scalar | None = Field(
        None, description="The number, amount or date is this or less; for items: every quantity."
    )
    begins: str | None = Field(
        None, min_length=1, description='The text begins so: a phone number with "+91".'
    )
    total_at_least: int | float | None = Field(
        None, description="Items only: all quantities together are this or more."
    )
    known: bool | None = Field(None, description="The slot is filled (true) or empty (false).")
    not_: GuardForm | None = Field(None, alias="not", description="The condition does not hold.")


GuardForm = Annotated[Guard, Short(as_guard, {"const": "known"})]
# A list of maps: one map must hold, and in it every slot's condition.
When = Annotated[list[dict[str, GuardForm]], Short(as_list), Field(min_length=1)]


class Option(Model):
    """One value of a slot of type choice."""

    id: Name = Field(description="The value that is stored and compared.")
    label: Text = Field(description="What the customer sees.")
    words: Phrases | None = Field(None, description="Other words that mean it.")


class Slot(Model):
    """One thing a flow wants to know, and what may be said when its answer does not fit."""

    type: SlotKind = Field(description="What is read: a phone number, a name, items, ...")
    label: Text | None = Field(
        None, description="What it is called inside a sentence: phone number."
    )
    from_: Literal["catalogue"] | None = Field(
        None, alias="from", description="Read against the bot's catalogue (items and choice)."
    )
    options: list[Option] | None = Field(
        None, min_length=1, description="The values of a choice that has no catalogue."
    )
    at_least: Scalar | None = Field(
        None, description="The least number, amount or date; for items: the least quantity of each."
    )
    at_most: Scalar | None = Field(None, description="The most, likewise.")
    length: Annotated[
        tuple[int, int] | None,
        BeforeValidator(read_length),
        WithJsonSchema({"type": "string", "pattern": LENGTH_PATTERN}),
    ] = Field(None, description="Text only: the least and the most characters, like 2..200.")
    unclear: Text | None = Field(
        None, description="Said when several values fit; may use {candidates}."
    )
    invalid: Text | None = Field(
        None, description="Said when a value is refused; may use {value}, {min}, {max}, {product}."
    )
    optional: bool = Field(
        default=False, description="Asked once, after the others; may be skipped."
    )
    default: str | None = Field(
        None, description="contact.phone and the like: filled on entering, shown, correctable."
    )
    want: Literal["date", "time", "datetime"] | None = Field(
        None, description="Date only: what exactly is wanted."
    )
