"""What all commands share: their words on both streams, their exit codes, their help."""

from __future__ import annotations

__all__ = ["EXIT_PIPE", "EXIT_SHORT", "EXIT_USAGE", "BotOption", "examples", "show", "word"]

import sys
from typing import Annotated

import typer

from engine.transcript import visible

EXIT_SHORT, EXIT_USAGE = 1, 2
EXIT_PIPE = 141  # 128 + SIGPIPE, as other programs end

BotOption = Annotated[str, typer.Option("--bot", help="A bot's folder, or a shipped bot's name.")]


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
