"""One flow printed as its owner would read it: how it begins, what it asks, where each answer leads."""

from __future__ import annotations

__all__ = ["explain_flow"]

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.language.check_choices import shown_as
from engine.language.flow_graph import initial_state
from engine.language.plain_words import (
    condition_in_words,
    duration_in_words,
    few_of,
    first_of,
    join,
    quoted,
    underlined,
)
from engine.language.schema import (
    AlwaysChange,
    CallState,
    Choice,
    ChooseState,
    CollectState,
    DoState,
    EndState,
    FlowFile,
    HandOverState,
    SayState,
    Slot,
    Way,
)
from engine.language.source import BotSource

KINDS: Final = {
    "text": "any text",
    "number": "a number",
    "choice": "a choice",
    "yes_no": "yes or no",
    "email": "an email address",
    "phone": "a phone number",
    "address": "a phone number or an email address",
    "person_name": "a person's name",
    "items": "things and how many of each",
    "date": "a date",
    "money": "an amount of money",
    "order_ref": "an order number",
}
MEANINGS: Final = {"yes": "any yes", "no": "any no", "change": '"change"', "back": '"back"'}


@dataclass(frozen=True, slots=True)
class Reader:
    """The flow being printed, and the language its texts are quoted in."""

    flow: FlowFile
    language: str

    def named(self, slot: str) -> str:
        """Name a slot as its label does."""
        declared = self.flow.slots[slot]
        return first_of(declared.label or slot.replace("_", " "), self.language)

    def way(self, way: Way) -> str:
        """Say where a way leads."""
        said = [
            f"if {condition_in_words(branch.when, self.named)}: {branch.go}"
            for branch in way
            if branch.when is not None
        ]
        last = str(way[-1].else_)
        return f"{'; '.join(said)}; otherwise {last}" if said else last

    def quote(self, text: Any) -> Iterator[str]:
        """Show what is said in a state."""
        if text is not None:
            yield from quoted(text, self.language, " " * 6)


def explain_flow(source: BotSource, name: str) -> Iterator[str]:
    """Print a flow."""
    flow = source.flows[name]
    reader = Reader(flow, source.bot.languages[0])
    title = first_of(flow.title or name.replace("_", " "), reader.language)
    yield from underlined(f"{title} ({name}, version {flow.version})", "-")
    yield from explain_start(source, reader)
    if flow.slots:
        yield "It wants to know:"
        for slot, declared in flow.slots.items():
            yield f"  - {reader.named(slot)}: {explain_slot(declared, reader)}"
    yield "What happens:"
    first = initial_state(flow)
    for state in sorted(flow.states, key=lambda each: each != first):
        yield from STATES[type(flow.states[state])](reader, state, flow.states[state])
    yield f"Left alone for {duration_in_words(flow.expires.after)} it is put aside; the next message is told:"
    say = flow.expires.say or source.texts.expired
    yield from quoted(say or "", reader.language)
    yield from explain_commands(reader)


def explain_start(source: BotSource, reader: Reader) -> Iterator[str]:
    """Say how a flow begins."""
    start = reader.flow.start
    ways = []
    if start.phrases is not None:
        ways.append(f"by words like {few_of(start.phrases, reader.language)}")
    if start.when is not None:
        ways.append(f"by a message in which {condition_in_words(start.when, reader.named)}")
    if start.form is not None:
        ways.append(f"by the form {start.form}")
    callers = [
        name
        for name, flow in source.flows.items()
        if any(
            isinstance(state, CallState) and state.call.flow == reader.flow.flow
            for state in flow.states.values()
        )
    ]
    if callers:
        ways.append(f"by a call from {join(callers)}")
    if ways:
        yield "It starts:"
        yield from (f"  - {way}" for way in ways)
    if start.hint is not None:
        yield f"The assistant may offer it: {start.hint}"
    if start.during == "return":
        yield "It may interrupt another flow, which then goes on."


def explain_slot(slot: Slot, reader: Reader) -> str:
    """Say what a slot takes."""
    said = [KINDS[slot.type]]
    if slot.options:
        said = [join([first_of(each.label, reader.language) for each in slot.options], "or")]
    if slot.from_ is not None:
        said.append("from the catalogue")
    if slot.at_least is not None:
        said.append(f"at least {slot.at_least}")
    if slot.at_most is not None:
        said.append(f"at most {slot.at_most}")
    if slot.length is not None:
        said.append(f"{slot.length[0]} to {slot.length[1]} characters")
    if slot.default is not None:
        said.append("taken from what is known of the contact, shown and correctable")
    if slot.optional:
        said.append("optional")
    return ", ".join(said)


