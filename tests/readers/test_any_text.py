"""Readers meet anything: they never raise, stay inside the text, and work grows with its length."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.readers import READERS, Hearing, Read

OPTIONS = (("in", ("indoor", "indoor motor")), ("out", ("outdoor",)))
# What the readers look for, so that random texts come near it.
PIECES = (
    *(
        "11",
        "two",
        "dozen",
        "1,500.25",
        "1/2",
        "½",
        "12:30",
        "25/12/2026",
        "a",
        "half",
        "x2",
        "5kg",
    ),
    *("joe@example.com", "joe at gmail dot com", "@", "+91 88488 50922", "8848850922", "A-1001"),
    *("my name is", "hari", "here", "no", "yes", "cancel", "please", "not", "?", "and", "with"),
    *("remote controls", "boxes", "of", "$", "rs", "tomorrow", "in", "hours", "at", "january"),
    *("the 3rd", "half past", "next week", "20 to", "9-Jan-2026", "three and two thirds", "over"),
    *(
        "USD45",
        "C$",
        "cents",
        "million",
        "hari@gmial.com",
        "hari@example",
        "इक्कीस",
        "athe",
        "el 19",
    ),
    *("\n", ".", ",", "-", "👍", "\u202e", "नमस्ते", "José", "indoor", "outdor", "the last one"),
)
TEXTS = st.one_of(
    st.text(max_size=80),
    st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=14).map("".join),
)
HEARINGS = st.builds(
    Hearing,
    languages=st.sampled_from([("en",), ("es", "en"), ("id",), ("hi",), ("ml", "en"), ("xx",), ()]),
    region=st.sampled_from(["IN", "US", "ES", "ID", "nowhere", ""]),
    asked=st.booleans(),
    now=st.sampled_from(["", "2026-01-05T09:00", "2028-02-29T23:59+05:30", "never"]),
    date_order=st.sampled_from(["dmy", "mdy"]),
    want=st.sampled_from(["", "date", "time", "datetime"]),
    options=st.sampled_from([(), OPTIONS]),
)


@pytest.mark.parametrize("kind", READERS)
@settings(max_examples=300)
@given(text=TEXTS, hearing=HEARINGS)
def test_no_text_makes_a_reader_raise(kind: str, text: str, hearing: Hearing) -> None:
    """Whatever is typed, a reader returns readings that stand inside the text."""
    for reading in READERS[kind].read(text, hearing):
        assert 0 <= reading.start < reading.end <= len(text)
        if not isinstance(reading, Read):
            assert 1 < len(reading.candidates) == len(reading.labels)


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize(
    "piece",
    [
        "8848850922 ",
        "1 ",
        "1",
        "a@b.c ",
        "a'",
        "a.",
        "dot ",
        "at dot ",
        "one with one ",
        "two fans, one red ",
        "my name is ",
        "hari ",
        "hundred ",
        "please ",
        "yes no ",
        "5:15 ",
        "3 january ",
        "not ",
        "a1 ",
        "-",
        "\n- 2 fans",
        "indoor ",
        "1234567a ",
        "é ",
        "the 3rd ",
        "20 to 2 ",
        "next week ",
        "$5 and 30 ",
        "two thirds and ",
        "in 2 days from ",
        "a@b ",
    ],
)
def test_work_grows_with_the_length_of_a_text(kind: str, piece: str) -> None:
    """A text of twice the length costs at most about twice the calls, whatever it repeats."""
    hearing = Hearing(asked=True, now="2026-01-05T09:00", region="IN", options=OPTIONS)
    short, long = (piece * (length // len(piece)) for length in (1_000, 2_000))
    _calls(kind, long, hearing)  # what is loaded and remembered once is no work of a text

    assert _calls(kind, long, hearing) <= 2.2 * _calls(kind, short, hearing) + 400


def _calls(kind: str, text: str, hearing: Hearing) -> int:
    read = READERS[kind].read
    calls = 0

    def count(_frame: FrameType, event: str, _arg: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        read(text, hearing)
    finally:
        sys.setprofile(None)
    return calls
