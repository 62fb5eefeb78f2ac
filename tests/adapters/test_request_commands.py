"""The command of those who see to requests."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from adapters.cli import app
from tests.adapters.programs import ROOT, start

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run a command on an empty database."""
    monkeypatch.setenv("REJOINDER_DATA", str(tmp_path))
    monkeypatch.chdir(ROOT)

    def invoke(*args: str) -> Result:
        return CliRunner().invoke(app, ("requests", *args), prog_name="rejoinder")

    return invoke


@pytest.fixture
def booked(run: Run) -> Run:
    """One appointment was asked for in a conversation of the database."""
    with start("chat", "preview_bot", "--session", "web-budi") as chat:
        for line in ("shave, my name is Budi Hartono", "tomorrow at 6 pm", "/tap book it"):
            chat.tell(line)
        chat.until("Your number is R-1001")
        chat.ended()
    return run


def test_a_request_is_listed_until_it_is_done(booked: Run) -> None:
    listed = booked("list")
    assert listed.exit_code == 0
    assert "R-1001" in listed.stdout
    assert "appointment" in listed.stdout
    (one,) = json.loads(booked("list", "--json", "--bot", "preview_bot").stdout)
    assert (one["number"], one["status"], one["kind"], one["key"]) == (
        "R-1001", "open", "appointment", "web-budi",
    )  # fmt: skip
    assert (one["details"]["what"], one["details"]["name"]) == ("shave", "Budi Hartono")
    assert booked("list", "--bot", "other", "--json").stdout == "[]\n"

    done, again = booked("done", "r 1001", "--json"), booked("done", "R-1001")
    assert json.loads(done.stdout)["status"] == "done"
    assert (done.stderr, again.stderr) == (
        "rejoinder: R-1001 is done.\n", "rejoinder: R-1001 was done already.\n",
    )  # fmt: skip
    assert booked("list").stderr == "rejoinder: nothing is asked for.\n"
    assert "appointment (done)" in booked("list", "--all").stdout


def test_a_number_that_is_none_says_where_they_stand(run: Run) -> None:
    refused = run("done", "R-4444")

    assert refused.exit_code == 1
    assert refused.stderr == (
        'rejoinder: There is no request "R-4444". ./run requests list shows those there are.\n'
    )


@pytest.mark.parametrize(
    "args", [("list", "R-1001"), ("done",), ("drop", "R-1"), ("done", "R-1001", "--all")]
)
def test_what_is_asked_wrongly_is_refused(run: Run, args: tuple[str, ...]) -> None:
    refused = run(*args)

    assert refused.exit_code == 2
    assert refused.stderr.startswith("rejoinder: Either ./run requests list,")
