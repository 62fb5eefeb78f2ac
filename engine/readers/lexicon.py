"""What a language brings to the readers: one data file each, read when first needed.

Readers ask for a topic ("yes", "units") in the languages of a bot and get folded phrases; where
two languages disagree about a word, the language named first is right. Nothing here knows what
a topic is for.
"""

from __future__ import annotations

__all__ = [
    "all_languages",
    "mixed",
    "own_words",
    "phrases",
    "phrases_by_value",
    "read_languages",
    "setting",
    "spellings",
    "word_set",
    "words_in",
]

from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from engine.readers.folding import words

FOLDER = Path(__file__).with_name("languages")
# A process serves a handful of bots, each with one tuple of languages.
REMEMBERED = 256


@cache
def all_languages() -> tuple[str, ...]:
    """Name every language that has a file, English first."""
    found = sorted(path.stem for path in FOLDER.glob("*.yaml"))
    return tuple(sorted(found, key=lambda language: language != "en"))


@cache
def _language(language: str) -> dict[str, Any]:
    """Load a language by its code; ``es-MX`` is Spanish, an unknown one knows no words."""
    path = FOLDER / f"{language.partition('-')[0].lower()}.yaml"
    if path.stem not in all_languages():
        return {}
    loaded: dict[str, Any] = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return loaded


def read_languages() -> None:
    """Read every language now: whoever writes first shall not wait for it."""
    for language in all_languages():
        _language(language)


@cache
def mixed(languages: tuple[str, ...]) -> tuple[str, ...]:
    """Add the languages that speakers of these mix in: typed Hindi is half English."""
    others = [str(_language(language).get("mixes", "")) for language in languages]
    return tuple(dict.fromkeys((*languages, *filter(None, others))))


@lru_cache(REMEMBERED)
def own_words(language: str, topic: str) -> frozenset[str]:
    """Give the single words of a topic in one language, without those of languages mixed in."""
    listed = _language(language).get(topic, "")
    if isinstance(listed, dict):
        listed = ",".join(map(str, listed.values()))
    return frozenset(word for phrase in _folded(str(listed)) for word in phrase.split())


def _folded(listed: str) -> tuple[str, ...]:
    return tuple(" ".join(word for word, _, _ in words(phrase)) for phrase in listed.split(","))


@lru_cache(REMEMBERED)
def phrases(languages: tuple[str, ...], topic: str) -> tuple[str, ...]:
    """List the folded phrases of a topic, without repetition, in the order of the languages."""
    found = (_folded(_language(language).get(topic, "")) for language in mixed(languages))
    return tuple(dict.fromkeys(phrase for listed in found for phrase in listed if phrase))


@lru_cache(REMEMBERED)
def word_set(languages: tuple[str, ...], topic: str) -> frozenset[str]:
    """Give the phrases of a topic as a set, for looking words up."""
    return frozenset(phrases(languages, topic))


def words_in(listed: Iterable[str]) -> frozenset[str]:
    """Give the single words of folded phrases."""
    return frozenset(word for phrase in listed for word in phrase.split())


@lru_cache(REMEMBERED)
def phrases_by_value(languages: tuple[str, ...], topic: str) -> dict[str, Any]:
    """Map each folded phrase of a topic such as ``numbers: {1: one}`` to its value."""
    found: dict[str, Any] = {}
    for language in mixed(languages):
        for value, listed in _language(language).get(topic, {}).items():
            for phrase in _folded(str(listed)):
                found.setdefault(phrase, value)
    return found


@lru_cache(REMEMBERED)
def spellings(languages: tuple[str, ...], topic: str) -> dict[str, str]:
    """Map each spelling of a topic such as ``units: kg=kg kilo kilos`` to the name before it."""
    found: dict[str, str] = {}
    for language in mixed(languages):
        for entry in _language(language).get(topic, "").split(","):
            name, _, spelt = entry.strip().partition("=")
            for spelling in spelt.split():
                found.setdefault(spelling, name)
    return found


@lru_cache(REMEMBERED)
def setting(languages: tuple[str, ...], topic: str, default: str) -> str:
    """Give a single value, of the first language that has one."""
    for language in mixed(languages):
        value = _language(language).get(topic)
        if value is not None:
            return str(value)
    return default
