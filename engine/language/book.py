"""A bot compiled: what the turn walks through. Built once, shared by all sessions, never changed.

Durations are milliseconds. A `Text` maps a language to its template; a missing language falls
back to the bot's first (the checker demands them all).
"""

from __future__ import annotations

__all__ = [
    "AssistantRules",
    "Book",
    "Command",
    "Desk",
    "Flow",
    "Form",
    "Hours",
    "Migration",
    "Topic",
    "When",
]

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from engine.language.slot import Group, Slot
from engine.language.states import State
from engine.language.wording import Text, Voice
from engine.readers.phrases import PhraseIndex

Guard = Callable[[Mapping[str, Any]], bool]
"""Is this true of the slots? A closure, never a string: a dotted string would be imported."""


Topic = tuple[str, str, str]
"""``faq`` or ``flow``, its name, and the language of the phrase that was matched, or nothing."""


@dataclass(frozen=True, slots=True)
class Command:
    """What one of the always-commands says here; `go` leads to a state of the flow instead."""

    ask: Text | None = None
    say: Text | None = None
    nothing: Text | None = None
    go: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow compiled to one shared machine."""

    name: str
    title: Text
    version: int
    hash: str
    kinds: str
    initial: str
    states: Mapping[str, State]
    slots: Mapping[str, Slot]
    groups: tuple[Group, ...]
    labels: PhraseIndex[str]  # what customers call its slots
    fire: Callable[[str, str, Mapping[str, Any]], str | None]
    # The compile-time table of corrections: slot -> states whose guards or `with` read it.
    reread: Mapping[str, frozenset[str]]
    given_to: Mapping[str, frozenset[str]]  # slot -> `do` states it is given to
    commands: Mapping[str, Command | None]  # overrides; None: this command is off here
    expires_after: int
    expires_say: Text | None
    migrate: Mapping[int, Migration]
    interrupts: bool = False  # its phrase may interrupt another flow, which goes on afterwards
    startable: bool = True
    hint: str = ""  # when the assistant may offer it
    mixed: bool = False  # several groups of one kind
    own_words: frozenset[str] = frozenset()  # of its title and phrases: "cancel my bulk order"
    depth: int = 1  # frames it needs: itself and what it calls

    def lacks(self, command: str) -> bool:
        """Tell whether the flow has removed this command (``off``)."""
        return self.commands.get(command, True) is None


@dataclass(frozen=True, slots=True)
class Migration:
    """How sessions of one older version are read: new names of states and slots."""

    states: Mapping[str, str]
    slots: Mapping[str, str | None]  # None: dropped


@dataclass(frozen=True, slots=True)
class Desk:
    """People who can take over, and how long a customer waits for them."""

    name: str
    nobody_after: int | None
    say: Text | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """When the business is there: (weekday, from minute, to minute), Monday is 0."""

    spans: tuple[tuple[int, int, int], ...]
    closed: Text | None


@dataclass(frozen=True, slots=True)
class AssistantRules:
    """Who is asked when no flow is active, and how often."""

    use: str
    fallback: Text | None
    per_session: int
    per_day: int
    timeout: int
    system: str


@dataclass(frozen=True, slots=True)
class Form:
    """A form that opens a conversation."""

    name: str
    fields: Mapping[str, str]  # field -> kind
    template: str
    greet: Text | None
    greet_with: tuple[str, ...]
    flow: str  # "" when no flow starts by it


@dataclass(frozen=True, slots=True)
class When:
    """A flow that starts when the message itself reads so."""

    flow: str
    guard: Guard
    slots: tuple[tuple[str, str], ...]  # (slot, the group of `when_groups` that reads it)


@dataclass(frozen=True, slots=True)
class Book:
    """One bot, compiled."""

    bot: str
    title: Text
    languages: tuple[str, ...]
    timezone: ZoneInfo
    facts: Mapping[str, Text]
    flows: Mapping[str, Flow]
    topics: PhraseIndex[Topic]  # questions and start phrases, the longest first
    whens: tuple[When, ...]
    when_groups: tuple[Group, ...]  # what they wait for, each kind of value once
    contact_groups: tuple[Group, ...]  # those of phone, email and name that some flow asks for
    small_talk: PhraseIndex[Topic]  # greetings and thanks: only as a whole message
    answers: Mapping[str, Text]
    command_words: PhraseIndex[str]  # -> command, or "language:xx"
    commands: Mapping[str, Command]
    texts: Mapping[str, Text]
    skips: PhraseIndex[str]  # words that decline an optional slot
    leaves: PhraseIndex[str]  # words for Continue and Leave
    cues: PhraseIndex[str]  # words that announce a correction
    enough: PhraseIndex[str]  # "that is all": ends a list, and refuses nothing
    left_out: PhraseIndex[str]  # words that take a line off an order
    greetings: PhraseIndex[str]  # -> greeting, or thanks
    ordinals: Mapping[str, int]  # "second" -> 2, "last" -> -1
    yes_no: Group
    number: Group  # how many of a product
    language_names: Mapping[str, str]
    voices: Mapping[str, Voice]  # language -> how it is spoken where the bot is
    welcome: Text | None
    unknown: Text
    busy: Text
    trouble: Text
    welcome_always: bool
    idle_after: int | None
    idle_ends_flows: bool
    desks: Mapping[str, Desk]
    manual_return_after: int | None
    assistant: AssistantRules | None
    forms: Mapping[str, Form]
    hours: Hours | None
    published: frozenset[str]
    currency: str  # of amounts that name none
    polite_words: frozenset[str]  # "ok", "please", "sir"
    small_words: frozenset[str]  # words that carry no content: "please", "i want to"
    desk: str = ""  # the one a customer gets who asks for a person
    admits_people: bool = False  # those in its table `person`; else everyone
    previews: bool = False  # messages may belong to a preview of this bot
    retention: int | None = None  # how long ended conversations are kept
