"""A flow as a graph: its states, and every way from one to the next, each with its place in the file.

The checker, the owner's print-out and whoever draws a flow read the ways here, so that none of them
can forget one.
"""

from __future__ import annotations

__all__ = ["Edge", "FlowGraph", "graph_of", "initial_state", "waits", "ways"]

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.language.document import Path
from engine.language.schema import (
    AlwaysChange,
    CallState,
    ChooseState,
    CollectState,
    DoState,
    EndState,
    FlowFile,
    Guard,
    HandOverState,
    SayState,
    StateFile,
    Way,
    When,
)


@dataclass(frozen=True, slots=True)
class Edge:
    """One way from a state to the next; `known` are the slots its guards prove to be filled."""

    source: str
    target: str
    path: Path
    via: str  # then | choice | done | failed | returned | cancelled | missed | nobody | command
    known: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FlowGraph:
    """All ways of a flow whose states exist, and where it begins."""

    initial: str
    edges: tuple[Edge, ...]
    leaving: Mapping[str, tuple[Edge, ...]] = field(repr=False)
    reachable: frozenset[str]


def initial_state(flow: FlowFile) -> str:
    """Name the state a flow begins in."""
    return flow.start.at or next(iter(flow.states))


def ways(name: str, state: StateFile) -> Iterator[tuple[Path, str, Way]]:
    """List the branching ways out of a state: their place, what takes them, the branches."""
    place: Path = ("states", name)
    if isinstance(state, CollectState | SayState):
        yield (*place, "then"), "then", state.then
    elif isinstance(state, ChooseState):
        for number, choice in enumerate(state.choices):
            if choice.go:
                yield (*place, "choices", number, "go"), "choice", choice.go
    elif isinstance(state, DoState):
        yield (*place, "done"), "done", state.done
    elif isinstance(state, CallState):
        yield (*place, "call", "then"), "returned", state.call.then


def straight(name: str, state: StateFile) -> Iterator[Edge]:
    """List the ways out of a state that have no branches."""
    place: Path = ("states", name)
    if isinstance(state, DoState):
        yield Edge(name, state.failed, (*place, "failed"), "failed")
    if isinstance(state, CallState) and state.call.cancelled:
        yield Edge(name, state.call.cancelled, (*place, "call", "cancelled"), "cancelled")
    if isinstance(state, HandOverState):
        for target in (state.nobody_after or {}).values():
            yield Edge(name, target, (*place, "nobody_after"), "nobody")
    if isinstance(state, CollectState | ChooseState):
        for misses, target in (state.after_misses or {}).items():
            yield Edge(name, target, (*place, "after_misses", misses), "missed")


def branches(name: str, path: Path, via: str, way: Way) -> Iterator[Edge]:
    """List the edges of one way; a branch also knows what the branches above it ruled out."""
    ruled_out: frozenset[str] = frozenset()
    for number, branch in enumerate(way):
        if branch.go is not None:
            known = ruled_out | known_by(branch.when)
            yield Edge(name, branch.go, (*path, number, "go"), via, known)
        if branch.else_ is not None:
            yield Edge(name, branch.else_, (*path, number, "else"), via, ruled_out)
        ruled_out |= empty_by(branch.when)


def known_by(when: When | None) -> frozenset[str]:
    """Name the slots that must be filled for a condition to hold."""
    proven = [
        frozenset(slot for slot, guard in each.items() if proves(guard)) for each in when or ()
    ]
    return frozenset.intersection(*proven) if proven else frozenset()


def empty_by(when: When | None) -> frozenset[str]:
    """Name the one slot whose emptiness is all that a condition asks: if it fails, it is filled."""
    if when and len(when) == 1 and len(when[0]) == 1:
        slot, guard = next(iter(when[0].items()))
        if guard.model_fields_set == {"known"} and guard.known is False:
            return frozenset({slot})
    return frozenset()


def proves(guard: Guard) -> bool:
    """Tell whether a condition can only hold of a filled slot."""
    return guard.known is True or compares(guard)


def compares(guard: Guard) -> bool:
    """Tell whether a condition looks at the value itself."""
    return bool(guard.model_fields_set - {"known", "not_"})


def graph_of(flow: FlowFile) -> FlowGraph:
    """Draw the graph; ways to states that do not exist are left out, the checker names them."""
    edges = [
        edge
        for name, state in flow.states.items()
        for edge in (
            *(edge for way in ways(name, state) for edge in branches(name, *way)),
            *straight(name, state),
        )
    ]
    # A command works in every state that waits, so its state can be reached from all of them.
    for path, target in command_targets(flow):
        edges += [
            Edge(name, target, path, "command")
            for name, state in flow.states.items()
            if isinstance(state, CollectState | ChooseState)
        ]
    found = [edge for edge in edges if edge.target in flow.states]
    leaving: dict[str, list[Edge]] = {name: [] for name in flow.states}
    for edge in found:
        leaving[edge.source].append(edge)
    initial = initial_state(flow)
    begin = [initial] if initial in flow.states else []
    return FlowGraph(
        initial,
        tuple(found),
        {name: tuple(each) for name, each in leaving.items()},
        frozenset(reach(begin, lambda name: (edge.target for edge in leaving[name]))),
    )


def command_targets(flow: FlowFile) -> Iterator[tuple[Path, str]]:
    """List the states that commands lead to; a state called person is one without being named."""
    for command, change in flow.always.items():
        if isinstance(change, AlwaysChange) and change.go:
            yield ("always", command, "go"), change.go
    if "person" in flow.states and "person" not in flow.always:
        yield ("states", "person"), "person"


def reach(begin: Iterable[str], following: Callable[[str], Iterable[str]]) -> set[str]:
    """Collect everything that can be come to; without recursion, however long the flow is."""
    seen = set(begin)
    open_ends = list(seen)
    while open_ends:
        for each in following(open_ends.pop()):
            if each not in seen:
                seen.add(each)
                open_ends.append(each)
    return seen


def waits(state: StateFile) -> bool:
    """Tell whether a state always waits for somebody, or ends the flow."""
    return isinstance(state, ChooseState | HandOverState | EndState)
