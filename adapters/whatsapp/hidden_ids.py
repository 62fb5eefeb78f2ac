"""Whose a hidden id is: a provider that shows one instead of the number may know more when asked."""

from __future__ import annotations

__all__ = ["HiddenIds"]

import asyncio
from dataclasses import replace
from typing import Final, Protocol, runtime_checkable

import structlog

from adapters.whatsapp.provider import Provider, Refused
from adapters.whatsapp.updates import Person

log = structlog.get_logger()

ASK_SECONDS: Final = 8.0  # the webhook that told the id waits
REMEMBERED: Final = 10_000


@runtime_checkable
class KnowsPhones(Protocol):
    """A provider that can be asked whose a hidden id is."""

    async def phone_behind(self, lid: str) -> str:
        """Return the number, E.164; empty where it does not know either."""
        ...


class HiddenIds:
    """Asks once for each hidden id, and remembers the number."""

    def __init__(self) -> None:
        """Know nobody yet."""
        self._phones: dict[str, str] = {}  # hidden id -> number

    async def person(self, provider: Provider, connection: str, who: Person) -> Person:
        """Return a person with their number, where it can be found out."""
        if who.phone or not who.lid or not isinstance(provider, KnowsPhones):
            return who
        if (phone := self._phones.get(who.lid)) is None:
            try:
                async with asyncio.timeout(ASK_SECONDS):
                    phone = await provider.phone_behind(who.lid)
            except (Refused, TimeoutError) as error:
                # Without it they are known by the hidden id alone, as before.
                log.warning("phone_not_asked", connection=connection, why=type(error).__name__)
                return who
            if len(self._phones) >= REMEMBERED:
                self._phones.clear()
            if phone:
                self._phones[who.lid] = phone
        return replace(who, phone=phone)
