"""The list of people: imported from what spreadsheets write, every fault told, nothing half done."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from adapters.cli import app
from adapters.phones import canonical
from tests.core.flows import ENDED, flow
from tests.core.talk import write_bot

Run = Callable[..., Result]

GUESTS = """\
phone,name,room,active_from,active_until
081234567890,Sari Dewi,204,2026-01-05,2026-01-08
+61 412 345 678,Tom Hill,305,,
"""
ADMIT = {"people": "active", "else": "ignore"}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run the command in a folder with a hotel, on an empty database."""
    monkeypatch.setenv("REJOINDER_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    hotel(tmp_path)

    def invoke(*args: str, typed: str = "") -> Result:
        whole = ("directory", *args)
        return CliRunner().invoke(app, whole, input=typed, prog_name="rejoinder")

    return invoke


def hotel(folder: Path, **bot: object) -> Path:
    """Write a bot whose flow begins with the guest's room."""
    room = {"type": "number", "label": "room", "default": "contact.room"}
    states = {
        "asking": {"collect": ["room"], "ask": "Which room?", "then": "checking"},
        "checking": {
            "say": "Room {room}?",
            "choices": [{"id": "fine", "label": "Yes", "means": "yes", "go": "said"}],
        },
        "said": {"end": "completed", "say": "Room {room}."},
    }
    whole = {
        "bot": "hotel", "region": "ID", "timezone": "Asia/Jakarta", "admit": ADMIT,
        "welcome": "Welcome!", **bot,
    }  # fmt: skip
    return write_bot(folder / "hotel", whole, [flow("towels", states, slots={"room": room})])


def written(text: str | bytes, name: str = "guests.csv") -> str:
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return name


def known(run: Run) -> dict[str, dict[str, object]]:
    return {one["phone"]: one for one in json.loads(run("list", "hotel", "--json").stdout)}


def test_guests_are_imported_and_listed(run: Run) -> None:
    """A last day counts as a whole; a room's number is a number, as the flow has it."""
    done = run("import", "hotel", written(GUESTS))

    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == "rejoinder: hotel: 2 added, 0 changed, 0 as before, 0 removed.\n"
    sari, tom = known(run)["+6281234567890"], known(run)["+61412345678"]
    assert sari["facts"] == {"name": "Sari Dewi", "room": 204}
    assert (sari["active_from"], sari["active_until"]) == (
        "2026-01-05T00:00:00+07:00", "2026-01-09T00:00:00+07:00",
    )  # fmt: skip
    assert (tom["now"], tom["active_from"], tom["active_until"]) == ("active", None, None)
    head, first, _ = run("list", "hotel").stdout.splitlines()
    assert head.split() == ["PHONE", "NOW", "FROM", "UNTIL", "FACTS"]
    assert first.split()[0] == "+61412345678"
    assert first.endswith("name: Tom Hill, room: 305")


def test_nobody_is_known_at_first(run: Run) -> None:
    listed = run("list", "hotel")

    assert (listed.exit_code, listed.stdout) == (0, "")
    assert listed.stderr == (
        "rejoinder: hotel knows nobody yet: ./run directory import hotel FILE.csv\n"
    )
    assert run("list", "hotel", "--json").stdout == "[]\n"


def test_who_is_expected_and_who_has_left_are_told_apart(run: Run) -> None:
    rows = "phone,active_from,active_until\n081234567890,2999-01-01,\n081234567891,,2020-01-01\n"
    run("import", "hotel", written(rows))

    assert [one["now"] for one in known(run).values()] == ["later", "over"]


def test_the_same_file_again_changes_nothing(run: Run) -> None:
    run("import", "hotel", written(GUESTS))
    moved = GUESTS.replace(",305,", ",306,")

    again, later = (run("import", "hotel", written(one)) for one in (GUESTS, moved))
    assert again.stderr == "rejoinder: hotel: 0 added, 0 changed, 2 as before, 0 removed.\n"
    assert later.stderr == "rejoinder: hotel: 0 added, 1 changed, 1 as before, 0 removed.\n"


BY_HAND = (
    b"\xef\xbb\xbfPhone;NAME;Room;Active From;active until\r\n"
    b"081234567890;Sari Dewi;204;2026-01-05;2026-01-08\r\n\r\n"
)
IN_UTF_16 = (
    "phone\tname\troom\tactive_from\tactive_until\n"
    "6281234567890@c.us\tSari Dewi\t204\t2026-01-05T00:00\t2026-01-09T00:00\n"
).encode("utf-16")
QUOTED = (
    b'"phone","name","room","active_from","active_until",\n'
    b'"62 812-3456-7890","Sari\n Dewi","204","2026-01-05 00:00","2026-01-08T17:00Z",\n'
)
WITHOUT_ZERO = (
    b"phone,name,room,active_from,active_until\n81234567890,Sari Dewi,204,2026-01-05,2026-01-08\n"
)


@pytest.mark.parametrize("data", [BY_HAND, IN_UTF_16, QUOTED, WITHOUT_ZERO])
def test_spreadsheets_write_one_guest_in_many_ways(run: Run, data: bytes) -> None:
    assert run("import", "hotel", written(data)).exit_code == 0

    (sari,) = known(run).values()
    assert (sari["phone"], sari["facts"]) == ("+6281234567890", {"name": "Sari Dewi", "room": 204})
    assert sari["active_until"] == "2026-01-09T00:00:00+07:00"


@pytest.mark.parametrize(
    ("number", "means"),
    [
        ("081234567890", "+6281234567890"),
        ("6281234567890", "+6281234567890"),
        ("6281234567890@c.us", "+6281234567890"),
        ("6281234567890:7@s.whatsapp.net", "+6281234567890"),
        ("+62 812-3456-7890", "+6281234567890"),
        ("61412345678", "+61412345678"),
        ("+1 (212) 555-0143", "+12125550143"),
        ("0812", ""),
        ("none", ""),
        ("+", ""),
        ("99999999999999999", ""),
    ],
)
def test_a_phone_number_has_one_form(number: str, means: str) -> None:
    assert (canonical(number, "ID") or "") == means


def test_every_wrong_row_is_told_and_nothing_is_imported(run: Run) -> None:
    rows = (
        "phone,name,room,active_from,active_until\n"
        "081234567890,Sari,204,,\n"
        ",Tom,305,,\n"
        "6.28123E+12,Ana,306,,\n"
        "123,Lee,307,,\n"
        "+6281234567890,Sari again,308,,\n"
        "081234567891,Max,suite,05/01/2026,2026-02-30\n"
        "081234567892,Eva,101,2026-01-08,2026-01-05\n"
        "081234567893,Kim,102,,,,too much\n"
        f"081234567894,{'x' * 501},103,9999-12-31,9999-12-31\n"
    )
    refused = run("import", "hotel", written(rows))

    assert (refused.exit_code, refused.stdout) == (1, "")
    day = "which is no day. Write 2026-03-31, or 2026-03-31T14:00."
    shortened = "a phone number that a spreadsheet has shortened. Format the column as text"
    called = "no phone number that can be called. Write one of ID, or with + and its country code."
    number = "no number. A flow begins with it in a slot of type number; correct the cell or the"
    cells = "it has 7 cells, and there are 5 columns. Put quotes around a cell with a separator in"
    assert refused.stderr.splitlines() == [
        "guests.csv:3: there is no phone number. Fill it in, or take the row out.",
        f'guests.csv:4: "6.28123E+12" is {shortened} and enter it again.',
        f'guests.csv:5: "123" is {called}',
        "guests.csv:6: +6281234567890 stands in line 2 already. Make them one row.",
        f'guests.csv:7: active_from is "05/01/2026", {day}',
        f'guests.csv:7: active_until is "2026-02-30", {day}',
        f'guests.csv:7: room is "suite", which is {number} slot.',
        "guests.csv:8: active_until is not after active_from. Swap or correct them.",
        f"guests.csv:9: {cells} it.",
        f'guests.csv:10: active_until is "9999-12-31", {day}',
        "guests.csv:10: name has 501 characters. Leave at most 500.",
        "11 faults, and nothing was imported.",
    ]
    assert known(run) == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "guests.csv:1: the file is empty. Its first line names the columns: phone,name,room"),
        ("nomor,name\n", 'guests.csv:1: no column is called "phone". Call so the one of them that is: nomor, name.'),
        ("phone,,room\n", "guests.csv:1: column 2 has no name. Call it by letters a to z"),
        ("phone,7th\n", 'guests.csv:1: column 2 is called "7th". Call it by letters a to z'),
        ("phone,Room,room\n", 'guests.csv:1: two columns are called "room". Leave one of them out.'),
        ('phone,name\n0812,"Sari\n', "guests.csv:2: it cannot be read on from here: "),
        (b"PK\x03\x04\x00\x00", "guests.csv:1: this is no text. Save the sheet as CSV, UTF-8."),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_says_so(run: Run, text: str | bytes, says: str) -> None:
    refused = run("import", "hotel", written(text))

    assert refused.exit_code == 1
    assert says in refused.stderr
    assert refused.stderr.endswith("\none fault, and nothing was imported.\n")


