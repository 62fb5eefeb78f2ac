"""Words of a change, and the lines of an order that a text names."""

from __future__ import annotations

__all__ = ["Found", "all_lines", "changes_in", "in_place_of", "known_lines", "named_lines"]

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from engine.readers.folding import Word, singular, words
from engine.readers.items import read_items, same_name
from engine.readers.lexicon import phrases, words_in
from engine.readers.phrases import PhraseIndex
from engine.readers.product_names import product_names
from engine.readers.reading import Hearing, Read

TOPICS = ("adds", "drops", "becomes", "restates")
Found = list[tuple[str, int, int]]


@lru_cache(256)
def _index(languages: tuple[str, ...]) -> PhraseIndex[str]:
    return PhraseIndex({topic: phrases(languages, topic) for topic in TOPICS})


@lru_cache(256)
def _words(languages: tuple[str, ...]) -> frozenset[str]:
    return words_in(phrase for topic in TOPICS for phrase in phrases(languages, topic))


def changes_in(said: Sequence[Word], old: list[Any], hearing: Hearing) -> Found:
    """Find the words of a change; a product's own word is none: a "remote" is no "remove"."""
    goods = {word for line in old for word in same_name(line["name"]).split()}
    names = product_names(hearing.catalogue, hearing.languages) if hearing.catalogue else None
    verbs = _words(hearing.languages)
    return [
        (topic, first, end)
        for topic, first, end in _index(hearing.languages).find(said)
        if not any(
            word not in verbs
            and (singular(word) in goods or (names is not None and names.has(word)))
            for word, _, _ in said[first:end]
        )
    ]


def known_lines(text: str, hearing: Hearing) -> list[Any]:
    """Read the goods of the catalogue in a text, or any goods where there is none."""
    return [line for line in all_lines(text, hearing) if not line.get("unknown")]


def all_lines(text: str, hearing: Hearing) -> list[Any]:
    """Read the lines that a text says beside an order."""
    if hearing.catalogue:
        # "No, drain pipe 80 metres": here a quantity may stand last, as where goods are asked for.
        hearing = replace(hearing, asked=True)
    readings = read_items(text, hearing)
    lines = [line for one in readings if isinstance(one, Read) for line in one.value]
    # What is said beside an order has no number in it.
    return [{key: line[key] for key in line if key != "no"} for line in lines]


def named_lines(old: list[Any], text: str, hearing: Hearing) -> list[Any]:
    """Find the lines that a text names: by their products, else by words of their names."""
    if hearing.catalogue:
        names = product_names(hearing.catalogue, hearing.languages)
        meant = {names.ids[product] for one in names.find(text) for product in one.products}
        # An open line is named by any product it may be.
        named = [line for line in old if meant & {line.get("id"), *line.get("among", ())}]
        exact = [line for line in named if "id" in line]
        if meant:
            return exact or named
    spoken = {singular(word) for word, _, _ in words(text)}
    return [line for line in old if spoken & set(same_name(line["name"]).split())]


def in_place_of(gone: list[Any], new: list[Any]) -> list[Any]:
    """Give what comes without a quantity that of the one line it comes for."""
    if len(gone) != 1:
        return new
    same = {key: gone[0][key] for key in ("quantity", "unit", "bare") if key in gone[0]}
    return [
        {**{key: line[key] for key in line if key != "bare"}, **same} if "bare" in line else line
        for line in new
    ]
