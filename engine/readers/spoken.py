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
from engine.readers.lexicon import own_words, spellings, word_set

SMALL_WORDS = (
    "greetings",
    "polite",
    "questions",
    "order_words",
    "fillers",
    "not",
    "yes",
    "no",
    "tells",
)
# One small word can be a name or a loan ("ok", "no"); two of one language and none of another not.
CLEAR = 2
# "Y", "la" and "das" are parts of names everywhere: beside them a longer word must speak.
SHORTEST = 4


@lru_cache(64)
def _only_here(languages: tuple[str, ...]) -> dict[str, str]:
    """Map each word to the one language it belongs to."""
    home: dict[str, str] = {}
    shared: set[str] = set()
    for language in languages:
        shared |= own_words(language, "also_names")
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


@lru_cache(64)
def _signs(languages: tuple[str, ...]) -> dict[str, str]:
    """Map each sign that only one language writes to it."""
    return {sign: one for one in reversed(languages) for sign in spellings((one,), "own_signs")}


def spoken_language(
    text: str, said: Sequence[Word], languages: tuple[str, ...], *, asks: bool = False
) -> str:
    """Return the language a message is clearly written in, or nothing; `said` are its words.

    A sign that only one language writes ("¿") is clear by itself. In a message that orders or asks
    something (`asks`) one word is enough that is nobody's name and no loan ("quiero 20 relays"), if
    no word speaks for another language.
    """
    if not text.isascii():
        shown = {language for sign, language in _signs(languages).items() if sign in text}
        if len(shown) == 1:
            return shown.pop()
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
    clear = clear and any(len(word) >= SHORTEST and home.get(word) == best for word, _, _ in said)
    if asks and len(count) == 1:
        telling = own_words(best, "tells")
        clear = clear or any(word in telling for word, _, _ in said)
    return best if alone or clear else ""
