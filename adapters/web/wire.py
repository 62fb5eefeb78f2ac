"""What goes over the wire, as pydantic says it: bodies are read with these, and /docs is made of them."""

from __future__ import annotations

__all__ = ["Ask", "Chat", "End", "Health", "Listen", "Message", "ProblemDocument", "Said"]

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_ONE_OF = ("text", "choice", "file")

Token = Annotated[
    str | None, Field(description="The visitor's token, where neither cookie nor bearer has it.")
]
Bot = Annotated[
    str | None,
    Field(description="Which bot; without it the first one served here.", max_length=100),
]


BASE64 = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"


def _whole(value: Any) -> Any:
    """Take 5.0 for 5: in JSON they are the same number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _as_one_of_three(schema: dict[str, Any]) -> None:
    """Describe a message as three closed objects: each has what it needs, and nothing of the others."""
    fields = schema.pop("properties")
    fields["file"] = fields["file"]["anyOf"][0]  # null is for our side alone
    own = {"text": ("text",), "choice": ("choice", "of"), "file": ("file",)}
    common = {name: field for name, field in fields.items() if name not in (*own, "of")}
    schema.clear()
    schema |= {
        "description": "One message: a text, a choice that was shown, or a file.",
        "oneOf": [
            {
                "title": name,
                "type": "object",
                "properties": {one: fields[one] for one in names} | common,
                "required": [name],
                "additionalProperties": False,
            }
            for name, names in own.items()
        ],
    }


class Model(BaseModel):
    """What somebody sends: closed and strict, so that a misspelt field is told and not ignored."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class SentFile(Model):
    """A file, such as a list of parts."""

    name: str = Field(description="Its name with its ending.", min_length=1, max_length=255)
    content: str = Field(description="Its bytes in Base64.", pattern=BASE64)


class Message(Model):
    """One message: a text, a choice that was shown, or a file."""

    model_config = ConfigDict(json_schema_extra=_as_one_of_three)

    text: str = Field("", description="What the visitor wrote.", min_length=1)
    choice: str = Field("", description="The id of a choice.", min_length=1, max_length=300)
    of: Annotated[int, Field(ge=1, le=2**53), BeforeValidator(_whole)] | None = Field(
        None, description="The seq of the line that showed the choice; without it the latest."
    )
    file: SentFile | None = Field(None, description="A file that goes with nothing else.")
    id: str | None = Field(
        None,
        description="The message's own id: sent again under it, it is taken once.",
        min_length=1,
        max_length=200,
    )
    session: Token = None
    bot: Bot = None

    @model_validator(mode="after")
    def _one_thing(self) -> Message:
        given = [name for name in _ONE_OF if name in self.model_fields_set]
        if len(given) != 1:
            raise ValueError("Send one of text, choice and file, and no more than one")
        if self.file is None and given == ["file"]:
            raise ValueError("A file is a name and a content")
        if self.of is not None and given != ["choice"]:
            raise ValueError("of says which line showed a choice, and comes with one")
        return self


class End(Model):
    """Which conversation to end."""

    session: Token = None
    bot: Bot = None


class Said(Model):
    """What an operator says."""

    text: str = Field(description="The text, for the customer.", min_length=1, max_length=4_000)


class Ask(Model):
    """What a history is asked for."""

    model_config = ConfigDict(strict=False)  # a query has texts alone

    after: Annotated[int, Field(ge=0, le=2**53)] = Field(
        0, description="Only lines numbered above this."
    )
    conversation: str | None = Field(
        None,
        description="Which conversation `after` counts in; another one is told from its first line.",
        max_length=100,
    )
    bot: Bot = None


class Listen(Ask):
    """What a stream is asked for."""

    seconds: Annotated[int, Field(ge=0, le=3_600)] | None = Field(
        None,
        description="End after so long, for clients that read an answer as a whole; without it when"
        " the page is closed.",
    )


class ShownChoice(BaseModel):
    """A button."""

    id: str
    label: str


class ShownLine(BaseModel):
    """One thing said."""

    seq: int = Field(description="Its number in the conversation, from 1.")
    turn: int
    who: Literal["user", "bot", "assistant", "operator", "system"]
    text: str
    choices: list[ShownChoice] = Field(description="To be shown as buttons below it.")
    at: str = Field(description="When, in UTC.", json_schema_extra={"format": "date-time"})
    data: dict[str, Any] | None = Field(None, description="What the line is about, as data.")
    delivery: str | None = Field(
        None,
        description="For operators: how far it came on the customer's phone: owed, sending, sent,"
        " delivered, read, played, failed, withdrawn, unknown.",
    )


class Chat(BaseModel):
    """What was said, and where the conversation stands now."""

    session: str | None = Field(description="The visitor's token; keep it like a password.")
    key: str | None = Field(description="The name operators know the conversation by.")
    conversation: str | None = Field(description="Another value: a new conversation began.")
    opened: bool = Field(description="Whether this message opened the conversation.")
    lines: list[ShownLine]
    flow: str | None = Field(description="The flow it is in.")
    state: str | None = Field(description="The state; idle without a flow, null without a session.")
    mode: Literal["agent", "manual"] = Field(description="manual: a person answers.")
    status: Literal["open", "ended"] | None
    pending: bool = Field(description="Whether an answer is still being worked on.")
    files: bool = Field(description="Whether a list in a file is taken now.")
    language: str | None = Field(description="The language the bot speaks in it.")
    bot: str = Field(description="Whose conversation it is.")


class Check(BaseModel):
    """One part; ok is null where there is none."""

    ok: bool | None
    ms: int | None = None
    state: str | None = Field(None, description="Of a WhatsApp number: connected, and so on.")
    since: str | None = Field(None, description="Since when it is in that state.")
    why: str | None = Field(None, description="What a person must repair.")


class Health(BaseModel):
    """How this process is."""

    status: Literal["ok", "degraded", "down"]
    checks: dict[str, Check]


class FieldFault(BaseModel):
    """A field and what is wrong with it."""

    field: str
    fault: str


class ProblemDocument(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(description="Which kind: /docs explains them.")
    title: str
    status: int
    detail: str = Field(description="A sentence for a person.")
    errors: list[FieldFault]
