"""A text of the business cut into passages: what stands under one heading, in pieces of a few lines.

A piece is small enough that three of them fit into a question, and whole enough to be understood
alone: lists and tables stay together where they can, and a table that is cut repeats its first row.
"""

from __future__ import annotations

__all__ = ["LONGEST", "Piece", "pieces"]

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from textwrap import wrap
from typing import Final

LONGEST: Final = 1_200  # characters; three of them are about 900 tokens
COMMENT: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
HEADING: Final = re.compile(r" {0,3}(#{1,6})(?:[ \t](.*))?")
UNDERLINE: Final = re.compile(r"(?:(=+)|-{2,})")
NEXT_ITEM: Final = re.compile(r"\n(?=[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t])")
RULE: Final = re.compile(r"[ \t:|-]+")  # the line under the first row of a table
SENTENCE_END: Final = re.compile(r"(?<=[.!?\u0964\u3002])\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands in a file under one heading, or a part of it."""

    file: str
    path: tuple[str, ...]  # the headings it stands under, the outermost first
    text: str

    @property
    def source(self) -> str:
        """Say where it stands: "warranty.md: Batteries"; the file's title is left out."""
        under = self.path[1:] or self.path
        return f"{self.file}: {' > '.join(under)}" if under else self.file


def pieces(file: str, text: str) -> Iterator[Piece]:
    """Cut a Markdown text; what stands in a comment is for nobody."""
    path: list[tuple[int, str]] = []
    blocks: list[str] = []
    for level, said in _parts(COMMENT.sub("", text)):
        if not level:
            blocks.append(said)
            continue
        yield from _of_one_heading(file, path, blocks)
        blocks = []
        path = [heading for heading in path if heading[0] < level]
        if said:
            path.append((level, said))
    yield from _of_one_heading(file, path, blocks)


def unended_comment(text: str) -> int | None:
    """Return where a comment begins that takes the rest of the text with it."""
    begun = (one.start() for one in COMMENT.finditer(text) if not one[0].endswith("-->"))
    return next(begun, None)


def _of_one_heading(file: str, path: list[tuple[int, str]], blocks: list[str]) -> Iterator[Piece]:
    under = tuple(said for _, said in path)
    short = (part for block in blocks for part in _cut(block))
    for text in _gathered(short, "\n\n", LONGEST):
        yield Piece(file, under, text)


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """Yield headings with their level, and paragraphs, lists and tables with level 0."""
    block: list[str] = []
    for line in (*text.splitlines(), ""):
        heading = HEADING.fullmatch(line)
        underline = UNDERLINE.fullmatch(line.strip()) if len(block) == 1 else None
        if underline:
            yield 1 if underline[1] else 2, block.pop().strip()
        elif line.strip() and not heading:
            block.append(line.rstrip())
        else:
            said = "\n".join(block)
            block = []
            if any(sign.isalnum() for sign in said):  # a line drawn across the page says nothing
                yield 0, said
        if heading:
            yield len(heading[1]), (heading[2] or "").strip().strip("#").strip()


def _cut(block: str) -> Iterator[str]:
    """Cut what is too long between rows, items or sentences; a wrapped paragraph is one line."""
    if len(block) <= LONGEST:
        yield block
        return
    first, second, *rows = *block.split("\n", 2), "", ""
    head = f"{first}\n{second}\n" if "|" in first and RULE.fullmatch(second) else ""
    if head and len(head) < LONGEST // 2:
        for part in _gathered(rows[0].split("\n"), "\n", LONGEST - len(head)):
            yield head + part
    elif len(items := NEXT_ITEM.split(block)) > 1:
        yield from _gathered(items, "\n", LONGEST)
    else:
        yield from _gathered(SENTENCE_END.split(block.replace("\n", " ")), " ", LONGEST)


def _gathered(parts: Iterable[str], between: str, most: int) -> Iterator[str]:
    """Join parts while they are no longer than that together; one that is alone is wrapped."""
    full = ""
    for part in parts:
        for line in (part,) if len(part) <= most else wrap(part, most):
            if full and len(full) + len(between) + len(line) > most:
                yield full
                full = ""
            full += between * bool(full) + line
    if full:
        yield full
