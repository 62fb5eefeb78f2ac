"""One of a few options: by its words, or by its place in the list ("2", "the second one").

A product of a catalogue is named as in an order: "capacitor 25 uf", "the remotes".
"""

from __future__ import annotations

__all__ = ["read_choice"]

from functools import lru_cache

from engine.readers.folding import words
from engine.readers.lexicon import phrases_by_value
from engine.readers.phrases import PhraseIndex
from engine.readers.product_names import product_names
from engine.readers.reading import Hearing, Read, Reading, Unclear

Options = tuple[tuple[str, tuple[str, ...]], ...]
Places = tuple[int, ...]


@lru_cache(256)
def _by_words(options: Options) -> PhraseIndex[Places]:
    """Index the options by their words; a word of several options means any of them."""
    meant: dict[str, Places] = {}
    for place, (_, spelt) in enumerate(options):
        for phrase in dict.fromkeys(" ".join(word for word, _, _ in words(one)) for one in spelt):
            meant[phrase] = (*meant.get(phrase, ()), place)
    listed: dict[Places, list[str]] = {}
    for phrase, places in meant.items():
        listed.setdefault(places, []).append(phrase)
    return PhraseIndex(listed)


@lru_cache(256)
def _by_place(options: Options, languages: tuple[str, ...]) -> PhraseIndex[Places]:
    listed: dict[Places, list[str]] = {(place,): [str(place + 1)] for place in range(len(options))}
    for phrase, number in phrases_by_value(languages, "ordinals").items():
        place = number - 1 if number > 0 else len(options) + number
        listed.get((place,), []).append(phrase)
    return PhraseIndex(listed)


def read_choice(text: str, hearing: Hearing) -> list[Reading]:
    """Read which option is meant; two of them named are unclear."""
    if hearing.catalogue:
        return _read_product(text, hearing)
    said = words(text)
    options = hearing.options
    found = _by_words(options).find(said) or (
        _by_place(options, hearing.languages).find(said) if hearing.asked else []
    )
    meant = [places for places, _, _ in found]
    sure = [places for places in meant if len(places) == 1]
    places = sorted({place for places in sure or meant for place in places})
    if not places:
        return []
    start = min(said[first][1] for _, first, _ in found)
    end = max(said[last - 1][2] for _, _, last in found)
    if len(places) == 1:
        return [Read(options[places[0]][0], start, end)]
    labels = tuple(next(iter(options[place][1]), options[place][0]) for place in places)
    return [Unclear(tuple(options[place][0] for place in places), labels, start, end)]


def _read_product(text: str, hearing: Hearing) -> list[Reading]:
    """Read which product of the catalogue is meant, whatever else is said of it."""
    names = product_names(hearing.catalogue, hearing.languages)
    named = [one for one in names.find(text) if one.products and one.sure]
    named = [one for one in named if one.whole] or named
    if not named:
        return []
    places = list(dict.fromkeys(place for one in named for place in one.products))
    ids = tuple(names.ids[place] for place in places)
    start, end = named[0].start, named[-1].end
    if len(ids) == 1:
        return [Read(ids[0], start, end)]
    return [Unclear(ids, tuple(hearing.catalogue[one][0] for one in ids), start, end)]
