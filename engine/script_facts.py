"""Facts as a script writes them, `room=204 name="Ana Silva"`: read as the product has them."""

from __future__ import annotations

__all__ = ["facts_known", "read_field", "written_facts"]

import shlex
from collections.abc import Mapping
from typing import Any

from engine.language.book import Book
from engine.language.slot import Group
from engine.readers import READERS, Hearing, Read


def written_facts(written: str) -> dict[str, str]:
    """Take facts apart; a ValueError says that they are not written key=value."""
    return dict(part.split("=", 1) for part in shlex.split(written))


def read_field(kind: str, text: str, hearing: Hearing) -> Any:
    """Read a value as its kind: every door gives values their one canonical form."""
    readings = READERS[kind].read(text, hearing)
    if len(readings) != 1 or not isinstance(readings[0], Read) or readings[0].fault:
        raise ValueError(f'"{text}" is no {kind}')
    return readings[0].value


def facts_known(written: str, book: Book) -> Mapping[str, Any]:
    """Read what is known of a customer; a fact that a slot begins with as that slot has it."""
    groups = _groups_by_fact(book)
    known: dict[str, Any] = dict(written_facts(written))
    for fact, text in known.items():
        group = groups.get(fact)
        try:
            if group is not None:
                known[fact] = read_field(group.kind, text, group.hearings[book.languages[0], True])
        except ValueError as error:
            raise ValueError(f"{fact}: {error}") from None
    return known


def _groups_by_fact(book: Book) -> dict[str, Group]:
    return {
        flow.slots[name].default[-1]: group
        for flow in book.flows.values()
        for group in flow.groups
        for name in group.slots
        if flow.slots[name].default
    }
