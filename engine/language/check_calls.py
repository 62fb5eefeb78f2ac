"""Calls between flows: to flows that exist, never in a circle, with slots that both sides have."""

from __future__ import annotations

__all__ = ["check_calls"]

from collections.abc import Iterator, Mapping
from typing import Final

from engine.errors import Fault
from engine.language.document import Path
from engine.language.refusals import did_you_mean
from engine.language.schema import CallFile, EndState
from engine.language.survey import FlowSurvey, Survey, calls_of

# Frames a session keeps, the outermost included; a person loses the thread before that.
MOST_FLOWS: Final = 3


def check_calls(survey: Survey) -> Iterator[Fault]:
    """Check every call, and how deep and round the calls go."""
    called: set[str] = set()
    for flow in survey.flows.values():
        for name, call in calls_of(flow.flow):
            place: Path = ("states", name, "call")
            called.add(call.flow)
            if call.flow in survey.flows:
                yield from check_given(flow, survey.flows[call.flow], place, call)
                yield from check_kept(flow, survey.flows[call.flow], place, call)
            else:
                fault = f'state "{name}" calls "{call.flow}", which no flow of the bot is called'
                known = ", ".join(survey.flows)
                remedy = did_you_mean(call.flow, survey.flows) or f"Its flows are {known}."
                yield flow.fault((*place, "flow"), fault, remedy)
        yield from check_ordering(survey, flow)
    yield from check_depth(survey)
    for flow in survey.flows.values():
        start = flow.flow.start
        if flow.name not in called and not any((start.phrases, start.when, start.form, start.hint)):
            fault = f'nobody can start the flow "{flow.name}", and no flow calls it'
            yield flow.fault(("flow",), fault, "Give it phrases under start, or call it.")


def check_ordering(survey: Survey, flow: FlowSurvey) -> Iterator[Fault]:
    """Check a flow that offers to order its product: it has one, and the other takes an order."""
    for name, state in flow.flow.states.items():
        if not isinstance(state, EndState) or state.order is None:
            continue
        place: Path = ("states", name, "order")
        other = survey.flows.get(state.order)
        if other is None:
            fault = f'state "{name}" offers "{state.order}", which no flow of the bot is called'
            remedy = did_you_mean(state.order, survey.flows)
            yield flow.fault(place, fault, remedy or f"Its flows are {', '.join(survey.flows)}.")
        elif not _has(other, "items"):
            fault = f'"{state.order}" has no slot for an order from the catalogue'
            yield flow.fault(place, fault, "Give it {type: items, from: catalogue}.")
        elif not _has(flow, "choice"):
            fault = "this flow has no product that could be ordered"
            yield flow.fault(place, fault, "Give it a slot {type: choice, from: catalogue}.")


def _has(flow: FlowSurvey, kind: str) -> bool:
    slots = flow.flow.slots.values()
    return any(slot.type == kind and slot.from_ is not None for slot in slots)


def check_given(
    flow: FlowSurvey, callee: FlowSurvey, place: Path, call: CallFile
) -> Iterator[Fault]:
    """Check what a flow is given: slots it has, filled from slots that are filled."""
    state = str(place[1])
    for theirs, ours in call.with_.items():
        path = (*place, "with", theirs)
        if theirs not in callee.flow.slots:
            yield no_slot(flow, path, theirs, callee)
        elif ours not in flow.flow.slots:
            yield no_slot(flow, path, ours, flow)
        else:
            yield from check_kinds(flow, path, (flow, ours), (callee, theirs))
            if state in flow.known and ours not in flow.known[state]:
                fault = f'"{ours}" may be empty when it is given to "{callee.name}"'
                remedy = "Collect it on every path before, or leave it out."
                yield flow.fault(path, fault, remedy)


def check_kept(
    flow: FlowSurvey, callee: FlowSurvey, place: Path, call: CallFile
) -> Iterator[Fault]:
    """Check what is kept of a flow."""
    for ours, theirs in call.saves.items():
        path = (*place, "saves", ours)
        if ours not in flow.flow.slots:
            yield no_slot(flow, path, ours, flow)
        elif theirs not in callee.flow.slots:
            yield no_slot(flow, path, theirs, callee)
        else:
            yield from check_kinds(flow, path, (callee, theirs), (flow, ours))


def no_slot(flow: FlowSurvey, path: Path, name: str, owner: FlowSurvey) -> Fault:
    """Say that a flow has no such slot."""
    slots = owner.flow.slots
    remedy = did_you_mean(name, slots) or f"Its slots are {', '.join(slots) or 'none'}."
    return flow.fault(path, f'the flow "{owner.name}" has no slot "{name}"', remedy)


def check_kinds(
    flow: FlowSurvey, path: Path, source: tuple[FlowSurvey, str], target: tuple[FlowSurvey, str]
) -> Iterator[Fault]:
    """Demand that a value lands in a slot of its own kind."""
    given, wanted = (side.flow.slots[name].type for side, name in (source, target))
    if given != wanted:
        given_to = f'"{target[1]}" of "{target[0].name}"'
        fault = f'"{source[1]}" is of type {given}, {given_to} of type {wanted}'
        yield flow.fault(path, fault, "Give both the same type.")


def check_depth(survey: Survey) -> Iterator[Fault]:
    """Refuse circles of calls, and calls that go too deep."""
    calls = {
        name: {place: call.flow for place, call in calls_of(flow.flow) if call.flow in survey.flows}
        for name, flow in survey.flows.items()
    }
    circling: set[str] = set()
    for name, flow in survey.flows.items():
        for place, callee in calls[name].items():
            back = path_between(calls, callee, name)
            if back and name not in circling:
                circling |= set(back)
                fault = f"these flows call each other in a circle: {' -> '.join([name, *back])}"
                path: Path = ("states", place, "call", "flow")
                yield flow.fault(path, fault, "Let one of them end instead.")
    if not circling:
        for name in survey.flows:
            yield from check_chain(survey, calls, name)


def path_between(calls: Mapping[str, Mapping[str, str]], begin: str, end: str) -> list[str]:
    """Find how one flow comes to call another."""
    came: dict[str, str] = {begin: ""}
    queue = [begin]
    for name in queue:
        if name == end:
            path = [name]
            while came[path[0]]:
                path.insert(0, came[path[0]])
            return path
        for callee in calls[name].values():
            if callee not in came:
                came[callee] = name
                queue.append(callee)
    return []


def check_chain(
    survey: Survey, calls: Mapping[str, Mapping[str, str]], begin: str
) -> Iterator[Fault]:
    """Follow the calls of one flow down, and name the call that is one too many."""
    chains = [[begin]]
    for _ in range(MOST_FLOWS - 1):
        chains = [
            [*chain, callee]
            for chain in chains
            for callee in sorted(set(calls[chain[-1]].values()))
        ]
    for chain in chains:
        last = chain[-1]
        for place in calls[last]:
            deep = " -> ".join([*chain, calls[last][place]])
            fault = f"more than {MOST_FLOWS} flows stand on each other: {deep}"
            path: Path = ("states", place, "call", "flow")
            yield survey.flows[last].fault(path, fault, "Bring two of these flows together.")
