"""The commands, as somebody at a terminal meets them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
from typer.main import get_command
from typer.testing import Result

from adapters.cli import app
from tests.adapters.programs import ROOT, program

SCRIPT = "fixtures/conversations/happy/bulk_order.chat"

Run = Callable[..., Result]


COMMANDS = sorted(getattr(get_command(app), "commands"))  # noqa: B009 - typed as Command


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(run: Run, command: str) -> None:
    result = run(command, "--help")

    assert result.exit_code == 0
    assert "Examples:" in result.stdout
    assert "./run" in result.stdout


def test_help_and_version(run: Run) -> None:
    assert "play" in run("--help").stdout
    assert run("--version").stdout.startswith("rejoinder 0.")


def test_help_does_not_wait_for_the_engine() -> None:
    found = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "adapters.cli", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = {row.rpartition("|")[2].strip() for row in found.stderr.splitlines()}
    heavy = {"engine.turn", "engine.readers", "pydantic", "ruamel.yaml", "transitions", "rich"}
    assert loaded & heavy == set()


@pytest.mark.parametrize("args", [["check", "parts_shop"], ["play", SCRIPT], ["chat"]])
def test_what_needs_no_database_waits_for_none(args: list[str]) -> None:
    """Who writes flows starts these a hundred times a day."""
    found = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "adapters.cli", *args],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )

    loaded = {row.rpartition("|")[2].strip() for row in found.stderr.splitlines()}
    heavy = {"sqlalchemy", "sqlmodel", "alembic", "asyncpg", "redis", "prometheus_client", "uvloop"}
    assert loaded & heavy == set()


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["play", "nowhere.chat"], 2, "There is no script nowhere.chat."),
        (["play", f"{SCRIPT[:-5]}s.chat"], 2, f'Did you mean "{SCRIPT}"?'),
        (["play", SCRIPT, "--bot", "parts_shp"], 2, 'Did you mean "parts_shop"?'),
        (["play", SCRIPT, "--bot", "zzz"], 2, 'There is no bot "zzz". Shipped are: '),
        (["play"], 2, "Missing argument 'SCRIPT'"),
        (["chat", "docs"], 2, "docs is a folder without a bot.yaml"),
        (["chat", "--channel", "fax"], 1, 'no channel is called "fax"'),
        (["check", "nowhere.yaml"], 2, "There is no file nowhere.yaml."),
        (["draw", "bulk_order"], 2, "Name the bot and the flow"),
        (["draw", "parts_shop/bulk"], 2, 'has no flow "bulk".'),
        (["read", "phon"], 2, 'No kind of value is called "phon". Did you mean "phone"?'),
        (["read", "zzz"], 2, "Known are: email, address, phone"),
        (["frobnicate"], 2, "No such command 'frobnicate'"),
    ],
    ids=lambda value: " ".join(value).replace("/", " ") if isinstance(value, list) else "",
)
def test_a_mistake_is_told_in_words_and_a_code(
    run: Run, args: list[str], code: int, words: str
) -> None:
    result = run(*args)

    assert (result.exit_code, result.stdout) == (code, "")
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_a_reader_that_has_gone_ends_the_program_without_a_traceback() -> None:
    playing = program("play", *[SCRIPT] * 40)
    assert playing.stdout is not None
    assert playing.stderr is not None
    playing.stdout.readline()
    playing.stdout.close()

    err = playing.stderr.read()
    playing.wait(timeout=60)
    playing.stderr.close()

    assert (playing.returncode, err) == (141, b"")
