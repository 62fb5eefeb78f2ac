"""Values out of a text, for the slots of the flows in progress: who gets which reading.

Readers run in their order; what one consumes the next does not see. A reading goes to the open
slot that asks for it, else to an empty one of its kind, else it corrects a known one.
"""

from __future__ import annotations

__all__ = ["SlotReader"]

import re
from collections.abc import Callable
from typing import Any

from engine.amending import amended_by, with_first_half
from engine.frame import Pending
from engine.goods import counted, is_product, is_said_again, orders_goods
from engine.hearing import (
    FORTHCOMING,
    REACHED,
    hearing_of,
    in_currency,
    name_beside,
    own_words,
    with_again,
)
from engine.labels import each_its_own, without_named
from engine.language.book import Book, Flow
from engine.language.slot import Group
from engine.meaning import Filling, Heard
from engine.readers.clauses import without
from engine.readers.dropped_lines import drops_nothing, empties
from engine.readers.folding import words
from engine.readers.items import beside
from engine.readers.reading import Hearing, Reading, Unclear
from engine.session import Session
from engine.small_talk import left_for_text
from engine.topic_reading import TopicReader
from engine.validity import suited

WORDS_OF_COMMANDS = ("cancel", "back", "change")
# Readers that take bare words when they are asked.
LOOSE = frozenset({"items", "person_name"})
A_PRODUCT = "choice.catalogue"
_COUNTED = re.compile(r"\s+\d{1,4}\s+[^\W\d]")  # "20 relay", and no phone number


class SlotReader:
    """One pass of the readers over one text."""

    __slots__ = (
        "at",
        "book",
        "changing",
        "cue",
        "filled",
        "heard",
        "session",
        "topics",
    )

    def __init__(self, book: Book, session: Session, heard: Heard, at: int) -> None:
        self.book = book
        self.session = session
        self.heard = heard
        self.at = at
        self.cue = False  # the text announces a correction
        self.filled: set[tuple[int, str]] = set()  # (depth, slot)
        self.topics = TopicReader(book, session, heard, at)
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
                text = self.topics.without_topics(group, text)
            # "Change": "40 guests" is no amount of money, unless that is what was asked for.
            asked = asked or (changing and self._may_change(group, flow))
            hearing = hearing_of(group, self.book, self.session, self.at, asked=asked)
            own, text = own_words(group, text, hearing, self.heard.text)
            whole = text
            known = self._knows(group, depth)
            own, of_others = without_named(flow, group, own, hearing) if known else (own, [])
            readings, amended = self._readings(depth, group, own, hearing, open_now, wanted=wanted)
            waiting = self.session.frames[depth].waiting
            if group.kind == "items" and waiting is not None and not amended:
                readings = counted(readings)
            if group.kind == "person_name":
                if reached and not readings:
                    readings = self._name_beside(depth, group, own)
                readings = [one for one in readings if not self._is_talk(flow, one, text)]
            for reading in readings:
                slot = self._slot_for(depth, group, text[: reading.start], open_now)
                if slot is not None:
                    revise = None if amended else self._revise(group, open_now)
                    self._give(depth, slot, reading, open_now, revise)
                    text = without(text, reading.start, reading.end)
                    reached = reached or group.kind in REACHED
            text = with_again(text, whole, of_others)
        return text

    def _name_beside(self, depth: int, group: Group, own: str) -> list[Reading]:
        asking = hearing_of(group, self.book, self.session, self.at, asked=True)
        known = self._knows(group, depth)
        return name_beside(group, own, asking, whole=self.heard.text, sure=known)

    def _is_talk(self, flow: Flow, reading: Reading, text: str) -> bool:
        """Tell "leave", goods and a small word before a number, "aur 20 relay", from a name."""
        if is_product(
            self.book, self.session, flow, reading, text=text, heard=self.heard, at=self.at
        ):
            return True
        typed = self.heard.text[reading.start : reading.end]
        counts = _COUNTED.match(self.heard.text, reading.end) is not None and typed.isalpha()
        return (counts and typed.islower()) or self.book.leaves.whole(words(typed)) is not None

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
            return with_first_half(group, self.changing.text, text, hearing), False
        frame = self.session.frames[depth]
        amended = amended_by(
            self.book,
            self.session,
            frame,
            group,
            text,
            hearing=hearing,
            heard=self.heard,
            open_now=open_now,
            announced=self.cue or self.changing is not None,
        )
        if amended:
            return amended, True
        readings = group.reader.read(text, hearing)
        old = frame.slots.get(group.slots[0])
        if group.kind == "items" and old and self.cue and not self.changing:
            self.heard.empties = empties(old, text, hearing)
            if self.heard.empties or drops_nothing(old, text, hearing):
                self.heard.greets, readings = not self.heard.empties, []
        if len(group.slots) > 1:
            flow = self.book.flows[frame.flow]
            return each_its_own(readings, flow, group, text, hearing), False
        return readings, False

    def _may_change(self, group: Group, flow: Flow) -> bool:
        """Tell whether a bare answer to "what shall I change?" may be of this kind."""
        if group.kind != "money":
            return True
        return any(key in group.names for key, _, _ in flow.labels.find(self.heard.said))

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
        spec = self.book.flows[frame.flow].slots[slot]
        value = in_currency(suited(spec, reading), self.book)
        if value in WORDS_OF_COMMANDS and spec.kind == "yes_no":
            return  # "change" and "back" are no answers to a yes-or-no question
        known = slot in frame.slots
        if known and revise is not None:
            value = revise(frame.slots[slot], value)
        asked_again = frame.reopened and slot in open_now  # its old value may be the answer
        same = known and not asked_again and self.changing is None
        if same and is_said_again(frame.slots[slot], value):
            self.heard.greets = True  # said again, nothing changes
            return
        correction = known and not asked_again
        whole = revise is None
        self.heard.fills.append(Filling(depth, slot, value, correction, reading.fault, whole))
        self.filled.add((depth, slot))

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
            return self._knows(group, depth) and orders_goods(
                self.book, self.session, group, self.heard.text, self.at
            )
        if group.reader.volunteers:
            return True
        # "haircut, tomorrow at five": said before it was asked, and nothing else it could be. A
        # known date or amount is corrected so; an option's word may mean anything by then.
        if depth < len(self.session.frames) - 1 or group.kind not in FORTHCOMING:
            return False
        return group.kind != "choice" or not self._knows(group, depth)

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
        for reading in group.reader.read(
            left_for_text(self.book, self.session, self.heard, rest), hearing
        ):
            self._give(depth, name, reading, open_now, None)


def _turn_of(group: Group, open_now: tuple[str, ...]) -> tuple[int, bool]:
    return group.reader.order, group.names.isdisjoint(open_now)
