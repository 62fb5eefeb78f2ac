"""The commands of those who connect WhatsApp numbers: status, pair, disconnect, add, remove."""

# ruff: noqa: PLC0415 - the engine is imported inside: `--help` must not wait for it

from __future__ import annotations

__all__ = ["add", "disconnect", "pair", "remove", "status"]

import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from adapters.terms import EXIT_SHORT, BotsOption, DatabaseOption, columns, moment, show, word
from engine.errors import RejoinderError, UsageError

if TYPE_CHECKING:
    from adapters.service import Service
    from adapters.settings import Settings
    from adapters.whatsapp.numbers import Number
    from adapters.whatsapp.waha_sessions import WahaSession

T = TypeVar("T")

Name = Annotated[str, typer.Argument(metavar="NAME", help="A connection, as bot.yaml names it.")]
HEAD = ("BOT", "NAME", "PROVIDER", "STATE", "SINCE", "NUMBER", "BASE URL")


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
    database_url: DatabaseOption = "",
) -> None:
    """Show each WhatsApp connection of the bots: whether it is connected, and its number."""
    import asyncio
    from dataclasses import asdict

    settings = _settings(bot, database_url)
    rows, faults = asyncio.run(_rows(settings))
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


def pair(name: Name, *, bot: BotsOption = None, database_url: DatabaseOption = "") -> None:
    """Pair a number with a connection: scan the QR code with WhatsApp on the phone."""
    settings = _settings(bot, database_url)

    async def paired(session: WahaSession, service: Service) -> int:
        from adapters.whatsapp.pairing_screen import PairingScreen
        from adapters.whatsapp.waha_pairing import pair as steps

        screen, connected = PairingScreen(name), False
        async for step in steps(session, service.connections):
            connected = screen.tell(step)
        return 0 if connected else EXIT_SHORT

    with suppress(KeyboardInterrupt):
        raise typer.Exit(_run(settings, name, paired))
    word(f"left as it is. Go on with ./run whatsapp pair {name}")
    raise typer.Exit(EXIT_SHORT)


def disconnect(
    name: Name,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether to.")] = False,
    bot: BotsOption = None,
    database_url: DatabaseOption = "",
) -> None:
    """Disconnect a number: it is taken off the phone's devices, and stays so until it is paired."""
    settings = _settings(bot, database_url)

    async def known(session: WahaSession, service: Service) -> None:
        """Say first what is wrong with the name; nothing stays open while somebody decides."""

    _run(settings, name, known)
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError(f"Disconnecting {name} takes a new scan to undo. Add --yes.")
        sure = f"Disconnect {name}? It answers nobody until its QR code is scanned again."
        if not typer.confirm(sure, err=True):
            word(f"{name} stays as it is.")
            return

    async def parted(session: WahaSession, service: Service) -> str:
        from adapters.whatsapp.waha_pairing import disconnect as part

        return (await part(session, service.connections)).state

    state = _run(settings, name, parted)
    word(f"{name} is {state}. Connect it again with ./run whatsapp pair {name}")


def add(
    name: Annotated[str, typer.Argument(help="A new name: small letters, digits, - and _.")],
    written: Annotated[
        list[str], typer.Argument(metavar="KEY=VALUE...", help="As bot.yaml has them.")
    ],
    *,
    bot: BotsOption = None,
    database_url: DatabaseOption = "",
) -> None:
    """Add a number to a bot without touching its file; a running process takes it by itself."""
    import asyncio
    import os

    from adapters.operating import opened
    from adapters.whatsapp.numbers import lacking, number_of
    from engine.language.schema_channels import connection_name

    settings = _settings(bot, database_url)
    given = dict(_pair(one) for one in written)
    try:
        connection_name(name)
    except ValueError as error:
        raise UsageError(str(error)) from None

    async def added() -> list[str]:
        async with opened(settings) as service:
            bots = list(service.switchboard.bots)
            if len(bots) != 1:
                raise UsageError(f"Say whose number it is: --bot {' or --bot '.join(bots)}")
            number = number_of(name, bots[0], given, os.environ)
            there = await service.switchboard.number(name)
            if there is not None and name in {one for one, *_ in await service.connections.made()}:
                there = None  # it is written anew
            if there is not None:
                raise UsageError(
                    f'{there.bot} has a connection "{name}" in its bot.yaml. Choose another name.'
                )
            await service.connections.make(name, bots[0], given)
            return lacking([number])

    for missing in asyncio.run(added()):
        word(f"not set here: {missing}")
    address = f"{settings.our_url}/api/whatsapp/{name}/webhook"
    word(f"{name} is added. Its provider posts to {address}")


