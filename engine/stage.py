"""The stage of a played conversation: the real core with a store, a clock and a worker of its own.

Nothing here sleeps: time is a number that `advance` moves, ringing on its way every deadline at its
own moment and doing every effect when it is due. What is said and done comes out as entries.
"""

from __future__ import annotations

__all__ = ["Customer", "Stage"]

import json
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self, TypeVar, cast

from engine.effects import AskAssistant, Effect, Notify, Publish, RunAction
from engine.errors import Refused, ScriptError
from engine.events import ActionFinished, AssistantAnswered, Event, TimerRang
from engine.language.book import Book
from engine.ports import Action, Committed, Duplicate, SessionStore, Work
from engine.session import Session, new_session
from engine.transcript import Entry, Line, choices
from engine.turn import Turn, take_turn

T = TypeVar("T")

BACKOFF = (1_000, 5_000, 25_000)  # between the attempts of an action; the last one repeats
RETAKES = 5  # design, section 5: after so many conflicts the message is refused


class ReopenedStore(SessionStore, Protocol):
    """A store that another process can open."""

    def reopened(self) -> Self:
        """Return the store as a new process would open it."""
        ...


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who talks in a script; the first one has no name."""

    name: str
    lane: str
    key: str
    route: str | None = None
    person: Mapping[str, Any] = field(default_factory=dict)

    @property
    def contact(self) -> str:
        """The contact's id."""
        return self.name or "me"


