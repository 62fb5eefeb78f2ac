"""What authors may write, as pydantic models: the one list of every key there is.

The models live in files by what they describe; this one names them all, so that whoever needs
one looks here. Nothing here reads a file or knows another file: that is `loader` and `checks`.
"""

from __future__ import annotations

__all__ = [
    "CONTACT_FIELDS",
    "DAYS",
    "PLACEHOLDER",
    "REFUSED",
    "STATE_KINDS",
    "TEXT_PLACEHOLDERS",
    "ActionSpec",
    "Admit",
    "AlwaysChange",
    "AlwaysFile",
    "Argument",
    "AssistantFile",
    "BotFile",
    "Branch",
    "CallFile",
    "CallState",
    "Channels",
    "Choice",
    "ChooseState",
    "CloudConnection",
    "CollectState",
    "Command",
    "Connection",
    "Desk",
    "Dialog360Connection",
    "DoState",
    "EndState",
    "Expires",
    "FaqEntry",
    "FaqFile",
    "FlowFile",
    "Form",
    "Greeting",
    "Guard",
    "HandOverState",
    "Hours",
    "Line",
    "Manual",
    "Migration",
    "Millis",
    "Model",
    "Nudge",
    "Option",
    "Phrases",
    "PreviewOf",
    "SayState",
    "Scalar",
    "SessionRules",
    "Slot",
    "SlotKind",
    "Start",
    "StateFile",
    "Text",
    "TextsFile",
    "WahaConnection",
    "Way",
    "WebChannel",
    "Webhook",
    "When",
]

from dataclasses import dataclass

from engine.language.schema_bot import (
    CONTACT_FIELDS,
    Admit,
    AssistantFile,
    BotFile,
    Desk,
    FaqEntry,
    FaqFile,
    Manual,
    SessionRules,
)
from engine.language.schema_channels import (
    Channels,
    CloudConnection,
    Connection,
    Dialog360Connection,
    Form,
    Greeting,
    PreviewOf,
    WahaConnection,
    WebChannel,
    Webhook,
)
from engine.language.schema_flow import AlwaysChange, Expires, FlowFile, Migration, Start
from engine.language.schema_locale import DAYS, Hours
from engine.language.schema_slots import Guard, Option, Slot, SlotKind, When
from engine.language.schema_states import (
    STATE_KINDS,
    Branch,
    CallFile,
    CallState,
    Choice,
    ChooseState,
    CollectState,
    DoState,
    EndState,
    HandOverState,
    Nudge,
    SayState,
    StateFile,
    Way,
)
from engine.language.schema_texts import (
    REFUSED,
    TEXT_PLACEHOLDERS,
    AlwaysFile,
    Command,
    TextsFile,
)
from engine.language.schema_values import (
    PLACEHOLDER,
    Line,
    Millis,
    Model,
    Phrases,
    Scalar,
    Text,
)


@dataclass(frozen=True, slots=True)
class Argument:
    """One thing an action needs: its name, the kind of slot it takes, whether it can do without."""

    name: str
    kind: SlotKind | None = None
    required: bool = True


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """An action as the checker sees it: flows may `do` it with these arguments."""

    name: str
    arguments: tuple[Argument, ...] = ()
