"""What a flow can do: one model per kind of state, and the ways from one state to the next."""

from __future__ import annotations

__all__ = [
    "STATE_KINDS",
    "Branch",
    "CallFile",
    "CallState",
    "Choice",
    "ChooseState",
    "CollectState",
    "DoState",
    "EndState",
    "HandOverState",
    "Nudge",
    "SayState",
    "StateFile",
    "Way",
]

from difflib import get_close_matches
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from engine.language.schema_slots import When, as_list
from engine.language.schema_values import By, Millis, Model, Name, Phrases, Short, Text, wrong

STATE_KINDS: Final = ("collect", "choices", "do", "call", "hand_over", "end", "say")

KINDS: Final = STATE_KINDS[:-1]  # the keys that only one kind has


def as_way(value: object) -> object:
    """Read a state's name as the one branch that always holds."""
    return [{"else": value}] if isinstance(value, str) else value


class Branch(Model):
    """One way on: `when` with `go`, or the last one, `else`."""

    when: When | None = Field(None, description="The conditions, by slot; all must hold.")
    go: str | None = Field(None, description="The state to go to when they hold.")
    else_: str | None = Field(
        None, alias="else", description="The state to go to when nothing above held; always last."
    )


Way = Annotated[list[Branch], Short(as_way, {"type": "string"}), Field(min_length=1)]


class Nudge(Model):
    """A reminder while a question stays unanswered."""

    after: Millis = Field(description="How long after the question.")
    say: Text = Field(description="What is said, once.")


class Asking(Model):
    """What the two kinds of state that wait for an answer share."""

    reask: Annotated[list[Text], Short(as_list)] | None = Field(
        None, min_length=1, description="Said after the n-th miss in a row; the last one repeats."
    )
    after_misses: dict[Annotated[int, Field(ge=1)], str] | None = Field(
        None, min_length=1, description="Where to go after so many misses in a row: {3: person}."
    )
    nudge: Nudge | None = Field(None, description="A reminder while nothing is answered.")


class CollectState(Asking):
    """Asks until its slots are filled, in any order, several per message."""

    collect: list[str] = Field(min_length=1, description="The slots to fill.")
    ask: Text = Field(description="The question; {missing} names what is still open.")
    more: Text | None = Field(None, description="The question after a part was filled.")
    then: Way = Field(description="The next state, or branches ending with else.")


class Choice(Model):
    """One answer of a choice state."""

    id: Name = Field(description="Its name in taps and transcripts.")
    label: Text = Field(description="What the customer sees; 20 characters fit a button.")
    means: Literal["yes", "no", "change", "back", "cancel"] | None = Field(
        None, description="What a typed answer of this meaning chooses."
    )
    words: Phrases | None = Field(None, description="Other words that choose it.")
    go: Way | None = Field(None, description="The next state, or branches ending with else.")
    ask: Text | None = Field(
        None, description="With means change: asked, and the next text is read as a correction."
    )


class ChooseState(Asking):
    """Says something and waits for one of its choices."""

    say: Text = Field(description="The text above the choices.")
    choices: list[Choice] = Field(min_length=1, description="The answers.")


class SayState(Model):
    """Says something and goes on at once."""

    say: Text = Field(description="What is said.")
    then: Way = Field(description="The next state, or branches ending with else.")


class DoState(Model):
    """Has an action done outside the conversation and waits for its outcome."""

    do: Name = Field(description="The action.")
    with_: Annotated[
        dict[str, str],
        Short(
            lambda value: {str(each): each for each in value} if isinstance(value, list) else value,
            {"type": "array", "items": {"type": "string"}},
        ),
    ] = Field(
        default_factory=dict,
        alias="with",
        description="The slots it needs: a list, or a map of its arguments to slots.",
    )
    saves: (
        Annotated[
            Annotated[Name, Tag("<text>")] | Annotated[dict[str, str], Tag("<map>")],
            By("a name, or a map of slots to the fields of the result"),
        ]
        | None
    ) = Field(None, description="A name for the result ({order.number}), or slots to fill from it.")
    say: Text | None = Field(None, description="Said while it runs.")
    attempts: Annotated[int, Field(ge=1, le=10)] = Field(
        3, description="How often it is tried before failed."
    )
    done: Way = Field(description="The next state, or branches ending with else.")
    failed: str = Field(description="The state after the last attempt failed.")
    again: Annotated[list[str], Short(as_list)] = Field(
        default_factory=list,
        description="The states behind done where nothing was done yet: what it was given may still"
        " be corrected.",
    )


class CallFile(Model):
    """Which flow is called, what it is given, what is kept of it."""

    flow: str = Field(description="The flow to call.")
    with_: dict[str, str] = Field(
        default_factory=dict, alias="with", description="Its slots, filled from ours: theirs: ours."
    )
    saves: dict[str, str] = Field(
        default_factory=dict, description="Our slots, filled from its: ours: theirs."
    )
    then: Way = Field(description="The next state once it has completed.")
    cancelled: str | None = Field(
        None, description="The next state when it was cancelled; without it everything is."
    )


class CallState(Model):
    """Runs another flow and comes back."""

    call: CallFile = Field(description="The flow, what it is given and what is kept of it.")


class HandOverState(Model):
    """Gives the conversation to a person and waits until it is handed back."""

    hand_over: Name = Field(description="The desk, as named in bot.yaml.")
    say: Text | None = Field(None, description="What the customer is told.")
    nobody_after: dict[Millis, str] | None = Field(
        None, min_length=1, max_length=1, description="Where to go when nobody came: {15m: no_one}."
    )


class EndState(Model):
    """Ends the flow."""

    end: Literal["completed", "cancelled"] = Field(description="How it ended.")
    say: Text | None = Field(None, description="The last words.")
    notify: str | None = Field(
        None, description="The desk that is told of it; nobody has to answer here."
    )
    order: str | None = Field(
        None,
        description="The flow that orders the product this one was about: it is offered where a"
        ' quantity was named, and starts by "yes" or by a quantity alone.',
    )


def one_kind(value: object) -> object:
    """Refuse a state that is of no kind or of several, before any of its keys is looked at."""
    if not isinstance(value, dict):
        raise wrong("a state is a map of keys", "Write for example {end: completed}.")
    found = [kind for kind in KINDS if kind in value]
    if len(found) > 1:
        fault = f"this state is of {len(found)} kinds at once: {', '.join(found)}"
        raise wrong(fault, "Split it into states of one kind each.")
    if not found and "say" not in value:
        near = [key for each in value for key in get_close_matches(str(each), KINDS, 1)]
        said = "Give it one of collect, say with choices, say with then, do, call, hand_over, end."
        raise wrong("this state is of no kind", f'Did you mean "{near[0]}"?' if near else said)
    return value


def kind_of(value: dict[str, object]) -> str:
    """Name the one kind a state is, by the key only that kind has."""
    return next(f"<{kind}>" for kind in STATE_KINDS if kind in value)


StateFile = Annotated[
    Annotated[
        Annotated[CollectState, Tag("<collect>")]
        | Annotated[ChooseState, Tag("<choices>")]
        | Annotated[SayState, Tag("<say>")]
        | Annotated[DoState, Tag("<do>")]
        | Annotated[CallState, Tag("<call>")]
        | Annotated[HandOverState, Tag("<hand_over>")]
        | Annotated[EndState, Tag("<end>")],
        Discriminator(kind_of),
    ],
    BeforeValidator(one_kind),
]
