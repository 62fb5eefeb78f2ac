"""The command line. stdout is data, stderr is words; exit 0 good, 1 fell short, 2 usage.

A command is a function of a module `*_commands`; here it gets its name and its help.
"""

from __future__ import annotations

__all__ = ["app", "main"]

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from adapters import (
    database_commands,
    directory_commands,
    flow_commands,
    order_commands,
    request_commands,
    session_commands,
    stock_commands,
    talk_commands,
    work_commands,
)
from adapters.gemini import commands as gemini_commands
from adapters.terms import EXIT_AWAY, EXIT_PIPE, EXIT_SHORT, EXIT_USAGE, examples, show, word
from adapters.whatsapp import commands as whatsapp_commands
from engine.errors import RejoinderError, UsageError


class Commands(TyperGroup):
    """All commands; the one place where a mistake becomes words and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except UsageError as error:
            word(str(error))
            raise typer.Exit(EXIT_USAGE) from None
        except RejoinderError as error:
            word(str(error))
            raise typer.Exit(_code(error)) from None
        except BrokenPipeError:
            # The reader has gone (`| head`); what Python still wants to flush goes nowhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(EXIT_PIPE) from None
        return result


def _code(error: RejoinderError) -> int:
    from adapters.lock_file import Held  # noqa: PLC0415 - only when something went wrong
    from engine.stores.database import Unavailable  # noqa: PLC0415 - same

    return EXIT_AWAY if isinstance(error, Held | Unavailable) else EXIT_SHORT


app = typer.Typer(
    cls=Commands,
    name="rejoinder",
    help="Conversations by declarative flows: talk to a bot, play scripts, check and draw flows.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line."""
    if sys.stdin is None:  # closed by whoever started it
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - until the end
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        # Whatever the locale is, a conversation is UTF-8, and a stray byte must not end it.
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    app(prog_name="rejoinder")


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        show(f"rejoinder {version()}")
        raise typer.Exit


def version() -> str:
    """Return the installed version, or that of the working copy."""
    from importlib.metadata import PackageNotFoundError  # noqa: PLC0415 - only when asked
    from importlib.metadata import version as installed  # noqa: PLC0415 - only who needs it waits for it

    try:
        return installed("rejoinder")
    except PackageNotFoundError:
        import tomllib  # noqa: PLC0415 - only who needs it waits for it

        project = Path(__file__).parent.parent / "pyproject.toml"
        return str(tomllib.loads(project.read_text("utf-8"))["project"]["version"])


