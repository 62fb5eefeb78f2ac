"""Every text of a bot: where it stands, what it may show there, and what is known by then."""

from __future__ import annotations

__all__ = ["SPECIAL", "PhraseSite", "TextSite", "phrase_sites", "text_sites"]

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from engine.language.document import Document, Path
from engine.language.schema import (
    REFUSED,
    TEXT_PLACEHOLDERS,
    AlwaysChange,
    CallState,
    ChooseState,
    CollectState,
    FlowFile,
    HandOverState,
    Phrases,
    Text,
)
from engine.language.survey import FlowSurvey, Known, Survey

# Placeholders the engine fills by itself, and where: said when one stands somewhere else.
SPECIAL: Final = {
    "missing": "the ask, more, reask and nudge of a state that collects",
    "candidates": "a slot's unclear",
    "label": "a slot's invalid",
    "value": "a slot's invalid",
    "min": "a slot's invalid",
    "max": "a slot's invalid",
    "product": "a slot's unclear and invalid",
    "pack_size": "the built-in line line_pack",
    "line_no": "the built-in line line_number",
    "line_question": "the built-in line line_number",
    "zeros": "the built-in line lines_at_zero",
    "price_each": "the built-in line price_from",
    "order_total": "the built-in line total",
    "order_lines": "the built-in line order_offer",
    "flow": "the expires and always of a flow",
    "flows": "welcome, unknown and help",
    "opens": "the closed line of hours and the say of a desk",
    "limit": "the built-in line too_long",
    "language": "the built-in line language_set",
    "languages": "the say of the command language",
}
COMMANDS: Final = {"help": ("flows",), "language": ("languages",)}


@dataclass(frozen=True, slots=True)
class TextSite:
    """One text and its surroundings; `known` is None where no path leads."""

    document: Document
    path: Path
    text: Text
    shows: tuple[str, ...] = ()
    known: Known | None = frozenset()
    flow: FlowSurvey | None = None
    may_be_plain: bool = False  # titles and facts: names that are the same in every language
    is_label: bool = False


@dataclass(frozen=True, slots=True)
class PhraseSite:
    """One list of words or phrases."""

    document: Document
    path: Path
    phrases: Phrases


def text_sites(survey: Survey) -> Iterator[TextSite]:
    """List every text of a bot's own files."""
    yield from bot_texts(survey)
    for flow in survey.flows.values():
        yield from flow_texts(flow)


def bot_texts(survey: Survey) -> Iterator[TextSite]:
    """List the texts of bot.yaml and the FAQ."""
    bot, document = survey.bot, survey.source.documents["bot"]
    said: list[tuple[Path, Text | None, tuple[str, ...]]] = [
        (("welcome",), bot.welcome, ("flows",)),
        (("unknown",), bot.unknown, ("flows",)),
        (("busy",), bot.busy, ()),
        (("trouble",), bot.trouble, ()),
        (("assistant", "fallback"), bot.assistant.fallback, ("flows",)),
        (("hours", "closed"), bot.hours.closed if bot.hours else None, ("opens",)),
        *(
            (("hand_over", name, "say"), desk.say, ("opens",))
            for name, desk in bot.hand_over.items()
        ),
        *(
            (("texts", key), getattr(bot.texts, field), TEXT_PLACEHOLDERS[key])
            for key, field in text_fields()
        ),
    ]
    for path, text, shows in said:
        if text is not None:
            yield TextSite(document, path, text, shows)
    if bot.title is not None:
        yield TextSite(document, ("title",), bot.title, may_be_plain=True)
    for name, fact in bot.facts.items():
        yield TextSite(document, ("facts", name), fact, may_be_plain=True)
    for name, form in bot.forms.items():
        if form.greet and form.greet.say is not None:
            path, known = ("forms", name, "greet", "say"), frozenset(form.fields)
            yield TextSite(document, path, form.greet.say, known=known)
    for number, entry in enumerate(survey.source.faq):
        faq = survey.source.documents["faq"]
        yield TextSite(faq, (number, "say"), entry.say, ("flows", "opens"))


def text_fields() -> list[tuple[str, str]]:
    """Pair each key of texts.yaml that holds a line with its field: `and` is `and_`."""
    return [
        (key, key if key not in {"and", "or", "continue"} else f"{key}_")
        for key in TEXT_PLACEHOLDERS
        if key != "skip_words"
    ]


