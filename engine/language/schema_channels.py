"""Where a bot is spoken to and what it tells other systems: channels, forms, webhooks."""

from __future__ import annotations

__all__ = [
    "Channels",
    "CloudConnection",
    "Connection",
    "Dialog360Connection",
    "Form",
    "Greeting",
    "Pace",
    "PreviewOf",
    "WahaConnection",
    "WebChannel",
    "Webhook",
    "WindowClosed",
]

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag

from engine.language.schema_slots import SlotKind
from engine.language.schema_values import (
    Address,
    By,
    Line,
    Millis,
    Model,
    Name,
    Secret,
    Text,
    shown,
    wrong,
)


def event_address(value: str) -> str:
    """Take where events go: a URL, or a variable that holds one."""
    if re.fullmatch(r"https?://\S+|env:[A-Z][A-Z0-9_]*", value):
        return value
    raise wrong(f"{shown(value)} is not an address", "Write https://... or env:NAME.")


def connection_name(value: str) -> str:
    """Take a connection's name, which is a part of its webhook's address."""
    if re.fullmatch(r"[a-z][a-z0-9_-]*", value) and value != "preview":
        return value
    fault = f"{shown(value)} cannot name a connection"
    raise wrong(fault, "Write small letters, digits, - and _; preview is reserved.")


class WebChannel(Model):
    """The chat on web pages."""


class Pace(Model):
    """How fast one person is written to."""

    burst: Annotated[int, Field(ge=1)] = Field(10, description="So many at once.")
    every: Millis = Field(6_000, description="Then one per this long.")


class WindowClosed(Model):
    """The approved template that is sent when 24 hours have passed since the customer wrote."""

    template: Line = Field(description="Its name.")
    with_: list[Literal["text"]] = Field(
        default_factory=list, alias="with", description="[text]: what was to be said fills its gap."
    )


class Connected(Model):
    """What every WhatsApp connection may say."""

    base_url: Address | None = Field(
        None, description="The provider's address, if not the usual one."
    )
    answer_within: Millis = Field(
        43_200_000, description="Older messages are recorded and not answered."
    )
    pace: Pace = Field(default_factory=Pace, description="How fast it writes to one person.")


class CloudConnection(Connected):
    """A number on Meta's WhatsApp Cloud API."""

    window_closed: WindowClosed | None = Field(
        None, description="What is sent when the customer's last message is a day old."
    )
    provider: Literal["cloud"] = Field(description="cloud, dialog360 or waha.")
    phone_number_id: Line = Field(description="The number's id at Meta, in quotes.")
    app_secret: Secret = Field(description="Signs what Meta sends, as env:NAME.")
    token: Secret = Field(description="Lets us send, as env:NAME.")
    verify_token: Secret = Field(description="Asked for once by Meta, as env:NAME.")
    version: Line = Field("v25.0", description="The version of the Graph API.")


class Dialog360Connection(Connected):
    """A number at 360dialog."""

    window_closed: WindowClosed | None = Field(
        None, description="What is sent when the customer's last message is a day old."
    )
    provider: Literal["dialog360"] = Field(description="cloud, dialog360 or waha.")
    phone_number_id: Line | None = Field(None, description="The number's id, in quotes.")
    api_key: Secret = Field(description="Lets us send, as env:NAME.")
    webhook_secret: Secret = Field(description="Proves what they send, as env:NAME.")


class WahaConnection(Connected):
    """A number paired by QR code through WAHA."""

    provider: Literal["waha"] = Field(description="cloud, dialog360 or waha.")
    session: Line = Field("default", description="The session's name at WAHA.")
    api_key: Secret = Field(description="Lets us send, as env:NAME.")
    hmac_key: Secret = Field(description="Signs what WAHA sends, as env:NAME.")
    typing: Millis = Field(1_500, description="How long it is seen typing before each message.")


def one_provider(value: object) -> object:
    """Refuse a connection without a provider we speak to, before any of its keys is looked at."""
    named = value.get("provider") if isinstance(value, dict) else None
    if named in {"cloud", "dialog360", "waha"}:
        return value
    fault = f"{shown(named)} is no provider" if named else "a connection names its provider"
    raise wrong(fault, "Write provider: cloud, provider: dialog360 or provider: waha.")


Connection = Annotated[
    Annotated[
        Annotated[CloudConnection, Tag("<cloud>")]
        | Annotated[Dialog360Connection, Tag("<dialog360>")]
        | Annotated[WahaConnection, Tag("<waha>")],
        Discriminator(lambda value: f"<{value['provider']}>"),
    ],
    BeforeValidator(one_provider),
]


class PreviewOf(Model):
    """Which connection the preview borrows."""

    connection: str = Field(description="Its name under whatsapp.")


class Channels(Model):
    """Where the bot is spoken to."""

    web: WebChannel | None = Field(None, description="The chat on web pages: {}.")
    whatsapp: dict[Annotated[str, AfterValidator(connection_name)], Connection] = Field(
        default_factory=dict, description="WhatsApp numbers, by a name of yours."
    )
    preview: Annotated[
        Annotated[bool, Tag("<flag>")] | Annotated[PreviewOf, Tag("<map>")],
        By("true, false, or {connection: NAME}"),
    ] = Field(default=False, description="Lets the owner try the bot on a real phone first.")


class Greeting(Model):
    """The first message of a conversation the business begins."""

    template: Line = Field(description="The approved template's name.")
    with_: list[str] = Field(
        default_factory=list, alias="with", description="The fields that fill its gaps, in order."
    )
    say: Text | None = Field(
        None, description="What it reads like, for channels without templates."
    )


class Form(Model):
    """A form that opens a conversation."""

    fields: dict[Name, SlotKind] = Field(min_length=1, description="Its fields and their kinds.")
    address: str = Field(description="The field that says whom to write to.")
    greet: Greeting | None = Field(None, description="What is written first.")


class Webhook(Model):
    """Tells another system what happened."""

    to: Annotated[str, AfterValidator(event_address)] = Field(
        description="https://... or env:NAME."
    )
    secret: Secret = Field(description="Signs what is sent, as env:NAME.")
    events: list[
        Literal[
            "order.placed",
            "order.status_changed",
            "session.opened",
            "session.ended",
            "flow.completed",
            "hand_over.requested",
        ]
    ] = Field(min_length=1, description="What is told.")
