"""What a bot sells: catalogue.csv as rows, every fault with the line it stands on."""

from __future__ import annotations

__all__ = ["COLUMNS", "read_catalogue"]

import csv
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from io import StringIO
from pathlib import Path as File
from typing import Final

from engine.errors import AuthorError, Fault
from engine.language.document import read_text, shown_path
from engine.language.refusals import did_you_mean
from engine.language.source import Product

COLUMNS: Final = ("id", "name", "aliases", "price", "unit", "min", "pack", "stock")
NEEDED: Final = ("id", "name")


def read_catalogue(file: File) -> tuple[Product, ...]:
    """Read the file whole, or raise every fault in it."""
    path = shown_path(file)
    rows: dict[str, Product] = {}
    faults: list[Fault] = []
    try:
        for line, cells in records(path, read_text(file), faults):
            row = read_row(path, line, cells, faults)
            first = rows.setdefault(row["id"], row)
            if first is not row:
                fault = f'the id "{row["id"]}" stands on line {first["line"]} too.'
                remedy = "Give each product an id of its own."
                faults.append(Fault(path, line, 1, fault, remedy))
    except csv.Error as error:
        faults.append(Fault(path, 1, 1, f"this is not a CSV file: {error}.", "Check its quotes."))
    if not rows and not faults:
        faults.append(Fault(path, 1, 1, "this catalogue sells nothing.", "Add a product."))
    if faults:
        raise AuthorError(faults)
    return tuple(rows.values())


def records(path: str, text: str, faults: list[Fault]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each row as a map of columns to cells, with its line."""
    reader = csv.reader(StringIO(text), strict=True)
    header = [cell.strip().lower() for cell in next(reader, [])]
    faults += check_header(path, header)
    if faults:
        return
    while True:
        line = reader.line_num + 1
        cells = next(reader, None)
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) == len(header):
            yield line, {key: cell.strip() for key, cell in zip(header, cells, strict=True)}
        else:
            fault = f"this row has {len(cells)} cells and the first line names {len(header)}."
            faults.append(Fault(path, line, 1, fault, "Put a cell with a comma in quotes."))


def check_header(path: str, header: list[str]) -> Iterator[Fault]:
    """Check the first line, which names the columns."""
    for number, column in enumerate(header, 1):
        if column not in COLUMNS:
            remedy = did_you_mean(column, COLUMNS) or f"Columns are {', '.join(COLUMNS)}."
            yield Fault(path, 1, 1, f'no column is called "{column}".', remedy)
        elif column in header[: number - 1]:
            fault = f'the column "{column}" stands here twice.'
            yield Fault(path, 1, 1, fault, "Remove one of them.")
    for column in NEEDED:
        if column not in header:
            fault = f'the column "{column}" is missing.'
            yield Fault(path, 1, 1, fault, "The first line names the columns.")


def read_row(path: str, line: int, cells: Mapping[str, str], faults: list[Fault]) -> Product:
    """Read one product; what is wrong with it is added to `faults`."""

    def number(column: str, least: int) -> int | None:
        cell = cells.get(column, "")
        # Nine digits: no shop has more of anything, and a million digits are slow to read.
        if cell.isascii() and cell.isdigit() and len(cell) < 10 and int(cell) >= least:
            return int(cell)
        if cell:
            fault = f'"{cell}" under "{column}" is not a whole number of {least} or more.'
            faults.append(Fault(path, line, 1, fault, "Write digits only, or leave it empty."))
        return None

    for column in NEEDED:
        if not cells[column]:
            fault = f'the cell under "{column}" is empty.'
            faults.append(Fault(path, line, 1, fault, "Every product has an id and a name."))
    return Product(
        id=cells["id"],
        name=cells["name"],
        aliases=tuple(each.strip() for each in cells.get("aliases", "").split("|") if each.strip()),
        price=price(path, line, cells.get("price", ""), faults),
        unit=cells.get("unit", ""),
        min=number("min", 1),
        pack=number("pack", 1),
        stock=number("stock", 0),
        line=line,
    )


def price(path: str, line: int, cell: str, faults: list[Fault]) -> Decimal | None:
    """Read an amount in the bot's currency; an empty cell is a price on request."""
    if not cell:
        return None
    try:
        amount = Decimal(cell)
    except InvalidOperation:
        amount = Decimal(-1)
    if amount.is_finite() and amount >= 0:
        return amount
    fault = f'"{cell}" under "price" is not an amount.'
    faults.append(Fault(path, line, 1, fault, "Write digits and a point, like 1250.50."))
    return None
