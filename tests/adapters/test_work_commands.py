"""What runs the product: workers beside each other, what they count and what they log."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from tests.adapters.programs import start
from tests.adapters.talking import CONTACT, ORDER, say, talk

Run = Callable[..., Result]


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
