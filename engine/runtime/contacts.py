"""Who somebody is: the contact their addresses lead to, and two that turn out to be one."""

from __future__ import annotations

__all__ = ["RETAKES", "Contacts"]

import asyncio

from engine.ports import Clock, Directory, SessionStore
from engine.records import Committed
from engine.runtime.arrivals import Arrival, Busy, contact_id
from engine.runtime.merging import merged
from engine.runtime.metrics import Counters
from engine.runtime.queues import Queues

RETAKES = 5  # design, section 5: after so many conflicts the sender is asked to come again


class Contacts:
    """Finds contacts by their addresses; merges those that are one person."""

    def __init__(
        self,
        store: SessionStore,
        directory: Directory,
        queues: Queues,
        *,
        clock: Clock,
        counters: Counters,
    ) -> None:
        """Know nobody yet."""
        self._store = store
        self._directory = directory
        self._queues = queues
        self._clock = clock
        self._counters = counters
        self.merging: set[asyncio.Task[str]] = set()

    async def of(self, arrival: Arrival) -> str:
        """Return who this is; addresses that turn out to be one person's become one contact."""
        bot = arrival.bot
        known = self._directory.remembered(bot, arrival.addresses)
        if len(arrival.addresses) == 1:
            # Nobody is asked: where the address leads elsewhere the commit of a new session is
            # refused, and then we ask.
            first = known[0] if known is not None else None
            return first or contact_id(bot, arrival.addresses[0])
        if known is None:
            known = await self._directory.contacts(bot, arrival.addresses)
        # An address seen alone before is a contact of its own, whether or not it was written down.
        each = [
            found or contact_id(bot, address)
            for address, found in zip(arrival.addresses, known, strict=True)
        ]
        contact = each[0]
        for other in dict.fromkeys(each[1:]):
            if other != contact:
                # In a task of its own: whoever goes away in the middle leaves nobody locked.
                merging = asyncio.get_running_loop().create_task(
                    self._merge(arrival, contact, other)
                )
                self.merging.add(merging)
                merging.add_done_callback(self.merging.discard)
                contact = await asyncio.shield(merging)
        return contact

    async def _merge(self, arrival: Arrival, one: str, two: str) -> str:
        """Make two contacts one: a commit of its own, both locked in the order of their ids."""
        bot = arrival.bot
        first, second = sorted((one, two))
        held = [await self._queues.hold((bot, who)) for who in (first, second)]
        try:
            for _ in range(RETAKES):
                # All that led to either of them, so that an address seen long ago finds the person.
                known = await self._directory.known_as(bot, (one, two))
                addresses = tuple(dict.fromkeys((*arrival.addresses, *known)))
                sessions = [
                    session
                    for contact in (one, two)
                    for session in await self._store.open_of(bot, contact)
                ]
                write, survivor = merged(sessions, one, two, self._clock(), addresses)
                if write is None:
                    gives_up = two if survivor == one else one
                    if await self._directory.point(bot, addresses, survivor, gives_up=gives_up):
                        return survivor
                    continue
                if isinstance(await self._store.commit(write), Committed):
                    self._directory.forget(bot, addresses)
                    self._counters.add("contacts_merged", bot)
                    return survivor
            raise Busy("two contacts could not be merged")
        finally:
            for release in reversed(held):
                release()
