"""Reads the folder of texts an assistant may use, or says everything that is wrong with it."""

from __future__ import annotations

__all__ = ["MAX_BYTES_IN_ALL", "read_knowledge"]

import os
from pathlib import Path
from typing import Final

from engine.errors import AuthorError, Fault
from engine.language.document import Document, read_text, shown_path
from engine.language.passages import Piece, pieces, unended_comment

# About 400 pages. All of it is kept in memory by every process.
MAX_BYTES_IN_ALL: Final = 2_000_000
KEY: Final = ("assistant", "knowledge")


def read_knowledge(folder: Path, bot: Document, faults: list[Fault]) -> tuple[Piece, ...]:
    """Read the folder that bot.yaml names, where it names one; faults are added."""
    named = bot.at(*KEY)
    if not (folder / named).is_dir():
        fault = f'there is no folder "{named}"'
        faults.append(bot.fault(KEY, fault, "Create it, or remove the key."))
        return ()
    entries = sorted(one for one in (folder / named).iterdir() if not one.name.startswith("."))
    files = [one for one in entries if one.suffix.lower() == ".md"]
    for one in entries:
        if one not in files and one.is_dir() and any(one.rglob("*.[mM][dD]")):
            fault = f'the texts in "{named.rstrip("/")}/{one.name}/" are not read'
            faults.append(bot.fault(KEY, fault, "Move them up, beside the others."))
    if not files:
        fault = f'no file of the folder "{named}" ends in .md'
        remedy = "Save the texts there as .md files in UTF-8, or remove the key."
        faults.append(bot.fault(KEY, fault, remedy))
    texts = {file: _text(file, faults) for file in files}
    size = sum(len(text.encode()) for text in texts.values())
    if size > MAX_BYTES_IN_ALL:
        fault = (
            f'the texts of "{named}" are {size / 1_000_000:.1f} MB together, and 2 MB is the most'
        )
        faults.append(bot.fault(KEY, fault, "Keep what customers ask about."))
        return ()
    return tuple(piece for file, text in texts.items() for piece in pieces(_name(file), text))


def _name(file: Path) -> str:
    """Return a name that can be sent and stored: not every one on a disk is UTF-8."""
    return os.fsencode(file.name).decode(errors="replace")


def _text(file: Path, faults: list[Fault]) -> str:
    """Read one file; what is wrong with it is added to `faults`."""
    try:
        text = read_text(file)
    except AuthorError as error:
        faults += error.faults
        return ""
    if (begun := unended_comment(text)) is not None:
        line, column = text.count("\n", 0, begun) + 1, begun - text.rfind("\n", 0, begun)
        fault = "this comment does not end, so that nothing behind it is read."
        faults.append(Fault(shown_path(file), line, column, fault, "Write --> at its end."))
    elif not any(pieces(file.name, text)):
        fault = "this file has no text, or headings alone."
        faults.append(Fault(shown_path(file), 1, 1, fault, "Write it, or remove it."))
    return text
