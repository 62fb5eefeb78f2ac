"""The way of a message: admit, contact, lock, load, take, commit, answer. In that order.

Everything that changes a session goes through here: messages, outcomes, deadlines, operators. What
waits for one contact is taken together, in a task of the runtime's own, so that a sender who goes
away cancels nothing. Load after the lock: two quick messages would both answer the first question.
"""

from __future__ import annotations

__all__ = ["Conversations"]

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

import structlog

from engine.errors import Refused
from engine.events import Event, FormSent, TimerRang
from engine.expiry import PREVIEW
from engine.language.book import Book
from engine.ports import Clock, Directory, SessionStore
from engine.previews import ends_with, lanes_of, outlived
from engine.records import Committed, Duplicate, Place, Work, Write
from engine.runtime.arrivals import Answer, Arrival, Busy, Stopping, contact_id
from engine.runtime.contacts import RETAKES, Contacts, Who
from engine.runtime.metrics import Counters
from engine.session import Session, new_session
from engine.showing import chain
from engine.turn import Turn, take_turn

log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class _Mail:
    """An event that waits for its turn, and whoever waits for what becomes of it."""

    event: Event
    lanes: tuple[str, ...]  # where to look for the open session, in this order
    done: asyncio.Future[Answer | None]
    opens: Arrival | None = None  # with what a session begins, where none is open
    settles: Mapping[str, str] = field(default_factory=dict)
    session: str = ""  # the one session this is for, where it is for one
    since: float = field(default_factory=perf_counter)

    def tell(self, answer: Answer | None) -> None:
        """Tell whoever waits, if anybody still does."""
        if not self.done.done():
            self.done.set_result(answer)

    def fail(self, error: Exception) -> None:
        """Tell whoever waits that it did not work."""
        if not self.done.done():
            self.done.set_exception(error)


