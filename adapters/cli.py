"""The command line. stdout is data, stderr is words; exit 0 good, 1 fell short, 2 usage.

The engine is imported inside the commands: `--help` must not wait for readers and databases.
"""

# ruff: noqa: PLC0415 - see above

from __future__ import annotations

__all__ = ["app", "main"]

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from engine.errors import AuthorError, RejoinderError, UsageError
from engine.transcript import visible

if TYPE_CHECKING:
    from engine.language.source import BotSource

EXIT_SHORT, EXIT_USAGE, EXIT_PIPE = 1, 2, 141  # 128 + SIGPIPE, as other programs end


class Commands(TyperGroup):
    """All commands; the one place where a mistake becomes words and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except UsageError as error:
            _word(str(error))
            raise typer.Exit(EXIT_USAGE) from None
        except RejoinderError as error:
            _word(str(error))
            raise typer.Exit(EXIT_SHORT) from None
        except BrokenPipeError:
            # The reader has gone (`| head`); what Python still wants to flush goes nowhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(EXIT_PIPE) from None
        return result


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

Bot = Annotated[str, typer.Argument(help="A bot's folder, or the name of a shipped bot.")]
BotOption = Annotated[str, typer.Option("--bot", help="A bot's folder, or a shipped bot's name.")]


def examples(*lines: str) -> str:
    """Write the end of a help text."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        # Whatever the locale is, a conversation is UTF-8, and a stray byte must not end it.
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    app(prog_name="rejoinder")


def _word(text: str) -> None:
    typer.echo(visible(f"rejoinder: {text}" if "\n" not in text else text), err=True)


def _show(text: str) -> None:
    sys.stdout.write(f"{visible(text)}\n")
    sys.stdout.flush()


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        _show(f"rejoinder {version()}")
        raise typer.Exit


