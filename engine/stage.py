"""The stage of a played conversation: the real core with a store, a clock and a worker of its own.

Nothing here sleeps: time is a number that `advance` moves, ringing on its way every deadline at its
own moment and doing every effect when it is due. What is said and done comes out as entries.
"""

from __future__ import annotations

__all__ = ["ReopenedStore", "Stage"]

import json
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import iscoroutine
from typing import Any, Protocol, Self, TypeVar, cast

from engine.customers import Customer
from engine.effects import AskAssistant, RunAction
from engine.errors import Refused, ScriptError
from engine.events import ActionFinished, AssistantAnswered, Event, TimerRang
from engine.language.book import Book
from engine.ports import Action, SessionStore
from engine.previews import ends_with, lanes_of, outlived
from engine.records import Committed, Duplicate, Work, Write
from engine.session import Session, new_session
from engine.showing import Showing, chain
from engine.turn import Turn, take_turn

T = TypeVar("T")

BACKOFF = (1_000, 5_000, 25_000)  # between the attempts of an action; the last one repeats
NEVER = 2**62  # a question to the assistant stays taken until the script answers it
RETAKES = 5  # design, section 5: after so many conflicts the message is refused


class ReopenedStore(SessionStore, Protocol):
    """A store that another process can open."""

    def reopened(self) -> Self:
        """Return the store as a new process would open it."""
        ...


