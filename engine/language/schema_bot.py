"""What bot.yaml and faq.yaml may say: whom the bot serves, with which flows, in which words."""

from __future__ import annotations

__all__ = [
    "CONTACT_FIELDS",
    "Admit",
    "AssistantFile",
    "BotFile",
    "Desk",
    "FaqEntry",
    "FaqFile",
    "Manual",
    "SessionRules",
]

import re
from typing import Annotated, Final, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    Tag,
    WithJsonSchema,
)

from engine.language.schema_channels import Channels, Form, Webhook
from engine.language.schema_locale import (
    Hours,
    known_currency,
    known_language,
    known_region,
    known_timezone,
)
from engine.language.schema_texts import TextsFile
from engine.language.schema_values import (
    Address,
    By,
    Line,
    Millis,
    Model,
    Name,
    Phrases,
    Secret,
    Text,
    duration,
    shown,
    wrong,
)

# What is known of any contact; a bot that admits people has their facts besides.
CONTACT_FIELDS: Final = ("name", "phone", "email", "language")


def never(value: object) -> int | None:
    """Read a duration, or the word never."""
    return None if value == "never" else duration(value)


def destination(value: str) -> str:
    """Take whom a desk notifies."""
    if re.fullmatch(r"mail:[^@\s]+@[^@\s]+\.[^@\s]+|webhook|browser", value):
        return value
    fault = f"{shown(value)} cannot be notified"
    raise wrong(fault, "Write mail:name@example.com, webhook or browser.")


def own_file(value: str) -> str:
    """Take a file of the bot's folder and no other."""
    if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*/?", value):
        return value
    raise wrong(f"{shown(value)} is not a file of this folder", "Write its name alone.")


Never = Annotated[
    int | None,
    BeforeValidator(never),
    WithJsonSchema({"type": "string", "examples": ["30m", "never"]}),
]
OwnFile = Annotated[str, AfterValidator(own_file)]


class SessionRules(Model):
    """How long a conversation stays the same conversation."""

    idle: Never = Field(
        None, description="After so long without a message a new one begins; never."
    )
    in_flow: Literal["keep", "end"] = Field(
        "keep", description="Whether the idle time also ends a conversation inside a flow."
    )
    welcome: Literal["first", "always"] = Field(
        "first", description="always: welcome comes first in every new conversation."
    )


class Admit(Model):
    """Answers only people of the bot's directory, while they are active."""

    people: Literal["active"] = Field(description="Who is answered: people active today.")
    else_: Literal["ignore"] = Field(
        "ignore", alias="else", description="What others get: nothing."
    )


class Desk(Model):
    """A desk people answer from."""

    notify: list[Annotated[str, AfterValidator(destination)]] = Field(
        default_factory=list, description="Who is told: mail:name@example.com, webhook, browser."
    )
    nobody_after: Millis | None = Field(
        None, description="After so long without an answer the bot takes the conversation back."
    )
    say: Text | None = Field(None, description="Said when the desk is called; may use {opens}.")


class Manual(Model):
    """What happens after a person took over."""

    return_after: Millis | None = Field(
        None, description="The bot takes over again after so long without a line of theirs."
    )


class AssistantFile(Model):
    """Who answers when no flow is active."""

    use: Literal["none", "gemini", "retell", "agent_router"] = Field(
        "none", description="Which assistant."
    )
    model: str | None = Field(None, description="Which of its models, where not the usual one.")
    system: Line | None = Field(None, description="What it is told about its task.")
    fallback: Text | None = Field(None, description="Said when it fails.")
    per_session: Annotated[int, Field(ge=0)] = Field(
        20, description="How many questions one conversation may ask it."
    )
    per_day: Annotated[int, Field(ge=0)] = Field(
        500, description="How many questions all conversations of a day may ask it."
    )
    timeout: Millis = Field(20_000, description="How long an answer may take.")
    knowledge: OwnFile | None = Field(
        None, description="A folder of texts it may use, in .md files."
    )
    base_url: Address | None = Field(
        None, description="Its address, where it is not the usual one."
    )
    key: Secret | None = Field(None, description="Its key, as env:NAME.")


class BotFile(Model):
    """One bot: whom it serves, what it knows, which flows it has, through which channels."""

    bot: Name = Field(description="Its name.")
    title: Text | None = Field(None, description="What customers call it; {bot.title}.")
    languages: list[Annotated[str, AfterValidator(known_language)]] = Field(
        min_length=1, description="The languages it speaks; the first is the default."
    )
    region: Annotated[str, AfterValidator(known_region)] = Field(
        "US", description="The country typed phone numbers are read for."
    )
    timezone: Annotated[str, AfterValidator(known_timezone)] = Field(
        "UTC", description="The time zone of its hours and dates."
    )
    currency: Annotated[str, AfterValidator(known_currency)] = Field(
        "USD", description="The currency of amounts that name none."
    )
    facts: dict[Name, Text] = Field(
        default_factory=dict, description="What is always true, said as {bot.NAME}."
    )
    flows: list[Name] = Field(
        min_length=1, description="Its flows; the order decides between equally long phrases."
    )
    catalogue: OwnFile | None = Field(None, description="The file of what it sells: catalogue.csv.")
    faq: OwnFile | None = Field(None, description="The file of questions and answers: faq.yaml.")
    welcome: Text | None = Field(None, description="Said in a new conversation.")
    unknown: Text | None = Field(
        None, description="Said when nothing was understood; may use {flows}."
    )
    busy: Text | None = Field(None, description="Said once while an action runs.")
    trouble: Text | None = Field(None, description="Said when something broke on our side.")
    session: SessionRules = Field(
        default_factory=SessionRules, description="How long a conversation lasts."
    )
    texts: TextsFile = Field(
        default_factory=TextsFile, description="Built-in lines said in your own words."
    )
    admit: Annotated[
        Annotated[Literal["everyone"], Tag("<text>")] | Annotated[Admit, Tag("<map>")],
        By("everyone, or {people: active, else: ignore}"),
    ] = Field("everyone", description="Who is answered.")
    hours: Hours | None = Field(None, description="When people are there: {mon-fri: 09:00-18:00}.")
    hand_over: dict[Name, Desk] = Field(
        default_factory=dict, description="The desks people answer from, by name."
    )
    manual: Manual = Field(default_factory=Manual, description="After a person took over.")
    assistant: AssistantFile = Field(
        default_factory=AssistantFile, description="Who is asked when no flow is active."
    )
    channels: Channels = Field(default_factory=Channels, description="Where it is spoken to.")
    forms: dict[Name, Form] = Field(
        default_factory=dict, description="Forms that open conversations, by name."
    )
    webhooks: list[Webhook] = Field(
        default_factory=list, description="Other systems that are told what happened."
    )
    retention: Millis | None = Field(None, description="How long ended conversations are kept.")


class FaqEntry(Model):
    """A question customers ask and its answer."""

    id: Name = Field(description="Its name in transcripts.")
    ask: Phrases = Field(description="Ways to ask it.")
    say: Text = Field(description="The answer.")


class FaqFile(RootModel[list[FaqEntry]]):
    """The questions that are answered anywhere, also inside a flow."""

    model_config = ConfigDict(frozen=True, strict=True)
