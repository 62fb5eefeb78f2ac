"""Values out of a text, for the slots of the flows in progress: who gets which reading.

Readers run in their order; what one consumes the next does not see. A reading goes to the open
slot that asks for it, else to an empty one of its kind, else it corrects a known one.
"""

from __future__ import annotations

__all__ = [
    "SlotReader",
    "hearing_of",
    "named_slot",
    "read_free",
    "read_start",
    "without",
    "yes_no_of",
]

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from engine.language.book import Book, Collect, Flow, Group, Topic
from engine.meaning import Filling, Heard, Words
from engine.readers.folding import words
from engine.readers.reading import Hearing, Read, Reading, Unclear
from engine.session import Frame, Pending, Session


def hearing_of(group: Group, book: Book, session: Session, at: int, *, asked: bool) -> Hearing:
    """Return what this reader may know now."""
    hearing = group.hearings[session.language or book.languages[0], asked]
    if not group.wants_now:
        return hearing
    now = datetime.fromtimestamp(at / 1000, UTC).astimezone(book.timezone)
    return replace(hearing, now=now.strftime("%Y-%m-%dT%H:%M:%S"))


# Kinds that are recognised by themselves: taken when they are said before they are asked for.
FORTHCOMING = frozenset({"date", "money", "choice", "order_ref"})
# In the message that starts a flow a bare number belongs to it, too: "a table for 4".
AT_A_START = FORTHCOMING | {"number"}


WORDS_OF_COMMANDS = ("cancel", "back", "change")
# Readers that take bare words when they are asked.
LOOSE = frozenset({"items", "person_name"})
REACHED = frozenset({"phone", "email", "address"})
LONGEST_NAME = 4  # words
_PIECE = re.compile(r"[^,;\n]+")
Topics = list[tuple[Topic, int, int]]


def yes_no_of(book: Book, session: Session, text: str) -> str:
    """Read a bare yes, no, cancel, back or change; empty when it is none of them."""
    language = session.language or book.languages[0]
    found = book.yes_no.reader.read(text, book.yes_no.hearings[language, True])
    return next((str(one.value) for one in found if isinstance(one, Read)), "")


