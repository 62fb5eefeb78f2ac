"""The commands for those who write flows: check, draw, read."""

# ruff: noqa: PLC0415 - the engine is imported inside: `--help` must not wait for it

from __future__ import annotations

__all__ = ["check", "draw", "read"]

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.terms import EXIT_SHORT, BotOption, show, word
from engine.errors import AuthorError, UsageError

if TYPE_CHECKING:
    from engine.language.source import BotSource


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
        show(dumps([asdict(fault) for fault in faults], indent=2))
    else:
        for fault in faults:
            show(str(fault))
    raise typer.Exit(EXIT_SHORT if faults else 0)


def _show_checked(what: str, source: BotSource | None, *, explain: bool, quiet: bool) -> None:
    if source is not None and explain:
        from engine.language.explain import explain as explained

        show(explained(source).removesuffix("\n"))
    elif not quiet:
        word(f"{what} is good.")


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
    show(draw_flow(source.flows[name], source.bot.languages[0]).removesuffix("\n"))


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
        show(row)
