"""One queue for each contact: what waits for a person is taken together and in order, never beside.

The task that empties a queue is the runtime's own: a sender who goes away cancels nothing.
"""

from __future__ import annotations

__all__ = ["Mail", "Queues", "Who", "meant_for", "opening"]

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from engine.events import Event, FormSent
from engine.runtime.arrivals import Answer, Arrival
from engine.session import Session

Who = tuple[str, str]  # bot, contact: one queue for all lanes of a person
Waiting = asyncio.Future[Answer | None]


def _unanswered() -> Waiting:
    return asyncio.get_running_loop().create_future()


@dataclass(slots=True, eq=False)
class Mail:
    """An event that waits for its turn, and whoever waits for what becomes of it."""

    event: Event
    lanes: tuple[str, ...]  # where to look for the open session, in this order
    opens: Arrival | None = None  # with what a session begins, where none is open
    settles: Mapping[str, str] = field(default_factory=dict)
    session: str = ""  # the one session this is for, where it is for one
    since: float = field(default_factory=perf_counter)
    answer: Waiting = field(default_factory=_unanswered)

    def tell(self, answer: Answer | None) -> None:
        """Tell whoever waits, if anybody still does."""
        if not self.answer.done():
            self.answer.set_result(answer)

    def fail(self, error: Exception) -> None:
        """Tell whoever waits that it did not work."""
        if not self.answer.done():
            self.answer.set_exception(error)


@dataclass(slots=True, eq=False)
class _Hold:
    """A contact locked from outside a turn."""

    ready: asyncio.Future[None]
    release: asyncio.Future[None]


class Queues:
    """Have what waits taken, one turn at a time for each contact."""

    def __init__(self, take: Callable[[Who, list[Mail]], Awaitable[None]]) -> None:
        """Have nothing waiting; `take` takes one turn, and tells whoever waits for it."""
        self._take = take
        self._waiting: dict[Who, list[Mail | _Hold]] = {}
        self.at_work: set[asyncio.Task[None]] = set()

    def put(self, who: Who, one: Mail | _Hold) -> None:
        """Put it at the end of a contact's queue."""
        waiting = self._waiting.get(who)
        if waiting is not None:
            waiting.append(one)
            return
        self._waiting[who] = [one]
        task = asyncio.get_running_loop().create_task(self._work(who))
        self.at_work.add(task)
        task.add_done_callback(self.at_work.discard)

    async def hold(self, who: Who) -> Callable[[], None]:
        """Lock a contact from outside a turn; return what unlocks it."""
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()
        release: asyncio.Future[None] = loop.create_future()
        self.put(who, _Hold(ready, release))
        await ready
        return lambda: release.set_result(None)

    async def _work(self, who: Who) -> None:
        waiting = self._waiting[who]
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
            del self._waiting[who]


def _together(waiting: Sequence[Mail | _Hold]) -> list[Mail]:
    """Return the mails at the front that one turn can take: those for the same lanes.

    A form may be refused, and must not take others with it: it goes alone.
    """
    mails: list[Mail] = []
    for one in waiting:
        if isinstance(one, _Hold) or (mails and one.lanes != mails[0].lanes):
            break
        if isinstance(one.event, FormSent):
            return mails or [one]
        mails.append(one)
    return mails


def opening(mails: Sequence[Mail]) -> Arrival:
    """Return the arrival that a new session begins with."""
    return next(mail.opens for mail in mails if mail.opens is not None)


def meant_for(session: Session | None, mails: list[Mail]) -> list[Mail]:
    """Leave out what is for a session that is not open here any more; tell who waits."""
    meant = []
    for mail in mails:
        elsewhere = session is not None and mail.session not in ("", session.id)
        if elsewhere or (session is None and mail.opens is None):
            mail.tell(None)
        else:
            meant.append(mail)
    return meant
