"""The commands of those who connect WhatsApp numbers: status, pair, disconnect."""

# ruff: noqa: PLC0415 - the engine is imported inside: `--help` must not wait for it

from __future__ import annotations

__all__ = ["disconnect", "pair", "status"]

import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from adapters.terms import EXIT_SHORT, BotsOption, columns, moment, show, word
from engine.errors import RejoinderError, UsageError

if TYPE_CHECKING:
    from adapters.settings import Settings
    from adapters.whatsapp.waha_sessions import Seen, Waha, WahaSession
    from adapters.whatsapp.wanted import Wanted
    from engine.language.schema_channels import Connection, WahaConnection

T = TypeVar("T")

Name = Annotated[str, typer.Argument(metavar="NAME", help="A connection, as bot.yaml names it.")]
HEAD = ("BOT", "NAME", "PROVIDER", "STATE", "SINCE", "NUMBER", "BASE URL")
USUAL = "http://localhost:3000"  # where WAHA listens unless it is told otherwise


@dataclass(frozen=True, slots=True)
class Named:
    """A WhatsApp connection of a bot."""

    bot: str
    name: str
    given: Connection


@dataclass(frozen=True, slots=True)
class Row:
    """How a connection is."""

    bot: str
    name: str
    provider: str
    state: str
    status: str  # in the provider's own words
    since: str | None
    number: str
    base_url: str


def status(
    *,
    json: Annotated[bool, typer.Option("--json", help="Print them as one JSON array.")] = False,
    bot: BotsOption = None,
) -> None:
    """Show each WhatsApp connection of the bots: whether it is connected, and its number."""
    import asyncio
    from dataclasses import asdict

    settings = _settings(bot)
    found = _named(settings)
    wahas = _connection(settings, [one for one in found if one.given.provider == "waha"])
    rows, faults = asyncio.run(_rows(settings, found, wahas))
    if json:
        from json import dumps

        show(dumps([asdict(row) for row in rows], ensure_ascii=False, indent=2))
    elif rows:
        shown = (
            (r.bot, r.name, r.provider, r.state, r.since or "", r.number, r.base_url) for r in rows
        )
        show(columns(HEAD, *shown))
    else:
        word("no bot has a WhatsApp connection; they stand in bot.yaml under channels: whatsapp.")
    for fault in faults:
        word(fault)
    raise typer.Exit(EXIT_SHORT if faults else 0)


def pair(name: Name, *, bot: BotsOption = None) -> None:
    """Pair a number with a connection: scan the QR code with WhatsApp on the phone."""
    settings = _settings(bot)
    waha = _one(settings, name)

    async def paired(session: WahaSession) -> int:
        from adapters.whatsapp.pairing_screen import PairingScreen
        from adapters.whatsapp.waha_pairing import pair as steps

        screen, connected = PairingScreen(name), False
        async for step in steps(session, _wanted(settings)):
            connected = screen.tell(step)
        return 0 if connected else EXIT_SHORT

    with suppress(KeyboardInterrupt):
        raise typer.Exit(_run(waha, paired))
    word(f"left as it is. Go on with ./run whatsapp pair {name}")
    raise typer.Exit(EXIT_SHORT)


def disconnect(
    name: Name,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether to.")] = False,
    bot: BotsOption = None,
) -> None:
    """Disconnect a number: it is taken off the phone's devices, and stays so until it is paired."""
    settings = _settings(bot)
    waha = _one(settings, name)
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError(f"Disconnecting {name} takes a new scan to undo. Add --yes.")
        sure = f"Disconnect {name}? It answers nobody until its QR code is scanned again."
        if not typer.confirm(sure, err=True):
            word(f"{name} stays as it is.")
            return

    async def parted(session: WahaSession) -> Seen:
        from adapters.whatsapp.waha_pairing import disconnect as part

        return await part(session, _wanted(settings))

    seen = _run(waha, parted)
    word(f"{name} is {seen.state}. Connect it again with ./run whatsapp pair {name}")


# -- what is where ---------------------------------------------------------------------------------


def _settings(bot: list[str] | None) -> Settings:
    from adapters.operating import ready

    return ready(bot=tuple(bot or ()))


