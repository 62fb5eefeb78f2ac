"""The commands of whoever tries a bot on a phone before it goes live: preview start, preview end."""

# ruff: noqa: PLC0415 - the engine is imported inside: `--help` must not wait for it

from __future__ import annotations

__all__ = ["preview_end", "preview_start"]

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.terms import BotsOption, DatabaseOption, RedisOption, word
from engine.errors import RejoinderError, UsageError

if TYPE_CHECKING:
    from adapters.settings import Settings
    from engine.events import Event

Bot = Annotated[str, typer.Argument(help="Its folder, or the name of a shipped one.")]
Phone = Annotated[str, typer.Argument(help="Whose phone: +62 812 3456 7890.")]

OWNER = "owner"


def preview_start(
    bot: Bot, phone: Phone, *, database_url: DatabaseOption = "", redis_url: RedisOption = ""
) -> None:
    """Have a phone try this bot: from now on it talks to the preview."""
    import asyncio

    from adapters.assembly import find_bot, load_source
    from adapters.operating import ready

    settings = ready(bot=(bot,), database_url=database_url, redis_url=redis_url)
    source = load_source(find_bot(bot)).bot
    if not source.channels.preview:
        raise UsageError(
            f"The bot {source.bot} has no preview. Write preview: true under channels in its"
            " bot.yaml; it borrows the bot's first cloud number."
        )
    began = asyncio.run(_start(settings, source.bot, _e164(phone, [source.region])))
    word(
        f"{phone} tries {source.bot} now. It ends with: ./run whatsapp preview end {phone}"
        if began
        else f"{phone} is trying {source.bot} already."
    )


def preview_end(
    phone: Phone,
    *,
    bot: BotsOption = None,
    database_url: DatabaseOption = "",
    redis_url: RedisOption = "",
) -> None:
    """End a phone's preview: its next message begins as a customer's does."""
    import asyncio

    from adapters.assembly import find_bot, load_source
    from adapters.operating import ready

    settings = ready(bot=tuple(bot or ()), database_url=database_url, redis_url=redis_url)
    regions = [load_source(find_bot(one)).bot.region for one in settings.bot]
    asyncio.run(_end(settings, _e164(phone, regions)))
    word(f"the preview of {phone} has ended.")


def _e164(phone: str, regions: Iterable[str]) -> str:
    from adapters.phones import canonical

    for region in regions:
        if found := canonical(phone, region):
            return found
    raise UsageError(f'"{phone}" is no phone number. Example: +62 812 3456 7890')


def _key(e164: str) -> str:
    from adapters.whatsapp.numbers import preview_key

    return preview_key(e164.removeprefix("+"))


async def _start(settings: Settings, bot: str, e164: str) -> bool:
    from adapters.operating import opened
    from engine.events import ModeChanged
    from engine.expiry import PREVIEW
    from engine.runtime.arrivals import Arrival

    async with opened(settings) as service:
        begins = ModeChanged(f"{OWNER}:{service.ids()}", service.clock(), "agent", OWNER)
        address = (f"phone:{e164}",)
        arrival = Arrival(bot, PREVIEW, address, _key(e164), begins, {"phone": e164})
        answer = await service.conversations.receive(arrival)
    if answer is None:
        raise RejoinderError(
            f"The bot {bot} answers only the people it knows, and {e164} is none of them. Add them:"
            f" ./run directory import {bot} FILE.csv"
        )
    return answer.session.version == 1


async def _end(settings: Settings, e164: str) -> None:
    from adapters.operating import opened, told
    from engine.events import ModeChanged

    def over(id_: str, at: int) -> Event:
        return ModeChanged(id_, at, "ended", "preview ended")

    async with opened(settings) as service:
        await told(service, _key(e164), over, ends="preview ended")
