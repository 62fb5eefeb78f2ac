"""An order changed in words: "add 20 capacitors", "remove the relays", "change fans to 20".

Only a text that announces a change is read here. What is added goes to the line of the same name
or to the end; what is dropped is taken off; anything else replaces lines of the same name. An
order is never emptied this way: "remove everything" is what cancel is for. With a catalogue, lines
are the same when their product is.
"""

from __future__ import annotations

__all__ = ["amend_items"]

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

from engine.readers.folding import Word, singular, words
from engine.readers.items import combine_items, goods_of, read_items, same_name
from engine.readers.lexicon import phrases, word_set, words_in
from engine.readers.phrases import PhraseIndex
from engine.readers.product_names import product_names
from engine.readers.reading import Hearing, Read, Reading

TOPICS = ("adds", "drops", "instead", "becomes")
Found = list[tuple[str, int, int]]


@lru_cache(256)
def _index(languages: tuple[str, ...]) -> PhraseIndex[str]:
    return PhraseIndex({topic: phrases(languages, topic) for topic in TOPICS})


@lru_cache(256)
def _words(languages: tuple[str, ...]) -> frozenset[str]:
    return words_in(phrase for topic in TOPICS for phrase in phrases(languages, topic))


def amend_items(old: Any, text: str, hearing: Hearing) -> list[Reading]:
    """Return the whole order as it is after this text, or nothing when it names no line."""
    changed = old
    for part in _parts(old, text, hearing):
        changed = _amended(changed, part, hearing) or changed
    return [Read(changed, 0, len(text))] if changed != old else []


def _found(said: Sequence[Word], old: list[Any], hearing: Hearing) -> Found:
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


def _parts(old: list[Any], text: str, hearing: Hearing) -> list[str]:
    """Cut where adding turns to dropping: "remove the relays and add 2 fans"."""
    said = words(text)
    found = sorted(_found(said, old, hearing), key=lambda match: match[1])
    verbs = [match for match in found if match[0] in ("adds", "drops")]
    cuts = [said[later[1]][1] for verb, later in pairwise(verbs) if verb[0] != later[0]]
    return [text[start:end] for start, end in pairwise([0, *cuts, len(text)])]


def _amended(old: list[Any], text: str, hearing: Hearing) -> list[Any]:
    said = words(text)
    found = _found(said, old, hearing)
    verbs = {topic for topic, _, _ in found}
    changed = _set_to(old, text, said, found, hearing) or _swapped(old, text, said, found, hearing)
    if changed:
        return changed
    new = [_of_this_order(old, line) for line in _lines(text, hearing)]
    refused = bool(said) and not new and said[0][0] in word_set(hearing.languages, "not")
    if "drops" in verbs or refused:
        return _dropped(old, new, text, hearing)
    if "adds" in verbs:
        return _added(old, new)
    return combine_items(old, new) if new else []


def _lines(text: str, hearing: Hearing) -> list[Any]:
    if hearing.catalogue:
        # "No, drain pipe 80 metres": here a quantity may stand last, as where goods are asked for.
        hearing = replace(hearing, asked=True)
    readings = read_items(text, hearing)
    lines = [line for one in readings if isinstance(one, Read) for line in one.value]
    return [line for line in lines if not line.get("unknown")]


def _of_this_order(old: list[Any], line: Any) -> Any:
    """Take "the compressors" for the one kind of them that is ordered."""
    meant = [one for one in old if one.get("id") in line.get("among", ())]
    if len(meant) != 1:
        return line
    kept = {key: line[key] for key in ("quantity", "unit", "bare") if key in line}
    return {**kept, "name": meant[0]["name"], "id": meant[0]["id"]}


def _named(old: list[Any], text: str, hearing: Hearing) -> list[Any]:
    """Find the lines that a text names: by their products, else by words of their names."""
    if hearing.catalogue:
        names = product_names(hearing.catalogue, hearing.languages)
        meant = {names.ids[product] for one in names.find(text) for product in one.products}
        # An open line is named by any product it may be.
        named = [line for line in old if meant & {line.get("id"), *line.get("among", ())}]
        exact = [line for line in named if "id" in line]
        if named:
            return exact or named
    spoken = {singular(word) for word, _, _ in words(text)}
    return [line for line in old if spoken & set(same_name(line["name"]).split())]


def _set_to(
    old: list[Any], text: str, said: Sequence[Word], found: Found, hearing: Hearing
) -> list[Any]:
    """Read "change the fans to 20": the named line gets that quantity."""
    ways = [
        (first, end)
        for topic, first, end in found
        # A million pieces are typed by nobody; a phone number behind a "to" is no quantity.
        if topic == "becomes"
        and end < len(said)
        and said[end][0].isdigit()
        and len(said[end][0]) < 7
    ]
    if not ways or len(said) - ways[-1][1] > 3:
        return []  # more than a "please" behind the number: that is another sentence
    first, end = ways[-1]
    named = _named(old, text[: said[first][1]], hearing)
    if len(named) != 1:
        return []
    counted = {key: value for key, value in named[0].items() if key != "bare"}
    counted["quantity"] = int(said[end][0])
    return [counted if line is named[0] else line for line in old]


def _swapped(
    old: list[Any], text: str, said: Sequence[Word], found: Found, hearing: Hearing
) -> list[Any]:
    """Read "instead of the remotes 12 capacitors": the named line goes, the new one comes."""
    starts = [(first, end) for topic, first, end in found if topic == "instead"]
    number = next((n for n, (word, _, _) in enumerate(said) if word.isdigit()), None)
    if not starts or number is None:
        return []
    # What is unwanted stands behind "instead of"; the number begins what is wanted.
    first, end = starts[0]
    unwanted = (
        text[said[end - 1][2] : said[number][1]] if number > end else text[said[end - 1][2] :]
    )
    wanted = text[said[number][1] :] if number > end else text[: said[first][1]]
    gone = _named(old, unwanted, hearing)
    kept = [line for line in old if not any(line is one for one in gone)]
    new = _lines(wanted, hearing)
    return _added(kept, new) if new and len(kept) < len(old) else []


def _added(old: list[Any], new: list[Any]) -> list[Any]:
    """Add each line to the one of its goods, or at the end; a line without a quantity stays apart."""
    changed = list(old)
    for line in new:
        for place, known in enumerate(changed):
            plain = "bare" not in known and "bare" not in line
            if goods_of(known) == goods_of(line) and known["unit"] == line["unit"] and plain:
                changed[place] = {**known, "quantity": known["quantity"] + line["quantity"]}
                break
        else:
            changed.append(line)
    return changed


def _dropped(old: list[Any], new: list[Any], text: str, hearing: Hearing) -> list[Any]:
    """Take off the lines that are named; of a named quantity only so many."""
    fewer = {goods_of(line): line["quantity"] for line in new if "bare" not in line}
    named = _named(old, text, hearing)
    changed = []
    for line in old:
        left = line["quantity"] - fewer.get(goods_of(line), line["quantity"])
        if goods_of(line) not in fewer and not any(line is one for one in named):
            changed.append(line)
        elif left > 0:
            changed.append({**line, "quantity": left})
    return changed
