"""The ways of a flow: every one leads somewhere, every state is reached, and each finds an end."""

from __future__ import annotations

__all__ = ["check_graph"]

from collections.abc import Iterator, Mapping
from typing import Final

from engine.errors import Fault
from engine.language.document import Path
from engine.language.flow_graph import command_targets, initial_state, reach, straight, waits, ways
from engine.language.refusals import did_you_mean
from engine.language.schema import (
    CallState,
    ChooseState,
    CollectState,
    DoState,
    EndState,
    FlowFile,
    HandOverState,
    StateFile,
    Way,
)
from engine.language.survey import FlowSurvey, Survey

MOST_NAMED: Final = 5  # more names than that help nobody to find a circle


def check_graph(survey: Survey) -> Iterator[Fault]:
    """Check the ways of every flow."""
    for flow in survey.flows.values():
        targets = list(check_targets(flow))
        yield from targets
        if not targets:
            # A state that a wrong name leaves unreached is one fault, not two.
            yield from check_reach(flow)
            yield from check_circles(survey, flow)


def check_targets(survey: FlowSurvey) -> Iterator[Fault]:
    """Demand that every way names a state, and that every list of branches ends with else."""
    flow = survey.flow
    if flow.start.at is not None and flow.start.at not in flow.states:
        fault = f'the flow starts at "{flow.start.at}"'
        yield no_state(survey, ("start", "at"), fault, flow.start.at)
    for path, target in command_targets(flow):
        if target not in flow.states:
            yield no_state(survey, path, f'"{path[1]}" goes to "{target}"', target)
    for name, state in flow.states.items():
        for path, _, way in ways(name, state):
            yield from check_way(survey, name, path, way)
        for edge in straight(name, state):
            if edge.target not in flow.states:
                fault = f'state "{name}" goes to "{edge.target}"'
                yield no_state(survey, edge.path, fault, edge.target)
        if isinstance(state, DoState):
            yield from check_again(survey, name, state)
    yield from check_migrated(survey)


def check_again(survey: FlowSurvey, name: str, state: DoState) -> Iterator[Fault]:
    """Demand that where nothing was done is a place that `done` leads to."""
    led = [str(branch.go or branch.else_) for branch in state.done]
    for number, target in enumerate(state.again):
        if target not in led:
            listed = isinstance(survey.document.at("states", name, "again"), list)
            path: Path = ("states", name, "again", *((number,) if listed else ()))
            fault = f'"again" names "{target}", where done does not lead'
            remedy = did_you_mean(target, led) or f"It leads to {', '.join(led)}."
            yield survey.fault(path, fault, remedy)


def check_migrated(survey: FlowSurvey) -> Iterator[Fault]:
    """Demand that the states of older versions went to states there are."""
    for version, old in survey.flow.migrate.items():
        for before, target in old.states.items():
            if target not in survey.flow.states:
                path = ("migrate", version, "states", before)
                fault = f'the old state "{before}" goes to "{target}"'
                yield no_state(survey, path, fault, target)


def no_state(survey: FlowSurvey, path: Path, fault: str, target: str) -> Fault:
    """Say that no state is called so."""
    states = survey.flow.states
    remedy = did_you_mean(target, states) or f"States here are {', '.join(states)}."
    return survey.fault(path, f"{fault}, which no state is called", remedy)


def check_way(survey: FlowSurvey, name: str, path: Path, way: Way) -> Iterator[Fault]:
    """Check the branches of one way."""
    for number, branch in enumerate(way):
        place, last = (*path, number), number == len(way) - 1
        if branch.else_ is not None and (branch.when is not None or branch.go is not None):
            yield survey.fault(
                (*place, "else"), "a branch has else and a condition", "Make two branches of it."
            )
        elif branch.else_ is not None and not last:
            fault = "branches stand after else, which always holds"
            yield survey.fault((*place, "else"), fault, "Move else to the end.")
        elif branch.else_ is None and (branch.when is None or branch.go is None):
            yield survey.fault(
                place, "a branch needs when and go, or else alone", "Write {when: ..., go: ...}."
            )
        elif last and not any(each.else_ for each in way):
            fault = f'"{path[-1]}" of state "{name}" leads nowhere when no condition holds'
            yield survey.fault(path, fault, "Add a last branch {else: STATE}.")
        for key, target in (("go", branch.go), ("else", branch.else_)):
            if target is not None and target not in survey.flow.states:
                fault = f'state "{name}" goes to "{target}"'
                yield no_state(survey, (*place, key), fault, target)


