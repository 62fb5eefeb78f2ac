"""Which of the bot's languages is this written in? Only a clear case counts.

A message shows its language by its small words ("necesito", "please"), which are in the language
files already. A guess that is wrong is worse than none: the bot then simply stays with its first
language, and the customer can name another.
"""

from __future__ import annotations

__all__ = ["spoken_language"]

from collections.abc import Sequence
from functools import lru_cache

from engine.readers.folding import Word
from engine.readers.lexicon import spellings, word_set

SMALL_WORDS = ("greetings", "polite", "questions", "order_words", "fillers", "not", "yes", "no")
# One small word can be a name or a loan ("ok", "no"); two of one language and none of another not.
CLEAR = 2


@lru_cache(64)
def _only_here(languages: tuple[str, ...]) -> dict[str, str]:
    """Map each word to the one language it belongs to."""
    home: dict[str, str] = {}
    shared: set[str] = set()
    for language in languages:
        for topic in SMALL_WORDS:
            for phrase in word_set((language,), topic):
                for word in phrase.split():
                    if home.setdefault(word, language) != language:
                        shared.add(word)
    for language in languages:
        # "10 nos" are pieces, and no "nos vemos".
        for word in spellings((language,), "units"):
            if word in home and word not in spellings((home[word],), "units"):
                shared.add(word)
    return {word: language for word, language in home.items() if word not in shared}


def spoken_language(said: Sequence[Word], languages: tuple[str, ...]) -> str:
    """Return the language a message is clearly written in, or nothing."""
    home = _only_here(languages)
    count: dict[str, int] = {}
    for word in dict.fromkeys(
        word for word, _, _ in said
    ):  # said twice, it shows no more than once
        language = home.get(word)
        if language is not None:
            count[language] = count.get(language, 0) + 1
    best = max(count, key=count.__getitem__, default="")
    alone = len(count) == 1 and len(said) <= CLEAR  # "hola", "buenos dias"
    clear = count.get(best, 0) >= CLEAR and 2 * count[best] > sum(count.values())
    return best if alone or clear else ""
