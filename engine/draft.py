"""The turn being drafted: a copy of the session, what was heard, what will be said and requested.

Only a Draft changes a session, and only its own copy. What is said is collected first and numbered
at the end, so that a burst's lines stand before the one answer to them.
"""

from __future__ import annotations

__all__ = ["Draft", "Prompt"]

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from engine.effects import Effect, Notify, Publish, Send
from engine.frame import Frame, Pending
from engine.language.book import Book, Flow
from engine.language.slot import Product, Slot
from engine.language.states import State
from engine.language.wording import Placeholder, Text, show
from engine.ordering import total
from engine.session import Session
from engine.transcript import Line

AS_TYPED = frozenset({"text", "email", "person_name", "order_ref"})  # shown as they were written
TAKEN_OVER = "not sent: a person has taken over"
Choices = tuple[tuple[str, str], ...]
About = Mapping[str, Any] | None
Said = tuple[str, str, Choices, str, str, About]  # who, text, choices, inbound, note, about


class Prompt(Enum):
    """How the open question is put at the end of this turn."""

    NONE = "none"  # nothing to ask, or it stands as it was asked
    ASK = "ask"  # the state was entered
    MORE = "more"  # something was filled, something is missing
    REASK = "reask"  # nothing was understood
    REPEAT = "repeat"  # after a digression: the same question again


