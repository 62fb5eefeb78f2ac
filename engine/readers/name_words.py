"""The words around names of people: what announces one, what follows it, and what is none."""

from __future__ import annotations

__all__ = ["NameWords", "name_words"]

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from engine.readers.lexicon import all_languages, phrases, phrases_by_value, word_set
from engine.readers.phrases import PhraseIndex

CONTACT = ("phone", "email")
SHORTEST_GLUED = 6  # letters: "callme", "nameis"; "imjay" is nobody's cue
SHORT_LABEL = 4  # letters: "name"; "mail" swapped is Mali, who is somebody


@dataclass(frozen=True, slots=True)
class NameWords:
    """The words around a name, in some languages."""

    cues: PhraseIndex[str]
    families: PhraseIndex[str]  # "surname": the rest of a name follows
    foreign: PhraseIndex[str]  # the cues of other languages -> the language
    endings: tuple[str, ...]  # of words that are no names: "useless"
    weak: frozenset[str]
    never: frozenset[str]
    family: frozenset[str]  # of these: may be a family name where it is written as one
    ends: frozenset[str]
    particles: frozenset[str]
    skipped: frozenset[str]  # yes, please, sure: may stand before a bare name
    labels: frozenset[str]
    social: frozenset[str]  # greetings and thanks: what follows them addresses us
    questions: frozenset[str]
    after: frozenset[str]  # labels and politeness: may stand behind a bare name
    beside: frozenset[str]  # "Ravi from Kochi", "Asha and ...": a name may be followed by more
    slips: Mapping[str, str]  # "nmae", "emial": labels with two letters swapped


@lru_cache(256)
def name_words(languages: tuple[str, ...]) -> NameWords:
    """Collect the words of some languages once."""
    known = languages if any(phrases(languages, "name_is")) else all_languages()
    social = {word for phrase in phrases(known, "greetings") for word in phrase.split()}
    questions = word_set(known, "questions")
    common = word_set(known, "not_a_name")
    ends = word_set(known, "name_ends")
    is_ = _and_glued(phrases(known, "name_is"), never=common)
    announced = {word for phrase in phrases(known, "corrections") for word in phrase.split()}
    polite = word_set(known, "polite")
    labels_of_slots = frozenset(phrases_by_value(known, "labels"))
    skipped = word_set(known, "yes") | polite
    labels = word_set(known, "name_labels")
    particles = word_set(known, "particles")
    answers = {phrase for topic in ("yes", "no", "cancel") for phrase in phrases(known, topic)}
    sentence = questions.union(answers, social, announced, polite)
    return NameWords(
        cues=PhraseIndex({"is": is_, "was": phrases(known, "name_was")}),
        families=PhraseIndex({"family": phrases(known, "name_family")}),
        foreign=_foreign_cues(known, common | sentence | ends | particles | labels),
        endings=phrases(known, "not_a_name_endings"),
        weak=frozenset(_and_glued(phrases(known, "name_weak"), never=common)),
        # What asks in any language is no name: "rate kya hai" in an English shop.
        # A word of another language may be a name where this one is spoken: "Made" in Indonesian.
        never=(common | sentence | labels_of_slots | word_set(all_languages(), "asks"))
        - word_set(known[:1], "names"),
        family=common - ends - labels - sentence,
        ends=ends,
        particles=particles,
        skipped=skipped,
        labels=labels,
        social=frozenset(social),
        questions=questions,
        after=labels | skipped | social | particles | word_set(known, "phone_cues"),
        beside=word_set(known, "name_beside") | word_set(known, "and"),
        slips=_swapped(known, common | sentence | labels | labels_of_slots),
    )


def _and_glued(cues: tuple[str, ...], *, never: frozenset[str]) -> tuple[str, ...]:
    """Add the cues with their blanks forgotten: "mynameis Hari"."""
    glued = (cue.replace(" ", "") for cue in cues if " " in cue)
    return (*cues, *(cue for cue in glued if len(cue) >= SHORTEST_GLUED and cue not in never))


def _swapped(known: tuple[str, ...], never: frozenset[str] | set[str]) -> dict[str, str]:
    """Give what labels become by a slip no name has: two neighbours in each other's place."""
    labels = phrases_by_value(known, "labels").items()
    of_name = {word for label, kind in labels if kind == "person_name" for word in label.split()}
    of_contact = {word for label, kind in labels if kind in CONTACT for word in label.split()}
    return {
        slip: word
        for word in sorted(of_name | of_contact)
        if len(word) > SHORT_LABEL or word in of_name
        for n in range(len(word) - 1)
        if (slip := word[:n] + word[n + 1] + word[n] + word[n + 2 :]) not in never
    }


def _foreign_cues(known: tuple[str, ...], own: frozenset[str] | set[str]) -> PhraseIndex[str]:
    """Index the cues of languages the bot does not speak, as far as they mean nothing in its own."""
    return PhraseIndex(
        {
            language: [
                phrase
                for phrase in phrases((language,), "name_is")
                if own.isdisjoint(phrase.split())
            ]
            for language in all_languages()
            if language not in known
        },
        known=own,
    )
