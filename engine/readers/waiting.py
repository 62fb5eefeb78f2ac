"""A customer who asks for patience: "wait", "un momento", "tunggu". Nothing is answered by it."""

from __future__ import annotations

__all__ = ["asks_to_wait"]

from collections.abc import Sequence
from functools import cache

from engine.readers.folding import Word
from engine.readers.lexicon import all_languages, phrases, word_set
from engine.readers.phrases import PhraseIndex


@cache
def _waits() -> PhraseIndex[bool]:
    """Index the words of all languages: so short a message does not tell which one it is in."""
    return PhraseIndex(
        {True: phrases(all_languages(), "waits")},
        polite=phrases(all_languages(), "polite"),
        # "benar" says yes; it is no slip of "bentar".
        known=word_set(all_languages(), "yes") | word_set(all_languages(), "no"),
    )


def asks_to_wait(said: Sequence[Word], *, whole: bool = True) -> bool:
    """Tell whether a message says that its writer needs a moment; `whole`: and nothing else."""
    if whole:
        return _waits().whole(said) is not None
    # "One sec, getting the email", "hmm wait"
    return any(first <= 1 for _, first, _ in _waits().find(said))