def check_reach(survey: FlowSurvey) -> Iterator[Fault]:
    """Demand that every state is reached, and that an end is reached from every state."""
    flow, graph = survey.flow, survey.graph
    for name in flow.states:
        if name not in graph.reachable:
            fault = f'no path from "{graph.initial}" leads to state "{name}"'
            yield survey.fault(("states", name), fault, "Lead to it, or remove it.")
    coming: dict[str, list[str]] = {name: [] for name in flow.states}
    for edge in graph.edges:
        # A command is the customer's way out, not the author's.
        if edge.via != "command":
            coming[edge.target].append(edge.source)
    ends = [name for name, state in flow.states.items() if ends_here(state)]
    if not ends:
        yield survey.fault(
            ("states",), "no state ends this flow", "Add a state with end: completed."
        )
        return
    ending = reach(ends, coming.__getitem__)
    for name in flow.states:
        if name in graph.reachable and name not in ending:
            fault = f'from state "{name}" no end can be reached'
            yield survey.fault(("states", name), fault, "Lead on to a state with end or hand_over.")


def ends_here(state: StateFile) -> bool:
    """Tell whether a flow can end in a state."""
    if isinstance(state, ChooseState):
        return any(choice.go is None and choice.means == "cancel" for choice in state.choices)
    return isinstance(state, EndState | HandOverState)


def check_circles(survey: Survey, flow: FlowSurvey) -> Iterator[Fault]:
    """Refuse circles in which nobody is waited for: their slots are known, so they never stop."""
    states = flow.flow.states
    turning = {
        name: [
            edge.target
            for edge in flow.graph.leaving[name]
            if edge.via in {"then", "done", "failed", "returned"}
            and not stops(survey, flow, edge.target)
        ]
        for name in states
        if name in flow.graph.reachable and not stops(survey, flow, name)
    }
    while circle := find_circle(turning):
        named = " and ".join(f'"{name}"' for name in circle[:MOST_NAMED])
        named += f" and {len(circle) - MOST_NAMED} more" if circle[MOST_NAMED:] else ""
        subject = f"states {named} lead" if len(circle) > 1 else f"state {named} leads"
        collects = [name for name in circle if isinstance(states[name], CollectState)]
        remedy = (
            f'What "{collects[0]}" collects is known the second time and not asked again: '
            "give the slot a limit such as at_least, or let a state with choices decide."
            if collects
            else "Let a state that collects or has choices stand between them."
        )
        fault = f"{subject} round and round without asking anything"
        yield flow.fault(("states", circle[0]), fault, remedy)
        for name in circle:
            del turning[name]


def stops(survey: Survey, flow: FlowSurvey, name: str) -> bool:
    """Tell whether a state waits for somebody every time it is entered."""
    state = flow.flow.states[name]
    if isinstance(state, CallState):
        called = survey.flows.get(state.call.flow)
        return called is None or asks(called.flow, set(state.call.with_))
    return waits(state)


def asks(flow: FlowFile, given: set[str]) -> bool:
    """Tell whether a called flow asks its caller's customer something, whatever it was given."""
    first = flow.states.get(initial_state(flow))
    if isinstance(first, CollectState):
        return bool(set(first.collect) - given)
    return any(isinstance(state, ChooseState | HandOverState) for state in flow.states.values())


def find_circle(following: Mapping[str, list[str]]) -> list[str]:
    """Find one circle, beginning with its first state in the file; without recursion."""
    left = {
        name: {each for each in after if each in following} for name, after in following.items()
    }
    while dead := [name for name, after in left.items() if not after]:
        for name in dead:
            del left[name]
        for after in left.values():
            after.difference_update(dead)
    if not left:
        return []
    # Every state that is left has a way on, so walking on must come back to one already seen.
    path = [next(iter(left))]
    while (following_one := min(left[path[-1]])) not in path:
        path.append(following_one)
    circle = path[path.index(following_one) :]
    first = min(range(len(circle)), key=lambda at: list(following).index(circle[at]))
    return circle[first:] + circle[:first]