def version() -> str:
    """Return the installed version, or that of the working copy."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("rejoinder")
    except PackageNotFoundError:
        import tomllib

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


# -- talking ---------------------------------------------------------------------------------------


@app.command(
    short_help="Talk to a bot.",
    epilog=examples("./run chat", "./run chat flows/parts_shop --watch", "echo hi | ./run chat"),
)
def chat(
    bot: Bot = "parts_shop",
    *,
    channel: Annotated[str, typer.Option(help="web, cloud, waha or preview.")] = "web",
    start: Annotated[str, typer.Option(help="Begin at this moment instead of now.")] = "",
    watch: Annotated[
        bool, typer.Option("--watch", help="Show flows, states and effects too.")
    ] = False,
) -> None:
    """Talk to a bot; without a terminal: one message per line in, a transcript out."""
    from adapters.assembly import build_player, find_bot
    from adapters.terminal import chat as talk
    from engine.script import parse

    start = start or _now()
    headers = parse(f"# channel: {channel}\n# start: {start}\n", "chat").headers
    player = build_player(find_bot(bot), headers, path="chat")
    friendly = sys.stdin.isatty()
    if friendly:
        _word(f"you are talking to {bot}; /help shows what else you can do.")
        talk(player, _typed(), _show, friendly=True, watch=watch)
    else:
        _show(f"# bot: {bot}\n# channel: {channel}\n# start: {start}")
        talk(player, sys.stdin, _show)


def _now() -> str:
    from datetime import datetime

    return datetime.now().astimezone().isoformat(timespec="seconds")


def _typed() -> Iterator[str]:
    while True:
        try:
            yield input("you> ")
        except EOFError:
            return


@app.command(
    short_help="Play conversation scripts.",
    epilog=examples(
        "./run play fixtures/conversations/happy/bulk_order.chat",
        "./run play --expect my_bot/*.chat",
        "./run play talk.chat --bot my_bot --mask",
    ),
)
def play(
    scripts: Annotated[list[Path], typer.Argument(metavar="SCRIPT", help="Scripts (.chat).")],
    *,
    bot: BotOption = "",
    expect: Annotated[
        bool,
        typer.Option("--expect", help="Compare with the script's output lines; show what differs."),
    ] = False,
    mask: Annotated[
        bool, typer.Option("--mask", help="Replace names, phone numbers and e-mail addresses.")
    ] = False,
) -> None:
    """Play conversation scripts on a virtual clock and print the transcripts."""
    short = 0
    for n, path in enumerate(scripts):
        try:
            text, met = _played(path, bot, expect=expect, mask=mask)
        except UsageError:
            raise
        except RejoinderError as error:
            # One script that cannot be played does not hide the others.
            _word(str(error))
            short += 1
            continue
        short += not met
        if text:
            _show(("\n" if n and not expect else "") + text.removesuffix("\n"))
    if expect:
        _word(f"{len(scripts)} played, {short} fell short.")
    raise typer.Exit(EXIT_SHORT if short else 0)


def _played(path: Path, bot: str, *, expect: bool, mask: bool) -> tuple[str, bool]:
    from adapters.assembly import DEFAULT_BOT, build_player, find_bot, load_script
    from engine.play import play as play_script
    from engine.transcript import mask as masked
    from engine.transcript import render

    script = load_script(path)
    named = bot or script.headers.get("bot", DEFAULT_BOT)
    folder = find_bot(named, near=() if bot else (path.parent,))
    player = build_player(folder, script.headers, path=script.path)
    played = play_script(player, script)
    for fault in played.parked:
        _word(f"{script.path}: {fault}")
    if expect:
        return played.unmet, not (played.unmet or played.parked)
    entries = masked(played.entries, played.names) if mask else played.entries
    return render(entries), not played.parked


@app.command(
    short_help="Start the product.", epilog=examples("./run", "./run serve --bot flows/parts_shop")
)
def serve(bot: BotOption = "parts_shop") -> None:
    """Start the product; until the web chat is part of it, a chat in the terminal."""
    if not sys.stdin.isatty():
        _word(
            "serve opens a chat in the terminal, and this is none: nothing to do.\n"
            'Try: echo "I need 11 remote controls" | ./run chat'
        )
        return
    chat(bot, channel="web", start="", watch=False)


# -- flows -----------------------------------------------------------------------------------------


@app.command(
    short_help="Check bots and flow files.",
    epilog=examples(
        "./run check flows/parts_shop",
        "./run check flows/parts_shop/bulk_order.yaml",
        "./run check parts_shop --explain",
    ),
)
def check(
    what: Annotated[list[str], typer.Argument(metavar="BOT|FILE", help="Bots or flow files.")],
    *,
    explain: Annotated[
        bool, typer.Option("--explain", help="Print the bot as its owner would read it.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the faults as JSON.")] = False,
) -> None:
    """Check bots and flow files: every fault with its place and its remedy."""
    from dataclasses import asdict
    from json import dumps

    from adapters.checking import checked

    faults = []
    for each in what:
        try:
            _show_checked(each, checked(each), explain=explain, quiet=json)
        except AuthorError as error:
            faults += error.faults
    if json:
        _show(dumps([asdict(fault) for fault in faults], indent=2))
    else:
        for fault in faults:
            _show(str(fault))
    raise typer.Exit(EXIT_SHORT if faults else 0)


def _show_checked(what: str, source: BotSource | None, *, explain: bool, quiet: bool) -> None:
    if source is not None and explain:
        from engine.language.explain import explain as explained

        _show(explained(source).removesuffix("\n"))
    elif not quiet:
        _word(f"{what} is good.")


@app.command(
    epilog=examples("./run draw parts_shop/bulk_order", "./run draw parts_shop/callback > flow.mmd")
)
def draw(
    flow: Annotated[str, typer.Argument(metavar="BOT/FLOW", help="A flow of a bot.")],
) -> None:
    """Print a flow as a Mermaid diagram."""
    from adapters.assembly import find_bot, load_source
    from adapters.drawing import draw_flow
    from engine.language.refusals import did_you_mean

    bot, _, name = flow.removesuffix(".yaml").rpartition("/")
    if not bot:
        raise UsageError("Name the bot and the flow, for example parts_shop/bulk_order.")
    source = load_source(find_bot(bot))
    if name not in source.flows:
        hint = did_you_mean(name, source.flows) or f"Its flows are: {', '.join(source.flows)}."
        raise UsageError(f'Bot {source.bot.bot} has no flow "{name}". {hint}')
    _show(draw_flow(source.flows[name], source.bot.languages[0]).removesuffix("\n"))


@app.command(
    short_help="Read values out of texts.",
    epilog=examples(
        'echo "Name is Hari, 8848850922" | ./run read contact --region IN',
        "./run read items --bot parts_shop --jsonl < rows.jsonl",
    ),
)
def read(
    kind: Annotated[str, typer.Argument(help="phone, email, person_name, items, date, ...")],
    *,
    lang: Annotated[str, typer.Option(help="Languages of the texts, the likeliest first.")] = "",
    region: Annotated[
        str, typer.Option(help="Where phone numbers without a country are from.")
    ] = "",
    asked: Annotated[
        bool, typer.Option("--asked", help="The customer was just asked for it.")
    ] = False,
    now: Annotated[str, typer.Option(help="Local time, for words such as tomorrow.")] = "",
    date_order: Annotated[str, typer.Option(help="dmy, mdy or ymd.")] = "dmy",
    want: Annotated[str, typer.Option(help="date, time or datetime.")] = "",
    bot: BotOption = "",
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Rows of JSON in, not texts.")] = False,
) -> None:
    """Read values out of the texts on stdin, a line each, and print them as rows of JSON."""
    from dataclasses import replace

    from adapters.assembly import find_bot, load_source
    from adapters.reading import hearing_of, read_rows
    from engine.readers import Hearing

    hearing = Hearing(asked=asked, now=now, date_order=date_order, want=want)
    if bot:
        hearing = hearing_of(load_source(find_bot(bot)), hearing)
    if lang:
        hearing = replace(hearing, languages=tuple(lang.split(",")))
    if region:
        hearing = replace(hearing, region=region)
    for row in read_rows(kind, sys.stdin, hearing, jsonl=jsonl):
        _show(row)


if __name__ == "__main__":
    main()
