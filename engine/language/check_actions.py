"""What flows have done outside: actions that exist, given what they need; desks somebody sits at."""

from __future__ import annotations

__all__ = ["check_actions", "check_desks"]

from collections.abc import Iterator, Mapping

from engine.errors import Fault
from engine.language.document import Path
from engine.language.refusals import did_you_mean
from engine.language.schema import ActionSpec, DoState, EndState, HandOverState
from engine.language.survey import FlowSurvey, Survey


def check_actions(survey: Survey, actions: Mapping[str, ActionSpec] | None) -> Iterator[Fault]:
    """Check every `do`; without a table of actions only what it is given."""
    for flow in survey.flows.values():
        for name, state in flow.flow.states.items():
            if isinstance(state, DoState):
                yield from check_given(flow, name, state)
                if actions is not None:
                    yield from check_action(flow, name, state, actions)


def check_given(flow: FlowSurvey, name: str, state: DoState) -> Iterator[Fault]:
    """Demand that what an action is given exists and is filled by then."""
    slots = flow.flow.slots
    for number, (argument, slot) in enumerate(state.with_.items()):
        listed = isinstance(flow.document.at("states", name, "with"), list)
        path: Path = ("states", name, "with", number if listed else argument)
        if slot not in slots:
            fault = f'state "{name}" gives "{slot}", which no slot is called'
            remedy = did_you_mean(slot, slots) or f"Slots here are {', '.join(slots)}."
            if slot.partition(".")[0] in flow.saved:
                remedy = "Save the field into a slot first: saves: {SLOT: FIELD}."
            yield flow.fault(path, fault, remedy)
        elif name in flow.known and slot not in flow.known[name] and not slots[slot].optional:
            fault = f'"{slot}" may be empty when "{state.do}" is given it'
            yield flow.fault(path, fault, "Collect it on every path that leads here.")


def check_action(
    flow: FlowSurvey, name: str, state: DoState, actions: Mapping[str, ActionSpec]
) -> Iterator[Fault]:
    """Check an action's name and arguments."""
    place: Path = ("states", name)
    if state.do not in actions:
        remedy = did_you_mean(state.do, actions) or f"Actions are {', '.join(sorted(actions))}."
        yield flow.fault((*place, "do"), f'no action is called "{state.do}"', remedy)
        return
    arguments = {argument.name: argument for argument in actions[state.do].arguments}
    for given, slot in state.with_.items():
        argument = arguments.get(given)
        if slot not in flow.flow.slots:
            continue  # said already
        if argument is None:
            fault = f'"{state.do}" takes no "{given}"'
            remedy = (
                did_you_mean(given, arguments) or f"It takes {', '.join(arguments) or 'nothing'}."
            )
            yield flow.fault((*place, "with"), fault, remedy)
        else:
            declared = flow.flow.slots[slot]
            if argument.kind not in {None, declared.type}:
                fault = f'"{given}" of "{state.do}" is of type {argument.kind}, not {declared.type}'
                yield flow.fault((*place, "with"), fault, "Give it a slot of that type.")
            unsure = declared.optional and slot not in flow.known.get(name, {slot})
            if argument.required and unsure:
                fault = f'"{state.do}" needs "{given}", and the slot "{slot}" is optional'
                yield flow.fault((*place, "with"), fault, "Drop optional: true.")
    for missing in arguments.values():
        if missing.required and missing.name not in state.with_:
            fault = f'"{state.do}" needs "{missing.name}" and is not given it'
            yield flow.fault((*place, "do"), fault, f"Add {missing.name} to with.")


def check_desks(survey: Survey) -> Iterator[Fault]:
    """Demand that every desk somebody is sent to, or that is told, is one of the bot."""
    desks = survey.bot.hand_over
    for flow in survey.flows.values():
        for name, state in flow.flow.states.items():
            if isinstance(state, HandOverState):
                key, verb, desk = "hand_over", "hands over to", state.hand_over
            elif isinstance(state, EndState) and state.notify is not None:
                key, verb, desk = "notify", "tells", state.notify
            else:
                continue
            if desk not in desks:
                fault = f'state "{name}" {verb} "{desk}", which no desk is called'
                known = f"Desks are {', '.join(desks)}." if desks else ""
                remedy = did_you_mean(desk, desks) or known
                path: Path = ("states", name, key)
                yield flow.fault(path, fault, remedy or "Add hand_over to bot.yaml.")
