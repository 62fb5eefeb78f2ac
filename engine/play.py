"""Plays scripts through the real core: the same turn, commit and effects, on a virtual clock.

How time passes: the first message comes at `start`; every later `>` block ten seconds after what
stands above it, each message of a burst one second after the one before. A burst is taken as one
fold. `~ 31 minutes` rings what falls due on the way; other events take no time. Ids count up, so
that the same script gives the same transcript anywhere.

The assistant is the script: `~ assistant: TEXT` answers the question that waits, else the next one.
A question without an answer stays open, as with a slow model.
"""

from __future__ import annotations

__all__ = ["Played", "Player", "play"]

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from engine.customers import Customer, Customers, known_of
from engine.errors import ScriptError
from engine.events import Event, FormSent, ModeChanged, OperatorSaid, Said, Tapped
from engine.expectation import unmet
from engine.language.book import Book
from engine.ports import Action
from engine.script import UNITS, Block, Script, read_event
from engine.script_facts import read_field, written_facts
from engine.stage import ReopenedStore, Stage
from engine.transcript import Entry, Line

START = "2026-01-05T09:00"  # a Monday morning, in the bot's time zone
BETWEEN_TURNS = 10_000
BETWEEN_MESSAGES = 1_000

Rebuild = Callable[[Sequence[Path]], Book]
"""Compiles the bot anew, with these flow files in the place of its own flows of the same name."""


@dataclass(frozen=True, slots=True)
class Played:
    """A conversation that was played: its transcript, and what the script expected in vain."""

    entries: tuple[Entry, ...]
    unmet: str
    parked: tuple[str, ...] = ()  # faults of ours that the core survived; there should be none
    names: frozenset[str] = frozenset()  # that customers gave; they are masked on export


