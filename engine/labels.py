"""What customers call the values of a flow: the one they name, and two that they tell apart by it."""

from __future__ import annotations

__all__ = ["each_its_own", "named_slot"]

from dataclasses import replace

from engine.language.book import Book, Flow, Group
from engine.meaning import Words
from engine.readers.folding import words
from engine.readers.reading import Hearing, Reading, Unclear
from engine.session import Session


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


def _places(flow: Flow, said: Words) -> list[tuple[int, str]]:
    return [(said[first][1], name) for name, first, _ in flow.labels.find(said)]
