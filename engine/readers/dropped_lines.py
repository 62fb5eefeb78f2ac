"""What is taken off an order: "remove the relays", "no sensors, and 22 remotes", "without the last one"."""

from __future__ import annotations

__all__ = ["dropped", "drops_nothing", "empties", "pointed_out", "refused"]

from functools import lru_cache
from typing import Any

from engine.readers.amended_lines import (
    all_lines,
    changes_in,
    in_place_of,
    known_lines,
    named_lines,
)
from engine.readers.clauses import CLAUSE
from engine.readers.folding import singular, words
from engine.readers.items import beside, goods_of, same_name
from engine.readers.lexicon import phrases, phrases_by_value
from engine.readers.order_words import order_words
from engine.readers.phrases import PhraseIndex
from engine.readers.product_names import product_names
from engine.readers.reading import Hearing, Read, Reading, Unclear

MOST_ASKED_ABOUT = 5  # lines among which one is chosen; of more it is said in words


@lru_cache(256)
def _ordinals(languages: tuple[str, ...]) -> PhraseIndex[str]:
    listed: dict[str, list[str]] = {}
    for phrase, place in phrases_by_value(languages, "ordinals").items():
        listed.setdefault(str(place), []).append(phrase)
    return PhraseIndex(listed)


@lru_cache(256)
def _pointing(languages: tuple[str, ...]) -> PhraseIndex[str]:
    return PhraseIndex({"leaves_out": phrases(languages, "leaves_out")})


def empties(old: list[Any], text: str, hearing: Hearing) -> bool:
    """Tell whether a text takes the last line off: "remove the relays", and nothing else is ordered."""
    if len(old) == 1 and _points(text, hearing):
        return True
    drops = _drops(old, text, hearing)
    return drops and not dropped(old, known_lines(text, hearing), text, hearing)


def drops_nothing(old: list[Any], text: str, hearing: Hearing) -> bool:
    """Tell whether a text only takes off what the order does not have: it orders that even less."""
    lines = known_lines(text, hearing)
    return bool(lines) and all("bare" in line for line in lines) and _drops(old, text, hearing)


def _drops(old: list[Any], text: str, hearing: Hearing) -> bool:
    return any(topic == "drops" for topic, _, _ in changes_in(words(text), old, hearing))


def pointed_out(old: list[Any], text: str, hearing: Hearing) -> list[Reading]:
    """Read "yes, without that": the line that was talked about last goes, else it is unclear which."""
    if len(old) < 2 or not _points(text, hearing):
        return []
    rests = [[*old[:place], *old[place + 1 :]] for place in range(len(old))]
    if 0 <= hearing.talked < len(old):
        return [Read(rests[hearing.talked], 0, len(text))]
    if len(old) > MOST_ASKED_ABOUT:
        return []
    labels = [str(line["name"]) for line in old]
    return [Unclear((*rests, old), (*labels, ""), 0, len(text))]  # the last: none of them


def _points(text: str, hearing: Hearing) -> bool:
    """Tell whether a text takes something off that it does not name: "without that"."""
    pointing = _pointing(hearing.languages).find(words(text))
    return bool(pointing) and not all_lines(text, hearing)


def _at_a_place(old: list[Any], text: str, languages: tuple[str, ...]) -> list[Any]:
    """Find the one line that is named by its place: "the last one"."""
    places = {int(place) for place, _, _ in _ordinals(languages).find(words(text))}
    found = [place - (place > 0) for place in places if -len(old) <= place - (place > 0) < len(old)]
    return [old[found[0]]] if len(found) == len(places) == 1 else []


def refused(old: list[Any], text: str, hearing: Hearing) -> list[Any]:
    """Read "no room sensors please, and 22 remotes": what is refused goes, the rest comes.

    What comes without a quantity for a single line has as many as that: "not filters, fan motors".
    """
    known = order_words(hearing.languages)
    loose = known.articles | known.of | known.polite
    gone: list[Any] = []
    rest = text
    for clause in CLAUSE.finditer(text):
        said = words(clause[0])
        if not said or said[0][0] not in known.negations:
            continue
        stop = next((start for word, start, _ in said if word in known.joins), len(clause[0]))
        part = clause[0][:stop]
        named = named_lines(old, part, hearing)
        goods = {word for line in named for word in same_name(line["name"]).split()}
        others = [singular(word) for word, _, _ in words(part)[1:] if word not in loose]
        if others and all(_is_goods(word, goods, hearing) for word in others):
            gone += named
            rest = f"{rest[: clause.start()]}{' ' * stop}{rest[clause.start() + stop :]}"
    kept = [line for line in old if not any(line is one for one in gone)]
    new = known_lines(rest, hearing) if gone else []
    return beside(kept, in_place_of(gone, new)) if gone and (kept or new) else []


def _is_goods(word: str, goods: set[str], hearing: Hearing) -> bool:
    if word in goods or not hearing.catalogue:
        return word in goods
    return product_names(hearing.catalogue, hearing.languages).has(word)


def dropped(old: list[Any], new: list[Any], text: str, hearing: Hearing) -> list[Any]:
    """Take off the lines that are named; of a named quantity only so many."""
    fewer = {goods_of(line): line["quantity"] for line in new if "bare" not in line}
    named = named_lines(old, text, hearing) or _at_a_place(old, text, hearing.languages)
    changed = []
    for line in old:
        left = line["quantity"] - fewer.get(goods_of(line), line["quantity"])
        if goods_of(line) not in fewer and not any(line is one for one in named):
            changed.append(line)
        elif left > 0:
            changed.append({**line, "quantity": left})
    return changed
