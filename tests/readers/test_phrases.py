"""Phrases: found by hash, with small slips forgiven, at a cost that does not grow."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import pytest

from engine.readers.folding import words
from engine.readers.phrases import PhraseIndex

INDEX = PhraseIndex(
    {
        "bulk": ["bulk order", "wholesale"],
        "order": ["order", "my order status", "wholesale"],
        "call": ["call me back", "ring"],
        "back": ["back", "A-1001", ""],
    },
    polite=["please", "could you", "por favor", "!"],
    known=["wholesome"],
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a bulk order today", [("bulk", 1, 3)]),
        ("call me back, my order status", [("order", 3, 6), ("call", 0, 3)]),
        ("order order", [("order", 0, 1), ("order", 1, 2)]),
        ("back to my order", [("order", 3, 4), ("back", 0, 1)]),
        ("WHOLESALE", [("bulk", 0, 1)]),
        ("call me", []),
        ("nothing here", []),
        ("", []),
    ],
)
def test_phrases_are_found_longest_first_then_by_key(
    text: str, found: list[tuple[str, int, int]]
) -> None:
    """A longer phrase beats a shorter one inside it; of two keys with one phrase the first wins."""
    assert found == INDEX.find(words(text))


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("oredr", "order"),  # neighbours swapped
        ("ordder", "order"),
        ("orxer", "order"),
        ("wholesale", "bulk"),
        ("wholsale", "bulk"),
        ("whoelsael", "bulk"),
        ("wohlxsael", None),  # three slips
        ("oxrer", None),  # shares letters with "order", but two slips away
        ("ordr", None),  # four letters are too few
        ("border", None),  # nobody misses the first letter
        ("bacl", None),  # short words are exact
        ("rign", None),
        ("wholesome", None),  # a word that means itself
        ("a 1001", "back"),
        ("a 1002", None),  # codes are exact
        ("o" * 50, None),
    ],
)
def test_small_slips_are_forgiven_in_long_words_only(typed: str, key: str | None) -> None:
    """One slip from five letters on, two from nine on, never a code, never the first letter."""
    assert key == INDEX.whole(words(typed))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("please, call me back", "call"),
        ("por favor wholesale please", "bulk"),
        ("could you call me back please", "call"),
        ("call me back now", None),
        ("please", None),
        ("could call me back", None),
        ("call me back favor", None),
        ("call me", None),
        ("", None),
    ],
)
def test_a_whole_message_may_be_polite(text: str, key: str | None) -> None:
    """Polite words around a phrase do not count, other words do."""
    assert key == INDEX.whole(words(text))


def test_an_index_without_polite_words_takes_the_message_as_it_is() -> None:
    """Nothing is taken off where no polite words were given."""
    index = PhraseIndex({"stop": ["stop"]})

    assert index.whole(words("stop")) == "stop"
    assert index.whole(words("stop please")) is None


def test_more_phrases_cost_no_more_calls() -> None:
    """A message that matches nothing costs the same among ten phrases and among ten thousand."""
    said = words("could somebody tell me about the weather in kochi")
    few, many = (
        PhraseIndex({n: [f"flow{n} start{n}"] for n in range(size)}) for size in (10, 10_000)
    )

    assert _calls(few, said) == _calls(many, said)


def _calls(index: PhraseIndex[int], said: Any) -> int:
    calls = 0

    def count(_frame: FrameType, event: str, _arg: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        index.find(said)
    finally:
        sys.setprofile(None)
    return calls
