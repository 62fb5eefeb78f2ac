"""The customers: each with words of their own, a temper of their own, and a phone that tries again.

What a person sends carries what nobody else knows (an e-mail address, a phone number, ids), so that
it can be told whose words stand where. A message is handed in until somebody says that it was taken.
"""

from __future__ import annotations

__all__ = ["Message", "Person", "people"]

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from engine.errors import Refused
from engine.events import FormSent, Said, Tapped
from engine.runtime.arrivals import Answer, Arrival, Busy, Stopping, inbound_id
from engine.stores.database import Unavailable
from tests.simulation.bots import ERRANDS, SHOP
from tests.simulation.processes import GoneError

if TYPE_CHECKING:
    from tests.simulation.world import World

TRY_AGAIN = (GoneError, Unavailable, Busy, Stopping)  # to a channel: no answer, or a 503
NAMES = ("Hari", "Ana", "Bo", "Meera", "Luis", "Sita", "Omar", "Nina", "Ravi", "Eva", "Tom", "Lena")

# What people say to a question, by the state they are in; `{}` are the person's own words.
ANSWERS: dict[str, tuple[str, ...]] = {
    SHOP: (
        "Hi so i need to buy {n} remote controls",
        "Hi so i need to buy {n} remote controls",
        "bulk order",
        "I tried to call but nobody picked up",
    ),
    ERRANDS: ("job please", "job please", "job please", "what is the meaning of life?"),
    "collecting_items": ("{n} remote controls", "{n} filters and 3 fans"),
    "collecting_contact": (
        "Name is {name} and phone number is {phone} and email is {email}",
        "Name is {name} and phone number is {phone} and email is {email}",
        "{name}",
        "{email}",
        "{phone}",
    ),
    "confirming": ("yes", "yes", "yes", "no, my email is {other}", "change", "no"),
    "placing": ("hello??", "{n} fans too", "person"),
    "collecting_phone": ("{phone}",),
    "collecting_time": ("tomorrow morning",),
    "collecting": ("{name}, {email}", "{email}", "{name}"),
    "working": ("still there?", "4", "cancel"),
    "rating": ("4", "5", "seven"),
    "person": ("hello?", "is anybody there"),
}
ASIDE = (
    "where are you?",
    "thanks",
    "do you deliver",
    "asdf qwer",
    "cancel",
    "yes",
    "no",
    "back",
    "restart",
    "person",
    "help",
    "my email is {other}",
    "job please",
    "bulk order",
    "callback",
    "what is the meaning of life?",
)


@dataclass(slots=True, eq=False)
class Message:
    """One thing somebody sent, and what became of it."""

    person: Person
    arrival: Arrival
    text: str
    acknowledged: Answer | None = None
    refused: bool = False

    @property
    def id(self) -> str:
        """Its name, however often it comes."""
        return self.arrival.event.id


@dataclass(slots=True, eq=False)
class Person:
    """Somebody who writes to one bot, by one or two addresses, in one or more lanes."""

    n: int
    bot: str
    name: str
    addresses: tuple[str, ...]
    lanes: tuple[str, ...]
    sent: list[Message] = field(default_factory=list)
    linked: bool = False  # a message that carried both addresses was acknowledged
    heard: Answer | None = None

    @property
    def phone(self) -> str:
        """A number of their own, as India writes it."""
        return f"98765{self.n:05d}"

    @property
    def email(self) -> str:
        """An address of their own."""
        return f"{self.name.lower()}{self.n}@example.com"

    def owns(self, text: str) -> bool:
        """Say whether an e-mail address found somewhere is this person's."""
        return text.lower() in {self.email, f"new.{self.email}"}

    def words(self, random: Random, state: str) -> str:
        """Say what fits the question, or what comes to mind."""
        fits = ANSWERS.get(self.bot if state == "idle" else state, ASIDE)
        text = random.choice(fits if random.random() < 0.85 else ASIDE)
        return text.format(
            n=random.randrange(10, 60),
            name=self.name,
            phone=self.phone,
            email=self.email,
            other=f"new.{self.email}",
        )


def people(random: Random) -> list[Person]:
    """Draw who writes in this world."""
    found = []
    for n, name in enumerate(random.sample(NAMES, random.randint(6, len(NAMES)))):
        number = f"9198765{n:05d}"
        if random.random() < 0.5:
            addresses: tuple[str, ...] = (f"visitor:v{n}", f"phone:+{number}")
            lanes: Sequence[str] = ("web",)
            bot = SHOP
        else:
            addresses = (f"phone:+{number}", f"lid:{n}")
            lanes = random.choice((("cloud",), ("waha",), ("cloud", "web"), ("cloud", "preview")))
            bot = ERRANDS
        if random.random() < 0.6:
            addresses = addresses[:1]
        found.append(Person(n, bot, name, addresses, tuple(lanes)))
    return found


