"""Lists sent as files: what people's spreadsheets really look like, and files meant to harm."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from adapters.order_files import MOST_BYTES, MOST_ROWS, OrderFile, read_order_file

LIST = "10 remote controls\n25 copper pipe"


@pytest.mark.parametrize(
    "text",
    [
        "10,remote controls\n25,copper pipe\n",
        "remote controls;10\ncopper pipe;25",
        "Item\tQty\nremote controls\t10\ncopper pipe\t25.0\n",
        "Code|Description|Quantity|Rate\nX1|remote controls|10|350\nX2|copper pipe|25|\n",
        "No.,Part name,Pieces\n1,remote controls,10\n\n2,copper pipe,25\n,,\n",
        "Artículo,Cantidad\nremote controls,10\ncopper pipe,25",
        "10 remote controls\n25 copper pipe",
        "\ufeffqty,name\n10,remote controls\n25,copper pipe",
    ],
)
def test_a_list_reads_as_if_it_had_been_typed(text: str) -> None:
    assert OrderFile(LIST) == read_order_file("order.CSV", text.encode())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_list_in_another_encoding_is_read(encoding: str) -> None:
    data = "cantidad;artículo\n3;válvula de expansión".encode(encoding)
    assert OrderFile("3 válvula de expansión") == read_order_file("pedido.csv", data)


def test_a_head_with_only_one_column_of_ours_leaves_the_rows_to_speak() -> None:
    assert OrderFile("4 relay") == read_order_file("a.csv", b"items,x\nrelay,4")
    assert OrderFile("relay") == read_order_file("a.csv", b"qty\nrelay\n77")


def workbook(*rows: tuple[str | float | None, ...]) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_is_read_too() -> None:
    data = workbook(("Part", "Qty"), ("remote controls", 10), (None, None), ("copper pipe", 25.0))
    assert OrderFile(LIST) == read_order_file("order.xlsx", data)


def test_of_a_long_list_only_so_much_is_taken() -> None:
    data = "qty,name\n" + "1,relay\n" * 10_000
    found = read_order_file("order.csv", data.encode())
    assert MOST_ROWS == len(found.text.splitlines())


def bomb() -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 50_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "fault"),
    [
        ("photo.jpg", b"\xff\xd8", "file"),
        ("noending", b"x", "file"),
        ("order.csv", b"x" * (MOST_BYTES + 1), "file_too_large"),
        ("order.xlsx", bomb(), "file_too_large"),
        ("order.xlsx", b"PK\x03\x04 nothing", "file_unreadable"),
        ("order.csv", b"\x00\x01\x02", "file_unreadable"),
        ("order.csv", b"", "file_empty"),
        ("order.csv", b"12,13\n", "file_empty"),
        ("order.xlsx", workbook(), "file_empty"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_list_has_a_line_that_says_so(name: str, data: bytes, fault: str) -> None:
    assert OrderFile(fault=fault) == read_order_file(name, data)
