"""The commands of those who run the product, beside a process that is running."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from adapters.operating import opened
from adapters.settings import load_settings
from engine.events import Said
from engine.runtime.arrivals import Answer, Arrival, inbound_id
from tests.adapters.programs import ROOT, Program, start

Run = Callable[..., Result]
ORDER = "i need 11 remote controls"
ASKED = "[bulk_order: collecting_contact]"
CONTACT = "Hari, 8848850922, hari@example.com"
CONFIRMING = "[bulk_order: confirming]"

KINDS = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param(
        "postgres", id="postgres", marks=[pytest.mark.needs("postgres"), pytest.mark.needs("redis")]
    ),
]


@pytest.fixture(params=KINDS)
def world(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[str]:
    """The settings of a database of each kind, the server's with Redis before it."""
    if request.param == "sqlite":
        monkeypatch.setenv("REJOINDER_DATA", str(tmp_path))
    else:
        monkeypatch.setenv("REJOINDER_DATABASE_URL", request.getfixturevalue("database_url"))
        monkeypatch.setenv("REJOINDER_REDIS_URL", request.getfixturevalue("redis_url"))
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def sqlite(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The settings of an empty SQLite database."""
    monkeypatch.setenv("REJOINDER_DATA", str(tmp_path))
    return tmp_path / "rejoinder.db"


def talk(key: str, *lines: str) -> str:
    """Say these lines in a session; return the transcript."""
    with start("chat", "--session", key) as chat:
        for line in lines:
            chat.tell(line)
        code, out, err = chat.ended()
    assert (code, err) == (0, "")
    return out


# -- chat --session --------------------------------------------------------------------------------


def test_a_killed_chat_goes_on_where_it_was(world: str, run: Run) -> None:
    """What was said stands in the database; the order is placed once."""
    key = f"web-killed-{world}"
    with start("chat", "--session", key) as chat:
        chat.tell(ORDER)
        chat.until(ASKED)
        chat.stop(signal.SIGKILL)

    out = talk(key, CONTACT, "/tap confirm")

    assert out.startswith(f"> {ORDER}\n< Noted: 11 x AC remote control. To confirm")
    assert "> [Confirm]\n< Placing your order ...\n" in out
    assert "< Thank you, Hari! Your order number is A-" in out
    assert 1 == out.count("Your order number is")
    (listed,) = [one for one in json.loads(run("sessions", "--json").stdout) if one["key"] == key]
    assert ("idle", None, "web", "open") == (
        listed["state"], listed["flow"], listed["lane"], listed["status"],
    )  # fmt: skip


def test_a_chat_needs_a_key_of_the_web_chat(run: Run) -> None:
    result = run("chat", "--session", "wa-1-4915112345678")

    assert result.exit_code == 2
    assert "Example: --session web-hari" in result.stderr


def test_a_chat_knows_no_button_that_is_not_shown(sqlite: Path) -> None:
    assert 'no button is called "confirm" now.' in talk("web-hari", "/tap confirm", "/help")


def test_a_chat_on_a_terminal_shows_what_comes_by_itself(sqlite: Path, run: Run) -> None:
    """Numbers press buttons; the answer comes before the next prompt; an operator's line appears."""
    ours, theirs = pty.openpty()
    chat = subprocess.Popen(
        [sys.executable, "-m", "adapters.cli", "chat", "--session", "web-hari"],
        cwd=ROOT,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    shown = Program(chat)
    os.write(ours, f"/help\n{ORDER}\n{CONTACT}\n1\n".encode())
    shown.until("(1) Confirm   (2) Change   (3) Cancel")
    shown.until("bot> Thank you, Hari! Your order number is A-1001.")
    run("reply", "web-hari", "Thanks from Ana!")
    shown.until("operator> Thanks from Ana!")
    os.write(ours, b"/quit\n")
    code, _, err = shown.ended()
    os.close(ours)
    os.close(theirs)

    assert code == 0
    assert "you are talking to parts_shop as web-hari" in err
    assert "Traceback" not in err


def test_ctrl_c_ends_a_chat_without_a_traceback(sqlite: Path) -> None:
    with start("chat", "--session", "web-hari") as chat:
        chat.tell(ORDER)
        chat.until(ASKED)
        code, _, err = chat.stop(signal.SIGINT)

    assert code == 130
    assert "Traceback" not in err
    assert "Fatal" not in err
    assert ASKED in talk("web-hari")


# -- sessions and operators ------------------------------------------------------------------------


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


# -- the worker ------------------------------------------------------------------------------------


def test_one_worker_per_sqlite_file(sqlite: Path) -> None:
    """The second is told who is there; the first ends well when it is told to."""
    with start("worker") as first:
        first.until("the worker is at work", "stderr")
        with start("worker") as second:
            code, out, err = second.ended()

        assert (code, out) == (3, "")
        assert f"is served already, by process {first.process.pid}." in err
        assert "Traceback" not in err
        code, out, err = first.stop()
        assert (code, out) == (0, "")
        assert "Traceback" not in err
    with start("worker") as third:
        third.until("the worker is at work", "stderr")
        assert third.stop(signal.SIGINT)[0] == 0


@pytest.mark.needs("postgres")
def test_workers_share_a_server(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("REJOINDER_DATABASE_URL", database_url)
    with start("worker") as first, start("worker") as second:
        for worker in (first, second):
            worker.until("the worker is at work", "stderr")
        assert [0, 0] == [worker.stop()[0] for worker in (first, second)]


async def say(visitor: str, *texts: str) -> Answer:
    """Say these texts to a process without a worker; return its last answer."""
    async with opened(load_settings()[0]) as service:
        for text in texts:
            id_ = inbound_id("parts_shop", "web", visitor, service.ids())
            event = Said(id_, service.clock(), text)
            key = f"web-{visitor}"
            arrival = Arrival("parts_shop", "web", (f"web:{visitor}",), key, event)
            answer = await service.conversations.receive(arrival)
    assert answer is not None
    return answer


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


def test_a_worker_does_what_another_process_left(world: str, run: Run) -> None:
    """An order was confirmed where nobody works; the worker places it, and the customer reads it."""
    visitor = f"left-{world}"
    assert asyncio.run(say(visitor, ORDER, CONTACT, "yes")).session.doing
    assert "rejoinder_outbox_depth 1.0\n" in run("metrics").stdout

    with start("worker") as worker:
        worker.until("the worker is at work", "stderr")
        until = time.monotonic() + 60
        while "rejoinder_outbox_depth 0.0\n" not in run("metrics").stdout:
            assert time.monotonic() < until
        assert worker.stop()[0] == 0

    assert "Your order number is A-" in talk(f"web-{visitor}")


def test_a_start_says_which_engine_runs(world: str) -> None:
    """Tests run the sources, whether there is a build or not."""
    with start("worker") as worker:
        said = worker.until("the worker is at work", "stderr")

    assert '"engine": "sources"' in said


@pytest.mark.parametrize(
    ("env", "code", "words"),
    [
        (
            {"REJOINDER_DATABASE_URL": "postgresql://127.0.0.1:1/none"},
            3,
            "PostgreSQL at 127.0.0.1, database none",
        ),
        ({"REJOINDER_DATABASE_URL": "sqlite:////dev/null/x.db"}, 3, "its folder cannot be made"),
        (
            {"REJOINDER_DATABASE_URL": "mysql://me:secret@x/y", "REJOINDER_LOG_LEVEL": "loud"},
            2,
            "REJOINDER_LOG_LEVEL: Input should be",
        ),
        ({"REJOINDER_BOT": "parts_shp"}, 2, 'Did you mean "parts_shop"?'),
    ],
    ids=["no server", "no folder", "wrong settings", "no bot"],
)
def test_a_worker_that_cannot_start_says_why(
    sqlite: Path, env: dict[str, str], code: int, words: str
) -> None:
    with start("worker", env=env) as worker:
        ended, out, err = worker.ended()

    assert (ended, out) == (code, "")
    assert words in err
    assert "secret" not in err
    assert "Traceback" not in err


def test_without_redis_the_worker_only_warns(sqlite: Path) -> None:
    with start("worker", "--redis-url", "redis://127.0.0.1:1/0") as worker:
        said = worker.until("the worker is at work", "stderr")
        code, _, _ = worker.stop()

    warned = [json.loads(row) for row in said.splitlines() if "part_away" in row]
    assert [("redis", "warning")] == [(row["part"], row["level"]) for row in warned]
    assert code == 0


# -- metrics ---------------------------------------------------------------------------------------


def test_metrics_add_up_what_all_processes_counted(sqlite: Path, run: Run) -> None:
    talk("web-hari", ORDER)
    talk("web-ana", ORDER, CONTACT, "/tap confirm")

    figures = run("metrics").stdout

    for row in (
        'rejoinder_sessions_created_total{bot="parts_shop"} 2.0',
        'rejoinder_flows_started_total{bot="parts_shop",flow="bulk_order"} 2.0',
        'rejoinder_flows_completed_total{bot="parts_shop",flow="bulk_order"} 1.0',
        'rejoinder_assistant_calls_in_flow_total{bot="parts_shop"} 0.0',
        'rejoinder_parked_total{bot="parts_shop"} 0.0',
        "rejoinder_outbox_depth 0.0",
        "# TYPE rejoinder_turn_seconds summary",
        "# TYPE rejoinder_batch_size summary",
    ):
        assert f"{row}\n" in figures


# -- what is logged --------------------------------------------------------------------------------


def test_no_log_repeats_what_a_customer_said(sqlite: Path) -> None:
    """Everything is logged, down to debugging, and nothing of it is personal."""
    env = {"REJOINDER_LOG_LEVEL": "debug"}
    with start("worker", env=env) as worker:
        worker.until("the worker is at work", "stderr")
        talk("web-hari", ORDER, CONTACT, "where are you?", "/tap confirm", "person please")
        _, _, err = worker.stop()

    assert '"event": "stopped"' in err
    for row in err.splitlines():
        if row.startswith("{"):
            assert {"event", "level", "timestamp"} <= set(json.loads(row))
    for word in ("Hari", "hari@", "88488", "remote", "where are"):
        assert word not in err
