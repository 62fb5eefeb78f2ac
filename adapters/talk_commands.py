"""The commands that talk at the terminal: chat, play, fake-whatsapp."""

# ruff: noqa: PLC0415 - the engine is imported inside: `--help` must not wait for it

from __future__ import annotations

__all__ = ["chat", "fake_whatsapp", "play"]

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from adapters.terms import EXIT_SHORT, BotOption, DatabaseOption, RedisOption, show, word
from engine.errors import RejoinderError, UsageError

Bot = Annotated[str, typer.Argument(help="A bot's folder, or the name of a shipped bot.")]


def chat(
    bot: Bot = "parts_shop",
    *,
    channel: Annotated[str, typer.Option(help="web, cloud, waha or preview.")] = "web",
    start: Annotated[str, typer.Option(help="Begin at this moment instead of now.")] = "",
    person: Annotated[str, typer.Option(help="What is known of you: 'room=204 name=Ana'.")] = "",
    watch: Annotated[
        bool, typer.Option("--watch", help="Show flows, states and effects too.")
    ] = False,
    session: Annotated[
        str, typer.Option(help="A key such as web-hari: keep the conversation in the database.")
    ] = "",
    database_url: DatabaseOption = "",
    redis_url: RedisOption = "",
) -> None:
    """Talk to a bot; without a terminal: one message per line in, a transcript out."""
    if session:
        _chat_live(bot, session, database_url, redis_url)
        return
    from adapters.assembly import build_player, find_bot, load_source
    from adapters.terminal import chat as talk
    from engine.script import parse

    start = start or _now()
    head = f"# channel: {channel}\n# start: {start}"
    if person:
        head += f"\n# person: {person}"
    headers = parse(f"{head}\n", "chat").headers
    folder = find_bot(bot)
    player = build_player(folder, headers, path="chat")
    friendly = sys.stdin.isatty()
    if friendly:
        word(f"you are talking to {bot}; /help shows what else you can do.")
        if load_source(folder).bot.assistant.use != "none":
            word("the assistant is not asked here; with --session web-NAME it is.")
        talk(player, _typed(), show, friendly=True, watch=watch)
    else:
        show(f"# bot: {bot}\n{head}")
        talk(player, sys.stdin, show)


def _chat_live(bot: str, key: str, database_url: str, redis_url: str) -> None:
    """Talk in a session of the database: kill it, start it again, and it goes on."""
    import asyncio
    import re

    from adapters.live_chat import LiveChat, typed_lines
    from adapters.operating import opened, ready

    if not re.fullmatch(r"web-[\w.-]{1,64}", key):
        raise UsageError(f'"{key}" is no key of the web chat. Example: --session web-hari')
    settings = ready(bot=(bot,), database_url=database_url, redis_url=redis_url)
    friendly = sys.stdin.isatty()

    async def talk() -> None:
        async with opened(settings) as service:
            (name,) = service.conversations.books
            service.start(whole=False)  # to try a bot nobody needs the keys of its numbers
            chat = LiveChat(service, name, key, show, friendly=friendly)
            await chat.begin()
            watching = asyncio.create_task(chat.watch())
            async for line in typed_lines(friendly=friendly):
                if not await chat.say(line):
                    break
            await chat.settled()
            watching.cancel()

    if friendly:
        word(f"you are talking to {bot} as {key}; /help shows what else you can do.")
    asyncio.run(talk())


def fake_whatsapp(
    bot: Bot = "parts_shop",
    *,
    provider: Annotated[str, typer.Option(help="cloud, dialog360 or waha.")] = "cloud",
    phone: Annotated[str, typer.Option(help="The customer you are.")] = "+6281234567890",
    webhook: Annotated[
        str,
        typer.Option(help="Start no product: talk to the one that takes its webhooks here."),
    ] = "",
    port: Annotated[int, typer.Option(help="The stand-in's port; 0 takes a free one.")] = 0,
) -> None:
    """Talk to a bot as a customer on WhatsApp: a stand-in of the provider, the real webhook."""
    import signal
    from contextlib import ExitStack

    from adapters.assembly import find_bot, load_source
    from adapters.whatsapp.standins.offers import OFFERS
    from adapters.whatsapp.standins.terminal_phone import TerminalPhone
    from adapters.whatsapp.standins.try_out import served
    from engine.language.refusals import did_you_mean

    if provider not in OFFERS:
        hint = did_you_mean(provider, OFFERS) or f"There are: {', '.join(OFFERS)}."
        raise UsageError(f'"{provider}" is no provider. {hint}')
    # SIGTERM ends what was started here too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    offer, friendly = OFFERS[provider], sys.stdin.isatty()
    with ExitStack() as stack:
        standin = stack.enter_context(offer.begin(port))
        connection, environment = offer.settings(standin)
        if webhook:
            word(_how_to_serve(connection, environment))
        else:
            folder = find_bot(bot)
            load_source(folder)  # its faults are told by its own files, not by those of the copy
            word(f"starting {bot} ...")
            url = stack.enter_context(served(folder, connection, environment, known=phone))
            webhook = f"{url}/api/whatsapp/main/webhook"
        standin.webhook = webhook
        offer.reach(standin)
        talk = TerminalPhone(standin, phone, show, friendly=friendly)
        if friendly:
            word(f"you are {phone}, on a stand-in of {provider}; /help shows what you can do.")
        for line in _typed() if friendly else sys.stdin:
            if not talk.type(line):
                break
        talk.close()


def _how_to_serve(connection: Mapping[str, str], environment: Mapping[str, str]) -> str:
    from json import dumps

    lines = [f"  {name}: {dumps(text)}" for name, text in connection.items()]
    return "\n".join(
        [
            "rejoinder: the product's connection, under channels.whatsapp.NAME in its bot.yaml:",
            *lines,
            "rejoinder: the variables it starts with:",
            *(f"  export {name}={text}" for name, text in environment.items()),
        ]
    )


def _now() -> str:
    from datetime import datetime

    return datetime.now().astimezone().isoformat(timespec="seconds")


def _typed() -> Iterator[str]:
    while True:
        try:
            yield input("you> ")
        except EOFError:
            return


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
            word(str(error))
            short += 1
            continue
        short += not met
        if text:
            show(("\n" if n and not expect else "") + text.removesuffix("\n"))
    if expect:
        word(f"{len(scripts)} played, {short} fell short.")
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
        word(f"{script.path}: {fault}")
    if expect:
        return played.unmet, not (played.unmet or played.parked)
    entries = masked(played.entries, played.names) if mask else played.entries
    return render(entries), not played.parked
