"""What a turn costs without storage: against a bare trigger, at ten times the size, in memory."""

from __future__ import annotations

__all__ = ["rows"]

import gc
import statistics
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from transitions import Machine

from bench.peers import workload
from bench.readers import WORKLOAD_READERS
from bench.report import Row
from engine.events import ActionFinished, Said
from engine.language.book import Book
from engine.language.bot_compiler import compile_bot
from engine.language.loader import load_bot
from engine.session import Session, new_session
from engine.turn import take_turn

HERE = Path(__file__).parent
FLOWS = HERE.parent / "flows"
CONVERSATIONS = 400
ROUNDS = 5


class Plain:
    """A bare position on a shared machine, doing the workload's own work in its guards."""

    __slots__ = ("data", "reply", "state")

    def __init__(self) -> None:
        """Begin where the dialogue begins."""
        self.state, self.reply = workload.COLLECTING_ITEMS, ""
        self.data: dict[str, Any] = {}


def _take_items(event: Any) -> bool:
    model = event.model
    items = workload.extract_items(event.args[0])
    if items:
        model.data = {**model.data, "items": items}
        model.reply = workload.ask_contact(items)
    return bool(items)


def _take_contact(event: Any) -> bool:
    model = event.model
    contact = {**model.data.get("contact", {}), **workload.extract_contact(event.args[0])}
    model.data = {**model.data, "contact": contact}
    if len(contact) < 3:  # name, phone, email
        return False
    model.reply = workload.summary(model.data)
    return True


def _said_yes(event: Any) -> bool:
    if not workload.is_yes(event.args[0]):
        return False
    event.model.reply = workload.thanks(event.model.data)
    return True


def bare_trigger() -> Callable[[], None]:
    """Return one conversation on a bare shared Machine with the same extraction."""
    steps = [
        (workload.COLLECTING_ITEMS, workload.COLLECTING_CONTACT, _take_items),
        (workload.COLLECTING_CONTACT, workload.CONFIRMING, _take_contact),
        (workload.CONFIRMING, workload.PLACED, _said_yes),
    ]
    machine = Machine(
        model=None,
        states=[*workload.EXPECTED_STATES, workload.COLLECTING_ITEMS],
        transitions=[
            {"trigger": "message", "source": source, "dest": dest, "conditions": [guard]}
            for source, dest, guard in steps
        ],
        initial=workload.COLLECTING_ITEMS,
        auto_transitions=False,
        send_event=True,
    )
    message = machine.events["message"]

    def talk() -> None:
        model = Plain()
        for text in workload.TURNS:
            message.trigger(model, text)

    return talk


def session_of(book: Book, n: int = 0) -> Session:
    """Return a new session of a customer of their own."""
    return new_session(
        id=f"session-{n:08}",
        bot=book.bot,
        lane="web",
        contact=f"contact-{n:08}",
        key=f"web-visitor-{n:08}",
        at=1_767_600_000_000,
    )


def talk(book: Book, texts: tuple[str, ...], n: int = 0) -> Session:
    """Play one conversation through the core; actions succeed at once."""
    session = session_of(book, n)
    at = session.opened_at
    for number, text in enumerate(texts):
        at += 10_000
        turn = take_turn(book, session, [Said(f"m{n}-{number}", at, text)])
        session = turn.session
        if session.doing:
            outcome = ActionFinished(session.doing, at + 100, ok=True, value={"number": "A-1"})
            session = take_turn(book, session, [outcome]).session
    return session


def book_of(folder: Path, **options: Any) -> Book:
    """Compile a bot."""
    return compile_bot(load_bot(folder, defaults=FLOWS), **options)


def per_turn(run: Callable[[], object], turns: int) -> float:
    """Return microseconds per turn of one round."""
    began = perf_counter()
    for _ in range(CONVERSATIONS):
        run()
    return (perf_counter() - began) / (CONVERSATIONS * turns) * 1e6


def _interleaved(runs: dict[str, tuple[Callable[[], object], int]]) -> dict[str, list[float]]:
    """Measure all of them in each round, so that a slow moment of the machine hits all alike."""
    for run, _ in runs.values():
        run()
    found: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, (run, turns) in runs.items():
            gc.collect()
            found[name].append(per_turn(run, turns))
    return found


def _ratio(found: dict[str, list[float]], one: str, other: str) -> float:
    return statistics.median(a / b for a, b in zip(found[one], found[other], strict=True))


