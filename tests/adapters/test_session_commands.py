"""The commands of those who look after conversations, beside a process that is running."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from tests.adapters.programs import start
from tests.adapters.talking import ASKED, CONFIRMING, CONTACT, ORDER, say, talk

Run = Callable[..., Result]


def test_a_person_takes_over_beside_a_running_process(world: str, run: Run) -> None:
    """The running process has the session in its memory, and learns of it by its next turn."""
    key = f"web-taken-{world}"
    with start("chat", "--session", key) as chat:
        chat.tell(ORDER)
        chat.until(ASKED)

        taken = run("take-over", key)
        assert (taken.exit_code, taken.stdout) == (0, "")
        assert f"{key} is in your hands" in taken.stderr
        assert "already" in run("take-over", key).stderr
        chat.tell("are you there?")
        chat.until("> are you there?\n")
        assert 0 == run("reply", key, "Yes, this is Ana.").exit_code
        assert "" == chat.until("<operator Yes, this is Ana.\n")
        assert 0 == run("hand-back", key).exit_code
        assert "already" in run("hand-back", key).stderr
        chat.tell(CONTACT)
        chat.until(CONFIRMING)
        chat.ended()

    assert f"{key} has ended." in run("end", key).stderr
    assert 'sessions_ended_total{bot="parts_shop",reason="ended by operator"}' in run(
        "metrics"
    ).stdout.replace("rejoinder_", "")
    again = run("end", key)
    assert (again.exit_code, again.stdout) == (1, "")
    assert "has ended" in again.stderr
    ended = {one["key"]: one for one in json.loads(run("sessions", "--all", "--json").stdout)}
    assert "ended" == ended[key]["status"]
    assert key not in run("sessions").stdout


def test_sessions_are_a_table_for_people(sqlite: Path, run: Run) -> None:
    empty = run("sessions", "--bot", "parts_shop")
    assert (empty.exit_code, empty.stdout) == (0, "")
    assert "no session is open" in empty.stderr
    talk("web-hari", ORDER)

    head, row = run("sessions", "--bot", "flows/parts_shop").stdout.splitlines()

    assert ["KEY", "BOT", "LANE", "MODE", "STATUS", "STATE", "LAST"] == head.split()
    assert "web-hari  parts_shop  web   agent  open    bulk_order: collecting_contact  2" in row


def test_a_setting_that_is_none_is_told_by_every_command(
    sqlite: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REJOINDER_REDIS_URI", "redis://host")

    result = run("sessions", "--json")

    assert (result.exit_code, json.loads(result.stdout)) == (0, [])
    assert 'REJOINDER_REDIS_URI is no setting and changes nothing. Did you mean "' in result.stderr


def test_a_key_that_is_none_is_told_with_the_nearest(sqlite: Path, run: Run) -> None:
    talk("web-hari", "hello")

    for command in (["take-over"], ["hand-back"], ["reply"], ["end"]):
        more = ["Hello"] if command == ["reply"] else []
        result = run(*command, "web-harry", *more)
        assert (result.exit_code, result.stdout) == (1, "")
        assert 'There is no session "web-harry". Did you mean "web-hari"?' in result.stderr
    assert "./run sessions lists" in run("end", "zzz").stderr
    assert 2 == run("reply", "web-hari", " ").exit_code


def test_a_session_of_a_bot_that_was_not_named_is_left_alone(
    sqlite: Path, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk/bot.yaml").write_text("bot: desk\nlanguages: [en]\nflows: [f]\n", "utf-8")
    (tmp_path / "desk/f.yaml").write_text(
        'flow: f\nstart: {phrases: [go on]}\nstates: {a: {end: completed, say: "Gone!"}}\n', "utf-8"
    )
    talk("web-hari", "hello")

    desk = ("--bot", str(tmp_path / "desk"))
    result = run("take-over", "web-hari", *desk)

    assert result.exit_code == 2
    assert 'a session of the bot "parts_shop"' in result.stderr
    with start("chat", desk[1], "--session", "web-hari") as chat:
        chat.tell("hello")
        assert chat.ended()[0] == 0
    assert run("take-over", "web-hari").exit_code == 0
    modes = {one["bot"]: one["mode"] for one in json.loads(run("sessions", "--json").stdout)}
    assert {"parts_shop": "manual", "desk": "agent"} == modes
    (only,) = json.loads(run("sessions", "--json", *desk).stdout)
    assert only["bot"] == "desk"


def test_a_session_that_cannot_be_read_can_only_be_ended(sqlite: Path, run: Run) -> None:
    talk("web-hari", ORDER)
    with sqlite3.connect(sqlite) as database:
        database.execute("UPDATE session SET body = 'torn'")
    database.close()

    refused = run("take-over", "web-hari")
    ended = run("end", "web-hari")

    assert refused.exit_code == 1
    assert "End it with ./run end web-hari" in refused.stderr
    assert (ended.exit_code, ended.stdout) == (0, "")
    assert "> hello\n" in talk("web-hari", "hello")
    assert "collecting_contact" not in run("sessions").stdout


@pytest.mark.needs("postgres")
@pytest.mark.needs("redis")
def test_a_take_over_that_knows_no_redis_wins_over_its_copies(
    run: Run, monkeypatch: pytest.MonkeyPatch, database_url: str, redis_url: str
) -> None:
    """The copy in Redis is outdated by it; the next turn loses with that, and reads anew."""
    monkeypatch.setenv("REJOINDER_DATABASE_URL", database_url)
    monkeypatch.setenv("REJOINDER_REDIS_URL", redis_url)
    asyncio.run(say("copied", ORDER))
    with monkeypatch.context() as alone:
        alone.delenv("REJOINDER_REDIS_URL")
        assert run("take-over", "web-copied").exit_code == 0

    answer = asyncio.run(say("copied", CONTACT))

    assert answer.session.mode == "manual"
    assert ["user"] == [line.who for line in answer.lines]
