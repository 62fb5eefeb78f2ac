"""The commands of those who fill orders, beside a process that is running."""

from __future__ import annotations

import asyncio
import csv
import json
import sqlite3
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from adapters.assembly import open_database, prepare
from adapters.cli import app
from adapters.order_commands import _harmless
from adapters.settings import load_settings
from engine.stores.database import Database, single
from tests.adapters.programs import ROOT, start

Run = Callable[..., Result]
ORDERED = ("i need 11 remote controls", "Hari, 8848850922, hari@example.com", "/tap confirm")

ADDED = (
    "session", "session_key", "bot", "lane", "contact", "total", "currency", "taken", "changed_at",
)  # fmt: skip


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run a command from the root of the repository, on an empty SQLite database."""
    monkeypatch.setenv("REJOINDER_DATA", str(tmp_path))
    monkeypatch.chdir(ROOT)

    def invoke(*args: str) -> Result:
        return CliRunner().invoke(app, args, prog_name="rejoinder")

    return invoke


def change(*statements: str) -> None:
    """Write something into the database the settings name."""

    async def written() -> None:
        database: Database = open_database(load_settings()[0])
        await prepare(database)
        for statement in statements:
            await database.transact(lambda text=statement: single((text, ())))  # type: ignore[misc]
        await database.close()

    asyncio.run(written())


def placed(n: int, **given: Any) -> str:
    """Return the statement that places an order as an action would."""
    row = {
        "key": f"s{n}:1:1", "at": 1_767_583_800_000, "status": "placed", "name": "Hari",
        "items": '[{"quantity": 11, "unit": "", "name": "remote controls"}]', "note": "",
        "phone": "+918848850922", "email": "hari@example.com", "session": f"s{n}", "lane": "web",
        "session_key": "web-hari", "bot": "parts_shop", "contact": "c", "total": "3850.00",
        "currency": "INR", "taken": "{}", "changed_at": 1_767_583_800_000, **given,
    }  # fmt: skip
    values = ", ".join(
        "NULL" if value is None else repr(value) if isinstance(value, int) else f"'{value}'"
        for value in row.values()
    )
    return f"INSERT INTO placed_order ({', '.join(row)}) VALUES ({values})"


def test_a_customer_reads_in_the_chat_how_far_their_order_is(run: Run) -> None:
    """Placed in a running chat, moved on beside it, told there; once."""
    with start("chat", "--session", "web-hari") as chat:
        for line in ORDERED:
            chat.tell(line)
        chat.until("Your order number is A-1001.")
        moved = run("orders", "set", "A-1001", "accepted")
        again = run("orders", "set", "a 1001", "accepted", "--json")
        chat.until("<operator Your order A-1001 is accepted.")
        code, out, err = chat.ended()

    assert (code, err) == (0, "")
    assert "accepted" not in out
    assert (moved.exit_code, moved.stdout) == (0, "")
    assert moved.stderr == 'rejoinder: A-1001 is "accepted"; the customer is told.\n'
    assert again.stderr == 'rejoinder: A-1001 was "accepted" already.\n'
    assert json.loads(again.stdout)["status"] == "accepted"


def test_orders_are_listed_the_latest_first(run: Run) -> None:
    change(placed(1), placed(2, status="ready", total=None, currency=None, name="Ana"))

    listed = run("orders", "list")

    assert listed.exit_code == 0
    assert [line.split() for line in listed.stdout.splitlines()] == [
        ["NUMBER", "STATUS", "AT", "TOTAL", "KEY", "NAME", "ITEMS"],
        ["A-1002", "ready", "2026-01-05T03:30:00Z", "web-hari", "Ana", "11", "x", "remote", "controls"],
        ["A-1001", "placed", "2026-01-05T03:30:00Z", "3850.00", "INR", "web-hari", "Hari", "11", "x",
         "remote", "controls"],
    ]  # fmt: skip
    assert "A-1001" not in run("orders", "list", "--status", "ready").stdout


def test_orders_are_listed_as_json(run: Run) -> None:
    change(placed(1))

    (listed,) = json.loads(run("orders", "list", "--json").stdout)

    assert listed == {
        "number": "A-1001",
        "status": "placed",
        "key": "web-hari",
        "contact": {"name": "Hari", "phone": "+918848850922", "email": "hari@example.com"},
        "items": [{"quantity": 11, "unit": "", "name": "remote controls"}],
        "total": {"amount": 3850.0, "currency": "INR"},
        "at": "2026-01-05T03:30:00Z",
        "changed_at": "2026-01-05T03:30:00Z",
        "bot": "parts_shop",
        "lane": "web",
        "note": "",
    }
    assert listed == json.loads(run("orders", "show", "A-1001", "--json").stdout)


def test_orders_are_listed_for_a_spreadsheet(run: Run) -> None:
    """What a customer wrote is never calculated."""
    change(placed(1, name="=1+1", note='he said "now", twice'))

    (row,) = csv.DictReader(StringIO(run("orders", "list", "--csv").stdout))

    assert row["name"] == "'=1+1"
    assert (row["number"], row["total"], row["phone"]) == ("A-1001", "3850.00", "+918848850922")
    assert (row["items"], row["note"]) == ("11 x remote controls", 'he said "now", twice')


@pytest.mark.parametrize("cell", ["=x", "@x", "-2", "+x", "\tx"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert _harmless(cell) in (f"'{cell}", cell if cell.lstrip("+").isdigit() else f"'{cell}")


def test_an_order_is_shown_in_full(run: Run) -> None:
    change(placed(1, note="at noon"))

    shown = run("orders", "show", "1001").stdout

    assert "status  placed, since 2026-01-05T03:30:00Z" in shown
    assert "note    at noon" in shown


def test_a_long_order_takes_one_line_of_the_list(run: Run) -> None:
    change(placed(1, items='[{"quantity": 1, "unit": "", "name": "' + "x" * 100 + '"}]'))

    assert run("orders", "list").stdout.rstrip().endswith("…")


def test_an_empty_book_says_so(run: Run) -> None:
    assert run("orders", "list").stderr == "rejoinder: there is no order.\n"
    assert run("orders", "list", "--json").stdout == "[]\n"
    assert 'no order is "ready".' in run("orders", "list", "--status", "ready").stderr


def test_a_wrong_move_names_those_that_are_right(run: Run) -> None:
    change(placed(1))

    refused = run("orders", "set", "A-1001", "collected")

    assert refused.exit_code == 1
    assert refused.stderr == (
        'rejoinder: A-1001 is "placed" and cannot become "collected": from there it can become'
        " accepted or cancelled.\n"
    )


def test_who_moves_an_order_is_told_that_nobody_can_be_told(run: Run) -> None:
    change(placed(1))

    assert "tell them yourself" in run("orders", "set", "A-1001", "accepted").stderr


def test_an_order_from_before_bots_were_noted_can_be_moved(run: Run) -> None:
    change(placed(1, bot="", session="", session_key="", lane="", contact=""))

    assert run("orders", "set", "A-1001", "accepted").exit_code == 0


def test_an_order_of_another_bot_wants_its_folder(run: Run) -> None:
    change(placed(1, bot="bakery"))

    refused = run("orders", "set", "A-1001", "accepted")
    assert refused.exit_code == 2
    assert 'an order of the bot "bakery", whose folder was not named: add --bot' in refused.stderr


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("list", "A-1001"), 2, "Either ./run orders list,"),
        (("show",), 2, "Either ./run orders list,"),
        (("set", "A-1001"), 2, "Either ./run orders list,"),
        (("drop", "A-1001"), 2, "Either ./run orders list,"),
        (("list", "--json", "--csv"), 2, "Either ./run orders list,"),
        (("show", "A-1001", "--status", "placed"), 2, "Either ./run orders list,"),
        (
            ("set", "A-1001", "acepted"),
            2,
            '"acepted" is no status of an order. Did you mean "accepted"?',
        ),
        (("list", "--status", "x"), 2, "They are placed, accepted, ready, collected, cancelled."),
        (("show", "A-1001"), 1, 'There is no order "A-1001". ./run orders list shows'),
        (("set", "A-1001", "ready"), 1, 'There is no order "A-1001".'),
    ],
)
def test_what_is_asked_wrongly_is_refused(
    run: Run, args: tuple[str, ...], code: int, says: str
) -> None:
    refused = run("orders", *args)

    assert (refused.exit_code, refused.stdout) == (code, "")
    assert says in refused.stderr


def test_orders_of_an_older_program_are_kept(run: Run, tmp_path: Path) -> None:
    """The upgrade fills in what is known of the conversation they were placed in."""
    change(placed(1, total=None, currency=None))
    connection = sqlite3.connect(tmp_path / "rejoinder.db")
    connection.executescript(
        "DROP INDEX order_waiting_by_phone; DROP INDEX order_waiting_by_email;"
        "DROP INDEX order_by_contact; DROP TABLE stock; DROP TABLE request;"
        + "".join(f"ALTER TABLE placed_order DROP COLUMN {name};" for name in ADDED)
        + "UPDATE schema_flows SET version_num = '0001';"
        "INSERT INTO effect (id, session, place, kind, body, status, attempts, not_before, at)"
        " VALUES ('s1:1:1', 's1', 1, 'run_action', '{}', 'done', 1, 0, 0);"
        "INSERT INTO session (id, bot, lane, contact, key, version, turn_id, status, mode, state,"
        " opened_at, last_at, body) VALUES ('s1', 'parts_shop', 'web', 'c', 'web-hari', 1, 1, 'ended',"
        " 'agent', 'idle', 0, 0, '{}');"
    )
    connection.close()

    (listed,) = json.loads(run("orders", "list", "--json").stdout)

    assert (listed["key"], listed["bot"], listed["lane"]) == ("web-hari", "parts_shop", "web")
    assert (listed["total"], listed["changed_at"]) == (None, listed["at"])
