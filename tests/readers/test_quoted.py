"""Somebody else's words: forwarded and quoted parts of a message."""

from __future__ import annotations

import pytest

from engine.readers.quoted import quoted_parts

LANGUAGES = ("en", "es")


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("Forwarded: call Suresh", ["Forwarded: call Suresh"]),
        (
            "mine\n---- Forwarded message ----\nhis\n\nhis",
            ["---- Forwarded message ----\nhis\n\nhis"],
        ),
        ("Fwd: his", ["Fwd: his"]),
        ("mine\nDe: Luis <luis@example.com>", ["De: Luis <luis@example.com>"]),
        ("> his\nmine\n  > his", ["> his", "  > his"]),
        # Talk of forwarding and of where somebody comes from marks nothing.
        ("i forwarded it yesterday", []),
        ("from Kochi", []),
        ("5 > 3", []),
        ("x" * 100 + ": y", []),
        ("", []),
    ],
)
def test_marks_of_mails_and_chats_show_what_others_wrote(text: str, others: list[str]) -> None:
    assert others == [text[start:end] for start, end in quoted_parts(text, LANGUAGES)]