def _named(settings: Settings) -> list[Named]:
    """Return the WhatsApp connections of all bots the settings name."""
    from adapters.assembly import find_bot, load_source

    return [
        Named(source.bot.bot, name, given)
        for source in (load_source(find_bot(folder)) for folder in settings.bot)
        for name, given in source.bot.channels.whatsapp.items()
    ]


def _one(settings: Settings, name: str) -> Waha:
    """Return the WAHA connection of this name."""
    from engine.language.refusals import did_you_mean

    found = _named(settings)
    named = [one for one in found if one.name == name]
    if not named:
        known = [one.name for one in found]
        hint = did_you_mean(name, known) or "./run whatsapp status lists those there are."
        raise UsageError(f'No bot has a WhatsApp connection "{name}". {hint}')
    if len(named) > 1:
        bots = " or ".join(f"--bot {one.bot}" for one in named)
        raise UsageError(f'Several bots have a connection "{name}". Say which: {bots}')
    if named[0].given.provider != "waha":
        raise UsageError(
            f"{name} is a number at {named[0].given.provider}: it needs no pairing. Only those of"
            " provider: waha are paired."
        )
    return _connection(settings, named)[name]


def _connection(settings: Settings, named: Sequence[Named]) -> Mapping[str, Waha]:
    """Return where the sessions of WAHA connections are; all that is not set is said at once."""
    from adapters.whatsapp.waha_sessions import Waha

    missing: list[str] = []

    def secret(one: Named, key: str, reference: str) -> str:
        variable = reference.removeprefix("env:")
        value = os.environ.get(variable, "")
        if not value:
            missing.append(f"  {variable}: the {key} of the connection {one.name} ({one.bot})")
        return value

    def resolved(one: Named, given: WahaConnection) -> Waha:
        return Waha(
            connection=one.name,
            base_url=(given.base_url or USUAL).rstrip("/"),
            api_key=secret(one, "api_key", given.api_key),
            hmac_key=secret(one, "hmac_key", given.hmac_key),
            webhook=f"{_our_url(settings)}/api/whatsapp/{one.name}/webhook",
            session=given.session,
        )

    found = {one.name: resolved(one, one.given) for one in named if one.given.provider == "waha"}
    if missing:
        lines = "\n".join(missing)
        raise UsageError(f"These variables are not set; bot.yaml names them as env:NAME.\n{lines}")
    return found


def _our_url(settings: Settings) -> str:
    """Return where WAHA reaches us."""
    everywhere = settings.host in ("0.0.0.0", "::")  # noqa: S104 - compared with, not listened on
    host = "127.0.0.1" if everywhere else settings.host
    host = f"[{host}]" if ":" in host else host
    return settings.public_url or f"http://{host}:{settings.port}"


def _wanted(_settings: Settings) -> Wanted:
    from adapters.whatsapp.wanted import WantedInMemory

    return WantedInMemory()


def _since(_settings: Settings) -> Mapping[str, int]:
    """Return since when each connection is in its state, as far as that is kept."""
    return {}


# -- asking and showing ----------------------------------------------------------------------------


def _run(waha: Waha, do: Callable[[WahaSession], Awaitable[T]]) -> T:
    import asyncio

    from adapters.whatsapp.waha_sessions import WahaSession

    async def done() -> T:
        session = WahaSession(waha)
        try:
            return await do(session)
        finally:
            await session.close()

    return asyncio.run(done())


async def _rows(
    settings: Settings, found: Sequence[Named], wahas: Mapping[str, Waha]
) -> tuple[list[Row], list[str]]:
    from adapters.whatsapp.waha_sessions import Seen, WahaSession

    rows, faults = [], []
    since = _since(settings)
    for one in found:
        base = one.given.base_url or ""
        state, seen = "configured", Seen()
        if waha := wahas.get(one.name):
            session, base = WahaSession(waha), waha.base_url
            try:
                seen = await session.seen()
            except RejoinderError as error:
                faults.append(str(error))
            finally:
                await session.close()
            state = seen.state
        at = moment(since[one.name]) if one.name in since else None
        provider = one.given.provider
        rows.append(Row(one.bot, one.name, provider, state, seen.word, at, seen.phone, base))
    return rows, faults