class Player:
    """Plays one conversation block by block; a terminal chat does the same line by line."""

    def __init__(
        self,
        rebuild: Rebuild,
        store: ReopenedStore,
        actions: Mapping[str, Action],
        *,
        path: str = "script",
        channel: str = "web",
        start: str = "",
        phone: str = "",
        person: str = "",
        assistant: str = "none",
        attachment: Callable[[Path], tuple[str, str]] = lambda _file: ("", "file"),
    ) -> None:
        self._rebuild = rebuild
        self._changes: list[Path] = []
        self._path = path
        self._attachment = attachment  # a file beside the script -> what it says, or why not
        self._line = 0
        self._via = ""  # the channel of the next message only
        self._sent = 0
        self._last: dict[str, tuple[Customer, Event]] = {}  # each customer's last message
        self._asks = assistant == "scripted"
        book = self._book()
        self._customers = Customers(channel, phone, known_of(person, book, path))
        self.stage = Stage(book, store, actions, _moment(start or START, book))
        self._who = self._customers.named("")  # whom the present event is about

    def play(self, block: Block) -> list[Entry]:
        """Let a block happen and return what came out."""
        out: list[Entry] = []
        self.stage.show.out = out
        if not block.stimuli:
            return out
        first = block.stimuli[0]
        self._line = first.line
        if first.kind == "event":
            name, arguments = read_event(first, self._path)
            self._who = self._customers.named(first.who, self._via)
            getattr(self, f"_on_{name}")(*arguments)
        else:
            self._burst(block.stimuli)
        self.stage.settle()
        return out

    def _book(self) -> Book:
        """Compile the bot anew; where the script has no answers it has nobody to ask, as without a key."""
        book = self._rebuild(tuple(self._changes))
        return book if self._asks else replace(book, assistant=None)

    # -- what customers send ----------------------------------------------------------------------

    def _burst(self, stimuli: Sequence[Entry]) -> None:
        stage = self.stage
        customer = self._customers.named(stimuli[0].who, self._via)
        self._via = ""
        if self._sent:
            stage.advance(stage.now + BETWEEN_TURNS)
        late, stage.delayed = stage.delayed, []
        at = stage.now
        events = []
        for n, entry in enumerate(stimuli):
            self._line = entry.line
            events.append(self._message(customer, entry, at + n * BETWEEN_MESSAGES))
        self._last[customer.name] = (customer, events[-1])
        self.stage.receive(customer, events)
        for answer in late:
            stage.deliver(answer)
        stage.advance(events[-1].at)

    def _message(self, customer: Customer, entry: Entry, at: int) -> Event:
        self._sent += 1
        id_ = f"m{self._sent}"
        if entry.kind == "tap":
            return Tapped(id_, at, self._button(customer, entry), entry.text, customer.route)
        if not entry.file:
            return Said(id_, at, entry.text, customer.route)
        content, fault = self._attachment(Path(self._path).parent / entry.file)
        return Said(id_, at, entry.text, customer.route, entry.file, content, fault)

    def _button(self, customer: Customer, entry: Entry) -> str:
        """Find the latest showing of a label; or the one before it."""
        shown: Sequence[Line] = self.stage.show.buttons.get(customer.name, ())
        found = [
            f"{id_}#{line.seq}"
            for line in reversed(shown)
            for id_, label in line.choices
            if label.casefold() == entry.text.casefold()
        ]
        if len(found) > entry.earlier:
            return found[entry.earlier]
        labels = {label: None for line in reversed(shown) for _, label in line.choices}
        earlier = " earlier" if found else ""
        raise self._unknown(f"no button [{entry.text}] was shown{earlier}", entry.text, labels)

    def _error(self, fault: str, hint: str = "") -> ScriptError:
        return ScriptError(f"{self._path}:{self._line}: {fault}.{hint}")

    def _unknown(self, fault: str, name: str, known: Iterable[str]) -> ScriptError:
        known = list(known)
        meant = get_close_matches(name, known, n=1)
        hint = f' Did you mean "{meant[0]}"?' if meant else f" Known are: {', '.join(known)}."
        return self._error(fault, hint if known else "")

    # -- events: a method for each name in `engine.script.EVENTS` ---------------------------------

    def _on_restart(self) -> None:
        """Open everything anew, as another process would, and check that nothing got lost."""
        self.stage.book = self._book()
        self.stage.reopen()

    def _on_wait(self, amount: str, unit: str) -> None:
        self.stage.advance(self.stage.now + int(amount) * UNITS[unit])

    def _on_redis(self, _state: str) -> None:
        """Nothing changes: what is committed stands in SQL, and caches only make it quicker."""

    def _on_sql(self, state: str) -> None:
        self.stage.down = True
        if state == "up":
            self.stage.recover()

    def _on_worker_dies(self) -> None:
        self.stage.dying = True

    def _on_duplicate(self) -> None:
        if self._who.name not in self._last:
            raise self._error("nothing was sent that could come again")
        sender, event = self._last[self._who.name]
        self.stage.receive(sender, [event])

    def _on_operator_mode(self, act: str) -> None:
        mode = "manual" if act == "takes over" else "agent"
        self.stage.receive(
            self._who, [ModeChanged(self._id("o"), self.stage.now, mode, "operator")]
        )

    def _on_operator_says(self, text: str) -> None:
        self.stage.receive(
            self._who, [OperatorSaid(self._id("o"), self.stage.now, text, "operator")]
        )

    def _answers(self, answer: Mapping[str, Any]) -> None:
        if not self._asks:  # typed in a chat: from now on there is somebody to ask
            self._asks = True
            self.stage.book = self._book()
        if self._who.contact in self.stage.asked:
            self.stage.answer(self._who.contact, answer)
        else:
            self.stage.answers.append(answer)

    def _on_assistant_says(self, text: str) -> None:
        self._answers({"text": text})

    def _on_assistant_fails(self) -> None:
        self._answers({"failed": True})

    def _on_assistant_offers(self, flow: str) -> None:
        flows = self.stage.book.flows
        if flow not in flows:
            raise self._unknown(f'no flow is called "{flow}"', flow, flows)
        if not flows[flow].hint:
            fault = f'an assistant offers no flow without a hint, and "{flow}" has none'
            raise self._error(fault, " Give it `hint` in its `start`.")
        self._answers({"offer": flow})

    def _on_answer_late(self) -> None:
        self.stage.late = True

    def _on_form(self, name: str, written: str) -> None:
        forms = self.stage.book.forms
        if name not in forms:
            raise self._unknown(f'no form is called "{name}"', name, forms)
        try:
            given = written_facts(written)
        except ValueError:
            fault = 'the fields of a form are written key=value or key="two words"'
            raise self._error(fault) from None
        kinds = forms[name].fields
        for field in given:
            if field not in kinds:
                raise self._unknown(f'form "{name}" has no field "{field}"', field, kinds)
        fields = {field: self._field(kinds[field], text) for field, text in given.items()}
        event = FormSent(self._id("f"), self.stage.now, name, fields, self._who.route)
        self._last[self._who.name] = (self._who, event)
        self.stage.receive(self._who, [event])

    def _field(self, kind: str, text: str) -> Any:
        known = next(iter(self.stage.book.yes_no.hearings.values()))
        try:
            return read_field(kind, text, replace(known, asked=True))
        except ValueError as error:
            raise self._error(str(error)) from None

    def _known_action(self, name: str) -> str:
        if name not in self.stage.actions:
            raise self._unknown(f'no action is called "{name}"', name, self.stage.actions)
        return name

    def _on_action_fails(self, name: str, once: str) -> None:
        self.stage.failing[self._known_action(name)] = not once

    def _on_action_takes(self, name: str, amount: str, unit: str) -> None:
        self.stage.lasting[self._known_action(name)] = int(amount) * UNITS[unit]

    def _on_flow_change(self, file: str) -> None:
        path = Path(self._path).parent / file
        if not path.is_file():
            raise self._error(f"there is no file {path}")
        self._changes.append(path)
        self.stage.book = self._book()

    def _on_via(self, channel: str) -> None:
        self._via = channel

    def _id(self, kind: str) -> str:
        self._sent += 1
        return f"{kind}{self._sent}"


def play(player: Player, script: Script) -> Played:
    """Play a script from its first line to its last."""
    entries = list(script.head)
    played = []
    for block in script.blocks:
        outputs = player.play(block)
        played.append(outputs)
        entries += [*block.comments, *block.stimuli]
        # What came out belongs to the line that brought it about.
        entries += [replace(one, line=block.stimuli[-1].line) for one in outputs]
    return Played(
        tuple(entries),
        unmet(script, played),
        tuple(player.stage.show.parked),
        frozenset(player.stage.show.names),
    )


def _moment(written: str, book: Book) -> int:
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=book.timezone)
    return int(moment.timestamp() * 1000)
