"""What a fault of ours could not take is kept, shown, and taken once the fault is gone."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from adapters.assembly import find_bot, load_source
from adapters.cli import app
from adapters.logs import configure
from adapters.operating import opened
from adapters.settings import load_settings
from adapters.work_commands import _tried_again
from engine.events import ActionFinished, Said, Tapped
from engine.language.book import Book
from engine.language.bot_compiler import compile_bot
from engine.overview import Listed, ParkedEvent
from engine.readers import READERS, Hearing, Reading
from engine.runtime.arrivals import Arrival, inbound_id
from engine.runtime.retrying import taken_again

Run = Callable[..., Result]
LINES = ("i need 11 remote controls", "Hari, 8848850922, boom@example.com")


def broken(text: str, hearing: Hearing) -> list[Reading]:
    """Read e-mail addresses, with a bug that would repeat what was written."""
    if "boom" in text:
        raise ValueError(text)
    return READERS["email"].read(text, hearing)


@pytest.fixture(scope="module")
def faulty() -> Book:
    """Compile the shipped bot with a reader that has a bug."""
    readers = {**READERS, "email": replace(READERS["email"], read=broken)}
    return compile_bot(load_source(find_bot("parts_shop")), readers=readers)


@pytest.fixture(autouse=True)
def database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REJOINDER_DATA", str(tmp_path))


def run(*args: str) -> Result:
    return CliRunner().invoke(app, args, prog_name="rejoinder")


async def say(book: Book, *texts: str) -> None:
    """Say these texts to a process that runs this bot."""
    async with opened(load_settings()[0], books={"parts_shop": book}) as service:
        for n, text in enumerate(texts):
            event = Said(inbound_id("parts_shop", "web", "hari", str(n)), service.clock(), text)
            arrival = Arrival("parts_shop", "web", ("web:hari",), "web-hari", event)
            await service.conversations.receive(arrival)


async def retry(book: Book, id_: str) -> ParkedEvent | None:
    """Retry where this bot runs."""
    async with opened(load_settings()[0], books={"parts_shop": book}) as service:
        return await _tried_again(service, id_)


def test_a_parked_message_is_taken_once_the_fault_is_gone(faulty: Book) -> None:
    """The conversation goes on as if it had been taken at first."""
    assert "nothing is parked" in run("parked").stderr
    assert [] == json.loads(run("parked", "--json").stdout)
    asyncio.run(say(faulty, *LINES))

    (parked,) = json.loads(run("parked", "--json").stdout)
    head, row = run("parked").stdout.splitlines()
    assert head.split() == ["ID", "KEY", "BOT", "EVENT", "AT", "ERROR"]
    assert row.split()[:4] == [parked["id"], "web-hari", "parts_shop", "Said"]
    assert LINES[1] == parked["fields"]["text"]

    again = asyncio.run(retry(faulty, parked["id"]))
    assert again is not None
    assert again.id != parked["id"]
    assert again.fields["id"] == f"{parked['fields']['id']}!1"
    (new,) = json.loads(run("parked", "--json").stdout)
    assert new["id"] == again.id

    taken = run("parked", "retry", again.id)
    assert (taken.exit_code, taken.stdout) == (0, "")
    assert "is taken." in taken.stderr
    assert "nothing is parked" in run("parked").stderr
    (session,) = json.loads(run("sessions", "--json").stdout)
    assert ("bulk_order", "confirming") == (session["flow"], session["state"])


def test_what_cannot_be_retried_is_told_in_words(faulty: Book) -> None:
    """An id that is none; a command half typed; a conversation that is over."""
    asyncio.run(say(faulty, *LINES))
    (parked,) = json.loads(run("parked", "--json").stdout)

    near = run("parked", "retry", f"{parked['id'][:-1]}x")
    assert near.exit_code == 1
    assert f'Did you mean "{parked["id"]}"?' in near.stderr
    assert "./run parked lists" in run("parked", "retry", "zzz").stderr
    assert 2 == run("parked", "retry").exit_code
    assert 2 == run("parked", "again", "x").exit_code
    run("end", "web-hari")
    over = run("parked", "retry", parked["id"])
    assert over.exit_code == 1
    assert "has ended meanwhile" in over.stderr


def test_a_fault_that_is_still_there_is_told(faulty: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    asyncio.run(say(faulty, *LINES))
    (parked,) = json.loads(run("parked", "--json").stdout)
    monkeypatch.setitem(READERS, "email", replace(READERS["email"], read=broken))

    result = run("parked", "retry", parked["id"])

    assert result.exit_code == 1
    assert "could not be taken again (ValueError: " in result.stderr


def test_a_log_tells_where_and_not_what(faulty: Book, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a fault whose message repeats what the customer wrote, only its kind is logged."""
    configure("debug")
    asyncio.run(say(faulty, *LINES))
    try:
        int(LINES[1])
    except ValueError as error:
        structlog.get_logger().error("raised", exc_info=True, why="one line\nHari and the others")
        structlog.get_logger().error("raised", exc_info=error)
    structlog.get_logger().error("raised", exc_info=ValueError(LINES[1]))
    logging.getLogger("alembic").info("how it works")
    logging.getLogger("alembic").warning("what is wrong")
    err = capsys.readouterr().err

    assert "how it works" not in err
    logged = [json.loads(row) for row in err.splitlines()]
    assert {"parked", "what is wrong"} <= {row["event"] for row in logged}
    first, second, third = [row for row in logged if row["event"] == "raised"]
    assert first["error"] == second["error"]
    assert first["error"].startswith("ValueError at ")
    assert ("one line", "ValueError") == (first["why"], third["error"])
    for word in ("Hari", "boom", "88488", "remote"):
        assert word not in err


async def confirm(failed: asyncio.Event) -> None:
    """Confirm an order whose placing fails, with a reason that repeats what the customer wrote."""

    async def place_order(**given: object) -> None:
        failed.set()
        raise ValueError(str(given))

    actions = {"place_order": place_order}
    async with opened(load_settings()[0], actions=actions) as service:
        service.start()
        for n, text in enumerate((LINES[0], LINES[1], "yes")):
            event = Said(inbound_id("parts_shop", "web", "hari", str(n)), service.clock(), text)
            arrival = Arrival("parts_shop", "web", ("web:hari",), "web-hari", event)
            await service.conversations.receive(arrival)
        await failed.wait()


def test_a_log_of_a_failing_action_repeats_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    configure("debug")
    asyncio.run(confirm(asyncio.Event()))
    err = capsys.readouterr().err

    assert '"event": "action_failed"' in err
    for word in ("Hari", "boom", "88488", "remote"):
        assert word not in err


def parked(kind: str, **fields: object) -> ParkedEvent:
    session = Listed("s1", "web-hari", "shop", "web", "c", 1, "agent", "open", None, "idle", 0)
    return ParkedEvent("p1", session, 0, kind, "", fields)


def test_each_try_has_an_id_of_its_own_and_an_outcome_keeps_its_own() -> None:
    """A message is known by its line; an outcome by the effect that somebody waits for."""
    first = taken_again(parked("Said", id="m1", at=1, text="hi", route=None, file=""))
    second = taken_again(parked("Tapped", id="m1!1", at=1, choice="a#1", text="A", route=None))
    outcome = taken_again(parked("ActionFinished", id="e1", at=1, ok=True, value=1, error=""))

    assert first == Said("m1!1", 1, "hi")
    assert second == Tapped("m1!2", 1, "a#1", "A")
    assert outcome == ActionFinished("e1", 1, ok=True, value=1)
