"""However long a text, a turn's work is bounded; measured by counting calls, never by a clock."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from engine.cleaning import LONGEST_TEXT
from engine.events import Said
from engine.language.book import Book
from engine.language.bot_compiler import compile_bot
from engine.language.checks import load_checked
from engine.session import Session
from engine.turn import Turn, take_turn
from tests.core.talk import FLOWS, SECOND, Talk, book_of

SOURCE = load_checked(FLOWS / "parts_shop", defaults=FLOWS, actions=None)

MIXED = "Hi there, my name is Hari Kumar; send 2 fans to ana@example.com or call 88488 50922. "
TEXTS: dict[str, str] = {
    "letters": "abcdefghijklmnopqrstuvwxyz",
    "digits": "7",
    "spaces": " ",
    "commas": ",",
    "lines": "a\n",
    "at signs": "@",
    "addresses": "a@b.",
    "emoji": "\U0001f600\U0001f44d",
    "right to left": "\u0645\u0631\u062d\u0628\u0627 ",
    "accents": "n\u0303\u0301",
    "mixed words": MIXED,
    "near start phrases": "bulc ordr wholesal colback pleas ",
    "start phrases": "bulk order ",
    "questions": "where are you do you deliver ",
    "letters apart": "a ",
    "digits apart": "1 ",
    "numbers in words": "twenty one hundred and five thousand ",
    "items": "2 fans and 3 filters, ",
    "plus signs": "+",
    "brackets": "(",
    "signs": "#-/.:*",
    "yes and no": "yes no ",
    "dates": "tomorrow at 5pm next friday ",
    "polite words": "please ",
    "labels": "email phone name ",
}
SIZES = (500, 1_000, 2_000, 4_000)


def at_idle(book: Book) -> Session:
    """Return a conversation in which nothing is open."""
    talk = Talk(book)
    talk.say("hello")
    return talk.session


def at_items(book: Book) -> Session:
    """Return a conversation that is asked for items."""
    talk = Talk(book)
    talk.say("bulk order")
    assert talk.state == "bulk_order.collecting_items"
    return talk.session


def at_contact(book: Book) -> Session:
    """Return a conversation that is asked for name, phone and e-mail."""
    talk = Talk(book)
    talk.say("I want 11 remote controls")
    assert talk.state == "bulk_order.collecting_contact"
    return talk.session


def at_choices(book: Book) -> Session:
    """Return a conversation that is asked to confirm."""
    talk = Talk(book)
    talk.say("I want 11 remote controls")
    talk.say("Hari, 8848850922, hari@example.com")
    assert talk.state == "bulk_order.confirming"
    return talk.session


PLACES: dict[str, Callable[[Book], Session]] = {
    "idle": at_idle,
    "items": at_items,
    "contact": at_contact,
    "choices": at_choices,
}


def calls_of(work: Callable[[], Turn]) -> int:
    """Count every call of Python and C functions while this is done."""
    count = 0

    def note(frame: FrameType, event: str, arg: Any) -> None:
        nonlocal count
        if event in {"call", "c_call"}:
            count += 1

    sys.setprofile(note)
    try:
        turn = work()
    finally:
        sys.setprofile(None)
    assert not turn.parked
    return count


def calls_for(book: Book, session: Session, text: str) -> int:
    """Count the calls of a turn with this one text."""
    said = Said("long", session.last_at + SECOND, text)
    return calls_of(lambda: take_turn(book, session, [said]))


def long_text(unit: str, size: int) -> str:
    """Repeat a text up to a length, whole: half a word at the end is another thing to read."""
    return unit * (size // len(unit))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", TEXTS)
def test_work_grows_no_faster_than_the_text_and_not_at_all_beyond_the_cut(
    name: str, place: str
) -> None:
    """Twice the text costs at most 2.3 times the calls; what is cut costs nothing."""
    counts: list[int] = []
    for size in (*SIZES, LONGEST_TEXT + 200, 100_000):
        # A book of its own: what one text has put into the caches must not help the next.
        book = compile_bot(SOURCE)
        session = PLACES[place](book)
        calls_for(book, session, "warm up")
        counts.append(calls_for(book, session, long_text(TEXTS[name], size)))
    *growing, cut, longest = counts
    assert [] == [
        f"{size}: {shorter} -> {longer}"
        for size, shorter, longer in zip(SIZES[1:], growing, growing[1:], strict=False)
        if longer > 2.3 * shorter
    ]
    # Where the cut leaves half a word, another way through the readers is taken.
    assert cut <= 2.3 * growing[-1]
    assert longest <= cut + 50


def test_a_million_digits_are_read_like_four_thousand() -> None:
    """A number nobody means costs what the longest text costs, and is answered."""
    book = compile_bot(SOURCE)
    session = at_contact(book)
    calls_for(book, session, "warm up")
    few = calls_for(book, session, "7" * (LONGEST_TEXT + 1))
    many = calls_for(book, session, "7" * 1_000_000)

    assert many <= few + 50
    talk = Talk(book)
    talk.say("bulk order")
    said = talk.say("7" * 1_000_000)
    assert "That was very long; I read the first 4000 characters." == said[0]
    assert LONGEST_TEXT == len(talk.lines[0].text)


def many_flows(folder: Path, count: int) -> Book:
    """Build a bot of this many flows that differ in their words."""
    flows = [
        {
            "flow": f"flow_{word}",
            "start": {"phrases": [f"begin {word} now", f"{word} wanted"]},
            "slots": {"name": {"type": "person_name"}, "email": {"type": "email"}},
            "states": {
                "asking": {
                    "collect": ["name", "email"],
                    "ask": "Please send {missing}.",
                    "then": "ended",
                },
                "ended": {"end": "completed", "say": "Thank you, {name}."},
            },
        }
        for word in (f"{chr(97 + n // 26)}{chr(97 + n % 26)}lo" for n in range(count))
    ]
    return book_of(folder, *flows)


TURNS = ("hello there", "aalo wanted", "I do not know", "Hari Kumar", "hari@example.com")


def counts_of(book: Book) -> list[int]:
    """Count the calls of each turn of a short conversation."""
    counts: list[int] = []
    for _ in range(2):  # the first pass fills the caches
        counts = []
        session = Talk(book).session
        for place, text in enumerate(TURNS):
            said = [Said(f"m{place}", session.last_at + SECOND, text)]
            taken: list[Turn] = []

            def take(
                before: Session = session, said: list[Said] = said, taken: list[Turn] = taken
            ) -> Turn:
                taken.append(take_turn(book, before, said))
                return taken[0]

            counts.append(calls_of(take))
            session = taken[0].session
    return counts


def test_ten_times_the_flows_cost_nothing_inside_a_flow(tmp_path: Path) -> None:
    """Inside a flow the number of flows does not matter; outside it costs at most twice."""
    few = counts_of(many_flows(tmp_path / "few", 10))
    many = counts_of(many_flows(tmp_path / "many", 100))

    inside, outside = slice(2, None), slice(0, 2)
    assert few[inside] == many[inside]
    assert all(large <= 2 * small for small, large in zip(few[outside], many[outside], strict=True))