class SlotReader:
    """One pass of the readers over one text."""

    __slots__ = ("at", "book", "changing", "cue", "filled", "heard", "session", "topics")

    def __init__(self, book: Book, session: Session, heard: Heard, at: int) -> None:
        self.book = book
        self.session = session
        self.heard = heard
        self.at = at
        self.cue = False  # the text announces a correction
        self.filled: set[tuple[int, str]] = set()  # (depth, slot)
        self.topics: Topics | None = None  # questions and start phrases, once looked for
        self.changing: Pending | None = None  # the customer was asked what to change

    def read(self, flow: Flow, open_now: tuple[str, ...], *, open_text: bool) -> str:
        """Read the innermost frame's slots, then the outer ones'; return what is left.

        `open_text` is whether one of the open slots takes any words.
        """
        top = len(self.session.frames) - 1
        rest = self._frame(top, flow, self.heard.text, open_now, open_text=open_text)
        for depth in range(top - 1, -1, -1):
            outer = self.book.flows[self.session.frames[depth].flow]
            rest = self._frame(depth, outer, rest, (), open_text=False)
        return rest

    def _frame(
        self, depth: int, flow: Flow, text: str, open_now: tuple[str, ...], *, open_text: bool
    ) -> str:
        groups = flow.groups
        if flow.mixed:  # of two groups of one kind the one that is asked for reads first
            groups = tuple(sorted(groups, key=lambda one: _turn_of(one, open_now)))
        changing = self.changing is not None
        for group in groups:
            wanted = changing and self._wanted(depth, group)
            asked = wanted or not group.names.isdisjoint(open_now)
            if not (asked or self._may_volunteer(group, depth)) or self._never(
                group, wanted=wanted
            ):
                continue
            if group.kind in LOOSE and not open_text:
                text = self._without_topics(text)
            # "Change": "40 guests" is no amount of money, unless that is what was asked for.
            asked = asked or (changing and self._may_change(group, flow))
            hearing = hearing_of(group, self.book, self.session, self.at, asked=asked)
            readings, amended = self._readings(depth, group, text, hearing, wanted=wanted)
            if group.kind == "items" and self.session.frames[depth].waiting is not None:
                readings = _counted(readings)
            for reading in readings:
                slot = self._slot_for(depth, group, text[: reading.start], open_now)
                if slot is not None:
                    revise = None if amended else group.reader.revise
                    self._give(depth, slot, reading, open_now, revise)
                    text = without(text, reading.start, reading.end)
        return text

    def _never(self, group: Group, *, wanted: bool) -> bool:
        """Leave free text to the end, and a bare yes to a question that nobody has seen (I11)."""
        return (group.kind == "text" and not wanted) or (
            group.kind == "yes_no" and not self.heard.seen
        )

    def _readings(
        self, depth: int, group: Group, text: str, hearing: Hearing, *, wanted: bool
    ) -> tuple[list[Reading], bool]:
        """Read the text for one group; say whether it was read as a change in words."""
        if wanted and self.changing is not None and self.changing.text:
            return self._second_half(group, text, hearing), False
        frame = self.session.frames[depth]
        amended = self._amended(frame, group, text, hearing)
        if amended:
            return amended, True
        readings = group.reader.read(text, hearing)
        if len(group.slots) > 1:
            flow = self.book.flows[frame.flow]
            return _each_its_own(readings, flow, group, text, hearing), False
        return readings, False

    def _may_change(self, group: Group, flow: Flow) -> bool:
        """Tell whether a bare answer to "what shall I change?" may be of this kind."""
        if group.kind != "money":
            return True
        return any(key in group.names for key, _, _ in flow.labels.find(self.heard.said))

    def _second_half(self, group: Group, text: str, hearing: Hearing) -> list[Reading]:
        """Read a day said before together with the time that was asked for."""
        said = self.changing.text if self.changing is not None else ""
        read = group.reader.read(f"{said}, {text}", hearing)
        whole = [one for one in read if isinstance(one, Read) and not one.fault]
        return [replace(one, start=0, end=len(text)) for one in whole if text]

    def _nods(self) -> bool:
        """Tell whether the text is "ok", "thanks" or a thumb: nothing that free text could mean."""
        said = self.heard.said
        if not said or self.book.greetings.whole(said) is not None:
            return True
        if len(said) > 3:
            return False
        return yes_no_of(self.book, self.session, self.heard.text) == "yes"

    def _told(self, rest: str) -> str:
        """Return what is left for free text: nothing where only labels and cues are left."""
        if not self.heard.fills:
            return "" if self._nods() else rest
        small = self.book.small_words
        if all(word in small for word, _, _ in words(rest)):
            return ""
        return ", ".join(part for piece in rest.split(",") if (part := piece.strip()))

    def _kind(self, depth: int, slot: str) -> str:
        return self.book.flows[self.session.frames[depth].flow].slots[slot].kind

    def _give(
        self,
        depth: int,
        slot: str,
        reading: Reading,
        open_now: tuple[str, ...],
        revise: Callable[[Any, Any], Any] | None,
    ) -> None:
        """Note what a reading means for its slot."""
        if isinstance(reading, Unclear):
            self.heard.unclear = self.heard.unclear or (depth, slot, reading)
            return
        frame = self.session.frames[depth]
        value = _in_currency(reading.value, self.book)
        if value in WORDS_OF_COMMANDS and self._kind(depth, slot) == "yes_no":
            return  # "change" and "back" are no answers to a yes-or-no question
        known = slot in frame.slots
        if known and revise is not None:
            value = revise(frame.slots[slot], value)
        correction = known and not (frame.reopened and slot in open_now)
        self.heard.fills.append(Filling(depth, slot, value, correction, reading.fault))
        self.filled.add((depth, slot))

    def _without_topics(self, text: str) -> str:
        """Take questions and start phrases out before readers that would take any words."""
        if self.topics is None:
            said = self.heard.said if text == self.heard.text else words(text)
            self.topics = self.book.topics.find(said)
            for _, first, end in self.topics:
                if end - first > 1:  # a single word may be a part of a name or a product
                    text = without(text, said[first][1], said[end - 1][2])
        return text

    def _amended(self, frame: Frame, group: Group, text: str, hearing: Hearing) -> list[Reading]:
        """Read a change in words of the one known value of this kind."""
        amend = group.reader.amend
        if amend is None or len(group.slots) != 1:  # which of several would be a guess
            return []
        if group.kind == "items" and not (self.cue or self.changing):
            return []  # a list that is pasted again is a new one
        old = frame.slots.get(group.slots[0])
        return amend(old, text, hearing) if old is not None else []

    def _wanted(self, depth: int, group: Group) -> bool:
        """Tell whether the customer was asked for the new value of one of these slots."""
        pending = self.changing
        return (
            pending is not None
            and pending.kind == "value"
            and pending.depth == depth
            and pending.slot in group.slots
        )

    def _may_volunteer(self, group: Group, depth: int) -> bool:
        if self.changing is not None and self.changing.kind == "value":
            return False
        if group.kind == "yes_no":
            return False  # "no, the other one": a yes or no is taken only where it is asked for
        if self.cue or self.changing is not None:
            return group.reader.volunteers or self._knows(group, depth)
        if group.kind == "items":
            # "2 questions" is no order: items are read unasked only at a start or with a cue.
            return False
        if group.reader.volunteers:
            return True
        # "haircut, tomorrow at five": said before it was asked, and nothing else it could be. A
        # known date or amount is corrected so; an option's word may mean anything by then.
        if depth < len(self.session.frames) - 1 or group.kind not in FORTHCOMING:
            return False
        return group.kind != "choice" or not self._knows(group, depth)

    def _knows(self, group: Group, depth: int) -> bool:
        return not group.names.isdisjoint(self.session.frames[depth].slots)

    def _slot_for(
        self, depth: int, group: Group, before: str, open_now: tuple[str, ...]
    ) -> str | None:
        """Choose the slot a reading is for: the one named before it, the open one, an empty one."""
        if self.changing is not None and self._wanted(depth, group):
            return self.changing.slot
        frame = self.session.frames[depth]
        free = [name for name in group.slots if (depth, name) not in self.filled]
        if len(free) > 1:
            flow = self.book.flows[frame.flow]
            named = [key for key, _, _ in flow.labels.find(words(before)) if key in free]
            if len(named) == 1:
                return named[0]
        for name in open_now:
            if name in free:
                return name
        for name in free:
            if name not in frame.slots:
                return name
        return free[-1] if free else None

    def free_text(self, flow: Flow, rest: str, open_now: tuple[str, ...]) -> None:
        """Give what no other reader took to the open text slot."""
        depth = len(self.session.frames) - 1
        group = next(one for one in flow.groups if one.kind == "text")
        name = next(one for one in group.slots if one in open_now)
        hearing = hearing_of(group, self.book, self.session, self.at, asked=True)
        for reading in group.reader.read(self._told(rest), hearing):
            self._give(depth, name, reading, open_now, None)