@dataclass(slots=True)
class Stage:
    """What happens between the lines of a script."""

    book: Book
    store: ReopenedStore
    actions: Mapping[str, Action]
    now: int
    out: list[Entry] = field(default_factory=list)
    down: bool = False  # the database is
    dying: bool = False  # the worker will be, after the next effect it takes
    failing: dict[str, bool] = field(default_factory=dict)  # action -> every attempt of a run
    lasting: dict[str, int] = field(default_factory=dict)  # action -> how long its next run takes
    answers: list[Mapping[str, Any]] = field(default_factory=list)  # for the next questions
    late: bool = False  # the next answer waits for the next turn of a customer
    delayed: list[tuple[Customer, str, Mapping[str, Any]]] = field(default_factory=list)
    asked: dict[str, str] = field(default_factory=dict)  # contact -> the question that waits
    remembered: dict[str, Session] = field(default_factory=dict)  # as the last turn left them
    parked: list[str] = field(default_factory=list)  # faults of ours that the core survived
    names: set[str] = field(default_factory=set)  # of people, as customers gave them
    buttons: dict[str, list[Line]] = field(default_factory=dict)  # contact -> what it was shown
    _customers: dict[tuple[str, str], Customer] = field(default_factory=dict)  # by lane, contact
    _wakes: dict[str, int] = field(default_factory=dict)  # effects put back until then
    _retries: set[str] = field(default_factory=set)  # those of them the player waits for
    _begun: set[str] = field(default_factory=set)  # lasting runs: the first take was no attempt
    _rung: set[tuple[str, int, int]] = field(default_factory=set)  # deadlines that changed nothing
    _sessions: int = 0
    _kept: list[tuple[Customer, Sequence[Event], Mapping[str, str] | None]] = field(
        default_factory=list
    )

    # -- turns ----------------------------------------------------------------------------------

    def receive(
        self,
        customer: Customer,
        events: Sequence[Event],
        settles: Mapping[str, str] | None = None,
    ) -> None:
        """Take a turn the way a worker does: load, take, commit; again if another was faster."""
        if self.down:
            self.happened(customer, "not stored: the database is down; it will come again")
            self._kept.append((customer, events, settles))
            return
        rest = list(events)
        for _ in range(RETAKES):
            session = self._load(customer)
            try:
                turn = take_turn(self.book, session, rest)
            except Refused as refused:
                self.happened(customer, f"refused: {refused}")
                return
            if not turn.changed:
                return
            outcome = _now(self.store.commit(session, turn, settles=settles))
            if isinstance(outcome, Committed):
                self._show(customer, turn)
                return
            if isinstance(outcome, Duplicate):
                rest = [event for event in rest if event.id not in outcome.ids]
            if not rest:
                return
        message = f"the store refused this turn {RETAKES} times: {rest}"
        raise ScriptError(message)

    def recover(self) -> None:
        """The database is up again: whatever was refused comes again, and what is due is done."""
        self.down = False
        kept, self._kept = self._kept, []
        for customer, events, settles in kept:
            self.receive(customer, events, settles)
        self.advance(self.now)

    def happened(self, customer: Customer, what: str) -> None:
        """Write a `*` line."""
        self.out.append(Entry("effect", what, customer.name))

    def _load(self, customer: Customer) -> Session:
        session = None
        # A production message looks in lane `preview` first (design, section 8).
        for lane in ("preview", customer.lane) if customer.lane != "web" else ("web",):
            where = (self.book.bot, lane, customer.contact)
            session = session or _now(self.store.load(*where))
        if session is None:
            self._sessions += 1
            session = new_session(
                id=f"s{self._sessions}",
                bot=self.book.bot,
                lane=customer.lane,
                contact=customer.contact,
                key=customer.key,
                at=self.now,
                person=dict(customer.person),
            )
        self._customers[session.lane, session.contact] = customer
        return session

    def _show(self, customer: Customer, turn: Turn) -> None:
        last: Turn | None = turn
        while last is not None:
            turn = last
            self.remembered[turn.session.id] = turn.session
            self._note_names(turn.session)
            for line in turn.lines:
                self._show_line(customer, line)
            for one in turn.parked:
                self.parked.append(f"error {one.error_id}: {one.error}")
                self.happened(customer, self.parked[-1])
            for effect in turn.effects:
                if shown := _requested(effect):
                    self.happened(customer, shown)
            if turn.session.status == "ended":
                self.happened(customer, f"session ended: {turn.session.reason}")
            last = turn.successor
        session = turn.session
        state = f"{session.flow}: {session.state}" if session.flow else session.state
        self.out.append(Entry("state", state, customer.name))

    def _show_line(self, customer: Customer, line: Line) -> None:
        if line.note:
            # A dropped answer stands in the script already, above.
            text = "" if line.note == "assistant answer dropped" else line.text
            self.happened(customer, f"{line.note}: {text}" if text else line.note)
        elif line.who != "user":
            self.out.append(Entry(line.who, line.text, customer.name))
            if line.choices:
                self.out.append(choices(label for _, label in line.choices))
                self.buttons.setdefault(customer.contact, []).append(line)

    def _note_names(self, session: Session) -> None:
        for frame in session.frames:
            flow = self.book.flows.get(frame.flow)
            kinds = {name: slot.kind for name, slot in flow.slots.items()} if flow else {}
            given = (name for name in frame.slots if kinds.get(name) == "person_name")
            self.names.update(str(frame.slots[name]) for name in given)

    def reopen(self) -> None:
        """Go on as another process would: from what is stored, which must be all there was."""
        self.store = self.store.reopened()
        for session in self.remembered.values():
            place = (session.bot, session.lane, session.contact)
            if session.status == "open" and _now(self.store.load(*place)) != session:
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
        self.receive(customer, [TimerRang(f"{session.id}:{session.version}:timer", at)])

    # -- the worker -----------------------------------------------------------------------------

    def work(self) -> None:
        """Do every effect that can be done now."""
        while not self.down and (work := _now(self.store.take(self.now))) is not None:
            effect = work.effect
            customer = self._customers[work.lane, work.contact]
            if isinstance(effect, RunAction):
                self._run(customer, effect, work)
            elif isinstance(effect, AskAssistant):
                self._ask(customer, effect)
            else:
                _now(self.store.settle(effect.id, "done"))

    def _run(self, customer: Customer, effect: RunAction, work: Work) -> None:
        name = effect.action
        if name in self.lasting:
            self._begun.add(effect.id)
            self._put_back(effect, self.now + self.lasting.pop(name))
            return
        self._retries.discard(effect.id)
        attempt = work.attempt - (effect.id in self._begun)
        try:
            if name in self.failing:
                if not self.failing[name] or attempt >= effect.attempts:
                    del self.failing[name]
                message = "the script says so"
                raise RuntimeError(message)  # noqa: TRY301 - it must be met like any other failure
            value = json.loads(json.dumps(self.actions[name](key=effect.id, **effect.arguments)))
        except Exception as error:  # noqa: BLE001 - an action may fail in any way it likes
            self._failed(customer, effect, attempt, str(error) or type(error).__name__)
            return
        if self.dying:
            # The worst moment: it is done, and nobody has written so down.
            self.dying = False
            self.happened(customer, f"the worker died during {name}")
            self._put_back(effect, self.now)
            return
        number = value.get("number") if isinstance(value, dict) else None
        result = " ".join(str(part) for part in (effect.saves, number) if part)
        self.happened(customer, f"{name} -> {result}" if result else f"{name} done")
        finished = ActionFinished(effect.id, self.now, ok=True, value=value)
        self.receive(customer, [finished], {effect.id: "done"})

    def _failed(self, customer: Customer, effect: RunAction, attempt: int, reason: str) -> None:
        if attempt < effect.attempts:
            self.happened(customer, f"{effect.action} attempt {attempt} failed: {reason}")
            self._retries.add(effect.id)
            self._put_back(effect, self.now + BACKOFF[min(attempt, len(BACKOFF)) - 1])
            return
        self.happened(customer, f"{effect.action} failed: {reason}")
        finished = ActionFinished(effect.id, self.now, ok=False, error=reason)
        self.receive(customer, [finished], {effect.id: "failed"})

    def _put_back(self, effect: Effect, until: int) -> None:
        self._wakes[effect.id] = until
        _now(self.store.put_back(effect.id, until=until))

    # -- the assistant --------------------------------------------------------------------------

    def _ask(self, customer: Customer, effect: AskAssistant) -> None:
        # The question stays taken: without a scripted answer it waits, as a slow model would.
        self.asked[customer.contact] = effect.id
        if self.answers:
            self.answer(customer, self.answers.pop(0))

    def answer(self, customer: Customer, answer: Mapping[str, Any]) -> None:
        """Answer the question this customer's session has put."""
        question = self.asked.pop(customer.contact)
        if self.late:
            self.late = False
            self.delayed.append((customer, question, answer))
        else:
            self.answered(customer, question, answer)

    def answered(self, customer: Customer, question: str, answer: Mapping[str, Any]) -> None:
        """Let an answer arrive."""
        event = AssistantAnswered(question, self.now, **answer)
        self.receive(customer, [event], {question: "done"})


def _requested(effect: Effect) -> str:
    """Say what a turn requested, where the transcript would not show it otherwise."""
    if isinstance(effect, AskAssistant):
        return "ask assistant"
    if isinstance(effect, Notify):
        return f"notify {effect.desk}: {effect.reason}"
    if isinstance(effect, Publish):
        return f"publish {effect.event}"
    return ""


def _now(coroutine: Coroutine[Any, Any, T]) -> T:
    """Drive a coroutine that never waits to its end."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return cast("T", end.value)
    message = "a store on the stage must not wait"
    raise RuntimeError(message)
