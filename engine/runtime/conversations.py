"""The way of a message: admit, contact, queue, load, take, commit, answer. In that order.

Everything that changes a session goes through here: messages, outcomes, deadlines, operators. What
waits for one contact is taken from its queue. Load after that, never before: two quick messages
would both answer the first question.
"""

from __future__ import annotations

__all__ = ["Conversations"]

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any

import structlog

from engine.errors import Refused
from engine.events import Event, TimerRang
from engine.expiry import PREVIEW
from engine.language.book import Book
from engine.ports import Clock, Directory, SessionStore
from engine.previews import ends_with, lanes_of, outlived
from engine.records import Committed, Duplicate, Place, Work, Write
from engine.runtime.arrivals import Answer, Arrival, Busy, Stopping, contact_id
from engine.runtime.contacts import RETAKES, Contacts
from engine.runtime.metrics import Counters
from engine.runtime.queues import Mail, Queues, Who, meant_for, opening
from engine.session import Session, new_session
from engine.showing import chain
from engine.turn import Turn, take_turn

log = structlog.get_logger()


class Conversations:
    """Takes turns, one at a time per contact, exactly once each."""

    def __init__(
        self,
        books: Mapping[str, Book],
        store: SessionStore,
        directory: Directory,
        *,
        clock: Clock,
        ids: Callable[[], str],
        counters: Counters,
        on_effects: Callable[[], None] = lambda: None,
    ) -> None:
        """Take nothing yet; `on_effects` hears when there is work for a worker."""
        self.books = books
        self.counters = counters
        self._store = store
        self._directory = directory
        self._clock = clock
        self._ids = ids
        self._on_effects = on_effects
        self._queues = Queues(self._take)
        self._contacts = Contacts(store, directory, self._queues, clock=clock, counters=counters)
        self._stopping = False

    # -- what comes in --------------------------------------------------------------------------

    async def receive(self, arrival: Arrival) -> Answer | None:
        """Take a message; its answer is committed when this returns. None: not admitted."""
        posted = await self._posted((arrival,))
        return await posted[0].answer if posted else None

    async def receive_all(self, arrivals: Sequence[Arrival]) -> list[Answer | None]:
        """Take messages of one sender in this order; those that one turn can take it takes."""
        posted = await self._posted(arrivals)
        if not posted:
            return [None] * len(arrivals)
        await asyncio.wait([mail.answer for mail in posted])
        return [mail.answer.result() for mail in posted]

    async def _posted(self, arrivals: Sequence[Arrival]) -> list[Mail]:
        """Put messages of one sender into their contact's queue; none where they are not admitted."""
        if self._stopping:
            raise Stopping("this process is stopping")
        first = arrivals[0]
        book = self.books[first.bot]
        facts: Mapping[str, Any] = {}
        if book.admits_people:
            known = (*first.addresses, *first.forms)
            found = await self._directory.admitted(first.bot, known, self._clock())
            if found is None:
                log.info("not_admitted", bot=first.bot, lane=first.lane)
                self.counters.add("not_admitted", first.bot, n=len(arrivals))
                return []
            facts = found
        contact = await self._contacts.of(first)
        if self._stopping:  # while we asked
            raise Stopping("this process is stopping")
        # No event happens after it was received: a phone's clock may be wrong by hours.
        now = self._clock()
        posted = []
        for arrival in arrivals:
            event = arrival.event if arrival.event.at <= now else replace(arrival.event, at=now)
            opens = replace(arrival, person={**arrival.person, **facts}) if facts else arrival
            lanes = lanes_of(arrival.lane) if book.previews else (arrival.lane,)
            mail = Mail(event, lanes, opens)
            self._queues.put((arrival.bot, contact), mail)
            posted.append(mail)
        return posted

    async def move(self, arrival: Arrival, leaves: Sequence[str], known_until: str) -> None:
        """Have the `leaves` addresses lead to nobody and the arrival's to their contact from now on.

        `known_until` names the moment, so that whoever gets the old number later is somebody else,
        and stays so when this is told again.
        """
        bot = arrival.bot
        nobody = contact_id(bot, known_until)
        if nobody in await self._directory.contacts(bot, leaves):
            return  # told again
        both = replace(arrival, addresses=(*leaves, *arrival.addresses))
        contact = await self._contacts.of(both)
        for lane in lanes_of(arrival.lane):
            if await self.deliver((bot, lane, contact), arrival.event):
                break
        await self._directory.point(bot, leaves, nobody, gives_up="")

    async def deliver(
        self,
        place: Place,
        event: Event,
        *,
        session: str = "",
        settles: Mapping[str, str] = {},
    ) -> Answer | None:
        """Hand an event of our own to the open session of a place; None when there is none."""
        bot, lane, contact = place
        mail = Mail(event, (lane,), None, settles, session)
        self._queues.put((bot, contact), mail)
        return await mail.answer

    async def finish(self, work: Work, event: Event, status: str) -> None:
        """Store an effect's outcome with the turn it makes; without one where its session is over."""
        place: Place | None = (work.bot, work.lane, work.contact)
        settles = {work.effect.id: status}
        while place is not None:
            if await self.deliver(place, event, session=work.session, settles=settles):
                return
            tried, place = place, await self._store.where(work.session)
            if place == tried:
                break  # its place is taken by another session: there is nobody to tell
        await self._store.settle(work, status)

    async def stop(self) -> None:
        """Take nothing more; return when what is being taken is committed."""
        self._stopping = True
        while running := self._queues.at_work | self._contacts.merging:
            await asyncio.wait(running)

    # -- one turn ---------------------------------------------------------------------------------

    async def _take(self, who: Who, mails: list[Mail]) -> None:
        """Take one turn; when another worker was faster, load again and take it again."""
        rest = mails
        for attempt in range(RETAKES):
            session = await self._met(who, rest, fresh=attempt > 0)
            rest = meant_for(session, rest)
            if not rest:
                return
            if session is None:
                if attempt and await self._moved(who, rest):
                    return
                session = self._new(who[1], rest)
            if await self._preview_is_over(session, rest[0]):
                continue
            turn = self._decide(session, rest)
            if turn is None:
                return
            settles = {id_: status for mail in rest for id_, status in mail.settles.items()}
            reached = "" if session.version else opening(rest).addresses[0]
            outcome = await self._store.commit(
                await self._write(session, turn, settles, reached=reached)
            )
            if isinstance(outcome, Committed):
                self._committed(session, turn, rest)
                return
            if isinstance(outcome, Duplicate):
                self.counters.add("duplicates", who[0], n=len(outcome.ids))
                again = [mail for mail in rest if mail.event.id in outcome.ids]
                rest = [mail for mail in rest if mail.event.id not in outcome.ids]
                await self._answer_again(session, again)
                if not rest:
                    return
            else:
                self.counters.add("conflicts", who[0])
        raise Busy("other workers were faster five times; try again")

    async def _preview_is_over(self, session: Session, mail: Mail) -> bool:
        """End a preview that nobody used for a day: what a customer writes now is no part of it."""
        book, at = self.books[session.bot], mail.event.at
        if not outlived(book, session, mail.lanes[-1], at):
            return False
        over = take_turn(book, session, [TimerRang(f"{session.id}:{session.version}:timer", at)])
        await self._store.commit(await self._write(session, over))
        return True

    async def _write(
        self,
        session: Session,
        turn: Turn,
        settles: Mapping[str, str] = {},
        *,
        reached: str = "",
    ) -> Write:
        """Return what is stored with a turn: what ends with a preview, beside."""
        beside: Sequence[tuple[Session, Turn]] = ()
        if session.lane == PREVIEW and turn.session.status != "open":
            others = await self._store.open_of(session.bot, session.contact)
            beside = ends_with(self.books[session.bot], turn, others)
        return Write(session, turn, settles, beside, reached=reached)

    async def _met(self, who: Who, mails: Sequence[Mail], *, fresh: bool) -> Session | None:
        """Return the session that mails meet; from SQL alone where a copy would mislead."""
        lanes = mails[0].lanes
        # A deadline that is rung on an outdated copy would find nothing due, and commit nothing.
        fresh = fresh or any(isinstance(mail.event, TimerRang) for mail in mails)
        session = await self._load(who, lanes, fresh=fresh)
        if not fresh and any(mail.session not in ("", session and session.id) for mail in mails):
            # Not by a copy, which may be of the session before: who is told so gives up.
            session = await self._load(who, lanes, fresh=True)
        return session

    async def _load(self, who: Who, lanes: Sequence[str], *, fresh: bool) -> Session | None:
        for lane in lanes:
            session = await self._store.load((who[0], lane, who[1]), fresh=fresh)
            if session is not None:
                return session
        return None

    async def _moved(self, who: Who, mails: Sequence[Mail]) -> bool:
        """Send on what belongs to a contact that this one was merged into meanwhile."""
        address = opening(mails).addresses[0]
        found = (await self._directory.contacts(who[0], (address,)))[0]
        if found in (None, who[1]):
            return False
        for mail in mails:
            self._queues.put((who[0], found), mail)
        return True

    def _new(self, contact: str, mails: Sequence[Mail]) -> Session:
        arrival = opening(mails)
        return new_session(
            id=self._ids(),
            bot=arrival.bot,
            lane=arrival.lane,
            contact=contact,
            key=arrival.key,
            at=min(mail.event.at for mail in mails),
            person=dict(arrival.person),
        )

    def _decide(self, session: Session, mails: list[Mail]) -> Turn | None:
        """Take the turn; None when there is nothing to commit, and everybody was told."""
        try:
            turn = take_turn(self.books[session.bot], session, [mail.event for mail in mails])
        except Refused as refused:
            mails[0].fail(refused)  # a form, which goes alone
            return None
        if turn.changed:
            return turn
        for mail in mails:
            mail.tell(Answer(session, ()))
        return None

    def _committed(self, before: Session, turn: Turn, mails: Sequence[Mail]) -> None:
        turns = list(chain(turn))
        for parked in turn.parked:
            # No text of anybody's: the row has it, and `./run parked` shows it.
            log.error(
                "parked",
                error_id=parked.error_id,
                session=before.id,
                why=parked.error.partition(":")[0],
                remedy="./run parked shows it and tries it again",
            )
        self.counters.turn(before, turns)
        answer = Answer(turns[-1].session, turns[-1].lines)
        if any(one.effects for one in turns):
            self._on_effects()
        now = perf_counter()
        for mail in mails:
            self.counters.add("turn_seconds", before.bot, n=now - mail.since)
            self.counters.add("turn_seconds_count", before.bot)
            mail.tell(answer)

    async def _answer_again(self, session: Session, mails: Sequence[Mail]) -> None:
        """Tell those who came before what they were told then."""
        for mail in mails:
            lines = await self._store.answer(mail.event.id)
            mail.tell(Answer(session, tuple(lines), duplicate=True))
