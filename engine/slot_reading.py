"""Values out of a text, for the slots of the flows in progress: who gets which reading.

Readers run in their order; what one consumes the next does not see. A reading goes to the open
slot that asks for it, else to an empty one of its kind, else it corrects a known one.
"""

from __future__ import annotations

__all__ = [
    "SlotReader",
    "hearing_of",
    "named_slot",
    "ordered_goods",
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
from engine.ordering import settled
from engine.readers.amend_items import empties, recounted
from engine.readers.folding import words
from engine.readers.items import beside, is_same_order, opens_an_order
from engine.readers.lexicon import word_set
from engine.readers.product_names import product_names
from engine.readers.reading import Hearing, Read, Reading, Unclear
from engine.readers.unwanted import unwanted
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
A_PRODUCT = "choice.catalogue"
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

    __slots__ = (
        "at",
        "book",
        "changing",
        "cue",
        "empties",
        "filled",
        "heard",
        "session",
        "spans",
        "topics",
    )

    def __init__(self, book: Book, session: Session, heard: Heard, at: int) -> None:
        self.book = book
        self.session = session
        self.heard = heard
        self.at = at
        self.cue = False  # the text announces a correction
        self.empties = False  # the text takes the last line off an order
        self.filled: set[tuple[int, str]] = set()  # (depth, slot)
        self.topics: Topics | None = None  # questions and start phrases, once looked for
        self.spans: list[
            tuple[int, int, frozenset[str]]
        ] = []  # where they stand; a question's words
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
        reached = False  # a phone number or an email was read: a name may stand beside it
        for group in groups:
            wanted = changing and self._wanted(depth, group)
            asked = wanted or not group.names.isdisjoint(open_now)
            if not (asked or self._may_volunteer(group, depth)) or self._never(
                group, wanted=wanted
            ):
                continue
            if (group.kind in LOOSE or group.source == A_PRODUCT) and not open_text:
                text = self._without_topics(group, text)
            # "Change": "40 guests" is no amount of money, unless that is what was asked for.
            asked = asked or (changing and self._may_change(group, flow))
            hearing = hearing_of(group, self.book, self.session, self.at, asked=asked)
            readings, amended = self._readings(depth, group, text, hearing, open_now, wanted=wanted)
            waiting = self.session.frames[depth].waiting
            if group.kind == "items" and waiting is not None and not amended:
                readings = _counted(readings)
            named = readings or not reached or self._knows(group, depth)
            if group.kind == "person_name" and not named:
                asking = hearing_of(group, self.book, self.session, self.at, asked=True)
                readings = _name_beside(group, text, asking)
            if group.kind == "person_name":
                readings = [one for one in readings if not self._is_product(flow, one, text)]
            for reading in readings:
                slot = self._slot_for(depth, group, text[: reading.start], open_now)
                if slot is not None:
                    revise = None if amended else self._revise(group, open_now)
                    self._give(depth, slot, reading, open_now, revise)
                    text = without(text, reading.start, reading.end)
                    reached = reached or group.kind in REACHED
        return text

    def _never(self, group: Group, *, wanted: bool) -> bool:
        """Leave free text to the end, and a bare yes to a question that nobody has seen (I11)."""
        return (group.kind == "text" and not wanted) or (
            group.kind == "yes_no" and not self.heard.seen
        )

    def _readings(
        self,
        depth: int,
        group: Group,
        text: str,
        hearing: Hearing,
        open_now: tuple[str, ...],
        *,
        wanted: bool,
    ) -> tuple[list[Reading], bool]:
        """Read the text for one group; say whether it was read as a change in words."""
        if wanted and self.changing is not None and self.changing.text:
            return self._second_half(group, text, hearing), False
        frame = self.session.frames[depth]
        amended = self._amended(frame, group, text, hearing, open_now)
        if amended:
            return amended, True
        readings = group.reader.read(text, hearing)
        if group.kind == "items" and self.cue and not self.changing:
            old = frame.slots.get(group.slots[0], [])
            self.empties = bool(old) and empties(old, text, hearing)
            readings = [] if self.empties else readings
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
        if known and self.changing is None and _is_same(frame.slots[slot], value):
            self.heard.greets = True  # said again, nothing changes
            return
        correction = known and not (frame.reopened and slot in open_now)
        whole = revise is None
        self.heard.fills.append(Filling(depth, slot, value, correction, reading.fault, whole))
        self.filled.add((depth, slot))

    def _without_topics(self, group: Group, text: str) -> str:
        """Take questions and start phrases out before readers that would take any words.

        A reader of products sees what asks for something: "how much are 2 fans" orders none.
        """
        if self.topics is None:
            said = self.heard.said if text == self.heard.text else words(text)
            self.topics = self.book.topics.find(said)
            for _, first, end in self.topics:
                if end - first > 1:  # a single word may be a part of a name or a product
                    spoken = [word for word, _, _ in said[first:end]]
                    self.spans.append((said[first][1], said[end - 1][2], frozenset(spoken)))
        hearing = hearing_of(group, self.book, self.session, self.at, asked=False)
        asks = word_set(hearing.languages, "asks") if hearing.catalogue else frozenset()
        for start, end, question in self.spans:
            if question.isdisjoint(asks):
                text = without(text, start, end)
        return text

    def _amended(
        self,
        frame: Frame,
        group: Group,
        text: str,
        hearing: Hearing,
        open_now: tuple[str, ...],
    ) -> list[Reading]:
        """Read a change in words of the one known value of this kind."""
        amend = group.reader.amend
        if amend is None or len(group.slots) != 1:  # which of several would be a guess
            return []
        old = frame.slots.get(group.slots[0])
        if group.kind == "items" and not (self.cue or self.changing):
            # A list that is pasted again is a new one; "only 15" is the one line's quantity.
            counted = recounted(old, text, hearing.languages) if old and frame.reopened else []
            return [Read(counted, 0, len(text))] if counted else []
        waiting = frame.waiting
        if waiting is not None and waiting.slot == group.slots[0]:
            return self._amended_beside(waiting, text, replace(hearing, asked=False), amend)
        if old is None or (
            self._takes_numbers(open_now) and recounted(old, text, hearing.languages)
        ):
            return []  # "no, 5" answers what is asked for
        return amend(old, text, hearing)

    def _amended_beside(
        self,
        waiting: Pending,
        text: str,
        hearing: Hearing,
        amend: Callable[[Any, str, Hearing], list[Reading]],
    ) -> list[Reading]:
        """Read what is added or exchanged while something is open about another line."""
        topics = {topic for topic, _, _ in self.book.cues.find(self.heard.said)}
        adds = not topics.isdisjoint(("adds", "drops"))
        others = settled(waiting.value, waiting.line)
        if not others or not (adds or unwanted(text, hearing.languages)):
            return []
        asked = waiting.value[waiting.line]
        meant = {asked.get("id"), *asked.get("among", ())}
        return [
            replace(one, value=[*one.value[: waiting.line], asked, *one.value[waiting.line :]])
            if isinstance(one, Read) and not any(line.get("id") in meant for line in one.value)
            else one
            for one in amend(others, text, hearing)
        ]

    def _takes_numbers(self, open_now: tuple[str, ...]) -> bool:
        depth = len(self.session.frames) - 1
        return any(self._kind(depth, name) in AT_A_START for name in open_now)

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
            # "2 questions" is no order, but "relays 80" is, where relays are sold.
            return self._knows(group, depth) and self._orders(group)
        if group.reader.volunteers:
            return True
        # "haircut, tomorrow at five": said before it was asked, and nothing else it could be. A
        # known date or amount is corrected so; an option's word may mean anything by then.
        if depth < len(self.session.frames) - 1 or group.kind not in FORTHCOMING:
            return False
        return group.kind != "choice" or not self._knows(group, depth)

    def _is_product(self, flow: Flow, reading: Reading, text: str) -> bool:
        """Tell goods of the catalogue, typed small or counted, from a name: "capacitor 25 karo"."""
        typed = text[reading.start : reading.end]
        if typed != typed.lower() and not any(map(str.isdigit, self.heard.text)):
            return False
        for group in flow.groups:
            hearing = hearing_of(group, self.book, self.session, self.at, asked=False)
            if hearing.catalogue:
                names = product_names(hearing.catalogue, hearing.languages)
                return all(names.has(word) for word, _, _ in words(typed))
        return False

    def names_goods(self, flow: Flow) -> bool:
        """Tell whether the text names a product, and does not ask about it."""
        if self.heard.text.rstrip().endswith("?"):
            return False
        for group in flow.groups:
            hearing = hearing_of(group, self.book, self.session, self.at, asked=False)
            if group.kind == "items" and hearing.catalogue:
                names = product_names(hearing.catalogue, hearing.languages)
                return bool(names.find(self.heard.text))
        return False

    def _orders(self, group: Group) -> bool:
        """Tell whether the text counts goods of the catalogue, and nothing else."""
        hearing = hearing_of(group, self.book, self.session, self.at, asked=False)
        if not hearing.catalogue:
            return False
        lines = _lines_of(group.reader.read(self.heard.text, hearing))
        return bool(lines) and all("id" in line and "bare" not in line for line in lines)

    def _revise(self, group: Group, open_now: tuple[str, ...]) -> Callable[[Any, Any], Any]:
        """Choose how a value changes a known one: lines said unasked come beside the others."""
        unasked = not (self.cue or self.changing) and group.names.isdisjoint(open_now)
        return beside if group.kind == "items" and unasked else group.reader.revise

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
    found = read_free(book, session, groups, rest, at, doubts=True)
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
    doubts: bool = False,
) -> dict[str, Any]:
    """Read what the message that starts a flow says besides; no bare names, no yes, no free text.

    `known` holds what was read for the start already, by kind of value. With `doubts` a reading
    that must be asked about stands for its value: unclear ones, phones that cannot be dialled.
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
        if group.kind == "items" and readings and hearing.catalogue:
            # It is an order: what is not in the catalogue belongs to it, too.
            wide = hearing_of(group, book, session, at, asked=True)
            readings = _with_unknown(readings, group.reader.read(text, wide))
        if group.kind == "person_name" and not readings and reached:
            readings = _name_beside(group, text, hearing_of(group, book, session, at, asked=True))
        for reading in readings:
            value = _free_value(group, reading, book, doubts=doubts)
            if value is not None and free:
                found[free.pop(0)] = value
                text = without(text, reading.start, reading.end)
                reached = reached or group.kind in REACHED
    return found


def ordered_goods(
    book: Book, session: Session, group: Group, text: str, at: int
) -> list[dict[str, Any]]:
    """Read a plain order of goods that the catalogue does not have; talk with a number is none."""
    hearing = hearing_of(group, book, session, at, asked=True)
    if not hearing.catalogue or not opens_an_order(text, hearing.languages):
        return []
    lines = _lines_of(group.reader.read(text, hearing))
    names = product_names(hearing.catalogue, hearing.languages)
    said = [word for line in lines for word, _, _ in words(line["name"])]
    if not (opens_an_order(text, hearing.languages, alone=False) or any(map(names.has, said))):
        return []  # "50 wala"
    return (
        lines if lines and all("unknown" in line and "bare" not in line for line in lines) else []
    )


def _free_value(group: Group, reading: Reading, book: Book, *, doubts: bool) -> Any:
    """Give a reading's value; the reading itself where it is to be asked about; else None."""
    if isinstance(reading, Read) and not reading.fault:
        return _in_currency(reading.value, book)
    if isinstance(reading, Unclear):
        asked = group.reader.volunteers or group.kind == "choice"
    else:
        asked = group.kind in REACHED
    return reading if doubts and asked else None


def _is_same(old: Any, new: Any) -> bool:
    """Tell whether an order is only said again."""
    lists = isinstance(old, list) and isinstance(new, list) and len(old) == len(new)
    return lists and is_same_order(old, new)


def _lines_of(readings: list[Reading]) -> list[dict[str, Any]]:
    return [line for one in readings if isinstance(one, Read) for line in one.value]


def _counted(readings: list[Reading]) -> list[Reading]:
    """Keep lines with a quantity: while one is asked about, bare words may answer anything else."""
    orders = [
        replace(one, value=[line for line in one.value if not line.get("bare")])
        for one in readings
        if isinstance(one, Read)
    ]
    return [one for one in orders if any("unknown" not in line for line in one.value)]


def _with_unknown(readings: list[Reading], wide: list[Reading]) -> list[Reading]:
    """Add to an order the goods that are counted in it and not sold, where they were said."""
    more = _lines_of(wide)
    unknown = [line for line in more if line.get("unknown") and not line.get("bare")]
    known = [line for line in more if line not in unknown]
    return [
        replace(one, value=more if one.value == known else [*one.value, *unknown])
        if isinstance(one, Read) and len(one.value) == len(known)
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
