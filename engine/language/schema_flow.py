"""What a flow file may say besides its slots and states: start, expiry, commands, migration."""

from __future__ import annotations

__all__ = ["AlwaysChange", "Expires", "FlowFile", "Migration", "Start"]

from typing import Annotated, Literal

from pydantic import Field, Tag

from engine.language.schema_slots import Slot, When
from engine.language.schema_states import StateFile
from engine.language.schema_values import By, Line, Millis, Model, Name, Phrases, Text


class Start(Model):
    """How a flow begins. Without phrases, when, form and hint it can only be called."""

    phrases: Phrases | None = Field(
        None, description="Words that start it; case, accents and small typos do not matter."
    )
    when: When | None = Field(
        None, description="What a message must contain to start it; what was read fills the slots."
    )
    form: Name | None = Field(None, description="The form of the bot that starts it.")
    hint: Line | None = Field(
        None, description="Tells the assistant when to offer this flow; it never runs it."
    )
    at: str | None = Field(None, description="The first state; without it the first in the file.")
    during: Literal["never", "return"] = Field(
        "never", description="return: a phrase may interrupt another flow, which then goes on."
    )


class Expires(Model):
    """When an unfinished flow is put aside."""

    after: Millis = Field(86_400_000, description="How long after the last message.")
    say: Text | None = Field(None, description="Said with the next message.")


class Migration(Model):
    """How a conversation begun under an older version goes on under this one."""

    states: dict[str, str] = Field(default_factory=dict, description="Old states to new ones.")
    slots: dict[str, str] = Field(
        default_factory=dict, description="Old slots to new ones, or to drop."
    )


class AlwaysChange(Model):
    """What a flow does differently with a command that works everywhere."""

    say: Text | None = Field(None, description="Said instead of the usual line.")
    ask: Text | None = Field(None, description="Asked instead of the usual question.")
    go: str | None = Field(None, description="The state of this flow to go to.")


Commands = Literal["cancel", "back", "restart", "person", "help", "question", "language"]


class FlowFile(Model):
    """One conversation with a purpose: what it wants to know and the states it goes through."""

    flow: Name = Field(description="Its name; the file is called the same.")
    title: Text | None = Field(None, description="What customers and owners call it.")
    version: Annotated[int, Field(ge=1)] = Field(
        1, description="Raise it when states or slots change meaning; see migrate."
    )
    start: Start = Field(default_factory=Start, description="How it begins.")
    slots: dict[Name, Slot] = Field(default_factory=dict, description="What it wants to know.")
    states: dict[Name, StateFile] = Field(min_length=1, description="What it does, by state.")
    expires: Expires = Field(
        default_factory=Expires, description="When an unfinished one is put aside; 24h."
    )
    migrate: dict[Annotated[int, Field(ge=1)], Migration] = Field(
        default_factory=dict, description="By older version: where its states and slots went."
    )
    always: dict[
        Commands,
        Annotated[
            Annotated[Literal["off"], Tag("<text>")] | Annotated[AlwaysChange, Tag("<map>")],
            By("off, or a map of say, ask and go"),
        ],
    ] = Field(default_factory=dict, description="Commands changed or removed in this flow.")
