"""An order changed in words: "add 20 capacitors", "remove the relays", "change fans to 20".

Only a text that announces a change is read here. What is added goes to the line of the same name
or to the end; what is dropped is taken off; anything else replaces lines of the same name. An
order is never emptied this way: "remove everything" is what cancel is for. With a catalogue, lines
are the same when their product is.
"""

from __future__ import annotations

__all__ = ["amend_items", "recounted"]

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from engine.readers.amended_lines import (
    Found,
    all_lines,
    changes_in,
    in_place_of,
    known_lines,
    named_lines,
)
from engine.readers.clauses import SENTENCE
from engine.readers.dropped_lines import dropped, pointed_out, refused
from engine.readers.folding import Word, words
from engine.readers.items import beside, combine_items, goods_of, same_name
from engine.readers.lexicon import phrases, word_set
from engine.readers.numerals import NUMBER, WORD, tidy, tokens
from engine.readers.order_words import order_words
from engine.readers.phrases import PhraseIndex
from engine.readers.product_names import product_names
from engine.readers.product_words import small_words
from engine.readers.reading import Hearing, Read, Reading
from engine.readers.unwanted import unwanted, without_unwanted

MOST = 1_000_000  # pieces; more is a phone number or a slip


@lru_cache(256)
def _corrections(languages: tuple[str, ...]) -> PhraseIndex[str]:
    return PhraseIndex({"corrections": phrases(languages, "corrections")})


def amend_items(old: Any, text: str, hearing: Hearing) -> list[Reading]:
    """Return the whole order as it is after this text, or nothing when it names no line."""
    first = SENTENCE.match(text)
    for end in dict.fromkeys((len(text), first.end() if first is not None else 0)):
        # "12 only, not 22. My name is Hari": the first sentence may say it alone.
        counted = recounted(old, text[:end], hearing.languages)
        if counted:  # "no, 15", where it is 15, says it again
            return [Read(counted, 0, end)]
    if pointed := pointed_out(old, text, hearing):
        return pointed
    # "No actually r410a instead of r32" refuses nothing, it exchanges.
    changed = [] if unwanted(text, hearing.languages) else refused(old, text, hearing)
    if not changed:
        changed = old
        for part in _parts(old, text, hearing):
            changed = _amended(changed, part, hearing) or changed
    return [Read(changed, 0, len(text))] if changed != old else []


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


def _parts(old: list[Any], text: str, hearing: Hearing) -> list[str]:
    """Cut where adding turns to dropping: "remove the relays and add 2 fans"."""
    said = words(text)
    found = sorted(changes_in(said, old, hearing), key=lambda match: match[1])
    verbs = [match for match in found if match[0] in ("adds", "drops")]
    cuts = [said[later[1]][1] for verb, later in pairwise(verbs) if verb[0] != later[0]]
    return [text[start:end] for start, end in pairwise([0, *cuts, len(text)])]


def _amended(old: list[Any], text: str, hearing: Hearing) -> list[Any]:
    said = words(text)
    found = changes_in(said, old, hearing)
    verbs = {topic for topic, _, _ in found}
    changed = _set_to(old, text, said, found, hearing) or _swapped(old, text, hearing)
    if changed:
        return changed
    new = [_of_this_order(old, line) for line in all_lines(text, hearing)]
    new = [line for line in new if not line.get("unknown")]
    if "drops" in verbs:
        return dropped(old, new, text, hearing)
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


def _exchanged(old: list[Any], new: list[Any], hearing: Hearing) -> list[Any]:
    """Read "make it 25 uf" of an only line: another product of its family, as many as before."""
    if len(old) != 1 or len(new) != 1 or "bare" not in new[0] or "id" not in new[0]:
        return []
    names = product_names(hearing.catalogue, hearing.languages)
    if not names.are_alike(old[0].get("id", ""), new[0]["id"]):
        return []
    return [{**old[0], "id": new[0]["id"], "name": new[0]["name"]}]


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
    named = named_lines(old, text[: said[first][1]], hearing)
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
    gone = named_lines(old, text[slice(*found[1])], hearing)
    kept = [line for line in old if not any(line is one for one in gone)]
    wanted = without_unwanted(text, hearing.languages)  # before "instead" goes as a cue
    new = known_lines(_past_cues(wanted, hearing.languages), hearing)
    new = in_place_of(gone, new)
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