@app.callback()
def rejoinder(
    *,
    _: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Say what the whole is."""


# Each command with its line in the list of all, and the examples its own help ends with.
COMMANDS = (
    (
        talk_commands.chat,
        "Talk to a bot.",
        (
            "./run chat",
            "./run chat flows/parts_shop --watch",
            "./run chat --session web-hari",
            "echo hi | ./run chat",
        ),
    ),
    (
        talk_commands.play,
        "Play conversation scripts.",
        (
            "./run play fixtures/conversations/happy/bulk_order.chat",
            "./run play --expect my_bot/*.chat",
            "./run play talk.chat --bot my_bot --mask",
        ),
    ),
    (
        talk_commands.fake_whatsapp,
        "Talk to a bot as a customer on WhatsApp, without WhatsApp.",
        (
            "./run fake-whatsapp",
            "./run fake-whatsapp flows/my_shop --provider dialog360",
            "echo hi | ./run fake-whatsapp",
            "./run fake-whatsapp --webhook http://127.0.0.1:8000/api/whatsapp/main/webhook",
        ),
    ),
    (
        gemini_commands.fake_gemini,
        "Serve a stand-in of Gemini, to try an assistant without a key.",
        ("./run fake-gemini", "./run fake-gemini --port 9100"),
    ),
    (
        work_commands.serve,
        "Start the product: the web chat and all that works behind it.",
        (
            "./run",
            "./run serve --bot flows/my_shop --port 9000",
            "./run serve --workers 4 --database-url postgresql://shop@db/shop",
        ),
    ),
    (
        flow_commands.check,
        "Check bots and flow files.",
        (
            "./run check flows/parts_shop",
            "./run check flows/parts_shop/bulk_order.yaml",
            "./run check parts_shop --explain",
        ),
    ),
    (
        flow_commands.draw,
        "Draw a flow as a Mermaid diagram.",
        ("./run draw parts_shop/bulk_order", "./run draw parts_shop/callback > flow.mmd"),
    ),
    (
        flow_commands.read,
        "Read values out of texts.",
        (
            'echo "Name is Hari, 8848850922" | ./run read contact --region IN',
            "./run read items --bot parts_shop --jsonl < rows.jsonl",
        ),
    ),
    (
        work_commands.worker,
        "Do what is owed and ring deadlines, beside other processes.",
        ("./run worker", "./run worker --database-url postgresql://shop@db/shop"),
    ),
    (
        session_commands.sessions,
        "List the open sessions.",
        ("./run sessions", "./run sessions --bot parts_shop --all --json"),
    ),
    (
        session_commands.take_over,
        "Answer a customer yourself; the bot is quiet.",
        ("./run take-over web-8f3k2",),
    ),
    (
        session_commands.hand_back,
        "Let the bot answer again.",
        ("./run hand-back web-8f3k2",),
    ),
    (
        session_commands.reply,
        "Say something to a customer.",
        ('./run reply web-8f3k2 "Your parts are here."',),
    ),
    (
        session_commands.deliveries,
        "Show what became of the messages to a phone.",
        ("./run deliveries wa-1065-6281234567890",),
    ),
    (
        session_commands.explain,
        "Say why a message was taken as it was, and what came of it.",
        (
            "./run explain web-8f3k2",
            "./run explain web-8f3k2 3",
            "./run explain web-8f3k2 3 --json",
        ),
    ),
    (session_commands.end, "End a conversation.", ("./run end web-8f3k2",)),
    (
        order_commands.orders,
        "List the orders, show one, move one on.",
        (
            "./run orders list --status placed",
            "./run orders show A-1001",
            "./run orders set A-1001 accepted",
        ),
    ),
    (
        stock_commands.stock,
        "List what is left in stock, count it anew, add to it.",
        (
            "./run stock list --below 50",
            "./run stock set remote 500",
            "./run stock add remote 120",
            "./run stock add copper_14 -2.5",
        ),
    ),
    (
        request_commands.requests,
        "List what customers asked for, strike one off.",
        ("./run requests list", "./run requests done R-1001"),
    ),
    (
        directory_commands.directory,
        "Import the people a bot knows, list them.",
        (
            "./run directory import hotel_desk guests.csv --dry-run",
            "./run directory import hotel_desk guests.csv --replace",
            "./run directory list hotel_desk",
        ),
    ),
    (
        work_commands.parked,
        "List the events a fault of ours could not take; try one again.",
        ("./run parked", "./run parked --json", "./run parked retry 8f21c0a3d4"),
    ),
    (work_commands.metrics, "Print the metrics of all processes.", ("./run metrics",)),
    (
        database_commands.backup,
        "Write everything into a file, while the product runs.",
        ("./run backup backups/monday.gz",),
    ),
    (
        database_commands.restore,
        "Read a backup into an empty database.",
        ("./run restore backups/monday.gz --database-url postgresql://shop@db/shop",),
    ),
    (database_commands.db, "Bring the tables up to date.", ("./run db upgrade",)),
)
app.add_typer(whatsapp_commands.whatsapp, name="whatsapp")
for _command, _line, _examples in COMMANDS:
    app.command(
        short_help=_line,
        epilog=examples(*_examples),
        # "-3" is a number there; what looks like an option and is none, it refuses by itself.
        context_settings={"ignore_unknown_options": _command is stock_commands.stock},
    )(_command)


if __name__ == "__main__":
    main()
