"""Slots: declared sensibly, filled somewhere, and read only where they are filled."""

from __future__ import annotations

__all__ = ["check_slots"]

from collections.abc import Iterator
from typing import Final

from engine.errors import Fault
from engine.language.check_guards import check_guards, check_value
from engine.language.document import Path
from engine.language.refusals import did_you_mean
from engine.language.schema import (
    CONTACT_FIELDS,
    PLACEHOLDER,
    CollectState,
    DoState,
    EndState,
    Slot,
    Text,
)
from engine.language.sites import SPECIAL, flow_texts
from engine.language.survey import FlowSurvey, Survey, calls_of

RESERVED: Final = (*SPECIAL, "bot", "contact")
LIMITED: Final = ("number", "items", "money", "date")
CONTACT_KINDS: Final = {"phone": "phone", "email": "email", "name": "person_name"}


def check_slots(survey: Survey) -> Iterator[Fault]:
    """Check the slots of every flow."""
    for flow in survey.flows.values():
        for name, slot in flow.flow.slots.items():
            yield from check_slot(survey, flow, name, slot)
        yield from check_collected(survey, flow)
        yield from check_migrated(flow)
        yield from check_guards(flow)


def check_slot(survey: Survey, flow: FlowSurvey, name: str, slot: Slot) -> Iterator[Fault]:
    """Check how one slot is declared."""
    place: Path = ("slots", name)
    if name in RESERVED:
        fault = f'no slot can be called "{name}"; the engine fills {{{name}}} by itself'
        yield flow.fault(place, fault, f"Call it {name}_given, for example.")
    for key, kinds in KEYS.items():
        if key in slot.model_fields_set and slot.type not in kinds:
            name = key.rstrip("_")
            fault = f'"{name}" has no meaning for a slot of type {slot.type}'
            remedy = f"It belongs to {', '.join(kinds)}."
            yield flow.fault((*place, name), fault, remedy)
    if slot.from_ and survey.bot.catalogue is None:
        fault = "this is read from the catalogue, and the bot has none"
        yield flow.fault((*place, "from"), fault, "Write catalogue: catalogue.csv in bot.yaml.")
    yield from check_options(flow, place, slot)
    yield from check_limits(flow, place, slot)
    yield from check_default(survey, flow, name, slot)


KEYS: Final = {
    "from_": ("items", "choice"),
    "options": ("choice",),
    "at_least": LIMITED,
    "at_most": LIMITED,
    "length": ("text",),
    "want": ("date",),
}


def check_options(flow: FlowSurvey, place: Path, slot: Slot) -> Iterator[Fault]:
    """Check the values of a choice."""
    if slot.type == "choice" and slot.options is None and slot.from_ is None:
        fault = "a slot of type choice has no options"
        yield flow.fault(place, fault, "Add options: [{id: ..., label: ...}] or from: catalogue.")
    if slot.options is not None and slot.from_ is not None:
        fault = "a slot has options and a catalogue"
        yield flow.fault((*place, "options"), fault, "Keep one of them.")
    seen: set[str] = set()
    for number, option in enumerate(slot.options or ()):
        if option.id in seen:
            fault = f'two options have the id "{option.id}"'
            yield flow.fault((*place, "options", number, "id"), fault, "Rename one of them.")
        seen.add(option.id)


def check_limits(flow: FlowSurvey, place: Path, slot: Slot) -> Iterator[Fault]:
    """Check the least and the most."""
    if slot.type not in LIMITED:
        return
    ordered = []
    for key in ("at_least", "at_most"):
        limit = getattr(slot, key)
        if limit is not None:
            if said := check_value(slot, limit):
                yield flow.fault((*place, key), *said)
            else:
                ordered.append(limit)
    if len(ordered) == 2 and ordered[0] > ordered[1]:
        fault = "the least is more than the most"
        yield flow.fault((*place, "at_least"), fault, "Swap at_least and at_most.")