def _each_its_own(
    readings: list[Reading], flow: Flow, group: Group, text: str, hearing: Hearing
) -> list[Reading]:
    """Read two values for two slots of one kind apart, where their labels stand before them."""
    if not any(isinstance(one, Unclear) for one in readings):
        return readings
    said = words(text)
    labels = sorted(hit for hit in _places(flow, said) if hit[1] in group.names)
    if len({name for _, name in labels}) < 2:
        return readings
    starts = [start for start, _ in labels]
    apart: list[Reading] = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        found = group.reader.read(text[start:end], hearing)
        apart += [replace(one, start=one.start + start, end=one.end + start) for one in found]
    return apart


def _places(flow: Flow, said: Words) -> list[tuple[int, str]]:
    return [(said[first][1], name) for name, first, _ in flow.labels.find(said)]


def _turn_of(group: Group, open_now: tuple[str, ...]) -> tuple[int, bool]:
    return group.reader.order, group.names.isdisjoint(open_now)


def named_slot(book: Book, session: Session, said: Words) -> tuple[int, str] | None:
    """Find the known slot whose label the customer names: "change the email"."""
    for depth in range(len(session.frames) - 1, -1, -1):
        frame = session.frames[depth]
        for name, _, _ in book.flows[frame.flow].labels.find(said):
            if name in frame.slots:
                return depth, name
    return None