def shop_of(folder: Path, *, flows: int, states: int) -> Book:
    """Compile a made-up bot of so many flows with so many states, each with phrases of its own."""
    names = [f"request_{n}" for n in range(flows)]
    bot = f"bot: made_up\nlanguages: [en]\nregion: IN\nflows: [{', '.join(names)}]\n"
    (folder / "bot.yaml").write_text(bot, encoding="utf-8")
    for n, name in enumerate(names):
        word = "".join(chr(97 + n // 26**power % 26) for power in range(3))
        lines = [
            f"flow: {name}",
            f"start: {{phrases: [request {word}ation, {word}ology please, book my {word}ing]}}",
            "slots: {name: {type: person_name}, phone: {type: phone}, email: {type: email}}",
            "states:",
            "  contact: {collect: [name, phone, email], ask: 'Your {missing}?', then: step_0}",
        ]
        for step in range(states):
            after = f"step_{step + 1}" if step + 1 < states else "placed"
            lines.append(
                f"  step_{step}: {{say: Go on?, choices: [{{id: go, label: Go on, go: {after}}}]}}"
            )
        lines.append("  placed: {end: completed}")
        (folder / f"{name}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return book_of(folder)


INSIDE = "my name is Asha Nair and my number is 9847012345"
OUTSIDE = "good evening, could you tell me what you have for a small kitchen in the city"


def one_turn(book: Book, session: Session, text: str) -> Callable[[], object]:
    """Return one and the same turn, to be taken again and again."""
    events = [Said("m", session.last_at + 10_000, text)]
    return lambda: take_turn(book, session, events)


def growth_rows() -> Iterator[Row]:
    """Yield how a turn grows when everything around it is ten times as many."""
    with TemporaryDirectory() as one, TemporaryDirectory() as many, TemporaryDirectory() as deep:
        small = shop_of(Path(one), flows=10, states=10)
        wide = shop_of(Path(many), flows=100, states=10)
        long = shop_of(Path(deep), flows=10, states=100)
    started = {
        name: take_turn(book, session_of(book), [Said("a", 1_767_600_001_000, "request baaation")])
        for name, book in (("small", small), ("wide", wide), ("long", long))
    }
    runs: dict[str, tuple[Callable[[], object], int]] = {
        "inside": (one_turn(small, started["small"].session, INSIDE), 1),
        "inside, flows": (one_turn(wide, started["wide"].session, INSIDE), 1),
        "inside, states": (one_turn(long, started["long"].session, INSIDE), 1),
        "outside": (one_turn(small, session_of(small), OUTSIDE), 1),
        "outside, flows": (one_turn(wide, session_of(wide), OUTSIDE), 1),
    }
    few, crowd = _crowd(small, 100), _crowd(small, 1_000)
    runs["sessions"] = (lambda: next(few), 1)
    runs["sessions, more"] = (lambda: next(crowd), 1)
    found = _interleaved(runs)
    # Taking the same turn twice differs by some percent here; a tenth more is "nothing".
    yield Row("in a flow, 10 x the flows", _ratio(found, "inside, flows", "inside"), "x", 1.15)
    yield Row("in a flow, 10 x the states", _ratio(found, "inside, states", "inside"), "x", 1.15)
    many_more = _ratio(found, "sessions, more", "sessions")
    yield Row("in a flow, 10 x the sessions in memory", many_more, "x", 1.15)
    yield Row("outside a flow, 10 x the flows", _ratio(found, "outside, flows", "outside"), "x", 2)


def _crowd(book: Book, count: int) -> Iterator[object]:
    """Take one turn of each of many live sessions, round and round."""
    begin = "request baaation"
    sessions = [
        take_turn(book, new, [Said("a", new.opened_at + 1_000, begin)]).session
        for new in (session_of(book, n) for n in range(count))
    ]
    while True:
        for session in sessions:
            yield take_turn(book, session, [Said("m", session.last_at + 10_000, INSIDE)])


def live_session(book: Book, texts: tuple[str, ...], count: int = 2_000) -> float:
    """Return the bytes one live session takes, each with strings of its own."""
    talk(book, texts)
    gc.collect()
    tracemalloc.start()
    kept = [talk(book, texts, n) for n in range(count)]
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return taken / len(kept)


def rows() -> Iterator[Row]:
    """Yield every figure of the core."""
    dialogue = book_of(HERE / "dialogue", readers=WORKLOAD_READERS)
    shop = book_of(FLOWS / "parts_shop")
    turns = len(workload.TURNS)
    found = _interleaved(
        {
            "bare": (bare_trigger(), turns),
            "dialogue": (lambda: talk(dialogue, workload.TURNS), turns),
            "shop": (lambda: talk(shop, workload.TURNS), turns),
        }
    )
    for name, what in (
        ("bare", "a bare trigger with the workload's extraction"),
        ("dialogue", "a turn of the workload's dialogue, its extraction"),
        ("shop", "a turn of parts_shop, its own readers, order placed"),
    ):
        yield Row(what, statistics.median(found[name]), "us")
    yield Row(
        "a turn of the dialogue / a bare trigger", _ratio(found, "dialogue", "bare"), "x", 8, 4
    )
    yield Row("a turn of parts_shop / a bare trigger", _ratio(found, "shop", "bare"), "x", 16)
    live = live_session(dialogue, workload.TURNS[:2])
    yield Row("a live session, items and contact known", live / 1_024, "KB", 2, 0.8)
    yield from growth_rows()
