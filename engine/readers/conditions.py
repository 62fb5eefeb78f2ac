"""What is only said on a condition: "call me if in doubt", "if it is wrong again, I am gone"."""

from __future__ import annotations

__all__ = ["has_condition", "without_conditions"]

from functools import lru_cache

from engine.readers.clauses import SENTENCE
from engine.readers.folding import words
from engine.readers.lexicon import phrases
from engine.readers.phrases import PhraseIndex


@lru_cache(256)
def _index(languages: tuple[str, ...]) -> PhraseIndex[str]:
    return PhraseIndex({"conditions": phrases(languages, "conditions")})


def has_condition(text: str, languages: tuple[str, ...]) -> bool:
    """Tell whether a text holds only on a condition."""
    return bool(_index(languages).find(words(text)))


def without_conditions(text: str, languages: tuple[str, ...]) -> str:
    """Blank the sentences that begin with a condition, where others stand beside them."""
    for sentence in SENTENCE.finditer(text):
        found = _index(languages).find(words(sentence[0]))
        if found and min(first for _, first, _ in found) == 0:
            blank = " " * len(sentence[0])
            text = f"{text[: sentence.start()]}{blank}{text[sentence.end() :]}"
    return text
