"""An order changed in words: "add 20 capacitors", "remove the relays", "change fans to 20".

Only a text that announces a change is read here. What is added goes to the line of the same name
or to the end; what is dropped is taken off; anything else replaces lines of the same name. An
order is never emptied this way: "remove everything" is what cancel is for. With a catalogue, lines
are the same when their product is.
"""

from __future__ import annotations

__all__ = ["amend_items", "empties", "recounted"]

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

from engine.readers.folding import Word, singular, words
from engine.readers.items import beside, combine_items, goods_of, read_items, same_name
from engine.readers.lexicon import phrases, word_set, words_in
from engine.readers.numerals import NUMBER, WORD, tidy, tokens
from engine.readers.order_words import order_words
from engine.readers.phrases import PhraseIndex
from engine.readers.product_names import product_names
from engine.readers.product_words import small_words
from engine.readers.reading import Hearing, Read, Reading
from engine.readers.unwanted import unwanted, without_unwanted

TOPICS = ("adds", "drops", "becomes", "restates")
MOST = 1_000_000  # pieces; more is a phone number or a slip
_CLAUSES = re.compile(r"(?:[^.!?;\n]|\.(?=\d))+")
_REFUSALS = re.compile(r"[^,.!?;\n]+")
Found = list[tuple[str, int, int]]


@lru_cache(256)
def _index(languages: tuple[str, ...]) -> PhraseIndex[str]:
    return PhraseIndex({topic: phrases(languages, topic) for topic in TOPICS})


@lru_cache(256)
def _words(languages: tuple[str, ...]) -> frozenset[str]:
    return words_in(phrase for topic in TOPICS for phrase in phrases(languages, topic))


@lru_cache(256)
def _corrections(languages: tuple[str, ...]) -> PhraseIndex[str]:
    return PhraseIndex({"corrections": phrases(languages, "corrections")})


def amend_items(old: Any, text: str, hearing: Hearing) -> list[Reading]:
    """Return the whole order as it is after this text, or nothing when it names no line."""
    first = _CLAUSES.match(text)
    for end in dict.fromkeys((len(text), first.end() if first is not None else 0)):
        # "12 only, not 22. My name is Hari": the first sentence may say it alone.
        counted = recounted(old, text[:end], hearing.languages)
        if counted:  # "no, 15", where it is 15, says it again
            return [Read(counted, 0, end)]
    # "No actually r410a instead of r32" refuses nothing, it exchanges.
    changed = [] if unwanted(text, hearing.languages) else _refused(old, text, hearing)
    if not changed:
        changed = old
        for part in _parts(old, text, hearing):
            changed = _amended(changed, part, hearing) or changed
    return [Read(changed, 0, len(text))] if changed != old else []


def empties(old: list[Any], text: str, hearing: Hearing) -> bool:
    """Tell whether a text takes the last line off: "remove the relays", and nothing else is ordered."""
    dropped = any(topic == "drops" for topic, _, _ in _found(words(text), old, hearing))
    return dropped and not _dropped(old, _lines(text, hearing), text, hearing)


def recounted(old: list[Any], text: str, languages: tuple[str, ...]) -> list[Any]:
    """Read "sorry 22", "make it 18" or "15, not 11": the one line of the order gets that quantity."""
    if len(old) != 1:
        return []
    known, small = order_words(languages), small_words(languages)
    said = tokens(text, languages)
    numbers = [
        token
        for place, token in enumerate(said)
        if token.kind is NUMBER
        and (not place or said[place - 1].word not in word_set(languages, "denies"))
    ]
    others = [token.word for token in said if token.kind is WORD]
    plain = all(word in small or word in known.units for word in others)
    if len(numbers) != 1 or not plain or not 0 < numbers[0].value < MOST or numbers[0].glued:
        return []
    quantity = {key: value for key, value in old[0].items() if key != "bare"}
    return [quantity | {"quantity": tidy(numbers[0].value)}]


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
    changed = _set_to(old, text, said, found, hearing) or _swapped(old, text, hearing)
    if changed:
        return changed
    new = [_of_this_order(old, line) for line in _all_lines(text, hearing)]
    new = [line for line in new if not line.get("unknown")]
    if "drops" in verbs:
        return _dropped(old, new, text, hearing)
    if "adds" in verbs or (said and said[0][0] in order_words(hearing.languages).joins):
        again = "restates" in verbs  # "and 17 relays, I said" repeats a quantity
        return beside(old, new) if again else _added(old, new)
    if not new:
        return []
    # What is only named beside "not", "sorry" or an answer replaces; else it comes to the others.
    announced = hearing.asked or _announced(said, hearing)
    combine = combine_items if announced else beside
    return _exchanged(old, new, hearing) or combine(old, new)