def test_what_the_bot_says_of_everybody_must_be_known_of_everybody(
    run: Run, tmp_path: Path
) -> None:
    """No guest reads a welcome with a hole in it."""
    hotel(tmp_path, welcome="Welcome, {contact.name}, {contact.phone}!")

    column = run("import", "hotel", written("phone,room\n081234567890,204\n"))
    assert 'guests.csv:1: no column is called "name", and the bot says {contact.name}.' in (
        column.stderr
    )
    cell = run("import", "hotel", written("phone,name\n081234567890,\n081234567891,Tom\n"))
    assert cell.stderr.startswith(
        "guests.csv:2: there is no name, and the bot says {contact.name}. Fill it in.\none fault"
    )
    assert known(run) == {}


def test_a_dry_run_says_what_would_change(run: Run) -> None:
    run("import", "hotel", written(GUESTS))
    others = written("phone\n081234567899\n")
    dry = run("import", "hotel", others, "--replace", "--dry-run")

    assert dry.exit_code == 0
    assert dry.stderr == (
        "rejoinder: hotel: 1 added, 0 changed, 0 as before, 2 removed. Nothing was changed.\n"
    )
    assert len(known(run)) == 2


def test_nobody_is_removed_unasked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal --yes says it; on one a question is put, where anybody would go."""
    run("import", "hotel", written(GUESTS))
    one = written("phone\n081234567890\n")
    ask = ("import", "hotel", one, "--replace")

    refused = run(*ask)
    assert refused.exit_code == 2
    assert "--replace would remove 1 people from hotel. Add --yes if you mean it" in refused.stderr
    monkeypatch.setattr("adapters.directory_commands.on_terminal", lambda: True)
    assert run(*ask, typed="n\n").exit_code == 1
    assert len(known(run)) == 2
    agreed = run(*ask, typed="y\n")
    assert agreed.exit_code == 0
    assert "0 added, 1 changed, 0 as before, 1 removed. Go on?" in agreed.stderr
    assert list(known(run)) == ["+6281234567890"]
    assert run(*ask).exit_code == 0  # nobody is left to be removed
    assert run("import", "hotel", written("phone\n"), "--replace", "--yes").exit_code == 0
    assert known(run) == {}


def test_a_bot_that_answers_everybody_says_that_it_asks_no_list(run: Run, tmp_path: Path) -> None:
    hotel(tmp_path, admit="everyone", welcome="Hi!", channels={})
    write_bot(tmp_path / "open", {"bot": "open"}, [flow("hello", {"said": ENDED})])

    told = run("import", "open", written("phone\n+6281234567890\n"))
    assert told.exit_code == 0
    assert told.stderr.startswith("rejoinder: open answers everybody, and asks this list nothing.")


def test_ten_thousand_guests_are_one_import(run: Run) -> None:
    rows = "".join(f"0812{n:08},Guest {n},{n % 400 + 101}\n" for n in range(10_000))
    done = run("import", "hotel", written(f"phone,name,room\n{rows}"))

    assert done.exit_code == 0
    assert done.stderr == "rejoinder: hotel: 10000 added, 0 changed, 0 as before, 0 removed.\n"


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("import", "hotel"), "Either ./run directory import BOT FILE.csv"),
        (("list",), "Either ./run directory import"),
        (("list", "hotel", "guests.csv"), "Either ./run directory import"),
        (("list", "hotel", "--yes"), "Either ./run directory import"),
        (("import", "hotel", "guests.csv", "--json"), "Either ./run directory import"),
        (("drop", "hotel", "guests.csv"), "Either ./run directory import"),
        (("import", "hotel", "nowhere.csv"), "nowhere.csv cannot be read: No such file"),
        (("import", "hotle", "guests.csv"), 'There is no bot "hotle".'),
    ],
)
def test_what_is_asked_wrongly_is_refused(run: Run, args: tuple[str, ...], says: str) -> None:
    refused = run(*args)

    assert (refused.exit_code, refused.stdout) == (2, "")
    assert says in refused.stderr


def test_a_file_of_another_size_altogether_is_not_read(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.directory_commands.MOST_BYTES", 10)

    assert "Import it in parts." in run("import", "hotel", written(GUESTS)).stderr
