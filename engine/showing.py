"""Turns as a transcript shows them: what was said, what was requested, where it stands now."""

from __future__ import annotations

__all__ = ["Showing"]

from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.effects import AskAssistant, Effect, Notify, Publish
from engine.language.book import Book
from engine.session import Session
from engine.transcript import ANSWER_DROPPED, Entry, Line, choices
from engine.turn import Turn


@dataclass(slots=True)
class Showing:
    """The transcript of one or more conversations while they happen."""

    out: list[Entry] = field(default_factory=list)
    buttons: dict[str, list[Line]] = field(default_factory=dict)  # customer -> what it was shown
    names: set[str] = field(default_factory=set)  # of people, as customers gave them
    parked: list[str] = field(default_factory=list)  # faults of ours that the core survived

    def happened(self, who: str, what: str) -> None:
        """Show what nobody said."""
        self.out.append(Entry("effect", what, who))

    def turn(self, who: str, turn: Turn, book: Book) -> None:
        """Show a turn of this customer's session, and of those that follow it."""
        for one in chain(turn):
            self.names.update(_names(one.session, book))
            for line in one.lines:
                self._line(who, line)
            for fault in one.parked:
                self.parked.append(f"error {fault.error_id}: {fault.error}")
                self.happened(who, self.parked[-1])
            for effect in one.effects:
                if shown := _requested(effect):
                    self.happened(who, shown)
            if one.session.status == "ended":
                self.happened(who, f"session ended: {one.session.reason}")
            state = one.session.state
            if one.session.flow:
                state = f"{one.session.flow}: {state}"
        self.out.append(Entry("state", state, who))

    def _line(self, who: str, line: Line) -> None:
        if line.note:
            # What a dropped answer said stands in the script already.
            text = "" if line.note == ANSWER_DROPPED else line.text
            self.happened(who, f"{line.note}: {text}" if text else line.note)
        elif line.who != "user":
            self.out.append(Entry(line.who, line.text, who))
            if line.choices:
                self.out.append(choices(label for _, label in line.choices))
                self.buttons.setdefault(who, []).append(line)


def chain(turn: Turn | None) -> Iterator[Turn]:
    """Yield a turn, and the turns of the sessions that follow its own."""
    while turn is not None:
        yield turn
        turn = turn.successor


def _names(session: Session, book: Book) -> Iterator[str]:
    if "person_name" in session.told:
        yield str(session.told["person_name"])
    for frame in session.frames:
        flow = book.flows.get(frame.flow)
        for name, slot in flow.slots.items() if flow else ():
            if slot.kind == "person_name" and name in frame.slots:
                yield str(frame.slots[name])


def _requested(effect: Effect) -> str:
    """Say what a turn requested, where nothing else in the transcript shows it."""
    if isinstance(effect, AskAssistant):
        return "ask assistant"
    if isinstance(effect, Notify):
        return f"notify {effect.desk}: {effect.reason}"
    if isinstance(effect, Publish):
        return f"publish {effect.event}"
    return ""