def _announced(said: Sequence[Word], hearing: Hearing) -> bool:
    return bool(_corrections(hearing.languages).find(said))


def _refused(old: list[Any], text: str, hearing: Hearing) -> list[Any]:
    """Read "no room sensors please, and 22 remotes": what is refused goes, the rest comes.

    What comes without a quantity for a single line has as many as that: "not filters, fan motors".
    """
    known = order_words(hearing.languages)
    loose = known.articles | known.of | known.polite
    gone: list[Any] = []
    rest = text
    for clause in _REFUSALS.finditer(text):
        said = words(clause[0])
        if not said or said[0][0] not in known.negations:
            continue
        stop = next((start for word, start, _ in said if word in known.joins), len(clause[0]))
        refused = clause[0][:stop]
        named = _named(old, refused, hearing)
        goods = {word for line in named for word in same_name(line["name"]).split()}
        others = [singular(word) for word, _, _ in words(refused)[1:] if word not in loose]
        if others and all(_is_goods(word, goods, hearing) for word in others):
            gone += named
            rest = f"{rest[: clause.start()]}{' ' * stop}{rest[clause.start() + stop :]}"
    kept = [line for line in old if not any(line is one for one in gone)]
    new = _lines(rest, hearing) if gone else []
    return beside(kept, _in_place_of(gone, new)) if gone and (kept or new) else []


def _is_goods(word: str, goods: set[str], hearing: Hearing) -> bool:
    if word in goods or not hearing.catalogue:
        return word in goods
    return product_names(hearing.catalogue, hearing.languages).has(word)


def _in_place_of(gone: list[Any], new: list[Any]) -> list[Any]:
    """Give what comes without a quantity that of the one line it comes for."""
    if len(gone) != 1:
        return new
    same = {key: gone[0][key] for key in ("quantity", "unit", "bare") if key in gone[0]}
    return [
        {**{key: line[key] for key in line if key != "bare"}, **same} if "bare" in line else line
        for line in new
    ]


def _exchanged(old: list[Any], new: list[Any], hearing: Hearing) -> list[Any]:
    """Read "make it 25 uf" of an only line: another product of its family, as many as before."""
    if len(old) != 1 or len(new) != 1 or "bare" not in new[0] or "id" not in new[0]:
        return []
    names = product_names(hearing.catalogue, hearing.languages)
    if not names.are_alike(old[0].get("id", ""), new[0]["id"]):
        return []
    return [{**old[0], "id": new[0]["id"], "name": new[0]["name"]}]


def _lines(text: str, hearing: Hearing) -> list[Any]:
    return [line for line in _all_lines(text, hearing) if not line.get("unknown")]


def _all_lines(text: str, hearing: Hearing) -> list[Any]:
    if hearing.catalogue:
        # "No, drain pipe 80 metres": here a quantity may stand last, as where goods are asked for.
        hearing = replace(hearing, asked=True)
    readings = read_items(text, hearing)
    return [line for one in readings if isinstance(one, Read) for line in one.value]


def _of_this_order(old: list[Any], line: Any) -> Any:
    """Take "the compressors" for the one kind of them that is ordered, and "trays" for its trays."""
    meant = [one for one in old if one.get("id") in line.get("among", ())]
    if line.get("unknown") or "among" not in line:
        said = set(same_name(line["name"]).split())
        known = [one for one in old if goods_of(one) == goods_of(line)]
        meant = known or [one for one in old if said <= set(same_name(one["name"]).split())]
    if len(meant) != 1 or "id" in line:
        return line
    kept = {key: line[key] for key in ("quantity", "unit", "bare") if key in line}
    return {**kept, **{key: meant[0][key] for key in ("name", "id") if key in meant[0]}}


def _named(old: list[Any], text: str, hearing: Hearing) -> list[Any]:
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


def _swapped(old: list[Any], text: str, hearing: Hearing) -> list[Any]:
    """Read "instead of the remotes 12 capacitors": the named line goes, the new one comes.

    What comes without a quantity takes that of the line it comes for.
    """
    found = unwanted(text, hearing.languages)
    if found is None:
        return []
    gone = _named(old, text[slice(*found[1])], hearing)
    kept = [line for line in old if not any(line is one for one in gone)]
    wanted = without_unwanted(text, hearing.languages)  # before "instead" goes as a cue
    new = _lines(_past_cues(wanted, hearing.languages), hearing)
    new = _in_place_of(gone, new)
    return _added(kept, new) if new and len(kept) < len(old) else []


def _past_cues(text: str, languages: tuple[str, ...]) -> str:
    """Blank the words that only announce a change: "no actually r410a" refuses nothing."""
    cues = word_set(languages, "corrections") | word_set(languages, "not")
    for word, _, end in words(text):
        if word not in cues:
            break
        text = " " * end + text[end:]
    return text


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
