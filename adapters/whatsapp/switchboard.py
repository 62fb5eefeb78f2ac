"""All numbers of a process: found by name, opened when first needed, read anew when commands make some."""

from __future__ import annotations

__all__ = ["Made", "Switchboard"]

import asyncio
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

import structlog

from adapters.whatsapp.channel import Choose, WhatsAppChannel
from adapters.whatsapp.numbers import Number, lacking, number_of, of_bot, preview_of
from engine.delivery import Deliveries
from engine.errors import RejoinderError, UsageError
from engine.language.schema_bot import BotFile
from engine.ports import Channel, Clock

log = structlog.get_logger()

LOOK_SECONDS: Final = 5.0  # between looks for numbers that commands made


class Made(Protocol):
    """What commands said about numbers."""

    async def made(self) -> Sequence[tuple[str, str, Mapping[str, Any]]]:
        """Return those that commands made: name, bot, settings."""
        ...


class Switchboard(Mapping[str, Channel]):
    """The channels by the names of their connections."""

    def __init__(
        self,
        bots: Sequence[BotFile],
        deliveries: Deliveries,
        made: Made,
        *,
        clock: Clock,
        choose: Choose,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """Take the numbers of the bots' files; two of one name are refused."""
        self.bots = {bot.bot: bot for bot in bots}
        self.deliveries = deliveries
        self._made = made
        self._clock = clock
        self._choose = choose
        self._environ = environ
        self._of_files: dict[str, Number] = {}
        for bot in bots:
            for number in of_bot(bot, environ):
                self._add(self._of_files, number)
        self._numbers = dict(self._of_files)
        self._channels: dict[str, WhatsAppChannel] = {}

    def _add(self, numbers: dict[str, Number], number: Number) -> None:
        if (other := numbers.get(number.name)) is not None:
            raise UsageError(
                f'Two connections are called "{number.name}", of the bots {other.bot} and'
                f" {number.bot}: its name is a part of the webhook's address. Rename one."
            )
        numbers[number.name] = number

    # -- what the worker asks -------------------------------------------------------------------

    def __getitem__(self, name: str) -> WhatsAppChannel:
        """Return the channel of a connection."""
        number = self._numbers[name]
        found = self._channels.get(name)
        if found is None or found.number != number:
            found = WhatsAppChannel(
                number,
                number.opened(),
                self.deliveries,
                clock=self._clock,
                choose=self._choose,
                lacks="; ".join(self.lacking([number])),
            )
            self._channels[name] = found
        return found

    def __iter__(self) -> Iterator[str]:
        """Name the connections."""
        return iter(self._numbers)

    def __len__(self) -> int:
        """Count them."""
        return len(self._numbers)

    # -- what webhooks and commands ask -----------------------------------------------------------

    @property
    def numbers(self) -> Mapping[str, Number]:
        """The numbers, by the names of their connections."""
        return self._numbers

    async def number(self, name: str) -> Number | None:
        """Return the number of this name, also where it was made a moment ago."""
        if name not in self._numbers:
            await self.look()
        return self._numbers.get(name)

    def previews(self) -> list[tuple[BotFile, Number]]:
        """Return the bots that can be tried on a phone, and the number each borrows."""
        borrowed = [(bot, preview_of(bot, self._numbers.values())) for bot in self.bots.values()]
        return [(bot, number) for bot, number in borrowed if number is not None]

    def lacking(self, numbers: Iterable[Number] | None = None) -> list[str]:
        """Say which secrets are in no environment variable: of these numbers, or of all."""
        return lacking(self._numbers.values() if numbers is None else numbers)

    def demand(self, numbers: Iterable[Number] | None = None) -> None:
        """Refuse to go on where a secret is in no environment variable; all that lack at once."""
        if missing := self.lacking(numbers):
            lines = "\n".join(f"  {one}" for one in missing)
            raise UsageError(
                f"These variables are not set; bot.yaml names them as env:NAME.\n{lines}"
            )

    # -- numbers made by commands -----------------------------------------------------------------

    async def look(self) -> None:
        """Read again which numbers commands made."""
        numbers = dict(self._of_files)
        for name, bot, settings in await self._made.made():
            if bot not in self.bots:
                continue
            try:
                self._add(numbers, number_of(name, bot, settings, self._environ))
            except UsageError as error:
                log.warning("connection_not_taken", connection=name, why=str(error))
        self._numbers = numbers

    async def run(self) -> None:
        """Look every few seconds, until cancelled."""
        while self.bots:
            try:
                await self.look()
            except RejoinderError as error:
                log.warning("connections_not_read", why=str(error))
            await asyncio.sleep(LOOK_SECONDS)

    async def close(self) -> None:
        """Close what is open."""
        for channel in self._channels.values():
            await channel.close()
