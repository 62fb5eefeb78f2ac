"""The rows of a pasted list: which number a person would give a line, and numbers that are no quantity.

A list is asked about by the numbers of its lines, which must be those of the message as it was typed.
"""

from __future__ import annotations

__all__ = ["number_rows", "with_colons", "with_odd_numbers", "without_headings", "without_serials"]

import re
from collections.abc import Container
from typing import Any

from engine.readers.folding import fold
from engine.readers.product_lines import ProductLine

# "1 | Relay | 20", "2. Contactor 15": a number before a row that ends with another one.
_ROW = re.compile(r"(?m)^[ \t|]*+(\d{1,3})(?=[ \t|.)])[ \t|.)]*+(?=[^\n]*[ \t|:=-]\d+[ \t|]*+$)")
# "=== AC PARTS ===", "**Fridge**", "for the shop in Goa:" above a list; "relay:" above a "20" is none.
_HEADING = re.compile(
    r"(?m)^[ \t]*+(?:([=~#+-])\1[^\n]*\1\1|([*_])\2[^\d\n]*\2\2|(?!\d)[^\n]*:)[ \t]*$"
    r"(?=\n)(?!\s*\d+[ \t]*$)"
)
# "relay ..... 15" and, in several lines, "relay,15": what stands before a quantity at the line's end.
_LEADER = re.compile(r"(?m)(?<=\w)[ \t]*+(?:\.{3,}|\u2026+)[ \t]*+(?=[^\W_]{1,5}[ \t]*+$)")
_COMMA = re.compile(r"(?m)(?<=\w)[ \t]*+,[ \t]*+(?=\d{1,5}[ \t]*+$)")
# "Room 101: 2 remotes": whom the line is for, by a number.
_FOR_WHOM = re.compile(r"(?m)^[ \t]*+[^\W\d]\w*[ \t]+\d+[ \t]*:(?=[ \t]*([^\W\d]\w*)[^\n]*\d)")
FEWEST_ROWS = 3  # two lines may be counted "1 ..." and "2 ..." by chance


def without_serials(text: str) -> str:
    """Blank the numbers of the rows where they run 1, 2, 3 and each row has a quantity at its end."""
    rows = list(_ROW.finditer(text))
    if len(rows) < FEWEST_ROWS or any(int(row[1]) != n for n, row in enumerate(rows, 1)):
        return text
    parts = []
    end = 0
    for row in rows:
        parts += [text[end : row.start()], " " * len(row[0])]
        end = row.end()
    return "".join([*parts, text[end:]])


def without_headings(text: str, small: Container[str]) -> str:
    """Blank the lines that only stand above others, and whom the lines are for: they order nothing.

    Behind "capacitor 35: qty 20" stands one of the `small` words, which name no goods.
    """
    if "\n" not in text:
        return text
    text = _HEADING.sub(lambda heading: " " * len(heading[0]), text)
    return _FOR_WHOM.sub(
        lambda label: label[0] if fold(label[1]) in small else " " * len(label[0]), text
    )


def with_colons(text: str) -> str:
    """Write what leads to a quantity at the end of a line as a colon; all places stay."""
    if "\n" not in text:
        return text
    text = _LEADER.sub(lambda leader: ":".ljust(len(leader[0])), text)
    if len(_COMMA.findall(text)) > 1:
        text = _COMMA.sub(lambda comma: ":".ljust(len(comma[0])), text)
    return text


def number_rows(lines: list[ProductLine], text: str) -> None:
    """Number lines as a person does: the typed lines that have goods; in a single one the goods."""
    place = row = 0
    for line in lines:
        row += not row or "\n" in text[place : line.start]
        place = max(place, line.start)
        line.row = row
    if row == 1:
        for number, line in enumerate(lines, 1):
            line.row = number


def with_odd_numbers(value: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out a number that follows the one before it: an order tells it by its place."""
    last = 0
    found = []
    for line in value:
        follows = line["no"] == last + 1
        last = line["no"]
        found.append({key: line[key] for key in line if key != "no"} if follows else line)
    return found
