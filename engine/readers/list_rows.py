"""The rows of a pasted list: which number a person would give a line, and numbers that are no quantity.

A list is asked about by the numbers of its lines, which must be those of the message as it was typed.
"""

from __future__ import annotations

__all__ = ["number_rows", "with_odd_numbers", "without_headings", "without_serials"]

import re
from typing import Any

from engine.readers.product_lines import ProductLine

# "1 | Relay | 20", "2. Contactor 15": a number before a row that ends with another one.
_ROW = re.compile(r"(?m)^[ \t|]*+(\d{1,3})(?=[ \t|.)])[ \t|.)]*+(?=[^\n]*[ \t|:=-]\d+[ \t|]*+$)")
# "=== AC PARTS ===", "**Fridge**", "for the shop in Goa:" above a list; "relay:" above a "20" is none.
_HEADING = re.compile(
    r"(?m)^[ \t]*+(?:([=~#+-])\1[^\n]*\1\1|([*_])\2[^\d\n]*\2\2|(?!\d)[^\n]*:)[ \t]*$"
    r"(?=\n)(?!\s*\d+[ \t]*$)"
)
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


def without_headings(text: str) -> str:
    """Blank the lines that only stand above others: they order nothing."""
    if "\n" not in text:
        return text
    return _HEADING.sub(lambda heading: " " * len(heading[0]), text)


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
