"""A list of people as a CSV file: every row becomes a person, or a fault with its line and remedy.

Spreadsheets write it in many ways: with commas, semicolons or tabs, in UTF-8 or not, in quotes.
"""

from __future__ import annotations

__all__ = ["Knowing", "read_people"]

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

from adapters.order_files import decoded
from adapters.phones import canonical
from engine.people import Person
from engine.readers import READERS, Hearing, Read

PHONE, FROM, UNTIL = "phone", "active_from", "active_until"
LONGEST = 500  # characters of a fact: it is shown in a message

_FACT = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_SHORTENED = re.compile(r"\d[.,]?\d*e\+?\d+", re.IGNORECASE | re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Knowing:
    """What a bot says about its people: where they are, and which facts its files use."""

    timezone: ZoneInfo
    hearing: Hearing  # its region and languages
    kinds: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # fact -> kind, want
    shown: frozenset[str] = frozenset()  # facts that stand in its texts: everybody must have them


def read_people(data: bytes, knowing: Knowing, file: str) -> tuple[Sequence[Person], Sequence[str]]:
    """Return the people of a file, and all its faults, each with its line and its remedy."""
    page = _Page(knowing, file)
    try:
        text = decoded(data)
    except ValueError:
        page.fault(1, "this is no text.", "Save the sheet as CSV, UTF-8.")
        return (), page.faults
    rows = page.rows(text)
    if not rows:
        if not page.faults:
            page.fault(1, "the file is empty.", "Its first line names the columns: phone,name,room")
        return (), page.faults
    columns = page.columns(*rows[0])
    people = [page.person(line, cells, columns) for line, cells in rows[1:]] if columns else ()
    return [one for one in people if one is not None], page.faults


@dataclass(slots=True)
class _Page:
    """A file while it is read."""

    knowing: Knowing
    file: str
    faults: list[str] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)  # phone -> the line it stands in

    def fault(self, line: int, what: str, remedy: str) -> None:
        self.faults.append(f"{self.file}:{line}: {what} {remedy}")

    def rows(self, text: str) -> list[tuple[int, list[str]]]:
        """Return what is not blank, each row with the line it begins in."""
        head = next((line for line in text.splitlines() if line.strip()), "")
        sign = max(",;\t", key=head.count)
        reader = csv.reader(StringIO(text, newline=""), delimiter=sign, strict=True)
        found = []
        before = 0
        try:
            for row in reader:
                cells = [" ".join(cell.split()) for cell in row]
                if any(cells):
                    found.append((before + 1, cells))
                before = reader.line_num
        except csv.Error as error:
            self.fault(
                before + 1,
                f"it cannot be read on from here: {error}.",
                "Mend the quotes around it.",
            )
            return []
        return found

    def columns(self, line: int, head: Sequence[str]) -> Sequence[str]:
        """Return the names of the columns; none where one of them is wrong."""
        names = [re.sub(r"\W+", "_", cell.casefold()).strip("_") for cell in head]
        while names and not names[-1]:
            names.pop()
        before = len(self.faults)
        for number, (name, cell) in enumerate(zip(names, head, strict=False), start=1):
            if not _FACT.fullmatch(name):
                what = (
                    f'column {number} is called "{cell}"'
                    if cell
                    else f"column {number} has no name"
                )
                self.fault(line, f"{what}.", "Call it by letters a to z and digits, such as room.")
            elif names.index(name) < number - 1:
                self.fault(line, f'two columns are called "{name}".', "Leave one of them out.")
        if PHONE not in names:
            there = ", ".join(cell for cell in head if cell)
            self.fault(
                line, 'no column is called "phone".', f"Call so the one of them that is: {there}."
            )
        for name in sorted(self.knowing.shown.difference(names)):
            self.fault(
                line,
                f'no column is called "{name}", and the bot says {{contact.{name}}}.',
                "Add it; everybody needs one.",
            )
        return names if len(self.faults) == before else ()

    def person(self, line: int, cells: Sequence[str], columns: Sequence[str]) -> Person | None:
        """Return the person of a row; None, and its faults, where something in it is wrong."""
        before = len(self.faults)
        if any(cells[len(columns) :]):
            self.fault(
                line,
                f"it has {len(cells)} cells, and there are {len(columns)} columns.",
                "Put quotes around a cell with a separator in it.",
            )
            return None
        given = dict(zip(columns, cells, strict=False))
        phone = self._phone(line, given.pop(PHONE, ""))
        begins = self._moment(line, FROM, given.pop(FROM, ""))
        ends = self._moment(line, UNTIL, given.pop(UNTIL, ""))
        if begins is not None and ends is not None and ends <= begins:
            self.fault(line, "active_until is not after active_from.", "Swap or correct them.")
        facts = {name: self._fact(line, name, cell) for name, cell in given.items() if cell}
        for name in sorted(self.knowing.shown.difference(facts)):
            self.fault(
                line, f"there is no {name}, and the bot says {{contact.{name}}}.", "Fill it in."
            )
        return Person(phone, facts, begins, ends) if len(self.faults) == before else None

    def _phone(self, line: int, written: str) -> str:
        region = self.knowing.hearing.region
        phone = canonical(written, region) or ""
        if not written:
            self.fault(line, "there is no phone number.", "Fill it in, or take the row out.")
        elif _SHORTENED.fullmatch(written):
            self.fault(
                line,
                f'"{written}" is a phone number that a spreadsheet has shortened.',
                "Format the column as text and enter it again.",
            )
        elif not phone:
            self.fault(
                line,
                f'"{written}" is no phone number that can be called.',
                f"Write one of {region}, or with + and its country code.",
            )
        elif phone in self.lines:
            self.fault(
                line, f"{phone} stands in line {self.lines[phone]} already.", "Make them one row."
            )
        else:
            self.lines[phone] = line
        return phone

    def _moment(self, line: int, column: str, written: str) -> int | None:
        """Read a day or a moment in the bot's time zone; a last day is over when it ends."""
        if not written:
            return None
        try:
            if _DAY.fullmatch(written):
                day = date.fromisoformat(written) + timedelta(days=column == UNTIL)
                moment = datetime.combine(day, time())
            elif _MOMENT.fullmatch(written):
                moment = datetime.fromisoformat(written)
            else:
                raise ValueError  # noqa: TRY301 - as a date that does not exist
            zoned = moment if moment.tzinfo else moment.replace(tzinfo=self.knowing.timezone)
            return int(zoned.timestamp() * 1000)
        except (ValueError, OverflowError):
            self.fault(
                line,
                f'{column} is "{written}", which is no day.',
                "Write 2026-03-31, or 2026-03-31T14:00.",
            )
            return None

    def _fact(self, line: int, name: str, cell: str) -> Any:
        """Read a fact as the slot that begins with it has it: a room's number is a number."""
        if len(cell) > LONGEST:
            self.fault(line, f"{name} has {len(cell)} characters.", f"Leave at most {LONGEST}.")
        if name not in self.knowing.kinds:
            return cell
        kind, want = self.knowing.kinds[name]
        hearing = self.knowing.hearing
        heard = Hearing(hearing.languages, hearing.region, asked=True, want=want)
        readings = READERS[kind].read(cell, heard)
        if len(readings) == 1 and isinstance(readings[0], Read) and not readings[0].fault:
            return readings[0].value
        self.fault(
            line,
            f'{name} is "{cell}", which is no {kind}.',
            f"A flow begins with it in a slot of type {kind}; correct the cell or the slot.",
        )
        return None
