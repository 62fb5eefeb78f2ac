"""Yes, no, cancel, back or change: what a short answer decides.

A wrong decision costs more than asking again. All languages we know are tried, those of the bot
first: an answer of one word is too short to tell its language.
"""

from __future__ import annotations

__all__ = ["read_yes_no"]

import re
from dataclasses import dataclass
from functools import lru_cache

from engine.readers.folding import words
from engine.readers.lexicon import all_languages, phrases, word_set
from engine.readers.phrases import PhraseIndex
from engine.readers.reading import Hearing, Read, Reading

# In this order where two share a phrase of one language.
TOPICS = ("cancel", "change", "back", "unsure", "no", "no_alone", "yes", "yes_alone")
SIGNS = {
    "\U0001f44d": "yes",
    "\U0001f44c": "yes",
    "\u2705": "yes",
    "\u2714": "yes",
    "\U0001f44e": "no",
    "\u274c": "no",
}
# What overrules what was said before it: "yes ... no", "no, cancel it".
STRENGTH = {"yes": 1, "no": 2, "cancel": 3}
# "yesss", "siii", "nooo".
_STRETCHED = re.compile(r"([a-z])\1+")
# A message with a number, an address or a question is about something else.
_NO_ANSWER = re.compile(r"[\d@?\u00bf]")
# "that is not at all right": how far a negation reaches.
NEGATION_REACH = 3


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    index: PhraseIndex[str]
    known: frozenset[str]
    fillers: frozenset[str]
    greetings: frozenset[str]
    negations: frozenset[str]


@lru_cache(256)
def _vocabulary(languages: tuple[str, ...]) -> _Vocabulary:
    languages = tuple(dict.fromkeys((*languages, *all_languages())))
    listed: dict[str, list[str]] = {topic: [] for topic in TOPICS}
    taken: set[str] = set()
    for language in languages:
        for topic in TOPICS:
            new = [phrase for phrase in phrases((language,), topic) if phrase not in taken]
            listed[topic] += new
            taken.update(new)
    fillers = word_set(languages, "fillers") | word_set(languages, "polite")
    greetings = word_set(languages, "greetings")
    answers = frozenset(word for phrase in taken for word in phrase.split())
    said_in_greeting = {word for phrase in greetings for word in phrase.split()} - taken
    return _Vocabulary(
        index=PhraseIndex(listed, known=fillers | word_set(languages, "not_a_name")),
        known=answers,
        fillers=fillers | said_in_greeting,  # "morning, yes confirm"
        greetings=greetings,
        negations=word_set(languages, "not"),
    )


def read_yes_no(text: str, hearing: Hearing) -> list[Reading]:
    """Read the decision in a text; nothing where it decides nothing."""
    known = _vocabulary(hearing.languages)
    said = [(_unstretched(word, known), start, end) for word, start, end in words(text)]
    if not said:
        return _signs(text)
    found = sorted(known.index.find(said), key=lambda match: match[1])
    decision = _decide([word for word, _, _ in said], found, known)
    if decision is None:
        return []
    topic, start, end = decision
    if start > 0 and _NO_ANSWER.search(text):
        return []
    # A negation inside a phrase of its own ("no problem") has been understood already.
    free = set(range(start - NEGATION_REACH, end + NEGATION_REACH)).intersection(range(len(said)))
    free.difference_update(*(range(first, last) for _, first, last in found))
    if topic == "yes" and any(said[place][0] in known.negations for place in free):
        return []  # "right, but without that" decides nothing
    return [Read(topic, said[start][1], said[end - 1][2])]


def _decide(
    said: list[str], found: list[tuple[str, int, int]], known: _Vocabulary
) -> tuple[str, int, int] | None:
    """Take the first answer with nothing but fillers before it; cancel beats no, no beats yes."""
    decision: tuple[str, int, int] | None = None
    place = 0
    ends = next((i for i in range(len(said), 0, -1) if said[i - 1] not in known.fillers), 0)
    for topic, start, end in found:
        answer, _, alone = topic.partition("_")
        if answer == "unsure" and " ".join(said[start:end]) in known.greetings:
            place = end  # "good morning, yes"
            continue
        if not known.fillers.issuperset(said[place:start]) or answer == "unsure":
            break
        if ends > end and (alone or answer == "cancel"):
            continue  # "please" is a yes, "please hurry" is none; "cancel the tea" is a change
        place = end
        rank = STRENGTH.get(answer, 0)
        if decision is None or rank > STRENGTH.get(decision[0], STRENGTH["cancel"]):
            decision = answer, start, end
    return decision


def _unstretched(word: str, known: _Vocabulary) -> str:
    if word in known.known or word in known.fillers:
        return word
    short = _STRETCHED.sub(r"\1", word)
    return short if short in known.known else word


def _signs(text: str) -> list[Reading]:
    for place, sign in enumerate(text):
        if sign in SIGNS:
            return [Read(SIGNS[sign], place, place + 1)]
    return []
