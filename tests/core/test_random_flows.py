"""What must always hold, tried on random bots with random customers; see `random_flows.py`."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.effects import AskAssistant, RunAction, Send
from engine.errors import Refused
from engine.events import (
    ActionFinished,
    AssistantAnswered,
    Event,
    FormSent,
    ModeChanged,
    OperatorSaid,
    Said,
    Tapped,
    TimerRang,
)
from engine.language.book import Book, Flow
from engine.language.states import Choose, Collect
from engine.prompts import open_slots
from engine.session import Session
from engine.turn import Turn
from tests.core.random_flows import (
    ANSWERS,
    KINDS,
    LONG,
    NOISE,
    RandomBot,
    features,
    guard_keys,
    kind_of,
    random_bots,
)
from tests.core.talk import HOUR, MINUTE, SECOND, START, book_of, checked_turn, opened

UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
OUTCOMES: tuple[Any, ...] = ({"number": "A-1"}, {"number": None}, {}, None, "done", 7, ["x"])
SETTINGS = settings(suppress_health_check=list(HealthCheck))

Fired = list[tuple[str, str, str, str]]


def compiled(folder: Path, bot: RandomBot) -> Book:
    """Write, load, check and compile a random bot."""
    for file in folder.glob("*"):
        file.unlink()
    return book_of(folder, *bot.flows, faq=bot.faq, catalogue=bot.catalogue, **bot.bot)


def watched(book: Book, fired: Fired) -> Book:
    """Note every change of state that runs through a machine."""

    def watch(flow: Flow) -> Flow:
        def fire(state: str, trigger: str, slots: Mapping[str, Any]) -> str | None:
            target = flow.fire(state, trigger, slots)
            if target is not None:
                fired.append((flow.name, state, trigger, target))
            return target

        return replace(flow, fire=fire)

    return replace(book, flows={name: watch(flow) for name, flow in book.flows.items()})


def edited(bot: RandomBot, *, migrate: bool) -> RandomBot:
    """Edit every flow: another name for its first state, said in `migrate` or forgotten."""
    flows = []
    for flow in bot.flows:
        new = json.loads(json.dumps(flow).replace('"s0"', '"first"'))
        version = flow.get("version", 1)
        new["version"] = version + 1
        new["migrate"] = {str(version): {"states": {"s0": "first"}}} if migrate else {}
        flows.append(new)
    return replace(bot, flows=flows)


class Customer:
    """A customer drawn from bytes: mostly willing, sometimes not, never careful."""

    def __init__(
        self, bot: RandomBot, books: list[Book], route: str | None, seen: Counter[str]
    ) -> None:
        """Open a conversation with the first of these books."""
        self.bot = bot
        self.books = books
        self.book = books[0]
        self.route = route
        self.seen = seen
        person = {"name": "Bo", "email": "bo@x.example", "phone": "+918848850922"}
        self.session = opened(self.book, person=person if route else None)
        self.at = START
        self.count = 0
        self.buttons: list[str] = []
        self.effects: list[str] = []

    def name(self) -> str:
        """Return a new message id."""
        self.count += 1
        return f"m{self.count}"

    def turn_of(self, one: int, two: int) -> list[Event]:
        """Build the events of the next turn."""
        self.at += (SECOND, 20 * SECOND, 11 * MINUTE, 26 * HOUR)[(0, 0, 1, 1, 1, 1, 2, 3)[two % 8]]
        if one < 20:
            count = 2 + one % 3
            return [self.event(self.mix(one, n), self.mix(two, n)) for n in range(count)]
        return [self.event(one, two)]

    @staticmethod
    def mix(number: int, n: int) -> int:
        """Draw further numbers from one."""
        return (number * 31 + n * 97 + 7) % 256

    def event(self, one: int, two: int) -> Event:
        """Build one event: what the state waits for, or something else."""
        name, at, session = self.name(), self.at, self.session
        if one % 16 == 15:
            return self.odd(name, at, two)
        if session.doing and one % 4:
            value = OUTCOMES[two % len(OUTCOMES)] if one % 8 == 1 else OUTCOMES[0]
            return ActionFinished(session.doing, at, two % 6 != 0, value, "" if two % 6 else "no")
        if session.asking is not None and one % 3 == 0:
            offers = [flow["flow"] for flow in self.bot.flows] if two % 3 == 0 else [""]
            return AssistantAnswered(
                session.asking.id, at, "Well.", offers[two % len(offers)], two % 5 == 0
            )
        if session.mode == "manual" and one % 2:
            return ModeChanged(name, at, "agent") if two % 2 else TimerRang(name, at + HOUR)
        if self.buttons and one % 5 == 0:
            return Tapped(
                name, at, self.buttons[-1 - two % min(2, len(self.buttons))], "", self.route
            )
        return Said(name, at, self.text(one, two), self.route)

    def text(self, one: int, two: int) -> str:
        """Say an answer to the open question, or anything."""
        session = self.session
        if one % 7 == 6 and one < 250:
            return NOISE[two % len(NOISE)]
        if one >= 250:
            return LONG[two % len(LONG)]
        frame = session.frames[-1] if session.frames else None
        flow = self.book.flows.get(frame.flow) if frame else None
        state = flow.states.get(frame.state) if frame and flow else None
        if session.pending is not None:
            return ("yes", "no", "1", "the second one", "leave", "continue", "Ana")[two % 7]
        if isinstance(state, Collect) and frame and flow:
            asked = open_slots(frame, state) or state.slots
            said = [
                ANSWERS[flow.slots[name].kind][two % len(ANSWERS[flow.slots[name].kind])]
                for name in asked[: 1 + one % 3]
            ]
            return ", ".join(said)
        if isinstance(state, Choose):
            language = session.language or self.book.languages[0]
            choice = state.choices[two % len(state.choices)]
            return choice.label[language].constant or choice.id
        if not session.frames:
            phrases = self.bot.phrases
            said_items = [*phrases, "12 fans", "I am at ana@example.com"]
            return said_items[two % len(said_items)]
        return NOISE[two % len(NOISE)]

    def odd(self, name: str, at: int, two: int) -> Event:
        """Build what comes seldom or should not come at all."""
        shown = self.session.shown
        place = shown.place if shown else "x.y"
        seq = shown.seq if shown else 0
        forms = self.bot.bot.get("forms", {})
        odd: list[Event] = [
            OperatorSaid(name, at, "Hello, Ana here", "ana"),
            ModeChanged(name, at, ("manual", "agent", "ended")[two % 3]),
            TimerRang(name, self.session.wake_at or at),
            TimerRang(name, at),
            ActionFinished("s1:99:1", at, ok=True, value={"number": "late"}),
            AssistantAnswered("s1:98:1", at, "Late answer."),
            Tapped(name, at, f"{place}.go_on#{seq + 5}", "Go"),
            Tapped(name, at, f"{place}.zzz#{seq}", "?"),
            Tapped(name, at, f"{place}.99#{seq}", ""),
            Tapped(name, at, "\x00#\n..", ""),
            Said(name, at, "", self.route, "photo.jpg"),
            Said(name, at - HOUR, "yes", self.route),
        ]
        if forms:
            form = sorted(forms)[two % len(forms)]
            fields = {"caller_phone": "+918848850922", "caller_name": "Ana"}
            odd.append(FormSent(name, at, form, fields, self.route))
        return odd[two % len(odd)]

    def take(self, events: list[Event], fired: Fired) -> None:
        """Take the turn and check what must hold after it."""
        before = self.session
        fired.clear()
        try:
            turn = checked_turn(self.book, before, events)
        except Refused:
            assert before.mode == "manual" or before.doing or len(events) > 1
            return
        check_turn(before, events, turn, fired)
        last = turn
        for part in parts_of(turn):
            last = part
            for line in part.lines:
                self.buttons += [f"{choice}#{line.seq}" for choice, _ in line.choices]
        self.session = last.session
        self.at = max(self.at, self.session.last_at)
        self.note(fired)
        if self.session.status == "ended":
            self.session = replace_ended(self.session)

    def note(self, fired: Fired) -> None:
        """Count what was visited."""
        seen, session = self.seen, self.session
        files = {flow["flow"]: flow for flow in self.bot.flows}
        for flow, state, trigger, target in fired:
            states = files[flow]["states"]
            source, goal = (states.get("s0" if one == "first" else one) for one in (state, target))
            if source is None or goal is None:
                continue
            seen[f"state {kind_of(source)}"] += 1
            seen[f"state {kind_of(goal)}"] += 1
            seen[f"trigger {trigger.partition('_')[0]}"] += 1
            for key in guard_keys(source, trigger):
                seen[f"guard {key}"] += 1
        for frame in session.frames:
            slots = files[frame.flow]["slots"]
            for name in frame.slots:
                if name in slots:
                    seen[f"slot {slots[name]['type']}"] += 1
        seen[f"{len(session.frames)} frames"] += 1
        seen[f"language {session.language or self.book.languages[0]}"] += 1
        if session.pending is not None:
            seen[f"pending {session.pending.kind}"] += 1
        for held in ("doing", "held", "lapsed", "undo", "newer_at", "asking", "nobody_at"):
            if getattr(session, held):
                seen[held] += 1


def replace_ended(session: Session) -> Session:
    """Return the next session of a customer whose conversation was closed."""
    new = session.copy()
    new.id, new.status, new.reason, new.seq, new.lapsed = session.id + "x", "open", "", 0, ""
    new.version, new.turn_id = 0, 0
    return new


def parts_of(turn: Turn) -> Iterator[Turn]:
    """List a turn and its successors."""
    part: Turn | None = turn
    while part is not None:
        yield part
        part = part.successor


def check_turn(before: Session, events: list[Event], turn: Turn, fired: Fired) -> None:
    """Check what must hold of every turn."""
    heard: Counter[str] = Counter()
    for part in parts_of(turn):
        check_session(part.session)
        seq = part.session.seq - len(part.lines)
        assert list(range(seq + 1, part.session.seq + 1)) == [line.seq for line in part.lines]
        for line in part.lines:
            assert line.turn == part.session.version
            assert not UNSEEN.search(line.text), line
            if line.who == "user":
                heard[line.inbound] += 1
        sends = [effect for effect in part.effects if isinstance(effect, Send)]
        assert len(sends) <= 1
        ids = [effect.id for effect in part.effects]
        assert len(ids) == len(set(ids))
        for effect in part.effects:
            assert effect.id.startswith(f"{part.session.id}:{part.session.version}:"), effect
            # I5: the assistant is asked only where no flow is active.
            assert not (isinstance(effect, AskAssistant) and part.session.frames)
        runs = [effect for effect in part.effects if isinstance(effect, RunAction)]
        assert not runs or part.session.doing in {*(run.id for run in runs), ""}
    # I1: each text and tap is a line, once.
    said = {event.id for event in events if isinstance(event, Said | Tapped)}
    assert said == set(heard)
    assert set(heard.values()) <= {1}
    answers = [event for event in events if isinstance(event, AssistantAnswered)]
    if before.frames and len(events) == len(answers):
        assert not [
            line for part in parts_of(turn) for line in part.lines if line.who == "assistant"
        ]
    back = any(isinstance(event, ModeChanged) for event in events) or (
        before.nobody_at is not None and before.nobody_at <= turn.session.last_at
    )
    if before.mode == "manual" and turn.session.mode == "manual" and not (back or turn.successor):
        assert not [line for line in turn.lines if line.who in {"bot", "assistant"}]
    check_choices(before, events, fired)
    last = list(parts_of(turn))[-1].session
    wake = last.wake_at
    if before.version:  # a session in which nobody has spoken yet may be older than its idle time
        assert wake is None or wake > last.last_at, (wake, last)


def check_choices(before: Session, events: list[Event], fired: Fired) -> None:
    """Check I11: only a question shown before this turn was answered, by what came after it."""
    chosen = [one for one in fired if one[2].startswith("chose_")]
    for flow, state, *_ in chosen:
        assert before.shown is not None
        # "What shall I change?" stands over the choices; their labels still count.
        place = before.shown.place.partition(".?")[0]
        assert place in {f"{flow}.{state}", f"{flow}.s0"}
        shown_at = before.shown.at
        assert (
            any(
                isinstance(event, Tapped) or (isinstance(event, Said) and event.at >= shown_at)
                for event in [*events, *before.held]
            )
            or before.held
        )
    assert len(chosen) <= 1


def check_session(session: Session) -> None:
    """Check what must hold of every session."""
    assert len(session.frames) <= 3
    assert len({one.turn for one in session.undo}) <= 5
    assert len(session.held) <= 11
    if session.status == "ended":
        assert not session.frames
        assert session.wake_at is None
    if session.doing:
        assert session.frames
    if session.pending is not None and session.pending.kind in {"unclear", "value"}:
        assert session.pending.depth < len(session.frames)
    if session.asking is not None:
        assert not session.frames
    if not session.frames:
        assert session.nudge_at is None
        assert session.expires_at is None
        assert not session.held


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the random bots are written, one after the other."""
    return tmp_path_factory.mktemp("random")


