"""A conversation with the real core: a bot written as data, turns taken one after the other.

Every turn is checked for what must always hold: nothing parked, the session given left as it was,
the session returned the same after being stored and loaded, the version one higher, a reason kept
with every message.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.effects import AskAssistant, Effect, RunAction, Send
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
from engine.language.book import Book
from engine.language.bot_compiler import compile_bot
from engine.language.checks import load_checked
from engine.readers import READERS, Kind
from engine.reasons import CODES, sentences
from engine.session import Session, new_session
from engine.transcript import Line
from engine.turn import Turn, take_turn

FLOWS = Path(__file__).parents[2] / "flows"
START = 1_767_584_400_000  # 2026-01-05 03:40 UTC, a Monday
SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


def write_bot(
    folder: Path,
    bot: Mapping[str, Any],
    flows: Sequence[Mapping[str, Any]],
    faq: Sequence[Mapping[str, Any]] = (),
    catalogue: str = "",
) -> Path:
    """Write a bot's folder; JSON is YAML, too."""
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, Any] = {flow["flow"]: flow for flow in flows}
    whole = {"languages": ["en"], "flows": list(files), **bot}
    if faq:
        files["faq"], whole["faq"] = faq, "faq.yaml"
    if catalogue:
        (folder / "catalogue.csv").write_text(catalogue, encoding="utf-8")
        whole["catalogue"] = "catalogue.csv"
    for name, content in {"bot": whole, **files}.items():
        # JSON has no numbers as keys; the language has ("after_misses: {3: person}").
        text = re.sub(r'"(\d+)":', r"\1:", json.dumps(content, ensure_ascii=False))
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def book_of(
    folder: Path,
    *flows: Mapping[str, Any],
    faq: Sequence[Mapping[str, Any]] = (),
    catalogue: str = "",
    readers: Mapping[str, Kind] = READERS,
    **bot: Any,
) -> Book:
    """Write a bot, then load, check and compile it as `./run` does."""
    whole = {"bot": "shop", **bot}
    write_bot(folder, whole, flows, faq, catalogue)
    return compile_bot(load_checked(folder, defaults=FLOWS, actions=None), readers=readers)


def parts_shop() -> Book:
    """Compile the shipped bot."""
    return compile_bot(load_checked(FLOWS / "parts_shop", defaults=FLOWS, actions=None))


def opened(book: Book, *, at: int = START, person: dict[str, Any] | None = None) -> Session:
    """Return a new session of this bot."""
    return new_session(
        id="s1", bot=book.bot, lane="web", contact="c1", key="web-c1", at=at, person=person
    )


def stored(session: Session) -> Session:
    """Return the session as it comes back from a store."""
    return Session.from_json(json.loads(json.dumps(session.to_json())))


def checked_turn(book: Book, session: Session, events: Sequence[Event]) -> Turn:
    """Take a turn and check what must hold of every turn."""
    before = json.dumps(session.to_json())
    turn = take_turn(book, session, events)
    assert before == json.dumps(session.to_json()), "the session given was changed"
    part: Turn | None = turn
    version = session.version
    while part is not None:
        assert not part.parked, part.parked
        assert stored(part.session) == part.session
        assert part.session.version == (version + 1 if part.changed else version)
        version = part.session.version
        for line in part.lines:
            if line.who == "user":
                check_reason(line)
        part = part.successor
    return turn


def check_reason(line: Line) -> None:
    """Check that it is kept what a message was taken for, small, plain, and with words for it."""
    why = dict(line.about or {})
    assert why["why"] in CODES
    assert json.loads(json.dumps(why)) == why
    assert not any("{" in said for said in sentences(why))


