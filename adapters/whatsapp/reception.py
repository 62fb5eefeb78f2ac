"""What a webhook told, handed to whom it concerns: conversations, deliveries, the number itself.

The messages of one person are handed in together and in order; people do not wait for each other.
What cannot be stored is raised at the end, so that the provider posts all of it again: what was
stored is known by its id then.
"""

from __future__ import annotations

__all__ = ["Reception"]

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import inf
from typing import Final

import httpx2
import structlog

from adapters.order_files import MOST_BYTES, read_order_file
from adapters.phones import other_forms
from adapters.service import Service
from adapters.whatsapp.channel import AFTER, SPAM, STOPPED
from adapters.whatsapp.hidden_ids import HiddenIds
from adapters.whatsapp.numbers import Number, preview_key
from adapters.whatsapp.provider import Refused, ToDo
from adapters.whatsapp.refusals import meaning
from adapters.whatsapp.switchboard import Switchboard
from adapters.whatsapp.updates import (
    Attachment,
    Echo,
    Ignored,
    Message,
    Moved,
    Person,
    SessionState,
    Status,
    Update,
)
from engine import events
from engine.delivery import Again, Fate, Part, last_word
from engine.expiry import PREVIEW
from engine.runtime.arrivals import Answer, Arrival, Busy, inbound_id
from engine.runtime.worker import BACKOFF, SEND_ATTEMPTS

log = structlog.get_logger()

SECOND: Final = 1_000
FETCH_SECONDS: Final = 8.0  # for a list sent as a file; its sender's webhook waits
WIRE_SECONDS: Final = 0.1  # between looks whether a message is still on the wire
LISTS: Final = (".csv", ".tsv", ".txt", ".xlsx")
TAP: Final = re.compile(r"[^\s#]+\.[^\s#]+\.[^\s#]+#\d+")  # flow.state.choice#seq, as we sent it
# How long a failure that is told later waits for its next attempt, and how many there may be: each
# may cost money, and who waits for a person to repair the number waits as long as it takes.
AGAIN: Final[Mapping[ToDo, tuple[Callable[[int], int], float]]] = {
    "retry": (lambda attempts: BACKOFF[min(attempts, len(BACKOFF) - 1)], SEND_ATTEMPTS),
    "pair": (AFTER["pair"], SEND_ATTEMPTS),
    "template": (AFTER["template"], SEND_ATTEMPTS),
    "wait": (AFTER["wait"], SEND_ATTEMPTS),
    "stop": (lambda _attempts: STOPPED, inf),
    "slow": (lambda _attempts: SPAM, inf),
}
SHOWN: Final[Mapping[str, str]] = {"voice": "voice message", "contact": "contact card"}
Told = Callable[[str, SessionState | None], None]