def check_default(survey: Survey, flow: FlowSurvey, name: str, slot: Slot) -> Iterator[Fault]:
    """Check where a default comes from, and that the customer gets to see it."""
    if slot.default is None:
        return
    path: Path = ("slots", name, "default")
    owner, _, field = slot.default.partition(".")
    fields = CONTACT_FIELDS if survey.bot.admit == "everyone" else (field,)
    if owner != "contact" or field not in fields or not field:
        remedy = did_you_mean(slot.default, [f"contact.{each}" for each in CONTACT_FIELDS])
        known = f"Write one of {', '.join(f'contact.{each}' for each in CONTACT_FIELDS)}."
        yield flow.fault(path, f'no contact has "{slot.default}"', remedy or known)
        return
    if slot.type != CONTACT_KINDS.get(field, slot.type):
        kind = CONTACT_KINDS[field]
        fault = f"{slot.default} is of type {kind}, and the slot of type {slot.type}"
        yield flow.fault(path, fault, f"Write type: {kind}, or drop the default.")
    if not any(shows(site.text, name) for site in flow_texts(flow) if is_shown(flow, site.path)):
        fault = f'"{name}" has a default that is never shown'
        remedy = f"Show {{{name}}} in the text of a later state, so that it can be corrected."
        yield flow.fault(path, fault, remedy)


def is_shown(flow: FlowSurvey, path: Path) -> bool:
    """Tell whether a text is said while the flow still goes on."""
    if path[0] != "states" or path[2] not in {"say", "ask"}:
        return False
    name = str(path[1])
    return name in flow.graph.reachable and not isinstance(flow.flow.states[name], EndState)


def shows(text: Text, name: str) -> bool:
    """Tell whether every version of a text shows a slot."""
    versions = [text] if isinstance(text, str) else text.values()
    return all(name in {match[1] for match in PLACEHOLDER.finditer(each)} for each in versions)


def check_collected(survey: Survey, flow: FlowSurvey) -> Iterator[Fault]:
    """Demand that what is collected is declared, and what is declared is filled somewhere."""
    slots = flow.flow.slots
    filled = filled_from_outside(survey, flow)
    for name, state in flow.flow.states.items():
        if isinstance(state, CollectState):
            for number, slot in enumerate(state.collect):
                path: Path = ("states", name, "collect", number)
                if slot not in slots:
                    fault = f'state "{name}" collects "{slot}", which no slot is called'
                    yield flow.fault(
                        path, fault, did_you_mean(slot, slots) or f"Add {slot} to slots."
                    )
                elif slot in state.collect[:number]:
                    fault = f'state "{name}" collects "{slot}" twice'
                    yield flow.fault(path, fault, "Remove one of them.")
            filled |= set(state.collect)
        if isinstance(state, DoState) and state.saves is not None:
            yield from check_saves(flow, name, state)
            filled |= {state.saves} if isinstance(state.saves, str) else set(state.saves)
    for name, declared in slots.items():
        if name not in filled and not declared.optional:
            fault = f'nothing ever fills the slot "{name}"'
            yield flow.fault(("slots", name), fault, "Collect it in a state, or remove it.")


def check_saves(flow: FlowSurvey, name: str, state: DoState) -> Iterator[Fault]:
    """Check the names an action's result is kept under."""
    slots, path = flow.flow.slots, ("states", name, "saves")
    if isinstance(state.saves, str):
        if state.saves in slots or state.saves in RESERVED:
            fault = f'the result cannot be called "{state.saves}"; something else is'
            yield flow.fault(path, fault, "Choose a name of its own, or save fields into slots.")
        return
    for slot in state.saves or ():
        if slot not in slots:
            fault = f'state "{name}" saves into "{slot}", which no slot is called'
            remedy = did_you_mean(slot, slots) or f"Add {slot} to slots."
            yield flow.fault((*path, slot), fault, remedy)


def filled_from_outside(survey: Survey, flow: FlowSurvey) -> set[str]:
    """Name the slots filled by the way a flow begins, by its caller or by what it calls."""
    start = flow.flow.start
    filled = {slot for each in start.when or () for slot in each}
    if start.form in survey.bot.forms:
        filled |= set(survey.bot.forms[start.form].fields)
    for caller in survey.flows.values():
        for _, call in calls_of(caller.flow):
            filled |= set(call.with_) if call.flow == flow.name else set()
            filled |= set(call.saves) if caller is flow else set()
    return filled


def check_migrated(flow: FlowSurvey) -> Iterator[Fault]:
    """Check where the slots of older versions went."""
    slots = flow.flow.slots
    for version, old in flow.flow.migrate.items():
        path: Path = ("migrate", version)
        if version >= flow.flow.version:
            fault = f"version {version} is not older than this one, {flow.flow.version}"
            yield flow.fault(path, fault, f"Raise version to {version + 1}.")
        for before, now in old.slots.items():
            if now not in slots and now != "drop":
                fault = f'the old slot "{before}" becomes "{now}", which no slot is called'
                remedy = did_you_mean(now, [*slots, "drop"]) or "Name a slot, or write drop."
                yield flow.fault((*path, "slots", before), fault, remedy)