def explain_collect(reader: Reader, name: str, state: Any) -> Iterator[str]:
    """Print a state that asks for slots."""
    yield f"  {name} asks for {join([reader.named(slot) for slot in state.collect])}:"
    yield from reader.quote(state.ask)
    yield f"      then -> {reader.way(state.then)}"
    yield from explain_misses(reader, state)


def explain_choose(reader: Reader, name: str, state: Any) -> Iterator[str]:
    """Print a state with choices, and what they become on WhatsApp."""
    yield f"  {name} asks, with {shown_as(state, reader.language)}:"
    yield from reader.quote(state.say)
    for choice in state.choices:
        yield f"      ( {first_of(choice.label, reader.language)} ){explain_choice(reader, choice)}"
    yield from explain_misses(reader, state)


def explain_choice(reader: Reader, choice: Choice) -> str:
    """Say what else chooses an answer, and where it leads."""
    others = [MEANINGS[choice.means]] if choice.means in MEANINGS else []
    others += [few_of(choice.words, reader.language)] if choice.words else []
    other = f", or {join(others, 'or')}" if others else ""
    if choice.go is not None:
        return f"{other} -> {reader.way(choice.go)}"
    if choice.means == "change":
        asked = f' asks "{first_of(choice.ask, reader.language)}",' if choice.ask else ""
        return f"{other} ->{asked} takes a correction and comes back"
    return f"{other} -> {'one answer back' if choice.means == 'back' else 'leaves the flow'}"


def explain_misses(reader: Reader, state: Any) -> Iterator[str]:
    """Say what happens when nobody understands, or nobody answers."""
    for misses, target in (state.after_misses or {}).items():
        yield f"      after {misses} answers that were not understood -> {target}"
    if state.nudge is not None:
        yield f"      after {duration_in_words(state.nudge.after)} without an answer it says once:"
        yield from quoted(state.nudge.say, reader.language, " " * 8)


def explain_say(reader: Reader, name: str, state: Any) -> Iterator[str]:
    """Print a state that only says something."""
    yield f"  {name} says:"
    yield from reader.quote(state.say)
    yield f"      then -> {reader.way(state.then)}"


def explain_do(reader: Reader, name: str, state: Any) -> Iterator[str]:
    """Print a state that has something done."""
    given = f" with {join([reader.named(each) for each in state.with_.values()])}"
    yield f"  {name} has {state.do} done{given if state.with_ else ''}:"
    yield from reader.quote(state.say)
    yield f"      done -> {reader.way(state.done)}"
    if state.again:
        yield f"      nothing is done yet at {join(state.again)}"
    times = "once" if state.attempts == 1 else f"{state.attempts} times"
    yield f"      failed {times} -> {state.failed}"


def explain_call(reader: Reader, name: str, state: Any) -> Iterator[str]:
    """Print a state that runs another flow."""
    yield f"  {name} goes through the flow {state.call.flow}:"
    yield f"      then -> {reader.way(state.call.then)}"
    yield f"      cancelled -> {state.call.cancelled or 'this flow is cancelled too'}"


def explain_hand_over(reader: Reader, name: str, state: Any) -> Iterator[str]:
    """Print a state that calls a person."""
    yield f'  {name} calls the desk "{state.hand_over}" and waits for a person:'
    yield from reader.quote(state.say)
    for after, target in (state.nobody_after or {}).items():
        yield f"      nobody within {duration_in_words(after)} -> {target}"


def explain_end(reader: Reader, name: str, state: Any) -> Iterator[str]:
    """Print a state that ends the flow."""
    told = f', tells the desk "{state.notify}"' if state.notify else ""
    told += f", offers to order the product ({state.order})" if state.order else ""
    yield f"  {name} ends it as {state.end}{told}{':' if state.say is not None else '.'}"
    yield from reader.quote(state.say)


STATES: Final[Mapping[type, Callable[[Reader, str, Any], Iterator[str]]]] = {
    CollectState: explain_collect,
    ChooseState: explain_choose,
    SayState: explain_say,
    DoState: explain_do,
    CallState: explain_call,
    HandOverState: explain_hand_over,
    EndState: explain_end,
}


def explain_commands(reader: Reader) -> Iterator[str]:
    """Say which commands are different here."""
    changes = reader.flow.always
    for command, change in changes.items():
        if not isinstance(change, AlwaysChange):
            yield f"The command {command} does not work here."
            continue
        for verb, text in (("asks", change.ask), ("says", change.say)):
            if text is not None:
                yield f"The command {command} {verb} here:"
                yield from quoted(text, reader.language)
        if change.go is not None:
            yield f"The command {command} leads to {change.go} here."
    if "person" in reader.flow.states and "person" not in changes:
        yield "The command person leads to person here."