def remove(
    name: Annotated[str, typer.Argument(help="A connection that ./run whatsapp add made.")],
    *,
    bot: BotsOption = None,
    database_url: DatabaseOption = "",
) -> None:
    """Remove a number that was added; its conversations stay."""
    import asyncio

    from adapters.operating import opened

    settings = _settings(bot, database_url)

    async def removed() -> bool:
        async with opened(settings) as service:
            return await service.connections.remove(name)

    if not asyncio.run(removed()):
        raise RejoinderError(
            f'No command added a connection "{name}". Those of a bot.yaml are removed there.'
        )
    word(f"{name} is removed.")


# -- what is where ---------------------------------------------------------------------------------


def _settings(bot: list[str] | None, database_url: str) -> Settings:
    from adapters.operating import ready

    return ready(bot=tuple(bot or ()), database_url=database_url)


def _pair(written: str) -> tuple[str, str]:
    key, sign, value = written.partition("=")
    if not sign or not key:
        raise UsageError(f'"{written}" is no KEY=VALUE. Example: api_key=env:WAHA_API_KEY')
    return key, value


def _run(settings: Settings, name: str, do: Callable[[WahaSession, Service], Awaitable[T]]) -> T:
    """Do something with the session of a number."""
    import asyncio

    from adapters.operating import opened
    from adapters.whatsapp.supervision import waha_of
    from adapters.whatsapp.waha_sessions import WahaSession

    async def done() -> T:
        async with opened(settings) as service:
            await service.switchboard.look()
            number = _one(service, name)
            session = WahaSession(waha_of(number, settings.our_url))
            try:
                return await do(session, service)
            finally:
                await session.close()

    return asyncio.run(done())


def _one(service: Service, name: str) -> Number:
    """Return the WAHA connection of this name, its secrets known."""
    from engine.language.refusals import did_you_mean

    numbers = service.switchboard.numbers
    number = numbers.get(name)
    if number is None:
        hint = did_you_mean(name, numbers) or "./run whatsapp status lists those there are."
        raise UsageError(f'No bot has a WhatsApp connection "{name}". {hint}')
    if number.provider != "waha":
        raise UsageError(
            f"{name} is a number at {number.provider}: it needs no pairing. Only those of"
            " provider: waha are paired."
        )
    service.switchboard.demand([number])
    return number


# -- asking and showing ----------------------------------------------------------------------------


async def _rows(settings: Settings) -> tuple[list[Row], list[str]]:
    from adapters.operating import opened

    rows, faults = [], []
    async with opened(settings) as service:
        await service.switchboard.look()
        numbers = list(service.switchboard.numbers.values())
        service.switchboard.demand([one for one in numbers if one.provider == "waha"])
        for number in numbers:
            try:
                rows.append(await _row(settings, service, number))
            except RejoinderError as error:
                faults.append(str(error))
                rows.append(_shown(number, "disconnected"))
    return rows, faults


async def _row(settings: Settings, service: Service, number: Number) -> Row:
    from adapters.whatsapp.supervision import waha_of
    from adapters.whatsapp.waha_sessions import WahaSession

    if number.provider != "waha":
        return _shown(number, "configured")
    session = WahaSession(waha_of(number, settings.our_url))
    try:
        seen = await session.seen()
    finally:
        await session.close()
    kept = await service.connections.since(number.name)
    since = moment(kept[1]) if kept and kept[0] == seen.state else None
    return _shown(number, seen.state, seen.word, since, seen.phone)


def _shown(
    number: Number, state: str, status: str = "", since: str | None = None, phone: str = ""
) -> Row:
    return Row(
        number.bot, number.name, number.provider, state, status, since, phone, number.base_url
    )
