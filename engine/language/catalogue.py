"""What a bot sells: catalogue.csv as rows, every fault with the line it stands on."""

from __future__ import annotations

__all__ = ["COLUMNS", "read_catalogue"]

import csv
import re
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
# "name_es": what a product is called in another language of the bot.
NAME_IN: Final = re.compile(r"name_([a-z]{2})")


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
        if column not in COLUMNS and not NAME_IN.fullmatch(column):
            known = f"Columns are {', '.join(COLUMNS)}, and name_es for another language."
            remedy = did_you_mean(column, COLUMNS) or known
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
    price, tiers = prices(path, line, cells.get("price", ""), faults)
    return Product(
        id=cells["id"],
        name=cells["name"],
        names={
            match[1]: cell
            for column, cell in cells.items()
            if cell and (match := NAME_IN.fullmatch(column))
        },
        aliases=tuple(each.strip() for each in cells.get("aliases", "").split("|") if each.strip()),
        price=price,
        tiers=tiers,
        unit=cells.get("unit", ""),
        min=number("min", 1),
        pack=number("pack", 1),
        stock=number("stock", 0),
        line=line,
    )


def prices(
    path: str, line: int, cell: str, faults: list[Fault]
) -> tuple[Decimal | None, tuple[tuple[int, Decimal], ...]]:
    """Read "450 | 10: 420 | 50: 400": what one costs, and what each costs from so many on.

    In the bot's currency; an empty cell is a price on request.
    """
    if not cell:
        return None, ()
    first, *others = [part.strip() for part in cell.split("|")]
    one = amount(first)
    tiers: list[tuple[int, Decimal]] = []
    for part in others:
        least, _, each = (piece.strip() for piece in part.partition(":"))
        price = amount(each)
        rising = not tiers or int(least or 0) > tiers[-1][0] if least.isdecimal() else False
        if price is None or not rising or len(least) > 9:
            fault = f'"{part}" under "price" is no price for larger quantities.'
            remedy = 'Write "450 | 10: 420 | 50: 400": the price of one, then from how many on.'
            faults.append(Fault(path, line, 1, fault, remedy))
            return one, ()
        tiers.append((int(least), price))
    if one is None:
        fault = f'"{first}" under "price" is not an amount.'
        faults.append(Fault(path, line, 1, fault, "Write digits and a point, like 1250.50."))
    return one, tuple(tiers)


def amount(text: str) -> Decimal | None:
    """Read an amount of money; None for anything else."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= 0 else None