def test_no_bot_and_no_customer_break_a_turn(folder: Path) -> None:
    """Five hundred random flows with random customers: nothing is parked, every invariant holds."""
    made: Counter[str] = Counter()
    seen: Counter[str] = Counter()

    @settings(SETTINGS, max_examples=230)
    @given(random_bots(), st.binary(min_size=100, max_size=240), st.booleans(), st.integers(0, 5))
    def converse(bot: RandomBot, draws: bytes, routed: bool, edit: int) -> None:  # noqa: FBT001
        made.update(set(features(bot)))
        made["flows"] += len(bot.flows)
        fired: Fired = []
        books = [watched(compiled(folder, bot), fired)]
        if edit > 3:
            newer = compiled(folder, edited(bot, migrate=edit == 4))
            books.append(watched(newer, fired))
        customer = Customer(bot, books, "wa:1" if routed else None, seen)
        for place in range(0, len(draws) - 1, 2):
            one, two = draws[place], draws[place + 1]
            if len(books) > 1 and one % 11 == 10:
                customer.book = books[two % 2]
                seen["edited"] += 1
            customer.take(customer.turn_of(one, two), fired)

    converse()
    assert made["flows"] >= 500
    everything = {
        *(f"slot {kind}" for kind in KINDS),
        *(
            f"state {kind}"
            for kind in ("collect", "choices", "say", "do", "call", "hand_over", "end")
        ),
        *(
            f"guard {key}"
            for key in (
                "is",
                "in",
                "at_least",
                "at_most",
                "begins",
                "total_at_least",
                "known",
                "not",
                "several keys",
                "and",
                "or",
                "else",
            )
        ),
        "language en",
        "language es",
    }
    assert set() == everything - set(made)
    assert set() == everything - set(seen)
    written = {
        "call with",
        "call saves",
        "call cancelled",
        "slot key optional",
        "slot key default",
        "during return",
        "start when",
        "start form",
        "migrate of a flow",
        "expires of a flow",
        "reask of a state",
        "after_misses of a state",
        "nudge of a state",
        "nobody_after of a state",
    }
    assert set() == written - set(made)
    lived = {
        "3 frames",
        "edited",
        "trigger returned",
        "trigger cancelled",
        "trigger missed",
        "trigger nobody",
        "trigger failed",
        "pending unclear",
        "pending leave",
        "pending cancel",
        "held",
        "lapsed",
        "newer_at",
        "asking",
    }
    assert set() == lived - set(seen)


