"""What all commands share: their words on both streams, their exit codes, their help."""

from __future__ import annotations

__all__ = [
    "EXIT_AWAY",
    "EXIT_PIPE",
    "EXIT_SHORT",
    "EXIT_USAGE",
    "BotOption",
    "BotsOption",
    "DatabaseOption",
    "RedisOption",
    "columns",
    "examples",
    "moment",
    "show",
    "word",
]

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from engine.transcript import visible

EXIT_SHORT, EXIT_USAGE, EXIT_AWAY = 1, 2, 3
EXIT_PIPE = 141  # 128 + SIGPIPE, as other programs end

BotOption = Annotated[str, typer.Option("--bot", help="A bot's folder, or a shipped bot's name.")]

# The settings' flags, on every command that opens the database.
BotsOption = Annotated[
    list[str] | None,
    typer.Option("--bot", help="A bot's folder, or a shipped bot's name; may be given again."),
]
DatabaseOption = Annotated[
    str,
    typer.Option(
        "--database-url",
        help="sqlite:///FILE or postgresql://...; without it: REJOINDER_DATABASE_URL, or data/rejoinder.db.",
    ),
]
RedisOption = Annotated[
    str, typer.Option("--redis-url", help="redis://HOST:PORT/N; without it: REJOINDER_REDIS_URL.")
]


def show(text: str) -> None:
    """Print data; nothing in it can move the cursor."""
    sys.stdout.write(f"{visible(text)}\n")
    sys.stdout.flush()


def word(text: str) -> None:
    """Say something about what is done, beside the data."""
    typer.echo(visible(f"rejoinder: {text}" if "\n" not in text else text), err=True)


def examples(*lines: str) -> str:
    """Write the end of a help text."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def columns(*rows: Sequence[str]) -> str:
    """Write rows with their columns one below the other."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def moment(at: int) -> str:
    """Write milliseconds since 1970 as other programs read them."""
    return datetime.fromtimestamp(at / 1_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