@dataclass(frozen=True, slots=True)
class _Delivery:
    """Events on their way to a session: to `lane` where it is known, else where they belong.

    An outcome goes to the very `session` that waits for it, and to no other that follows.
    """

    customer: Customer
    events: Sequence[Event]
    lane: str = ""
    session: str = ""
    settles: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Stage:
    """What happens between the lines of a script."""

    book: Book
    store: ReopenedStore
    actions: Mapping[str, Action]
    now: int
    show: Showing = field(default_factory=Showing)
    down: bool = False  # the database is
    dying: bool = False  # the worker will be, after the next action it runs
    failing: dict[str, bool] = field(default_factory=dict)  # action -> every attempt of a run
    lasting: dict[str, int] = field(default_factory=dict)  # action -> how long its next run takes
    answers: list[Mapping[str, Any]] = field(default_factory=list)  # for the next questions
    asked: dict[str, Work] = field(default_factory=dict)  # contact -> the question that waits
    late: bool = False  # the next answer comes after the next turn of a customer
    delayed: list[_Delivery] = field(default_factory=list)  # what comes after it
    _kept: list[_Delivery] = field(default_factory=list)  # what comes when the database is up
    _customers: dict[tuple[str, str], Customer] = field(default_factory=dict)  # by lane, contact
    _remembered: dict[str, Session] = field(default_factory=dict)  # as the last turn left them
    _sessions: int = 0
    _wakes: dict[str, int] = field(default_factory=dict)  # effects put back until then
    _retries: set[str] = field(default_factory=set)  # those of them that are waited for
    _begun: set[str] = field(default_factory=set)  # lasting runs: the first take was no attempt
    _rung: set[tuple[str, int, int]] = field(default_factory=set)  # deadlines that changed nothing

    # -- turns ----------------------------------------------------------------------------------

    def receive(self, customer: Customer, events: Sequence[Event]) -> None:
        """Let events reach a customer's conversation."""
        self.deliver(_Delivery(customer, events))

    def deliver(self, delivery: _Delivery) -> None:
        """Take a turn the way a worker does: load, take, commit; again if another was faster."""
        who = delivery.customer.name
        if self.down:
            self.show.happened(who, "not stored: the database is down; it will come again")
            self._kept.append(delivery)
            return
        rest = list(delivery.events)
        for _ in range(RETAKES):
            session = self._load(delivery.customer, delivery.lane)
            if session is None or delivery.session not in ("", session.id):
                return  # an outcome or a deadline of a conversation that is over
            over = outlived(self.book, session, delivery.lane or delivery.customer.lane, rest[0].at)
            rang = TimerRang(f"{session.id}:{session.version}:timer", rest[0].at)
            try:
                turn = take_turn(self.book, session, [rang] if over else rest)
            except Refused as refused:
                self.show.happened(who, f"refused: {refused}")
                return
            if not turn.changed:
                return
            others = _now(self.store.open_of(session.bot, session.contact))
            beside = ends_with(self.book, turn, others)
            outcome = _now(self.store.commit(Write(session, turn, delivery.settles, beside)))
            if isinstance(outcome, Committed):
                self._show(who, [turn, *(other for _, other in beside)])
                rest = rest if over else []
            elif isinstance(outcome, Duplicate):
                rest = [event for event in rest if event.id not in outcome.ids]
            if not rest:
                return
        message = f"the store refused this turn {RETAKES} times: {rest}"
        raise ScriptError(message)

    def _show(self, who: str, turns: Sequence[Turn]) -> None:
        for one in turns:
            self._remembered |= {each.session.id: each.session for each in chain(one)}
            self.show.turn(who, one, self.book)

    def _load(self, customer: Customer, lane: str) -> Session | None:
        # A production message looks in lane `preview` first (design, section 8).
        for one in (lane,) if lane else lanes_of(customer.lane):
            session = _now(self.store.load((self.book.bot, one, customer.contact)))
            if session is not None:
                self._customers[session.lane, session.contact] = customer
                return session
        if lane:
            return None
        self._sessions += 1
        self._customers[customer.lane, customer.contact] = customer
        return new_session(
            id=f"s{self._sessions}",
            bot=self.book.bot,
            lane=customer.lane,
            contact=customer.contact,
            key=customer.key,
            at=self.now,
            person=dict(customer.person),
        )

    def recover(self) -> None:
        """Have the database up again: what it refused comes again, and what is due is done."""
        self.down = False
        kept, self._kept = self._kept, []
        for delivery in kept:
            self.deliver(delivery)
        self.advance(self.now)

    def reopen(self) -> None:
        """Go on as another process would: from what is stored, which must be all there was."""
        self.store = self.store.reopened()
        for session in self._remembered.values():
            place = (session.bot, session.lane, session.contact)
            if session.status == "open" and _now(self.store.load(place)) != session:
                message = f"session {session.id} did not come back as it was"
                raise ScriptError(message)

    # -- time -----------------------------------------------------------------------------------

    def advance(self, to: int) -> None:
        """Move the clock, ringing deadlines and doing effects on the way, each at its moment."""
        while not self.down:
            self.work()
            at, session = self._next(to)
            if at > to:
                break
            self.now = max(self.now, at)
            if session is not None:
                self._ring(session, at)
        self.now = max(self.now, to)

    def settle(self) -> None:
        """Do what is to be done now; the next attempt of a failed action is waited for."""
        self.work()
        while self._retries and not self.down:
            self.advance(min(self._wakes[id_] for id_ in self._retries))

    def _next(self, to: int) -> tuple[int, Session | None]:
        """Return the next moment when something is due, and the session whose deadline it is."""
        self._wakes = {id_: until for id_, until in self._wakes.items() if until > self.now}
        first = min(self._wakes.values(), default=to + 1)
        for session in _now(self.store.due(min(first, to))):
            at = session.wake_at
            if at is not None and (session.id, session.version, at) not in self._rung:
                return at, session
        return first, None

    def _ring(self, session: Session, at: int) -> None:
        self._rung.add((session.id, session.version, at))
        customer = self._customers[session.lane, session.contact]
        rang = TimerRang(f"{session.id}:{session.version}:timer", at)
        self.deliver(_Delivery(customer, [rang], session.lane))

    # -- the worker -----------------------------------------------------------------------------

    def work(self) -> None:
        """Do every effect that can be done now."""
        while not self.down and (taken := _now(self.store.take(self.now, until=NEVER))):
            work = taken[0]
            if isinstance(work.effect, RunAction):
                self._run(work.effect, work)
            elif isinstance(work.effect, AskAssistant):
                self._ask(work)
            else:
                _now(self.store.settle(work, "done"))

    def _run(self, effect: RunAction, work: Work) -> None:
        name, who = effect.action, self._customers[work.lane, work.contact].name
        if name in self.lasting:
            self._begun.add(effect.id)
            self._put_back(work, self.now + self.lasting.pop(name))
            return
        self._retries.discard(effect.id)
        attempt = work.attempt - (effect.id in self._begun)
        try:
            if name in self.failing:
                if not self.failing[name] or attempt >= effect.attempts:
                    del self.failing[name]
                message = "the script says so"
                raise RuntimeError(message)  # noqa: TRY301 - it must be met like any other failure
            result = self.actions[name](key=effect.id, **effect.arguments)
            value = json.loads(json.dumps(_now(result) if iscoroutine(result) else result))
        except Exception as error:  # noqa: BLE001 - an action may fail in any way it likes
            self._failed(effect, work, attempt, str(error) or type(error).__name__)
            return
        if self.dying:
            # The worst moment: it is done, and nobody has written so down.
            self.dying = False
            self.show.happened(who, f"the worker died during {name}")
            self._put_back(work, self.now)
            return
        number = value.get("number") if isinstance(value, dict) else None
        result = " ".join(str(part) for part in (effect.saves, number) if part)
        self.show.happened(who, f"{name} -> {result}" if result else f"{name} done")
        self._finish(work, ActionFinished(effect.id, self.now, ok=True, value=value), "done")

    def _failed(self, effect: RunAction, work: Work, attempt: int, reason: str) -> None:
        who = self._customers[work.lane, work.contact].name
        if attempt < effect.attempts:
            self.show.happened(who, f"{effect.action} attempt {attempt} failed: {reason}")
            self._retries.add(effect.id)
            self._put_back(work, self.now + BACKOFF[min(attempt, len(BACKOFF)) - 1])
            return
        self.show.happened(who, f"{effect.action} failed: {reason}")
        self._finish(work, ActionFinished(effect.id, self.now, ok=False, error=reason), "failed")

    def _put_back(self, work: Work, until: int) -> None:
        self._wakes[work.effect.id] = until
        _now(self.store.put_back(work, until=until))

    def _finish(self, work: Work, event: Event, status: str) -> None:
        """Store an effect's outcome together with the turn it makes, where it was requested."""
        customer = self._customers[work.lane, work.contact]
        settles = {work.effect.id: status}
        self.deliver(_Delivery(customer, [event], work.lane, work.session, settles))

    # -- the assistant --------------------------------------------------------------------------

    def _ask(self, work: Work) -> None:
        # The question stays taken: without a scripted answer it waits, as with a slow model.
        self.asked[work.contact] = work
        if self.answers:
            self.answer(work.contact, self.answers.pop(0))

    def answer(self, contact: str, answer: Mapping[str, Any]) -> None:
        """Answer the question that this contact's session has put; at once, or late."""
        work = self.asked.pop(contact)
        customer = self._customers[work.lane, contact]
        event = AssistantAnswered(work.effect.id, self.now, **answer)
        settles = {work.effect.id: "done"}
        delivery = _Delivery(customer, [event], work.lane, work.session, settles)
        if self.late:
            self.late = False
            self.delayed.append(delivery)
        else:
            self.deliver(delivery)


def _now(coroutine: Coroutine[Any, Any, T]) -> T:
    """Drive a coroutine that never waits to its end."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return cast("T", end.value)
    message = "a store on the stage must not wait"
    raise RuntimeError(message)
