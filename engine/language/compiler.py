"""Flow files to machines: the only module that knows `transitions`.

One shared Machine per flow, no model of its own, synchronous, guards as closures. A change of
state fires an event of it on a throwaway position; so nothing of a session is touched by it. What
has no guard is fired once, here: its answer cannot differ.
"""

from __future__ import annotations

__all__ = ["Reads", "compile_machine", "compile_state"]

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from transitions import Machine
from transitions.core import EventData

from engine.language import schema
from engine.language.guards import compile_when, slots_read
from engine.language.slot import Slot
from engine.language.states import (
    Call,
    Choice,
    Choose,
    Collect,
    Do,
    End,
    HandOver,
    Nudge,
    State,
    Tell,
)
from engine.language.wording import Text, compile_text
from engine.readers.phrases import PhraseIndex

# transitions logs every callback at INFO; a turn is no place for that.
logging.getLogger("transitions").setLevel(logging.WARNING)

Fire = Callable[[str, str, Mapping[str, Any]], str | None]


class Position:
    """A throwaway: where one trigger starts, and where it led."""

    __slots__ = ("slots", "state")

    def __init__(self, state: str, slots: Mapping[str, Any]) -> None:
        """Stand in a state, with what guards may look at."""
        self.state = state
        self.slots = slots


@dataclass(slots=True)
class Reads:
    """The compile-time table of corrections: which states read a slot by a guard or `with`."""

    by: dict[str, set[str]] = field(default_factory=dict)
    given: dict[str, set[str]] = field(default_factory=dict)

    def add(self, state: str, slots: set[str]) -> None:
        """Note that this state's guards or `with` read these slots."""
        for slot in slots:
            self.by.setdefault(slot, set()).add(state)


Way = Sequence[schema.Branch]


def ways_of(state: Any) -> Iterator[tuple[str, Way]]:
    """List the triggers of a state and where each leads."""
    yield from _WAYS[type(state)](state)
    for misses, target in (getattr(state, "after_misses", None) or {}).items():
        yield f"missed_{misses}", _straight(target)


_WAYS: dict[type, Callable[[Any], list[tuple[str, Way]]]] = {
    schema.CollectState: lambda state: [("then", state.then)],
    schema.SayState: lambda state: [("then", state.then)],
    schema.ChooseState: lambda state: [
        (f"chose_{one.id}", one.go) for one in state.choices if one.go is not None
    ],
    schema.DoState: lambda state: [("done", state.done), ("failed", _straight(state.failed))],
    schema.CallState: lambda state: [
        ("returned", state.call.then),
        *([("cancelled", _straight(state.call.cancelled))] if state.call.cancelled else []),
    ],
    schema.HandOverState: lambda state: [
        ("nobody", _straight(target)) for target in (state.nobody_after or {}).values()
    ],
    schema.EndState: lambda _: [],
}


def _straight(target: str) -> Way:
    return [schema.Branch.model_validate({"else": target})]


def compile_machine(flow: schema.FlowFile, initial: str) -> Fire:
    """Build the flow's one machine and return the way to fire it."""
    transitions: list[dict[str, Any]] = []
    for name, state in flow.states.items():
        for trigger, way in ways_of(state):
            for branch in way:
                target = branch.go if branch.else_ is None else branch.else_
                entry: dict[str, Any] = {"trigger": trigger, "source": name, "dest": target}
                guard = compile_when(branch.when)
                if guard is not None:
                    entry["conditions"] = [_condition(guard)]
                transitions.append(entry)
    machine = Machine(
        model=None,
        states=list(flow.states),
        transitions=transitions,
        initial=initial,
        auto_transitions=False,
        send_event=True,
    )
    events = machine.events

    def walk(state: str, trigger: str, slots: Mapping[str, Any]) -> str | None:
        position = Position(state, slots)
        return position.state if events[trigger].trigger(position) else None

    # Where the first way has no guard the machine always gives one answer: it is asked once.
    first = {(row["source"], row["trigger"]): row for row in reversed(transitions)}
    straight = {way: walk(*way, {}) for way, row in first.items() if "conditions" not in row}

    def fire(state: str, trigger: str, slots: Mapping[str, Any]) -> str | None:
        way = (state, trigger)
        if way in straight:
            return straight[way]
        # A trigger the state does not have raises in transitions; here it is a plain "no".
        return walk(state, trigger, slots) if way in first else None

    return fire


def _condition(guard: Callable[[Mapping[str, Any]], bool]) -> Callable[[EventData], bool]:
    return lambda event: guard(cast("Position", event.model).slots)