class Reception:
    """Takes updates of verified webhooks."""

    def __init__(
        self, service: Service, switchboard: Switchboard, *, told: Told = lambda _name, _state: None
    ) -> None:
        """Take nothing yet; `told` hears what numbers paired by QR code tell, and of their states."""
        self._service = service
        self._switchboard = switchboard
        self._told = told
        self._hidden_ids = HiddenIds()

    async def take(self, number: Number, updates: Sequence[Update], *, bot: str, lane: str) -> None:
        """Take what one webhook told; raise where something of it could not be stored."""
        by_sender: dict[str, list[Message | Echo]] = {}
        doing = []
        if number.provider == "waha":
            states = [one for one in updates if isinstance(one, SessionState)]
            self._told(number.name, states[-1] if states else None)
        for update in updates:
            if isinstance(update, Message):
                by_sender.setdefault(update.sender.to, []).append(update)
            elif isinstance(update, Echo):
                by_sender.setdefault(update.to.to, []).append(update)
            elif isinstance(update, Status):
                doing.append(self._status(number, update))
            elif isinstance(update, Moved):
                doing.append(self._moved(number, update, bot, lane))
            elif isinstance(update, Ignored):
                self._ignored(bot, update)
        doing += [self._sender(number, sent, bot, lane) for sent in by_sender.values()]
        failed = [
            one
            for one in await asyncio.gather(*doing, return_exceptions=True)
            if isinstance(one, BaseException)
        ]
        if failed:
            raise failed[0]

    def _ignored(self, bot: str, update: Ignored) -> None:
        self._service.counters.add("ignored", bot, update.why)

    # -- messages -------------------------------------------------------------------------------

    async def _sender(
        self, number: Number, sent: Sequence[Message | Echo], bot: str, lane: str
    ) -> None:
        """Take what one person wrote, and what was written to them by hand."""
        arrivals = []
        taken: list[Message | Echo] = []
        for told in sent:
            one = await self._with_phone(number, told)
            if isinstance(one, Echo) and (why := await self._not_heard(number, one)):
                self._ignored(bot, Ignored(why))
                continue
            event = await self._event(number, one, bot)
            who = one.to if isinstance(one, Echo) else one.sender
            arrivals.append(self._arrival(number, event, who, bot, lane))
            taken.append(one)
        if not arrivals:
            return
        answers = await self._service.conversations.receive_all(arrivals)
        for one, answer in zip(taken, answers, strict=True):
            if isinstance(one, Message) and answer is not None:
                self._mark(number, one, answer)

    async def _with_phone(self, number: Number, one: Message | Echo) -> Message | Echo:
        """Find out whose hidden id it is, where the provider knows more than it told."""
        provider = self._switchboard[number.name].provider
        who = one.to if isinstance(one, Echo) else one.sender
        known = await self._hidden_ids.person(provider, number.name, who)
        if known is who:
            return one
        return replace(one, to=known) if isinstance(one, Echo) else replace(one, sender=known)

    async def _not_heard(self, number: Number, echo: Echo) -> str:
        """Tell why a line typed by hand takes nothing over; empty: it does."""
        if self._is_late(number, self._moment(echo.at)):
            return "late"  # of a backlog: whoever typed it has gone home since
        return "own" if await self._is_ours(number, echo) else ""

    def _is_late(self, number: Number, at: int) -> bool:
        return self._service.clock() - at > number.settings.answer_within

    async def _is_ours(self, number: Number, echo: Echo) -> bool:
        """Tell a line typed by hand from a message of our own that the provider shows us again.

        Some engines show ours as if they were typed, and before they answer our call with the id:
        what is on the wire just now is waited for.
        """
        deliveries = self._switchboard.deliveries
        wire = await deliveries.on_the_wire(number.name)
        while not (ours := await deliveries.is_ours(number.name, echo.id)) and wire:
            await asyncio.sleep(WIRE_SECONDS)
            wire &= await deliveries.on_the_wire(number.name)
        return ours

    def _mark(self, number: Number, message: Message, answer: Answer) -> None:
        """Show that a message was read, where it was not for a person to read."""
        session = answer.session
        if not answer.duplicate and session.mode == "agent":
            typing = bool(session.doing or session.asking)
            self._switchboard[number.name].seen(message, typing=typing)

    async def _event(self, number: Number, one: Message | Echo, bot: str) -> events.Event:
        at = self._moment(one.at)
        if isinstance(one, Echo):
            id_ = inbound_id(bot, number.name, "", one.id)
            return events.OperatorSaid(id_, at, one.text, "phone", sent=True)
        # WAHA shows one person under two names: a stanza is known by itself.
        sender = "" if number.provider == "waha" else one.sender.to
        id_ = inbound_id(bot, number.name, sender, one.id)
        route = f"{number.name}:{one.sender.to}"
        late = self._is_late(number, at)
        if one.choice and TAP.fullmatch(one.choice):
            return events.Tapped(id_, at, one.choice, one.text, route, late=late)
        said = events.Said(id_, at, one.text, route, late=late)
        if one.attachment is None:
            return said
        return await self._with(said, number, one.attachment)

    async def _with(self, said: events.Said, number: Number, attachment: Attachment) -> events.Said:
        """Return a message with what came along: a list is read, an order is for a person."""
        kind = attachment.kind
        shown = attachment.name or SHOWN.get(kind, kind)
        if kind in ("location", "contact", "order") and attachment.name:
            shown = f"{SHOWN.get(kind, kind)}: {attachment.name}"
        said = replace(said, file=shown, for_person=kind == "order")
        if kind != "document" or not attachment.name.lower().endswith(LISTS) or said.late:
            return said
        channel = self._switchboard[number.name]
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                data = await channel.provider.fetch(attachment, most=MOST_BYTES)
        except (Refused, httpx2.HTTPError, TimeoutError) as error:
            log.warning("file_not_fetched", connection=number.name, why=type(error).__name__)
            return replace(said, fault="file_unreadable")
        if data is None:
            return replace(said, fault="file_too_large")
        found = await asyncio.to_thread(read_order_file, attachment.name, data)
        return replace(said, content=found.text, fault=found.fault or "file")

    def _moment(self, at: int) -> int:
        """Return when something happened, for us: the end of its second, never later than now.

        A provider tells whole seconds; who answers our question within one has still seen it.
        """
        now = self._service.clock()
        return min(at + 999 if at % SECOND == 0 else at, now) if at else now

    def _arrival(
        self, number: Number, event: events.Event, who: Person, bot: str, lane: str
    ) -> Arrival:
        addresses = _addresses(who)
        key = preview_key(who.known_as) if lane == PREVIEW else number.key(who.known_as)
        person = {"phone": who.phone, "name": who.name}
        return Arrival(
            bot,
            lane,
            addresses,
            key,
            event,
            {field: value for field, value in person.items() if value},
            tuple(f"phone:{form}" for form in other_forms(who.phone)) if who.phone else (),
        )

    # -- everything else ------------------------------------------------------------------------

    async def _status(self, number: Number, status: Status) -> None:
        """Keep what became of a message of ours; where it can help, it goes out once more."""
        now = self._service.clock()
        do = meaning(status.code) if status.state == "failed" else None
        fate = Fate(
            number.name,
            status.message,
            status.state,
            status.at or now,
            Part.named(status.ours),
            status.code,
        )
        told = await self._switchboard.deliveries.told(fate, again=self._again(number, do, now))
        if told is None:
            raise Busy("a message failed before it was known to be sent; it is told again")
        if not told:
            return
        if do is not None:
            self._service.counters.add("undelivered", number.bot, str(status.code))
        if do in ("stop", "slow"):
            self._switchboard[number.name].rest(do, f"WhatsApp, code {status.code}.", spam=True)
        self._service.worker.wake()

    def _again(self, number: Number, do: ToDo | None, now: int) -> Again:
        """Return when a message that failed after it was taken may go once more."""
        if do is None or do not in AGAIN:
            return last_word
        if do == "template" and getattr(number.settings, "window_closed", None) is None:
            return last_word
        waits, most = AGAIN[do]
        return lambda attempts: now + waits(attempts) if attempts < most else None

    async def _moved(self, number: Number, moved: Moved, bot: str, lane: str) -> None:
        """Have a person be known by their new number, and the old one be anybody's."""
        leaves = [one for one in _addresses(moved.old) if one not in _addresses(moved.new)]
        if not leaves or not _addresses(moved.new):
            return
        id_ = inbound_id(bot, number.name, moved.old.to, moved.id)
        route = f"{number.name}:{moved.new.to}"
        person = {"phone": moved.new.phone} if moved.new.phone else {}
        event = events.Moved(id_, self._moment(moved.at), route, person)
        arrival = self._arrival(number, event, moved.new, bot, lane)
        # One move may be told in several ways, under several ids: by what it was it is one.
        became = " ".join(("moved", *leaves, "->", *_addresses(moved.new)))
        await self._service.conversations.move(arrival, leaves, became)


def _addresses(who: Person) -> tuple[str, ...]:
    """Return what the provider vouches for: the number first, where it is told."""
    kinds = (("phone", who.phone), ("user", who.user_id), ("lid", who.lid))
    return tuple(f"{kind}:{value}" for kind, value in kinds if value) or (f"chat:{who.to}",)
