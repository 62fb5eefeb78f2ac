"""An answer for those who try a bot without a key: what a model would have found, or would offer."""

from __future__ import annotations

__all__ = ["helpful"]

import re

from adapters.gemini.standin.asking import Asked
from adapters.gemini.standin.moods import Mood, call, calls, says

_SHOWN = 300  # characters of a passage
# Inside a paragraph: neither a blank line, nor a list or a table begins.
_WRAPPED = re.compile(r"(?<=[^\n|])\n(?=[^\s|*+#>-])(?!\d+[.)] )")


def helpful(asked: Asked) -> Mood:
    """Offer the flow whose name stands in the question, else name the best passage."""
    words = set(_words(asked.question))
    for flow in asked.offers:
        if words.issuperset(_words(flow)):
            return calls(call(flow=flow))
    for source, text in asked.passages.items():
        said = _read(source, text)
        short = said if len(said) <= _SHOWN else f"{said[:_SHOWN].rsplit(maxsplit=1)[0]} ..."
        return says(f"{source} says: {short}")
    return says("I am a stand-in of Gemini, and was given no passage about that.")


def _read(source: str, text: str) -> str:
    """Leave out the headings that the source names, and the line breaks of a file that is wrapped."""
    first, _, below = text.partition("\n")
    heading = source.partition(": ")[2]
    return _WRAPPED.sub(" ", below if heading and below and first.endswith(heading) else text)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())
