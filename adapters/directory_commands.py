"""The command of those who keep the list of people: import it, look at it, beside a running process."""

# ruff: noqa: PLC0415 - the engine is imported inside: `--help` must not wait for it

from __future__ import annotations

__all__ = ["directory", "on_terminal"]

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from adapters.terms import DatabaseOption, columns, show, word
from engine.errors import RejoinderError, UsageError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from adapters.assembly import People
    from adapters.directory_files import Knowing
    from adapters.settings import Settings
    from engine.language.source import BotSource
    from engine.people import Imported, Person

T = TypeVar("T")

HEAD = ("PHONE", "NOW", "FROM", "UNTIL", "FACTS")
HOW = "Either ./run directory import BOT FILE.csv, or ./run directory list BOT."
MOST_BYTES = 50_000_000  # half a million guests

# What is read before it is kept; any other kind is kept as it is written.
READ_KINDS = ("number", "money", "date", "yes_no", "phone", "email")
_CONTACT = r"\{contact\.(\w+)\}"
BY_CHANNEL = ("phone", "language")  # known of whoever writes, without any list


def directory(
    what: Annotated[str, typer.Argument(metavar="import|list", help="What to do.")],
    bot: Annotated[
        str, typer.Argument(metavar="BOT", help="A bot's folder, or a shipped bot's name.")
    ] = "",
    file: Annotated[
        str, typer.Argument(metavar="FILE.csv", help="phone, active_from, active_until and facts.")
    ] = "",
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Remove everybody who is not in the file.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Remove them without asking.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON: list prints an array.")] = False,
    database_url: DatabaseOption = "",
) -> None:
    """Import the people a bot knows from a table, or list them."""
    from adapters.assembly import find_bot, load_source
    from adapters.operating import ready

    importing = replace or yes or dry_run
    wrong = importing if what == "list" else json
    if what not in ("import", "list") or not bot or bool(file) != (what == "import") or wrong:
        raise UsageError(HOW)
    source = load_source(find_bot(bot))
    settings = ready(bot=(bot,), database_url=database_url)
    if what == "list":
        _list(settings, source, json=json)
        return
    people = _read(Path(file), source)
    if source.bot.admit == "everyone":
        word(
            f"{source.bot.bot} answers everybody, and asks this list nothing. To change that write"
            " admit: {people: active, else: ignore} in its bot.yaml."
        )
    _import(settings, source.bot.bot, people, replace=replace, yes=yes, dry=dry_run)


# -- import ----------------------------------------------------------------------------------------


def _read(file: Path, source: BotSource) -> Sequence[Person]:
    from adapters.directory_files import read_people
    from engine.language.document import shown_path

    try:
        if file.stat().st_size > MOST_BYTES:
            raise UsageError(
                f"{shown_path(file)} has more than {MOST_BYTES // 1_000_000} MB. Import it in parts."
            )
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{shown_path(file)} cannot be read: {error.strerror}.") from None
    people, faults = read_people(data, _knowing(source), shown_path(file))
    if faults:
        count = "one fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise RejoinderError("\n".join([*faults, f"{count}, and nothing was imported."]))
    return people


def _import(
    settings: Settings, bot: str, people: Sequence[Person], *, replace: bool, yes: bool, dry: bool
) -> None:
    if dry or (replace and not yes):
        would = _run(settings, lambda all_: all_.take(bot, people, replace=replace, dry=True))
        if dry:
            word(f"{bot}: {_told(would)}. Nothing was changed.")
            return
        if would.removed:
            _ask(bot, would)
    done = _run(settings, lambda all_: all_.take(bot, people, replace=replace))
    word(f"{bot}: {_told(done)}.")


def _ask(bot: str, would: Imported) -> None:
    """Have somebody agree to what cannot be undone."""
    if not on_terminal():
        raise UsageError(
            f"--replace would remove {would.removed} people from {bot}. Add --yes if you mean it;"
            " nothing was changed."
        )
    if not typer.confirm(f"{bot}: {_told(would)}. Go on?", err=True):
        raise RejoinderError("Nothing was changed.")


def on_terminal() -> bool:
    """Tell whether somebody can be asked."""
    return sys.stdin.isatty()


def _told(counts: Imported) -> str:
    return (
        f"{counts.added} added, {counts.changed} changed, {counts.same} as before,"
        f" {counts.removed} removed"
    )


def _knowing(source: BotSource) -> Knowing:
    """Collect what a bot's files say about facts: those its texts show, and the kinds of others."""
    import re
    from zoneinfo import ZoneInfo

    from adapters.directory_files import Knowing
    from adapters.reading import hearing_of
    from engine.language.sites import text_sites
    from engine.language.survey import survey_of
    from engine.readers import Hearing

    sites = text_sites(survey_of(source))
    # A text of several languages is looked through as it is printed, with all of them in it.
    shown = {name for site in sites for name in re.findall(_CONTACT, str(site.text))}
    slots = [slot for flow in source.flows.values() for slot in flow.slots.values()]
    kinds = {
        slot.default.partition(".")[2]: (str(slot.type), str(slot.want or ""))
        for slot in slots
        if slot.default and slot.type in READ_KINDS
    }
    return Knowing(
        ZoneInfo(source.bot.timezone),
        hearing_of(source, Hearing()),
        kinds,
        frozenset(shown.difference(BY_CHANNEL)),
    )


# -- list ------------------------------------------------------------------------------------------


def _list(settings: Settings, source: BotSource, *, json: bool) -> None:
    from zoneinfo import ZoneInfo

    from engine.runtime.system import system_clock

    zone, now = ZoneInfo(source.bot.timezone), system_clock()
    found = _run(settings, lambda people: people.listed(source.bot.bot))
    if json:
        from json import dumps

        rows = [_as_json(one, zone, now) for one in found]
        show(dumps(rows, ensure_ascii=False, indent=2))
    elif not found:
        word(f"{source.bot.bot} knows nobody yet: ./run directory import {source.bot.bot} FILE.csv")
    else:
        show(columns(HEAD, *(_as_row(one, zone, now) for one in found)))


def _now(one: Person, now: int) -> str:
    if one.active_from is not None and now < one.active_from:
        return "later"
    return "over" if one.active_until is not None and now >= one.active_until else "active"


def _as_json(one: Person, zone: ZoneInfo, now: int) -> Mapping[str, Any]:
    return {
        "phone": one.phone,
        "now": _now(one, now),
        "active_from": _moment(one.active_from, zone) or None,
        "active_until": _moment(one.active_until, zone) or None,
        "facts": one.facts,
    }


def _as_row(one: Person, zone: ZoneInfo, now: int) -> tuple[str, ...]:
    facts = ", ".join(f"{name}: {value}" for name, value in one.facts.items())
    begins, ends = (_moment(at, zone)[:16] for at in (one.active_from, one.active_until))
    return one.phone, _now(one, now), begins, ends, facts


def _moment(at: int | None, zone: ZoneInfo) -> str:
    """Write a moment as the clock of the place shows it, and as it can be imported again."""
    return "" if at is None else datetime.fromtimestamp(at / 1_000, zone).isoformat()


def _run(settings: Settings, ask: Callable[[People], Awaitable[T]]) -> T:
    import asyncio

    from adapters.assembly import open_database, open_directory, prepare

    async def asked() -> T:
        database = open_database(settings)
        try:
            await prepare(database)
            return await ask(open_directory(database))
        finally:
            await database.close()

    return asyncio.run(asked())
