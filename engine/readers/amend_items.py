"""An order changed in words: "add 20 capacitors", "remove the relays", "make it 15 fans".

Only a text that announces a change is read here. What is added goes to the line of the same name
or to the end; what is dropped is taken off; anything else replaces lines of the same name. An
order is never emptied this way: "remove everything" is what cancel is for.
"""

from __future__ import annotations

__all__ = ["amend_items"]

from collections.abc import Sequence
from typing import Any

from engine.readers.folding import Word, singular, words
from engine.readers.items import combine_items, read_items, same_name
from engine.readers.lexicon import phrases
from engine.readers.phrases import PhraseIndex
from engine.readers.reading import Hearing, Read, Reading

_INDEXES: dict[tuple[str, ...], PhraseIndex[str]] = {}


def _index(languages: tuple[str, ...]) -> PhraseIndex[str]:
    if languages not in _INDEXES:
        _INDEXES[languages] = PhraseIndex(
            {topic: phrases(languages, topic) for topic in ("adds", "drops")}
        )
    return _INDEXES[languages]


def amend_items(old: Any, text: str, hearing: Hearing) -> list[Reading]:
    """Return the whole order as it is after this text, or nothing when it names no line."""
    said = words(text)
    verbs = {topic for topic, _, _ in _index(hearing.languages).find(said)}
    new = [
        line
        for reading in read_items(text, hearing)
        if isinstance(reading, Read)
        for line in reading.value
    ]
    if verbs == {"drops"}:
        changed = _dropped(old, new, said)
    elif "adds" in verbs:
        changed = _added(old, new)
    elif new:
        changed = combine_items(old, new)
    else:
        changed = old
    return [Read(changed, 0, len(text))] if changed and changed != old else []


def _added(old: list[Any], new: list[Any]) -> list[Any]:
    """Add each line to the one of its name, or at the end."""
    changed = list(old)
    for line in new:
        name = same_name(line["name"])
        for place, known in enumerate(changed):
            if same_name(known["name"]) == name and known["unit"] == line["unit"]:
                changed[place] = {**known, "quantity": known["quantity"] + line["quantity"]}
                break
        else:
            changed.append(line)
    return changed


def _dropped(old: list[Any], new: list[Any], said: Sequence[Word]) -> list[Any]:
    """Take off the lines that are named; of a named quantity only so many."""
    fewer = {same_name(line["name"]): line["quantity"] for line in new}
    spoken = {singular(word) for word, _, _ in said}
    changed = []
    for line in old:
        name = same_name(line["name"])
        left = line["quantity"] - fewer.get(name, line["quantity"])
        named = name in fewer or set(name.split()) & spoken
        if not named:
            changed.append(line)
        elif left > 0:
            changed.append({**line, "quantity": left})
    return changed