def flow_texts(survey: FlowSurvey) -> Iterator[TextSite]:
    """List the texts of a flow."""
    flow, document = survey.flow, survey.document

    def site(path: Path, text: Text | None, *shows: str, **more: Any) -> Iterator[TextSite]:
        if text is not None:
            yield TextSite(document, path, text, shows, flow=survey, **more)

    yield from site(("title",), flow.title, may_be_plain=True)
    yield from site(("expires", "say"), flow.expires.say, "flow")
    for command, change in flow.always.items():
        if isinstance(change, AlwaysChange):
            shows = ("flow", *COMMANDS.get(command, ()))
            yield from site(("always", command, "say"), change.say, *shows)
            yield from site(("always", command, "ask"), change.ask, *shows)
    for name, slot in flow.slots.items():
        place: Path = ("slots", name)
        known = known_when_asked(survey, name)
        yield from site((*place, "label"), slot.label, is_label=True)
        yield from site(
            (*place, "unclear"), slot.unclear, "candidates", "label", "product", known=known
        )
        yield from site((*place, "invalid"), slot.invalid, *REFUSED, known=known)
        for number, option in enumerate(slot.options or ()):
            yield from site((*place, "options", number, "label"), option.label, is_label=True)
    for name in flow.states:
        yield from state_texts(survey, name)


def known_when_asked(survey: FlowSurvey, slot: str) -> Known | None:
    """Name what is known wherever a slot is asked for."""
    asked = [
        survey.known[name]
        for name, state in survey.flow.states.items()
        if isinstance(state, CollectState) and slot in state.collect and name in survey.known
    ]
    return frozenset.intersection(*asked) if asked else None


def state_texts(survey: FlowSurvey, name: str) -> Iterator[TextSite]:
    """List the texts of a state."""
    state, known = survey.flow.states[name], survey.known.get(name)
    place: Path = ("states", name)

    def site(path: Path, text: Text | None, *shows: str, **more: Any) -> Iterator[TextSite]:
        if text is not None:
            whole: Path = (*place, *path)
            yield TextSite(survey.document, whole, text, shows, known, survey, **more)

    if isinstance(state, CollectState | ChooseState):
        asking = ("missing",) if isinstance(state, CollectState) else ()
        for number, text in enumerate(state.reask or ()):
            yield from site(("reask", number), text, *asking)
        yield from site(("nudge", "say"), state.nudge.say if state.nudge else None, *asking)
    if isinstance(state, CollectState):
        yield from site(("ask",), state.ask, "missing")
        yield from site(("more",), state.more, "missing")
    elif not isinstance(state, CallState):
        shows = ("opens",) if isinstance(state, HandOverState) else ()
        yield from site(("say",), state.say, *shows)
    if isinstance(state, ChooseState):
        for number, choice in enumerate(state.choices):
            yield from site(("choices", number, "label"), choice.label, is_label=True)
            yield from site(("choices", number, "ask"), choice.ask)


def phrase_sites(survey: Survey) -> Iterator[PhraseSite]:
    """List every list of words of a bot's own files."""
    bot = survey.source.documents["bot"]
    if survey.bot.texts.skip_words is not None:
        yield PhraseSite(bot, ("texts", "skip_words"), survey.bot.texts.skip_words)
    for number, entry in enumerate(survey.source.faq):
        yield PhraseSite(survey.source.documents["faq"], (number, "ask"), entry.ask)
    for flow in survey.flows.values():
        for path, phrases in flow_phrases(flow.flow):
            if phrases is not None:
                yield PhraseSite(flow.document, path, phrases)


def flow_phrases(flow: FlowFile) -> Iterator[tuple[Path, Phrases | None]]:
    """List the words of a flow's start, options and choices."""
    yield ("start", "phrases"), flow.start.phrases
    for name, slot in flow.slots.items():
        for number, option in enumerate(slot.options or ()):
            yield ("slots", name, "options", number, "words"), option.words
    for name, state in flow.states.items():
        if isinstance(state, ChooseState):
            for number, choice in enumerate(state.choices):
                yield ("states", name, "choices", number, "words"), choice.words
