"""One number as the worker sends through it: within the pace, the window and the provider's limits."""

from __future__ import annotations

__all__ = ["AFTER", "SPAM", "STOPPED", "WhatsAppChannel"]

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol, runtime_checkable

import httpx2
import structlog

from adapters.whatsapp.numbers import Number
from adapters.whatsapp.provider import Outgoing, Provider, Refused, ToDo
from adapters.whatsapp.refusals import Unclear
from adapters.whatsapp.shaping import shaped, templated
from adapters.whatsapp.updates import Message
from engine.delivery import Deliveries, Kept, Part
from engine.effects import Send
from engine.language.schema_channels import WindowClosed
from engine.ports import Clock, NotDelivered
from engine.records import Work

log = structlog.get_logger()

SECOND: Final = 1_000
DAY: Final = 24 * 3_600 * SECOND
WINDOW: Final = DAY  # Meta: so long after a customer's message a business may write freely
CLOSED: Final = 131047  # Meta's code for it
KEPT: Final = 2 * DAY  # what could not be said by then only puzzles
STOPPED: Final = 60 * SECOND  # until a connection that a person must repair is tried again
STARTING: Final = 3 * SECOND  # until one that is not ready yet is
SPAM: Final = 10 * 60 * SECOND  # until one that was reported as spam is
MARKS: Final = 32  # read marks on their way at once; more are left out, or a burst waits for them
STORE_AGAIN: Final = 1.0  # seconds
REMEMBERED: Final = 10_000

Choose = Callable[[str, str], str]
"""Return what stands on the button that opens a list, for a bot and a language."""


@runtime_checkable
class Types(Protocol):
    """A provider through which somebody is seen typing for a while before a message comes."""

    async def type(self, to: str) -> None:
        """Type for a moment; whatever fails is left so."""
        ...


