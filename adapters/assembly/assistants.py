"""The assistants that bots ask, as their files and the environment say."""

from __future__ import annotations

# ruff: noqa: PLC0415 - what asks is imported by whoever asks

__all__ = ["Assistants", "open_assistants"]

import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import structlog

from engine.language.book import Book
from engine.language.schema import AssistantFile
from engine.language.schema_values import variable
from engine.language.source import BotSource
from engine.ports import Assistant, Knowledge

log = structlog.get_logger()

# The SDK's own, in its order of preference.
GEMINI_KEYS = ("GOOGLE_API_KEY", "GEMINI_API_KEY")


@dataclass(slots=True)
class Assistants:
    """Whom each bot asks, and what its own texts say."""

    asked: dict[str, Assistant] = field(default_factory=dict)
    knowledge: dict[str, Knowledge] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)  # bot -> what would mend it
    closing: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    def tell(self) -> None:
        """Say in the log which bots have nobody to ask."""
        for bot, why in self.missing.items():
            log.warning("assistant_not_asked", bot=bot, why=why)

    def known_to(self, books: Mapping[str, Book]) -> dict[str, Book]:
        """Return the books; a bot that has nobody to ask says at once that it did not understand."""
        return {
            name: book if name in self.asked else replace(book, assistant=None)
            for name, book in books.items()
        }


def open_assistants(
    sources: Iterable[BotSource], given: Mapping[str, Assistant] | None = None
) -> Assistants:
    """Open what can be opened; those that are given stand in for the real ones.

    Whatever is missing stops nothing: flows need no assistant.
    """
    found = Assistants(dict(given or {}))
    for source in sources:
        name, rules = source.bot.bot, source.bot.assistant
        if rules.use == "none":
            continue
        if given is None:
            if missing := _missing(rules):
                found.missing[name] = missing
                continue
            _open(found, name, rules)
        if source.knowledge:
            from engine.runtime.knowledge import Texts

            found.knowledge[name] = Texts(source.knowledge, source.bot.languages)
    return found


def _missing(rules: AssistantFile) -> str:
    """Say what an assistant lacks, and what mends it; its key is never shown."""
    if rules.use != "gemini":
        return f"there is no {rules.use} yet; write use: gemini"
    names = (variable(rules.key),) if rules.key else GEMINI_KEYS
    if any(os.environ.get(name) for name in names):
        return ""
    return f"set {names[-1]}; until then the bot answers with its `unknown` line"


def _open(found: Assistants, name: str, rules: AssistantFile) -> None:
    from adapters.gemini.assistant import Gemini

    key = os.environ[variable(rules.key)] if rules.key else ""
    gemini = Gemini(key=key, model=rules.model or "", base_url=rules.base_url)
    found.asked[name] = gemini
    found.closing.append(gemini.aclose)
