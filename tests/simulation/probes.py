"""What must cost nothing once all is well: a wrong copy costs one lost turn, and never a second.

Every mistake of a cache is healed by the compare-and-swap, so no invariant shows a cache that is
wrong for ever. What shows it is the work: these probes count turns that were taken in vain.
"""

from __future__ import annotations

__all__ = ["probe"]

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.events import ModeChanged, Said
from engine.runtime.arrivals import contact_id

if TYPE_CHECKING:
    from tests.simulation.people import Message, Person
    from tests.simulation.processes import Process
    from tests.simulation.world import World

PROBED = 3  # conversations per world; each costs four turns


async def probe(world: World) -> None:
    """Write to a few conversations through workers that have just started."""
    people = [one.person for one in world.customers if _probed(world, one.person)]
    wrong = {place[2]: n for n, place in enumerate(world.cache.wrong)}
    people.sort(key=lambda one: -wrong.get(_contact(one), -1))
    fresh = world.start(), world.start()
    world.processes += fresh
    for person in people[:PROBED]:
        await _write(world, fresh[0], person)
        await _silent(world, fresh[1], person)
    await world.rest()


def _probed(world: World, person: Person) -> bool:
    """Say whether the next message goes to the very place the last answer came from.

    It does not where its address leads to another contact since two became one: a worker that does
    not know loses its first turn there, by design. The merge may be younger than the last answer.
    """
    if person.heard is None:
        return False
    session, arrival = person.heard.session, person.sent[-1].arrival
    contact = contact_id(arrival.bot, arrival.addresses[0])
    led = world.sql(
        "SELECT contact FROM address WHERE bot = ? AND address = ?",
        arrival.bot,
        arrival.addresses[0],
    )
    leads = led[0][0] if led else contact
    return (session.lane, session.contact, leads) == (arrival.lane, contact, contact)


def _contact(person: Person) -> str:
    return person.heard.session.contact if person.heard is not None else ""


async def _silent(world: World, process: Process, person: Person) -> None:
    """Write twice at once, end the conversation, write again: no turn is taken in vain."""
    conflicts = _conflicts(process)
    await asyncio.gather(_write(world, process, person), _write(world, process, person))
    if _conflicts(process) > conflicts:
        world.record.broken(
            "a worker that just started loses no turn",
            f"{process.name} lost {_conflicts(process) - conflicts} on a conversation of"
            f" {person.name}, whose last turn was taken by a worker that knew it all",
        )
    heard = person.heard
    if heard is None:
        return
    session = heard.session
    place = (session.bot, session.lane, session.contact)
    ended = ModeChanged(world.new_id(), world.record.clock(), "ended", "")
    await process.ask(lambda: process.service.conversations.deliver(place, ended))
    await asyncio.sleep(0.1)  # for the word of it to reach everybody
    another = world.processes[-2] or process
    conflicts = _conflicts(another)
    await _write(world, another, person)
    if _conflicts(another) > conflicts:
        world.record.broken(
            "an ended conversation in a cache is as good as none",
            f"{another.name} lost a turn on a copy of {session.id}, which had ended",
        )


def _conflicts(process: Process) -> float:
    counts = process.service.counters.now()
    return sum(n for (what, _), n in counts.items() if what == "conflicts")


async def _write(world: World, process: Process, person: Person) -> None:
    """Write one more thing where the last answer came from."""
    last: Message = person.sent[-1]
    number = len(person.sent)
    event = Said(f"probe-{person.n}-{number}", world.record.clock(), "thanks", None)
    route = getattr(last.arrival.event, "route", None)
    arrival = replace(last.arrival, event=replace(event, route=route))
    message = replace(last, arrival=arrival, text="thanks", acknowledged=None, refused=False)
    person.sent.append(message)
    world.record.tell(person.name, f"writes 'thanks' ({message.id}, to probe {process.name})")
    message.acknowledged = await process.ask(lambda: process.service.conversations.receive(arrival))
    person.heard = message.acknowledged