class Talk:
    """One conversation; `turn` is the last turn taken."""

    def __init__(
        self, book: Book, *, route: str | None = None, person: dict[str, Any] | None = None
    ) -> None:
        """Open a conversation that has seen nothing yet."""
        self.book = book
        self.session = opened(book, person=person)
        self.at = START
        self.route = route
        self.turn = Turn(self.session)
        self.count = 0
        self.doing: list[RunAction] = []

    def take(self, *events: Event) -> list[str]:
        """Take events in one turn and return what the bot said."""
        self.turn = checked_turn(self.book, self.session, events)
        last = self.turn
        while last.successor is not None:
            last = last.successor
        self.session = last.session
        self.at = max(self.at, self.session.last_at)
        self.doing += [one for one in self.effects if isinstance(one, RunAction)]
        return self.said

    def name(self) -> str:
        """Return a new message id."""
        self.count += 1
        return f"m{self.count}"

    def later(self, after: int) -> None:
        """Let time pass without anything happening."""
        self.at += after

    # -- what a customer does -----------------------------------------------------------------

    def said_event(self, text: str, *, after: int = 10 * SECOND, file: str = "") -> Said:
        """Build the next message."""
        self.at += after
        return Said(self.name(), self.at, text, self.route, file)

    def say(self, text: str, *, after: int = 10 * SECOND, file: str = "") -> list[str]:
        """Say one thing."""
        return self.take(self.said_event(text, after=after, file=file))

    def burst(self, *texts: str) -> list[str]:
        """Say several things that are taken in one turn."""
        return self.take(*[self.said_event(text) for text in texts])

    def tap_of(self, label: str) -> str:
        """Return the newest tap with this label."""
        for line in reversed(self.lines):
            for choice, shown in line.choices:
                if shown == label:
                    return f"{choice}#{line.seq}"
        raise LookupError(label)

    def tap(self, label: str) -> list[str]:
        """Press the newest button with this label."""
        return self.press(self.tap_of(label), label)

    def press(self, choice: str, label: str = "") -> list[str]:
        """Press a button by its id."""
        self.at += 10 * SECOND
        return self.take(Tapped(self.name(), self.at, choice, label, self.route))

    def form(self, form: str, **fields: Any) -> list[str]:
        """Send a form."""
        self.at += 10 * SECOND
        return self.take(FormSent(self.name(), self.at, form, fields, self.route))

    # -- what the world does ------------------------------------------------------------------

    def done(self, value: Any = None, *, after: int = SECOND) -> list[str]:
        """Finish the running action."""
        self.at += after
        return self.take(ActionFinished(self.session.doing, self.at, True, value))  # noqa: FBT003

    def failed(self, error: str = "no paper") -> list[str]:
        """Let the running action fail for good."""
        self.at += SECOND
        return self.take(
            ActionFinished(self.session.doing, self.at, ok=False, value=None, error=error)
        )

    def answered(
        self,
        text: str = "",
        *,
        offer: str = "",
        failed: bool = False,
        id: str | None = None,  # noqa: A002
    ) -> list[str]:
        """Let the assistant answer the open question."""
        self.at += SECOND
        asking = self.session.asking
        name = id if id is not None else asking.id if asking else "none"
        return self.take(AssistantAnswered(name, self.at, text, offer, failed))

    def ring(self, after: int) -> list[str]:
        """Let the sweeper come by after this long."""
        self.at += after
        return self.take(TimerRang(self.name(), self.at))

    def operator(self, text: str) -> list[str]:
        """Let a person of the business write."""
        self.at += 10 * SECOND
        return self.take(OperatorSaid(self.name(), self.at, text, "ana"))

    def mode(self, mode: str) -> list[str]:
        """Take the conversation over, hand it back, or end it."""
        self.at += 10 * SECOND
        return self.take(ModeChanged(self.name(), self.at, mode, ""))

    def line(self, name: str, **shown: str) -> str:
        """Return one of the built-in lines as the bot says it."""
        language = self.session.language or self.book.languages[0]
        return self.book.texts[name][language].fill(lambda hole: shown[hole.path[0]])

    # -- what came of it ----------------------------------------------------------------------

    @property
    def turns(self) -> list[Turn]:
        """The last turn and its successors."""
        found = [self.turn]
        while found[-1].successor is not None:
            found.append(found[-1].successor)
        return found

    @property
    def lines(self) -> list[Line]:
        """All lines of the last turn."""
        return [line for turn in self.turns for line in turn.lines]

    @property
    def said(self) -> list[str]:
        """What the customer read in the last turn."""
        return [line.text for line in self.lines if line.who in {"bot", "assistant"}]

    @property
    def notes(self) -> list[str]:
        """What only the console shows."""
        return [line.note for line in self.lines if line.who == "system"]

    @property
    def effects(self) -> list[Effect]:
        """What the last turn requests."""
        return [effect for turn in self.turns for effect in turn.effects]

    @property
    def sends(self) -> list[Send]:
        """What the last turn sends."""
        return [effect for effect in self.effects if isinstance(effect, Send)]

    @property
    def asks(self) -> list[AskAssistant]:
        """What the last turn asks the assistant."""
        return [effect for effect in self.effects if isinstance(effect, AskAssistant)]

    @property
    def state(self) -> str:
        """Where the conversation stands: ``flow.state``, or ``idle``."""
        session = self.session
        return f"{session.flow}.{session.state}" if session.flow else "idle"

    def wakes_in(self) -> int | None:
        """Return how long it is to the earliest deadline."""
        wake = self.session.wake_at
        return None if wake is None else wake - self.at

    @property
    def slots(self) -> dict[str, Any]:
        """What the innermost flow knows."""
        return self.session.frames[-1].slots
