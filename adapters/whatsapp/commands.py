"""The commands of `./run whatsapp`, each with its line in their list and its examples."""

from __future__ import annotations

__all__ = ["whatsapp"]

import typer

from adapters.terms import examples
from adapters.whatsapp import number_commands, preview_commands

WHATSAPP = (
    (
        number_commands.status,
        "Show each connection: its state, since when, its number.",
        ("./run whatsapp status", "./run whatsapp status --bot flows/my_shop --json"),
    ),
    (
        number_commands.pair,
        "Pair a number by QR code.",
        ("./run whatsapp pair shop",),
    ),
    (
        number_commands.disconnect,
        "Disconnect a number until it is paired again.",
        ("./run whatsapp disconnect shop", "./run whatsapp disconnect shop --yes"),
    ),
    (
        number_commands.add,
        "Add a number without touching bot.yaml.",
        ("./run whatsapp add second provider=waha api_key=env:WAHA_KEY hmac_key=env:WAHA_HMAC",),
    ),
    (
        number_commands.remove,
        "Remove a number that was added.",
        ("./run whatsapp remove second",),
    ),
)
whatsapp = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Connect WhatsApp numbers: status, pair, disconnect, add, remove, preview.",
    epilog=examples(*(row[2][0] for row in WHATSAPP)),
)
PREVIEW = (
    (
        "start",
        preview_commands.preview_start,
        "Have a phone try a bot.",
        ("./run whatsapp preview start flows/preview_bot +6281234567890",),
    ),
    (
        "end",
        preview_commands.preview_end,
        "End a phone's preview.",
        ("./run whatsapp preview end +6281234567890 --bot flows/preview_bot",),
    ),
)
preview = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Try a bot on a phone before it goes live: start, end.",
    epilog=examples(*(row[3][0] for row in PREVIEW)),
)
for _command, _line, _examples in WHATSAPP:
    whatsapp.command(short_help=_line, epilog=examples(*_examples))(_command)
whatsapp.add_typer(preview, name="preview")
for _name, _act, _line, _examples in PREVIEW:
    preview.command(_name, short_help=_line, epilog=examples(*_examples))(_act)