@dataclass(slots=True)
class Draft:
    """One turn in the making."""

    book: Book
    session: Session
    at: int
    before: list[Frame]  # the frames before the present text; never changed
    lines: list[Said] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    prompt: Prompt = Prompt.NONE
    filled: bool = False  # a text filled or corrected a slot
    missed: bool = False  # a text filled nothing and was no command or question
    excused: bool = False  # and another text of the same turn was understood
    baseline: list[Frame] | None = None  # what `back` returns to, when a flow started here
    unanswered: list[str] = field(default_factory=list)  # for the assistant, or `unknown`
    noted: bool = False  # a text only said who the customer is
    ended: Frame | None = None  # a flow whose product may be ordered now
    moved: bool = False  # something happened to the frames before the first text
    step: int = 0  # which text of the turn is being read
    heard: str = ""  # the text that is being acted on
    why: dict[str, Any] = field(default_factory=dict)  # what it is taken for, kept with its line
    acted: str = ""  # the flow whose action has finished in this turn
    turned_away: bool = False  # a desk was called while it is closed
    refused: set[str] = field(default_factory=set)  # open slots whose value was refused
    faulted: bool = False  # a value was refused and the reason said
    alone: bool = False  # nobody newer came for a session of a newer flow: our rule holds
    withdraw: bool = False
    template: str = ""
    values: tuple[str, ...] = ()  # that fill its gaps
    addressed: bool = False  # somebody wrote who is to be answered
    happened: list[tuple[str, str]] = field(default_factory=list)  # for the counters

    @property
    def language(self) -> str:
        """The language to answer in: the customer's, or the bot's first."""
        return self.session.language or self.book.languages[0]

    @property
    def top(self) -> Frame:
        """The innermost frame."""
        return self.session.frames[-1]

    @property
    def flow(self) -> Flow:
        """The innermost flow."""
        return self.book.flows[self.session.frames[-1].flow]

    @property
    def state(self) -> State:
        """The innermost state."""
        return self.flow.states[self.session.frames[-1].state]

    def current(self) -> bool:
        """Tell whether every frame was left by exactly the flows of this book."""
        flows = self.book.flows
        for frame in self.session.frames:
            flow = flows.get(frame.flow)
            if flow is None or flow.hash != frame.hash:
                return False
        return True

    def open(self, pending: Pending) -> None:
        """Open a question of the engine's own; nothing said before now can answer it."""
        if pending.kind == "line":
            # Whatever else is asked meanwhile, the order is not forgotten.
            self.session.frames[pending.depth].waiting = pending
        self.session.pending = pending
        self.session.shown = None
        self.prompt = Prompt.REPEAT

    # -- what is said -------------------------------------------------------------------------

    def hear(self, who: str, text: str, inbound: str, note: str = "") -> None:
        """Record what a person said, before anything is answered to it."""
        about: About = None
        if who == "user":
            about = self.why = {}
        self.lines.append((who, text, (), inbound, note, about))

    def because(self, why: str, **more: Any) -> None:
        """Keep what the text that is being read was taken for, in the codes of `reasons`."""
        self.why["why"] = why
        self.why.update(more)

    def say(self, text: str, choices: Choices = (), who: str = "bot", about: About = None) -> None:
        """Say one line; in manual mode it becomes a note, for a person is talking."""
        if not text:
            return
        if self.session.mode == "manual":
            self.note(text, TAKEN_OVER)
        else:
            self.said.append((who, text, choices, "", "", about))

    def tell(self, text: Text | None, **extra: str) -> None:
        """Say a text of the bot's files as a statement."""
        if text is not None:
            self.say(self.word(text, extra))

    def tell_built_in(self, name: str, **extra: str) -> None:
        """Say one of the built-in lines."""
        self.say(self.word(self.book.texts[name], extra))

    def note(self, text: str, note: str, about: About = None) -> None:
        """Write a line for the console only."""
        self.said.append(("system", text, (), "", note, about))

    def flush(self) -> None:
        """Fix the place of what was said so far: before whatever is heard next."""
        self.lines += self.said
        self.said = []

    # -- words --------------------------------------------------------------------------------

    def word(
        self, text: Text, extra: Mapping[str, str] | None = None, frame: Frame | None = None
    ) -> str:
        """Put a template into words, in the customer's language."""
        template = text[self.session.language or self.book.languages[0]]
        if template.constant is not None:
            return template.constant
        here = frame or (self.session.frames[-1] if self.session.frames else None)
        return template.fill(self._value, extra or {}, here)

    def _value(self, hole: Placeholder, extra: Mapping[str, str], frame: Frame | None) -> str:
        name = hole.path[0]
        if name in extra:
            return extra[name]
        if frame is not None and name in frame.slots:
            return self._slot(hole, frame)
        if name == "bot":
            fact = self.book.facts.get(hole.path[-1])
            return self.word(fact) if fact is not None else ""
        if name == "contact":
            return str(self.session.person.get(hole.path[-1], ""))
        if name == "flows":
            titles = [self.word(f.title) for f in self.book.flows.values() if f.startable]
            return self.join(titles)
        return ""

    def _slot(self, hole: Placeholder, frame: Frame) -> str:
        name = hole.path[0]
        value = frame.slots[name]
        slot = self.book.flows[frame.flow].slots.get(name)
        if slot is not None and hole.path[1:] == ("price",):
            return self._price(slot, slot.products.get(value))
        if len(hole.path) > 1:
            for part in hole.path[1:]:
                value = value.get(part, "") if isinstance(value, dict) else ""
            return self.shown(value, "text")
        if slot is None or slot.kind in AS_TYPED:
            return value if isinstance(value, str) else self.shown(value, "text")
        return self.value_of(slot, value, block=hole.block)

    def _price(self, slot: Slot, product: Product | None) -> str:
        """Show what a product costs: one, and from which quantity on it costs less."""
        if product is None or not product.prices:
            return self.word(self.book.texts["price_unknown"])
        said: list[str] = []
        for least, each in product.prices:
            price = self.shown({"amount": each, "currency": slot.currency}, "money")
            price = f"{price} / {product.unit}" if product.unit else price
            words = {"price_each": price, "min": self.shown(least, "number")}
            said.append(self.word(self.book.texts["price_from"], words) if said else price)
        return ", ".join(said)

    def value_of(self, slot: Slot, value: Any, *, block: bool = False) -> str:
        """Show a slot's value to the customer."""
        if slot.kind == "choice" and value in slot.options:
            return self.word(slot.options[value])
        if slot.kind == "yes_no" and value in ("yes", "no"):
            return self.word(self.book.texts[value])
        shown = self.shown(value, slot.kind, block=block)
        many = block and slot.is_catalogue_order and len(value) > 1
        if many and (found := total(value)) is not None:
            amount = {"amount": float(found[0]), "currency": found[1]}
            words = {"order_total": self.shown(amount, "money")}
            return f"{shown}\n{self.word(self.book.texts['total'], words)}"
        return shown

    def shown(self, value: Any, kind: str, *, block: bool = False) -> str:
        """Show any value as its kind is written in the customer's language."""
        voice = self.book.voices[self.session.language or self.book.languages[0]]
        return show(value, kind, voice, block=block)

    def join(self, parts: list[str], by: str = "and") -> str:
        """Join a list as the customer's language does."""
        return self.book.voices[self.language].join(parts, by_or=by == "or")

    def close(self) -> None:
        """Close a question of the engine's own that was passed over; its buttons go with it."""
        if self.session.pending is not None:
            self.session.pending = None
            self.session.shown = None

    def unsay(self) -> None:
        """Take back what the bot said in this turn: a person has taken over meanwhile."""
        for said in (self.lines, self.said):
            for n, (who, text, _, inbound, _, about) in enumerate(said):
                if who in {"bot", "assistant"}:
                    said[n] = ("system", text, (), inbound, TAKEN_OVER, about)

    # -- requests -----------------------------------------------------------------------------

    def next_effect_id(self) -> str:
        """Return the id of the next effect of this turn: its idempotency key."""
        session = self.session
        return f"{session.id}:{session.version + 1}:{len(self.effects) + 1}"

    def notify(self, desk: str, reason: str) -> None:
        """Call the people of a desk, and tell the systems that listen."""
        self.inform(desk, reason)
        self.publish("hand_over.requested", {"desk": desk, "reason": reason})

    def inform(self, desk: str, reason: str) -> None:
        """Tell the people of a desk; nobody has to come."""
        self.effects.append(Notify(self.next_effect_id(), desk, reason))

    def publish(self, event: str, data: Mapping[str, Any]) -> None:
        """Tell the systems that subscribed to this event; most bots have none."""
        if event in self.book.published:
            body = {"session": self.session.id, "key": self.session.key, **data}
            self.effects.append(Publish(self.next_effect_id(), event, body))

    # -- the end ------------------------------------------------------------------------------

    def numbered(self) -> tuple[Line, ...]:
        """Number what was heard and said, and request its delivery where there is an address."""
        self.flush()
        session = self.session
        version = session.version + 1
        first = session.seq
        lines = tuple(
            [
                Line(first + n, version, who, text, self.at, choices, inbound, note, about)
                for n, (who, text, choices, inbound, note, about) in enumerate(self.lines, 1)
            ]
        )
        session.seq = first + len(lines)
        if session.route is not None:
            sent = [line for line in lines if not line.note and line.who not in ("user", "system")]
            if sent:
                self.effects.append(
                    Send(
                        id=self.next_effect_id(),
                        to=session.route,
                        text="\n\n".join(line.text for line in sent),
                        lines=tuple(line.seq for line in sent),
                        choices=sent[-1].choices,
                        template=self.template,
                        values=self.values,
                        language=self.language,
                        by_operator=all(line.who == "operator" for line in sent),
                    )
                )
        return lines