class Customer:
    """A person at work in a world."""

    def __init__(self, world: World, person: Person) -> None:
        self._world = world
        self._random = world.random
        self._faults = world.faults
        self.person = person

    async def live(self, messages: int) -> None:
        """Write so many messages, some in bursts, some long after one another."""
        random = self._random
        open_: list[asyncio.Task[None]] = []
        await asyncio.sleep(random.random() * 3)
        for _ in range(messages):
            await self._world.while_hushed()
            message = self._next()
            self.person.sent.append(message)
            self._world.record.tell(
                self.person.name,
                f"writes {message.text!r} ({message.id[:6]}, {message.arrival.lane},"
                f" {' and '.join(message.arrival.addresses)})",
            )
            task = asyncio.get_running_loop().create_task(self._deliver(message))
            open_.append(task)
            if random.random() < 0.7:
                await task
                await asyncio.sleep(random.random() * 0.5)
            elif random.random() < 0.5:
                await asyncio.sleep(random.random() * 0.01)
        for task in open_:
            await task

    async def _deliver(self, message: Message) -> None:
        """Hand a message in until it is acknowledged; sometimes it comes again, even so."""
        again = self._faults.chance(0.15)
        twin = asyncio.get_running_loop().create_task(self._try(message)) if again else None
        await self._try(message)
        if twin is not None:
            await twin
        if message.acknowledged is not None and self._faults.chance(0.2):
            self._world.later(self._again(message))

    async def _again(self, message: Message) -> None:
        await asyncio.sleep(self._random.random() * 20)
        await self._try(message)

    async def _try(self, message: Message) -> None:
        random, record = self._random, self._world.record
        known = message.acknowledged
        while True:
            process = self._world.somebody()
            if process is None:
                await asyncio.sleep(random.random())
                continue
            receive = process.service.conversations.receive
            patience = 30.0 if random.random() < 0.9 else 0.05
            try:
                answer = await process.ask(lambda r=receive: r(message.arrival), patience=patience)  # type: ignore[misc]
            except Refused:
                message.refused = True
                return
            except TRY_AGAIN as why:
                record.tell(process.name, f"did not take {message.id[:6]}: {why!r}"[:120])
                await asyncio.sleep(random.random() * random.choice((0.05, 0.5, 2)))
                continue
            except Exception as error:  # noqa: BLE001 - a channel would answer 500
                record.broken("a message is taken or comes again", f"receive raised {error!r}")
                return
            break
        self._acknowledge(message, known, answer, process.name)

    def _acknowledge(
        self, message: Message, known: Answer | None, answer: Answer | None, by: str
    ) -> None:
        record = self._world.record
        if answer is None:
            record.broken("I1", f"{message.id[:6]} was answered with nothing by {by}")
            return
        twice = " again" if answer.duplicate else ""
        record.tell(by, f"took {message.id[:6]}{twice} in {answer.session.id}")
        if known is not None and not (answer.duplicate or isinstance(message.arrival, FormSent)):
            record.broken("I2", f"{message.id[:6]}, acknowledged before, was taken again by {by}")
        if answer.duplicate and message.id not in [line.inbound for line in answer.lines]:
            record.broken(
                "a repeat is answered with the lines of its turn",
                f"{message.id[:6]} was answered with {[line.text for line in answer.lines]}",
            )
        message.acknowledged = answer
        self.person.heard = answer
        if len(message.arrival.addresses) == 2:
            self.person.linked = True

    # -- what is written --------------------------------------------------------------------------

    def _next(self) -> Message:
        random, person = self._random, self.person
        lane = random.choice(person.lanes)
        addresses = person.addresses
        if len(addresses) == 2:
            addresses = random.choice(
                (addresses[:1], addresses[1:], addresses[:1], addresses[1:], addresses)
            )
            if len(addresses) == 2 and random.random() < 0.3:
                addresses = addresses[::-1]
        route = None if lane == "web" else f"{'waha' if lane == 'waha' else 'cloud'}:{person.n}"
        id_ = inbound_id(person.bot, lane, person.name, str(len(person.sent)))
        at = self._world.record.clock() + self._clock_error()
        event, text = self._event(id_, at, route)
        key = f"{lane}-{person.name}"
        return Message(person, Arrival(person.bot, lane, addresses, key, event), text)

    def _clock_error(self) -> int:
        drawn = self._random.random()
        return 0 if drawn < 0.9 else int((drawn - 0.95) * 20 * 3_600_000)  # up to an hour

    def _event(self, id_: str, at: int, route: str | None) -> tuple[Said | Tapped | FormSent, str]:
        random, person, heard = self._random, self.person, self.person.heard
        if person.bot == SHOP and random.random() < 0.02:
            fields = {"name": person.name, "phone": f"+91{person.phone}"}
            return FormSent(id_, at, "bulk_enquiry", fields, route), "a form"
        shown = [line for line in heard.lines if line.choices] if heard else []
        if shown and random.random() < 0.5:
            choices = shown[-1].choices
            choice, label = choices[0] if random.random() < 0.6 else random.choice(choices)
            return Tapped(id_, at, f"{choice}#{shown[-1].seq}", label, route), label
        state = heard.session.state if heard else "idle"
        text = person.words(random, state)
        return Said(id_, at, text, route), text
