"""What is taken of a text that somebody sent: nothing unseen, and not more than a message holds."""

from __future__ import annotations

__all__ = ["LONGEST_TEXT", "clean"]

import re

# Meta's longest text message is 4,096 characters; what a person types by hand is far below.
LONGEST_TEXT = 4_000

# Control characters, direction marks and lone surrogates: they change no word, SQL refuses some of
# them, and a direction mark can make a line show something else than it says.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    r"\ud800-\udfff"  # left to `re`: mypyc takes no text with lone surrogates
    "\ufffe\uffff]"
)

_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def clean(text: str) -> str:
    """Return a text without what nobody can see."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return _UNSEEN.sub("", _BREAKS.sub("\n", text)).strip()
