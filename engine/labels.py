"""What customers call the values of a flow: the one they name, and two that they tell apart by it."""

from __future__ import annotations

__all__ = ["each_its_own", "named_slot", "without_named"]

from dataclasses import replace

from engine.language.book import Book, Flow
from engine.language.slot import Group
from engine.meaning import Words
from engine.readers.clauses import without
from engine.readers.folding import words
from engine.readers.lexicon import phrases_by_value, word_set, words_in
from engine.readers.numerals import NUMBER, tokens
from engine.readers.reading import Hearing, Reading, Unclear
from engine.session import Session

COUNTING = frozenset({"items", "number"})  # kinds that take any number
NUMBERED = frozenset({"number", "date"})  # kinds whose values are numbers, or have some


def named_slot(book: Book, session: Session, said: Words) -> tuple[int, str] | None:
    """Find the known slot whose label the customer names: "change the email"."""
    for depth in range(len(session.frames) - 1, -1, -1):
        frame = session.frames[depth]
        for name, _, _ in book.flows[frame.flow].labels.find(said):
            if name in frame.slots:
                return depth, name
    return None


def each_its_own(
    readings: list[Reading], flow: Flow, group: Group, text: str, hearing: Hearing
) -> list[Reading]:
    """Read two values for two slots of one kind apart, where their labels stand before them."""
    if not any(isinstance(one, Unclear) for one in readings):
        return readings
    said = words(text)
    labels = sorted(hit for hit in _places(flow, said) if hit[1] in group.names)
    if len({name for _, name in labels}) < 2:
        return readings
    starts = [start for start, _ in labels]
    apart: list[Reading] = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        found = group.reader.read(text[start:end], hearing)
        apart += [replace(one, start=one.start + start, end=one.end + start) for one in found]
    return apart


def without_named(
    flow: Flow, group: Group, text: str, hearing: Hearing
) -> tuple[str, list[tuple[int, int]]]:
    """Blank the numbers of other slots, whose labels stand before them; give their places.

    "No, room 310" says nothing of the towels, and "no, time 3 pm" orders no three.
    """
    others = {name for one in flow.groups if one.kind in NUMBERED for name in one.slots}
    others -= group.names
    if not others or group.kind not in COUNTING:
        return text, []
    languages = hearing.languages
    between = words_in(phrases_by_value(languages, "labels")) | word_set(languages, "becomes")
    said = words(text)
    behind = {end for name, _, end in flow.labels.find(said) if name in others}
    behind |= {end + 1 for end in behind if end < len(said) and said[end][0] in between}
    starts = {said[place][1] for place in behind if place < len(said)}
    numbers = [one for one in tokens(text, languages) if one.kind is NUMBER]
    places = [(one.start, one.end) for one in numbers if one.start in starts]
    for start, end in places:
        text = without(text, start, end)
    return text, places


def _places(flow: Flow, said: Words) -> list[tuple[int, str]]:
    return [(said[first][1], name) for name, first, _ in flow.labels.find(said)]
