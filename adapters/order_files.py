"""An order list sent as a file: CSV or XLSX, read into lines of text as if they had been typed.

Nothing of a file is trusted: its size, its claims about its size, its encoding and its ending are all
checked before a cell is read, and only so many rows and characters of it are taken.
"""

from __future__ import annotations

__all__ = ["OrderFile", "decoded", "read_order_file"]

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from itertools import islice
from zipfile import BadZipFile, ZipFile

MOST_BYTES = 1_000_000
MOST_UNPACKED = 20_000_000  # of everything in an XLSX together; a list of parts takes a hundredth
MOST_ROWS = 300
MOST_CELLS = 40
LONGEST_CELL = 120

_QUANTITY = re.compile(
    r"qty|quantity|quantities|nos|pcs|pieces|count|cantidad(es)?|cant|jumlah|kuantitas|matra"
)
_NAME = re.compile(
    r"items?|parts?|products?|names?|descriptions?|goods|articles?|art[ií]culos?|productos?|"
    r"repuestos?|descripci[oó]n|nombres?|barang|produk|nama"
)
_NUMBER = re.compile(r"\s*(\d{1,9})(?:[.,]0+)?\s*")


@dataclass(frozen=True, slots=True)
class OrderFile:
    """What a file says as text, or the built-in line that says why it cannot be read."""

    text: str = ""
    fault: str = ""  # file | file_too_large | file_unreadable | file_empty


def read_order_file(name: str, data: bytes) -> OrderFile:
    """Read a list of goods; a picture or any other kind of file has the fault ``file``."""
    ending = name.lower().rpartition(".")[2]
    if ending not in {"csv", "tsv", "txt", "xlsx"}:
        return OrderFile(fault="file")
    if len(data) > MOST_BYTES:
        return OrderFile(fault="file_too_large")
    try:
        rows = _sheet(data) if ending == "xlsx" else _table(decoded(data))
    except _TooLargeError:
        return OrderFile(fault="file_too_large")
    except Exception:  # noqa: BLE001 - whatever a broken file makes its reader raise
        return OrderFile(fault="file_unreadable")
    lines = _lines(rows)
    return OrderFile("\n".join(lines)) if lines else OrderFile(fault="file_empty")


class _TooLargeError(Exception):
    """More than anybody's list of parts."""


def decoded(data: bytes) -> str:
    """Decode as spreadsheets write: UTF-8, UTF-16 with its mark, else Windows' Latin letters."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    if b"\x00" in data:
        raise ValueError("this is no text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _table(text: str) -> list[list[str]]:
    """Read rows; the sign between cells is the one most rows have most of."""
    lines = text.splitlines()[: MOST_ROWS + 1]
    signs = {sign: sum(sign in line for line in lines) for sign in ";\t|,"}
    sign = max(signs, key=lambda one: signs[one])
    if not signs[sign]:
        return [[line] for line in lines]
    rows = csv.reader(StringIO("\n".join(lines)), delimiter=sign)
    return [row[:MOST_CELLS] for row in islice(rows, MOST_ROWS + 1)]


def _sheet(data: bytes) -> list[list[str]]:
    """Read the first sheet of a workbook, after looking how large it says it is."""
    import warnings  # noqa: PLC0415 - with its reader, for the few who send one

    from openpyxl import load_workbook  # noqa: PLC0415 - 100 ms that few conversations pay

    try:
        with ZipFile(BytesIO(data)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
                raise _TooLargeError
    except BadZipFile as error:
        raise ValueError("this is no workbook") from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and links, which nobody asked for
        book = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
        rows = book.worksheets[0].iter_rows(
            max_row=MOST_ROWS + 1, max_col=MOST_CELLS, values_only=True
        )
        return [["" if cell is None else str(cell) for cell in row] for row in rows]


def _lines(rows: Sequence[Sequence[str]]) -> list[str]:
    """Write each row as somebody would type it: how many, then what."""
    rows = [
        [cell.strip()[:LONGEST_CELL] for cell in row] for row in rows if any(map(str.strip, row))
    ]
    if not rows:
        return []
    head = [cell.lower() for cell in rows[0]]
    quantity = _column(head, _QUANTITY)
    name = _column(head, _NAME)
    if quantity is None and name is None:
        return [line for row in rows[:MOST_ROWS] if (line := _typed(row))]
    body = rows[1 : MOST_ROWS + 1]
    if quantity is None or name is None or quantity == name:
        return [line for row in body if (line := _typed(row))]
    return [
        f"{_whole(row[quantity])} {row[name]}"
        for row in body
        if max(quantity, name) < len(row) and row[quantity] and row[name]
    ]


def _column(head: Iterable[str], pattern: re.Pattern[str]) -> int | None:
    return next(
        (n for n, cell in enumerate(head) if any(map(pattern.fullmatch, re.findall(r"\w+", cell)))),
        None,
    )


def _typed(row: Sequence[str]) -> str:
    """Put the first number before the words of a row without a head: codes and prices follow it."""
    counts = [cell for cell in row if _NUMBER.fullmatch(cell)]
    said = [cell for cell in row if re.search(r"[^\W\d_]", cell)]
    if not said:
        return ""
    longest = max(said, key=len)
    return f"{_whole(counts[0])} {longest}" if counts else longest


def _whole(cell: str) -> str:
    """Write 12.0, as spreadsheets keep it, as 12."""
    match = _NUMBER.fullmatch(cell)
    return match[1] if match else cell