# -- states ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StateCompiler:
    """Compiles the states of one flow; knows its languages and slots."""

    flow: str
    languages: tuple[str, ...]
    slots: Mapping[str, Slot]
    polite: tuple[str, ...]

    def text(self, text: Any) -> Text:
        """Compile a text that must be there."""
        return compile_text(text, self.languages)

    def maybe(self, text: Any) -> Text | None:
        """Compile a text that may be missing."""
        return None if text is None else compile_text(text, self.languages)


def compile_state(compiler: StateCompiler, name: str, state: Any, reads: Reads) -> State:
    """Compile one state, and note which slots its guards and `with` read."""
    for _, way in ways_of(state):
        for branch in way:
            reads.add(name, slots_read(branch.when))
    return _STATES[type(state)](compiler, name, state, reads)


def _asking(compiler: StateCompiler, state: Any) -> dict[str, Any]:
    nudge = state.nudge
    return {
        "reask": tuple(compiler.text(text) for text in state.reask or ()),
        "after_misses": dict(state.after_misses or {}),
        "nudge": Nudge(nudge.after, compiler.text(nudge.say)) if nudge is not None else None,
    }


def _collect(compiler: StateCompiler, name: str, state: Any, reads: Reads) -> State:
    slots = compiler.slots
    return Collect(
        name,
        tuple(state.collect),
        tuple(one for one in state.collect if not slots[one].optional),
        tuple(one for one in state.collect if slots[one].optional),
        compiler.text(state.ask),
        compiler.maybe(state.more),
        **_asking(compiler, state),
        has_defaults=any(slots[one].default for one in state.collect),
    )


def _choose(compiler: StateCompiler, name: str, state: Any, reads: Reads) -> State:
    choices = tuple(
        Choice(
            one.id,
            compiler.text(one.label),
            one.means or "",
            one.go is not None,
            compiler.maybe(one.ask),
        )
        for one in state.choices
    )
    answers: dict[int, list[str]] = {}
    for position, one in enumerate(state.choices):
        answers[position] = [*all_phrases(one.label), *all_phrases(one.words)]
    return Choose(
        name,
        compiler.text(state.say),
        choices,
        PhraseIndex(answers, polite=compiler.polite),
        {one.means: position for position, one in enumerate(choices) if one.means},
        {
            language: tuple(
                # The checker refuses placeholders in labels, so each is one constant.
                (f"{compiler.flow}.{name}.{one.id}", one.label[language].constant or one.id)
                for one in choices
            )
            for language in compiler.languages
        },
        **_asking(compiler, state),
    )


def _tell(compiler: StateCompiler, name: str, state: Any, reads: Reads) -> State:
    return Tell(name, compiler.text(state.say))


def _do(compiler: StateCompiler, name: str, state: Any, reads: Reads) -> State:
    reads.add(name, set(state.with_.values()))
    for slot in state.with_.values():
        reads.given.setdefault(slot, set()).add(name)
    saves = state.saves
    named = [("", saves)] if isinstance(saves, str) else [(v, k) for k, v in (saves or {}).items()]
    return Do(
        name,
        state.do,
        tuple(state.with_.items()),
        tuple(named),
        compiler.maybe(state.say),
        state.attempts,
        frozenset(state.again),
    )


def _call(compiler: StateCompiler, name: str, state: Any, reads: Reads) -> State:
    call = state.call
    reads.add(name, set(call.with_.values()))
    gives, saves = tuple(call.with_.items()), tuple(call.saves.items())
    return Call(name, call.flow, gives, saves, call.cancelled is not None)


def _hand_over(compiler: StateCompiler, name: str, state: Any, reads: Reads) -> State:
    after = next(iter(state.nobody_after or ()), None)
    return HandOver(name, state.hand_over, compiler.maybe(state.say), after)


def _end(compiler: StateCompiler, name: str, state: Any, reads: Reads) -> State:
    return End(name, state.end, compiler.maybe(state.say), state.notify or "", state.order or "")


_STATES: dict[type, Callable[[StateCompiler, str, Any, Reads], State]] = {
    schema.CollectState: _collect,
    schema.ChooseState: _choose,
    schema.SayState: _tell,
    schema.DoState: _do,
    schema.CallState: _call,
    schema.HandOverState: _hand_over,
    schema.EndState: _end,
}


def all_phrases(written: Any) -> list[str]:
    """List what an author wrote, one text, a list, or either per language."""
    if written is None:
        return []
    if isinstance(written, str):
        return [written]
    if isinstance(written, Mapping):
        return [phrase for part in written.values() for phrase in all_phrases(part)]
    return list(written)