# -- bursts ------------------------------------------------------------------------------------------


def slots_of(session: Session) -> list[tuple[str, str, dict[str, Any]]]:
    """Return where every frame stands and what it knows."""
    return [(frame.flow, frame.state, frame.slots) for frame in session.frames]


def asks_something(book: Book, session: Session) -> bool:
    """Tell whether a question stands open that only a text sent after it can answer."""
    if session.pending is not None or session.doing:
        return True
    if not session.frames:
        return False
    frame = session.frames[-1]
    flow = book.flows[frame.flow]
    state = flow.states[frame.state]
    if not isinstance(state, Collect):
        return True
    asked = open_slots(frame, state)
    return frame.reopened or any(
        flow.slots[name].kind == "yes_no" or flow.slots[name].optional for name in asked
    )


def willing(bot: RandomBot, book: Book, draws: bytes, count: int) -> tuple[Session, int]:
    """Lead a conversation somewhere by answering what is asked."""
    customer = Customer(bot, [book], None, Counter())
    for place in range(0, count * 2, 2):
        one, two = 21 + draws[place] % 200, draws[place + 1] - draws[place + 1] % 8
        events = [customer.event(one - (one % 16 == 15), two)]
        customer.take(events, [])
    return customer.session, customer.at


def test_a_burst_fills_the_same_slots_as_single_messages(folder: Path) -> None:
    """Messages taken together fill what they fill one by one, unless a question came between."""
    compared: Counter[str] = Counter()

    @settings(SETTINGS, max_examples=120)
    @given(random_bots(misses=False), st.binary(min_size=160, max_size=160))
    def burst(bot: RandomBot, draws: bytes) -> None:
        bot.bot.pop("session", None)
        book = compiled(folder, bot)
        for first in range(6):
            session, at = willing(bot, book, draws[first * 20 :], first)
            texts = [
                ANSWERS[kind][draws[140 + first] % len(ANSWERS[kind])]
                for kind in (KINDS[draw % len(KINDS)] for draw in draws[-4:])
            ]
            texts[draws[first] % 4] = [*bot.phrases, *NOISE][draws[7] % len([*bot.phrases, *NOISE])]
            events: list[Event] = [
                Said(f"b{n}", at + SECOND, text) for n, text in enumerate(texts, 1)
            ]
            single = session
            for place, event in enumerate(events):
                single = checked_turn(book, single, [event]).session
                if place < len(events) - 1 and asks_something(book, single):
                    compared["asked between"] += 1
                    break
            else:
                folded = checked_turn(book, session, events).session
                assert slots_of(single) == slots_of(folded), (texts, session)
                compared["compared"] += 1
                compared["in a flow"] += bool(single.frames)

    burst()
    assert compared["compared"] > 150
    assert compared["in a flow"] > 50


