"""The rows of an order in what a bot says, as data: the widget shows them as a table.

A line of a conversation is a text, kept as it was read. These rows are the ones that
`engine.language.wording` writes for a list of items; whatever else begins with a dash is left alone.
"""

from __future__ import annotations

__all__ = ["order_rows"]

import re
from typing import Any

_ROW = re.compile(
    r"- (?P<quantity>\d\S*) (?P<unit>\S+) (?P<name>.+?)(?: @ (?P<price>[^@]+?) = (?P<total>[^=]+))?"
)


def order_rows(text: str) -> dict[str, Any] | None:
    """Return the items a text lists; None where it lists none."""
    rows = [_ROW.fullmatch(row) for row in text.split("\n") if row.startswith("- ")]
    items = [row.groupdict() for row in rows if row is not None]
    if not items or len(items) < len(rows):
        return None
    for item in items:
        if item["unit"] == "x":
            item["unit"] = None
        elif item["price"] is None:
            return None  # "- 3 large rooms" is no order
    return {"items": items}