class WhatsAppChannel:
    """A `Channel` through one number."""

    def __init__(
        self,
        number: Number,
        provider: Provider,
        deliveries: Deliveries,
        *,
        clock: Clock,
        choose: Choose = lambda _bot, _language: "...",
        lacks: str = "",
    ) -> None:
        """Send nothing yet; nothing at all while it `lacks` a secret, however long that is."""
        self._lacks = lacks
        self.number = number
        self.provider = provider
        self.resends = provider.resends
        self.trouble = lacks  # what a person must repair; for those who watch
        self.since = 0
        self._deliveries = deliveries
        self._clock = clock
        self._choose = choose
        self._rests_until = 0
        self._closed: OrderedDict[str, None] = OrderedDict()  # effects that met a closed window
        self._ready: OrderedDict[str, list[Outgoing]] = OrderedDict()
        self._marking: set[asyncio.Task[None]] = set()

    # -- sending --------------------------------------------------------------------------------

    async def hold(self, work: Work, message: Send) -> None:
        """Raise `NotDelivered` where this message must wait, or will never go."""
        now = self._clock()
        if now - work.at > KEPT:
            raise NotDelivered("it could not be sent for two days", again=False)
        if self._lacks:
            raise _later(self._lacks, STOPPED)
        if self._rests_until > now:
            why = self.trouble or "the connection rests"
            raise _later(why, self._rests_until - now)
        kept = await self._deliveries.parts(message.id)
        outgoing = await self._outgoing(work, message, kept, now)
        left = len(outgoing) - len(_taken(kept))
        pace = self.number.settings.pace
        to = message.to.partition(":")[2]
        until = await self._deliveries.reserve(
            self.number.name,
            to,
            now,
            step=pace.every * max(1, min(left, pace.burst)),
            room=pace.every * pace.burst,
        )
        if until:
            raise _later("this person gets enough for now", until - now)
        _remember(self._ready, message.id, outgoing)
        await self._type(to, outgoing, kept)

    async def _type(self, to: str, outgoing: Sequence[Outgoing], kept: Sequence[Kept]) -> None:
        """Be seen typing, where that is done: before the message is on the wire.

        Who is killed while typing has sent nothing, and whoever comes next sends it.
        """
        if isinstance(self.provider, Types) and not kept and outgoing[0].kind != "template":
            await self.provider.type(to)

    async def send(self, work: Work, message: Send) -> None:
        """Post what is left of a message, part by part; each is kept once it was taken."""
        # Anew since `hold`: a status may have told meanwhile that a part cut earlier had arrived.
        kept = await self._deliveries.parts(message.id)
        outgoing = self._ready.pop(message.id, None)
        if outgoing is None:
            outgoing = await self._outgoing(work, message, kept, self._clock())
        taken = _taken(kept)
        to = message.to.partition(":")[2]
        for n, one in enumerate(outgoing, 1):
            if n in taken:
                continue
            part = Part(message.id, n, len(outgoing))
            try:
                id_ = await self.provider.post(to, one, ours=part.name)
            except Refused as refused:
                raise self._not_delivered(refused, work) from None
            self.wake()
            await self._keep(id_, part)

    async def _keep(self, id_: str, part: Part) -> None:
        """Keep that a part was taken, however long the database is away: nobody posts it again."""
        while True:
            try:
                await self._deliveries.took(self.number.name, id_, part, self._clock())
            except Exception as error:  # noqa: BLE001 - the worker ends it when it takes too long
                log.warning("sent_and_not_stored", effect=part.effect, why=type(error).__name__)
            else:
                return
            await asyncio.sleep(STORE_AGAIN)

    async def _outgoing(
        self, work: Work, message: Send, kept: Sequence[Kept], now: int
    ) -> list[Outgoing]:
        if message.template:
            language, values = message.language, message.values
            return [templated(message.template, language, values, text=message.text)]
        if await self._window_is_closed(work, message, kept, now):
            rules: WindowClosed | None = getattr(self.number.settings, "window_closed", None)
            if rules is None:
                why = "the customer's last message is a day old: only an approved template goes"
                raise NotDelivered(f"{why} (window_closed in bot.yaml)", again=False)
            values = (message.text,) if rules.with_ else ()
            return [templated(rules.template, message.language, values)]
        seq = message.lines[-1]
        choices = [(f"{id_}#{seq}", label) for id_, label in message.choices]
        opens = self._choose(work.bot, message.language)
        return shaped(message.text, choices, self.provider.limits, open_list=opens)

    async def _window_is_closed(
        self, work: Work, message: Send, kept: Sequence[Kept], now: int
    ) -> bool:
        if self.number.provider == "waha":
            return False
        if message.id in self._closed or any(one.code == CLOSED for one in kept):
            return True
        since = now - WINDOW
        return await self._deliveries.written_at(work.bot, work.contact, since=since) is None

    # -- refusals -------------------------------------------------------------------------------

    def _not_delivered(self, refused: Refused, work: Work) -> NotDelivered:
        """Return what the worker does about a refusal."""
        if refused.do == "template":
            _remember(self._closed, work.effect.id, None)
        if refused.do in ("stop", "slow", "away"):
            wait = self.rest(refused.do, str(refused), spam=bool(refused.code))
            return _later(str(refused), wait)
        after = AFTER.get(refused.do)
        if after is None:
            return NotDelivered(str(refused), again=refused.do == "retry")
        return NotDelivered(str(refused), again=True, after=after(work.attempt))

    def rest(self, do: ToDo, why: str, *, spam: bool = False) -> int:
        """Send nothing for a while; return for how long. What a person must repair is said once."""
        wait = STOPPED if do == "stop" else SPAM if spam else STARTING
        now = self._clock()
        self._rests_until = now + wait
        if do != "slow" and why != self.trouble:
            say = log.error if do == "stop" else log.warning
            event = "connection_stopped" if do == "stop" else "connection_away"
            say(event, connection=self.number.name, why=why)
            self.trouble, self.since = why, now
        return wait

    def wake(self) -> None:
        """Rest no longer: something went out, or the number is connected again."""
        if self.trouble:
            log.info("connection_works_again", connection=self.number.name)
        self.trouble, self.since, self._rests_until = self._lacks, 0, 0

    # -- what shows that somebody is there ------------------------------------------------------

    def seen(self, message: Message, *, typing: bool) -> None:
        """Mark a message as read, beside everything else; whatever fails is left so."""
        if self._lacks or len(self._marking) >= MARKS or self._rests_until > self._clock():
            return
        task = asyncio.get_running_loop().create_task(self._mark(message, typing=typing))
        self._marking.add(task)
        task.add_done_callback(self._marking.discard)

    async def _mark(self, message: Message, *, typing: bool) -> None:
        try:
            await self.provider.seen(message, typing=typing)
        except (Refused, Unclear, httpx2.HTTPError, TimeoutError) as error:
            log.debug("not_marked_as_read", connection=self.number.name, why=type(error).__name__)

    async def close(self) -> None:
        """Close what is open."""
        for task in self._marking:
            task.cancel()
        await self.provider.close()


# Until the next attempt, in milliseconds: Meta asks for 4^n seconds where one person got too much.
AFTER: Final[dict[ToDo, Callable[[int], int]]] = {
    "pair": lambda attempt: SECOND * 4 ** (attempt - 1),
    "template": lambda _attempt: 0,
    "wait": lambda _attempt: DAY,
}


def _later(why: str, wait: int) -> NotDelivered:
    return NotDelivered(why, again=True, after=wait, counts=False)


def _taken(kept: Sequence[Kept]) -> set[int]:
    return {one.number for one in kept if one.state != "failed"}


def _remember(what: OrderedDict[str, Any], key: str, value: Any) -> None:
    what[key] = value
    if len(what) > REMEMBERED:
        what.popitem(last=False)