def last_words(turn: Turn) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return what was said in a turn, without numbers."""
    return [
        (line.who, line.text, tuple(label for _, label in line.choices))
        for part in parts_of(turn)
        for line in part.lines
    ]


def test_a_sweep_and_the_next_message_expire_alike(folder: Path) -> None:
    """Whether the sweeper or the customer comes first after a deadline, the same lines are said."""
    compared: Counter[str] = Counter()

    @settings(SETTINGS, max_examples=120)
    @given(random_bots(), st.binary(min_size=40, max_size=40), st.sampled_from((15, 45, 150, 1500)))
    def lapse(bot: RandomBot, draws: bytes, minutes: int) -> None:
        for flow in bot.flows:
            for state in flow["states"].values():
                state.pop("nudge", None)
        book = compiled(folder, bot)
        for count in range(6):
            session, at = willing(bot, book, draws, 1 + count)
            if session.wake_at is None:
                continue
            late = at + minutes * MINUTE
            said = [Said("x1", late, (*NOISE, *bot.phrases)[draws[9] % len(NOISE)])]
            at_once = checked_turn(book, session, said)
            swept, words = session, []
            while swept.wake_at is not None and swept.wake_at <= late:
                turn = checked_turn(book, swept, [TimerRang("t", swept.wake_at)])
                words += last_words(turn)
                swept = list(parts_of(turn))[-1].session
                compared["swept"] += 1
            after = checked_turn(book, swept, said)
            words += last_words(after)
            one, other = last_words(at_once), words
            heard = [line for line in one if line[0] != "user"]
            assert heard == [line for line in other if line[0] != "user"]
            ends = [list(parts_of(turn))[-1].session for turn in (at_once, after)]
            assert slots_of(ends[0]) == slots_of(ends[1])
            assert ends[0].mode == ends[1].mode
            compared["compared"] += 1

    lapse()
    assert compared["swept"] > 50