@dataclass(slots=True, eq=False)
class _Hold:
    """A contact locked from outside a turn."""

    ready: asyncio.Future[None]
    release: asyncio.Future[None]


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
        self._contacts = Contacts(store, directory, clock=clock, counters=counters, hold=self._hold)
        self._mail: dict[Who, list[_Mail | _Hold]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False

    # -- what comes in --------------------------------------------------------------------------

    async def receive(self, arrival: Arrival) -> Answer | None:
        """Take a message; its answer is committed when this returns. None: not admitted."""
        return await (await self._posted((arrival,)))[0]

    async def receive_all(self, arrivals: Sequence[Arrival]) -> list[Answer | None]:
        """Take messages of one sender in this order; those that one turn can take it takes."""
        posted = await self._posted(arrivals)
        await asyncio.wait(posted)
        return [one.result() for one in posted]

    async def _posted(self, arrivals: Sequence[Arrival]) -> list[asyncio.Future[Answer | None]]:
        """Put messages of one sender into their contact's queue."""
        if self._stopping:
            raise Stopping("this process is stopping")
        loop = asyncio.get_running_loop()
        first = arrivals[0]
        book = self.books[first.bot]
        facts: Mapping[str, Any] = {}
        if book.admits_people:
            known = (*first.addresses, *first.forms)
            found = await self._directory.admitted(first.bot, known, self._clock())
            if found is None:
                log.info("not_admitted", bot=first.bot, lane=first.lane)
                self.counters.add("not_admitted", first.bot, n=len(arrivals))
                return [_told(loop, None) for _ in arrivals]
            facts = found
        contact = await self._contacts.of(first)
        if self._stopping:  # while we asked
            raise Stopping("this process is stopping")
        # No event happens after it was received: a phone's clock may be wrong by hours.
        now = self._clock()
        futures = []
        for arrival in arrivals:
            event = arrival.event if arrival.event.at <= now else replace(arrival.event, at=now)
            opens = replace(arrival, person={**arrival.person, **facts}) if facts else arrival
            future: asyncio.Future[Answer | None] = loop.create_future()
            lanes = lanes_of(arrival.lane) if book.previews else (arrival.lane,)
            mail = _Mail(event, lanes, future, opens)
            self._enqueue((arrival.bot, contact), mail)
            futures.append(future)
        return futures

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
        future: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        self._enqueue((bot, contact), _Mail(event, (lane,), future, None, settles, session))
        return await future

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
        while running := self._tasks | self._contacts.merging:
            await asyncio.wait(running)

    # -- one at a time --------------------------------------------------------------------------

    async def _hold(self, who: Who) -> Callable[[], None]:
        """Lock a contact from outside a turn; return what unlocks it."""
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()
        release: asyncio.Future[None] = loop.create_future()
        self._enqueue(who, _Hold(ready, release))
        await ready
        return lambda: release.set_result(None)

    def _enqueue(self, who: Who, mail: _Mail | _Hold) -> None:
        waiting = self._mail.get(who)
        if waiting is not None:
            waiting.append(mail)
            return
        self._mail[who] = [mail]
        task = asyncio.get_running_loop().create_task(self._work(who))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, who: Who) -> None:
        waiting = self._mail[who]
        try:
            while waiting:
                if isinstance(hold := waiting[0], _Hold):
                    del waiting[0]
                    hold.ready.set_result(None)
                    await hold.release
                    continue
                mails = _together(waiting)
                del waiting[: len(mails)]
                try:
                    await self._take(who, mails)
                except Exception as error:  # noqa: BLE001 - whoever waits is told, whatever it is
                    for mail in mails:
                        mail.fail(error)
        finally:
            del self._mail[who]

    async def _take(self, who: Who, mails: list[_Mail]) -> None:
        """Take one turn; when another worker was faster, load again and take it again."""
        rest = mails
        for attempt in range(RETAKES):
            session = await self._met(who, rest, fresh=attempt > 0)
            rest = _meant_for(session, rest)
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
            reached = "" if session.version else _opening(rest).addresses[0]
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

    async def _preview_is_over(self, session: Session, mail: _Mail) -> bool:
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

    async def _met(self, who: Who, mails: Sequence[_Mail], *, fresh: bool) -> Session | None:
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

    async def _moved(self, who: Who, mails: Sequence[_Mail]) -> bool:
        """Send on what belongs to a contact that this one was merged into meanwhile."""
        address = _opening(mails).addresses[0]
        found = (await self._directory.contacts(who[0], (address,)))[0]
        if found in (None, who[1]):
            return False
        for mail in mails:
            self._enqueue((who[0], found), mail)
        return True

    def _new(self, contact: str, mails: Sequence[_Mail]) -> Session:
        arrival = _opening(mails)
        return new_session(
            id=self._ids(),
            bot=arrival.bot,
            lane=arrival.lane,
            contact=contact,
            key=arrival.key,
            at=min(mail.event.at for mail in mails),
            person=dict(arrival.person),
        )

    def _decide(self, session: Session, mails: list[_Mail]) -> Turn | None:
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

    def _committed(self, before: Session, turn: Turn, mails: Sequence[_Mail]) -> None:
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

    async def _answer_again(self, session: Session, mails: Sequence[_Mail]) -> None:
        """Tell those who came before what they were told then."""
        for mail in mails:
            lines = await self._store.answer(mail.event.id)
            mail.tell(Answer(session, tuple(lines), duplicate=True))


def _told(loop: asyncio.AbstractEventLoop, answer: Answer | None) -> asyncio.Future[Answer | None]:
    """Return what waits no more."""
    done: asyncio.Future[Answer | None] = loop.create_future()
    done.set_result(answer)
    return done


def _together(waiting: Sequence[_Mail | _Hold]) -> list[_Mail]:
    """Return the mails at the front that one turn can take: those for the same lanes.

    A form may be refused, and must not take others with it: it goes alone.
    """
    mails: list[_Mail] = []
    for one in waiting:
        if isinstance(one, _Hold) or (mails and one.lanes != mails[0].lanes):
            break
        if isinstance(one.event, FormSent):
            return mails or [one]
        mails.append(one)
    return mails


def _opening(mails: Sequence[_Mail]) -> Arrival:
    """Return the arrival that a new session begins with."""
    return next(mail.opens for mail in mails if mail.opens is not None)


def _meant_for(session: Session | None, mails: list[_Mail]) -> list[_Mail]:
    """Leave out what is for a session that is not open here any more; tell who waits."""
    meant = []
    for mail in mails:
        elsewhere = session is not None and mail.session not in ("", session.id)
        if elsewhere or (session is None and mail.opens is None):
            mail.tell(None)
        else:
            meant.append(mail)
    return meant
