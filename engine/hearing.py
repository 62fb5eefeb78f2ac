"""What a reader may know now, and what all who read a message do with a reading."""

from __future__ import annotations

__all__ = [
    "AT_A_START",
    "FORTHCOMING",
    "REACHED",
    "hearing_of",
    "in_currency",
    "name_beside",
    "own_words",
    "with_again",
    "yes_no_of",
]

import re
from dataclasses import replace
from typing import Any

from engine.hours import local_time
from engine.language.book import Book
from engine.language.slot import Group
from engine.readers.clauses import without
from engine.readers.quoted import quoted_parts
from engine.readers.reading import Hearing, Read, Reading
from engine.session import Session

# Kinds that are recognised by themselves: taken when they are said before they are asked for.
FORTHCOMING = frozenset({"date", "money", "choice", "order_ref"})
# In the message that starts a flow a bare number belongs to it, too: "a table for 4".
AT_A_START = FORTHCOMING | {"number"}
REACHED = frozenset({"phone", "email", "address"})
OWN = REACHED | {"person_name"}
LONGEST_NAME = 4  # words
_MAILBOX = re.compile(r"(\S+)@")
_PIECE = re.compile(r"[^,;\n]+")


def hearing_of(group: Group, book: Book, session: Session, at: int, *, asked: bool) -> Hearing:
    """Return what this reader may know now."""
    hearing = group.hearings[session.language or book.languages[0], asked]
    if not group.wants_now:
        return hearing
    now = local_time(book, at)
    return replace(hearing, now=now.strftime("%Y-%m-%dT%H:%M:%S"))


def yes_no_of(book: Book, session: Session, text: str) -> str:
    """Read a bare yes, no, cancel, back or change; empty when it is none of them."""
    language = session.language or book.languages[0]
    found = book.yes_no.reader.read(text, book.yes_no.hearings[language, True])
    return next((str(one.value) for one in found if isinstance(one, Read)), "")


def name_beside(
    group: Group, text: str, hearing: Hearing, *, whole: str = "", sure: bool = False
) -> list[Reading]:
    """Read "..., Sunitha Menon, 99610 12345": a short piece beside a phone or an email is a name.

    One word alone may be a town; it is a name where an address of the `whole` text has it, too.
    So must every name that is to take another one's place: `sure`.
    """
    known = " ".join(_MAILBOX.findall(whole.lower()))
    for piece in _PIECE.finditer(text):
        said = piece[0].split()
        shown = any(len(word) > 2 and word in known for word in piece[0].lower().split())
        if len(said) <= LONGEST_NAME and (shown or (len(said) > 1 and not sure)):
            readings = group.reader.read(piece[0], hearing)
            if readings:
                at = piece.start()
                return [replace(one, start=one.start + at, end=one.end + at) for one in readings]
    return []


def own_words(group: Group, text: str, hearing: Hearing, whole: str) -> tuple[str, str]:
    """Return what this reader of names or addresses may read, and the text for those behind it.

    What somebody else wrote is blanked for it, and what it would read there for all: whose number
    stands in a forwarded message nobody knows, and it is no quantity either. The `whole` message
    tells who speaks where: `text` is what other readers left of it.
    """
    parts = quoted_parts(whole, hearing.languages) if group.kind in OWN else ()
    own = text
    for start, end in parts:
        own = without(own, start, end)
        for one in group.reader.read(text[start:end], hearing) if group.kind in REACHED else ():
            text = without(text, start + one.start, start + one.end)
    return own, text


def in_currency(value: Any, book: Book) -> Any:
    """Give an amount that names no currency the bot's own."""
    bare = isinstance(value, dict) and value.get("currency") == ""
    return {**value, "currency": book.currency} if bare else value


def with_again(text: str, whole: str, places: list[tuple[int, int]]) -> str:
    """Put parts of the whole text back that another reader is still to read."""
    for start, end in places:
        text = f"{text[:start]}{whole[start:end]}{text[end:]}"
    return text