def read_start(book: Book, session: Session, flow: str, text: str, at: int) -> dict[str, Any]:
    """Read what the text that led to a flow says besides: its phrase is not read again."""
    said = words(text)
    rest = text
    phrases = (hit for hit in book.topics.find(said) if hit[0][:2] == ("flow", flow))
    _, first, end = next(phrases, (None, 0, 0))
    if end:
        rest = without(text, said[first][1], said[end - 1][2])
    groups = book.flows[flow].groups
    found = read_free(book, session, groups, rest, at)
    items = tuple(group for group in groups if group.kind == "items")
    for name, lines in read_free(book, session, items, text, at).items() if rest != text else ():
        # "2 lemon cakes" for a flow that starts with "cakes": the phrase is a part of the name.
        phrase = {word for word, _, _ in said[first:end]}
        if all(phrase < {word for word, _, _ in words(line["name"])} for line in lines[:1]):
            found[name] = lines
    # The phrase itself may name an option: "repair my phone".
    choices = tuple(group for group in groups if group.kind == "choice")
    for name, value in read_free(book, session, choices, text, at).items():
        found.setdefault(name, value)
    return {**_told(book, flow, text, rest), **found}


def _told(book: Book, flow: str, text: str, rest: str) -> dict[str, Any]:
    """Take the message as the free text that the flow asks for first, if it says something."""
    spec = book.flows[flow]
    first = spec.states[spec.initial]
    if not isinstance(first, Collect) or spec.slots[first.slots[0]].kind != "text":
        return {}
    said = [word for word, _, _ in words(rest) if word not in book.small_words]
    # "I have a request" says nothing yet; "the ac is not working in room 9" does.
    return {first.slots[0]: text.strip()} if len(said) > 1 else {}


def read_free(
    book: Book,
    session: Session,
    groups: tuple[Group, ...],
    text: str,
    at: int,
    *,
    known: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Read what the message that starts a flow says besides; no bare names, no yes, no free text.

    `known` holds what was read for the start already, by kind of value.
    """
    found: dict[str, Any] = {}
    reached = False  # a phone number or an email was read
    for group in groups:
        if not (group.reader.volunteers or group.kind in AT_A_START):
            continue
        if known and group.source in known:
            found[group.slots[0]] = known[group.source]
            continue
        free = list(group.slots)
        asked = group.kind == "number"  # "3" is no amount of money, unless that was asked
        hearing = hearing_of(group, book, session, at, asked=asked)
        readings = group.reader.read(text, hearing)
        if readings and hearing.catalogue:
            # It is an order: what is not in the catalogue belongs to it, too.
            wide = hearing_of(group, book, session, at, asked=True)
            readings = _with_unknown(readings, group.reader.read(text, wide))
        if group.kind == "person_name" and not readings and reached:
            readings = _name_beside(group, text, hearing_of(group, book, session, at, asked=True))
        for reading in readings:
            if isinstance(reading, Read) and not reading.fault and free:
                found[free.pop(0)] = _in_currency(reading.value, book)
                text = without(text, reading.start, reading.end)
                reached = reached or group.kind in REACHED
    return found


def _counted(readings: list[Reading]) -> list[Reading]:
    """Keep lines with a quantity: while one is asked about, bare words may answer anything else."""
    orders = [
        replace(one, value=[line for line in one.value if not line.get("bare")])
        for one in readings
        if isinstance(one, Read)
    ]
    return [one for one in orders if any("unknown" not in line for line in one.value)]


def _with_unknown(readings: list[Reading], wide: list[Reading]) -> list[Reading]:
    """Add to an order the goods that are counted in it and not sold."""
    more = [line for one in wide if isinstance(one, Read) for line in one.value]
    unknown = [line for line in more if line.get("unknown") and not line.get("bare")]
    known = len(more) - len(unknown)
    return [
        replace(one, value=[*one.value, *unknown])
        if isinstance(one, Read) and len(one.value) == known
        else one
        for one in readings
    ]


def _name_beside(group: Group, text: str, hearing: Hearing) -> list[Reading]:
    """Read "..., Sunitha Menon, 99610 12345": a short piece beside a phone or an email is a name."""
    for piece in _PIECE.finditer(text):
        if 1 < len(piece[0].split()) <= LONGEST_NAME:
            readings = group.reader.read(piece[0], hearing)
            if readings:
                at = piece.start()
                return [replace(one, start=one.start + at, end=one.end + at) for one in readings]
    return []


def _in_currency(value: Any, book: Book) -> Any:
    """Give an amount that names no currency the bot's own."""
    bare = isinstance(value, dict) and value.get("currency") == ""
    return {**value, "currency": book.currency} if bare else value


def without(text: str, start: int, end: int) -> str:
    """Blank a part of a text that was consumed; what stands around it is no one phrase."""
    return f"{text[:start]},{' ' * (end - start - 1)}{text[end:]}"
