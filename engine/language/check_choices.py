"""Choices: told apart by eye, by word and by meaning; and what each state becomes on WhatsApp."""

from __future__ import annotations

__all__ = ["check_choices", "notices", "shown_as"]

from collections.abc import Iterator
from typing import Final

from engine.errors import Fault
from engine.language.document import Path
from engine.language.schema import Choice, ChooseState, Phrases, Text
from engine.language.source import BotSource
from engine.language.survey import FlowSurvey, Survey
from engine.readers.folding import words

# Meta, interactive messages: three reply buttons of 20 characters, ten list rows of 24.
BUTTONS: Final = (3, 20)
LIST: Final = (10, 24)
STAYING: Final = ("change", "back", "cancel")


def check_choices(survey: Survey) -> Iterator[Fault]:
    """Check every choice state, and the options of every choice slot."""
    for flow in survey.flows.values():
        for name, state in flow.flow.states.items():
            if isinstance(state, ChooseState):
                place: Path = ("states", name, "choices")
                for number, choice in enumerate(state.choices):
                    yield from check_choice(flow, (*place, number), choice)
                yield from check_ids(flow, place, state)
                labels = [(each.label, each.words) for each in state.choices]
                yield from check_labels(survey, flow, place, labels)
        for name, slot in flow.flow.slots.items():
            labels = [(each.label, each.words) for each in slot.options or ()]
            yield from check_labels(survey, flow, ("slots", name, "options"), labels)


def check_choice(flow: FlowSurvey, path: Path, choice: Choice) -> Iterator[Fault]:
    """Check that a choice leads somewhere, or means something that needs no way."""
    if choice.go is None and choice.means not in STAYING:
        fault = f'the choice "{choice.id}" leads nowhere'
        yield flow.fault(path, fault, "Add go: STATE, or means: change, back or cancel.")
    if choice.ask is not None and (choice.means != "change" or choice.go is not None):
        fault = f'the choice "{choice.id}" has ask and does not stay'
        yield flow.fault((*path, "ask"), fault, "ask belongs to means: change without go.")


def check_ids(flow: FlowSurvey, place: Path, state: ChooseState) -> Iterator[Fault]:
    """Demand different ids and different meanings."""
    for key in ("id", "means"):
        seen: dict[str, int] = {}
        for number, choice in enumerate(state.choices):
            value = getattr(choice, key)
            if value in seen:
                what = f'the id "{value}"' if key == "id" else f'means: "{value}"'
                fault = f"two choices have {what}"
                yield flow.fault((*place, number, key), fault, "Keep it for one of them.")
            if value is not None:
                seen[value] = number


def check_labels(
    survey: Survey, flow: FlowSurvey, place: Path, labels: list[tuple[Text, Phrases | None]]
) -> Iterator[Fault]:
    """Demand that no two can be mistaken for each other, in any language of the bot."""
    for language in survey.bot.languages:
        seen: dict[str, int] = {}
        for number, (label, other) in enumerate(labels):
            ways = [(("label",), in_language(label, language))]
            ways += [(("words",), each) for each in phrases_in(other, language)]
            for key, said in ways:
                folded = fold_words(said)
                if folded and seen.setdefault(folded, number) != number:
                    fault = f'"{said}" stands for two choices'
                    yield flow.fault((*place, number, *key), fault, "Word one of them differently.")


def fold_words(text: str) -> str:
    """Fold a text as the engine does when it compares: case, accents and signs do not matter."""
    return " ".join(word for word, _, _ in words(text))


def in_language(text: Text, language: str) -> str:
    """Take a text's version in a language; empty where it has none."""
    return text if isinstance(text, str) else text.get(language, "")


def phrases_in(phrases: Phrases | None, language: str) -> list[str]:
    """Take a list's version in a language."""
    if phrases is None or isinstance(phrases, list):
        return phrases or []
    return phrases.get(language, [])


def shown_as(state: ChooseState, language: str) -> str:
    """Say what a choice state becomes on WhatsApp: buttons, a list, or numbered text."""
    labels = [in_language(choice.label, language) for choice in state.choices]
    # Counted as WhatsApp may: an emoji takes the room of two letters.
    longest = max(len(label.encode("utf-16-le")) // 2 for label in labels)
    for kind, (most, room) in (("buttons", BUTTONS), ("a list", LIST)):
        if len(state.choices) <= most and longest <= room:
            return kind
    return "numbered text"


def notices(source: BotSource) -> list[str]:
    """Say what each choice state becomes, with its place; this is no fault."""
    said = []
    for name, flow in source.flows.items():
        document = source.flow_documents[name]
        for place, state in flow.states.items():
            if isinstance(state, ChooseState):
                line, column = document.where("states", place)
                kinds = {each: shown_as(state, each) for each in source.bot.languages}
                kind = kinds[source.bot.languages[0]]
                if len(set(kinds.values())) > 1:
                    kind = ", ".join(f"{each} in {language}" for language, each in kinds.items())
                said.append(f'{document.path}:{line}:{column}: "{place}" becomes {kind}.')
    return said
