"""Names of people: behind a cue ("my name is"), before one ("Hari here"), or bare when asked for.

Customers type in small letters, so capitals prove nothing; what matters is what is *not* a name.
A bare answer is one only while the name is being asked for.
"""

from __future__ import annotations

__all__ = ["read_person_name"]

import re
from dataclasses import dataclass
from functools import lru_cache

from engine.readers.folding import Word, words
from engine.readers.lexicon import all_languages, phrases, word_set
from engine.readers.phrases import PhraseIndex
from engine.readers.reading import Hearing, Read, Reading

LONGEST_NAME = 4  # words: two given names and two family names
# Between the words of a name stand blanks, a hyphen, or the point of an initial or a title.
_WITHIN = re.compile(r"\s*\.?\s*|-")
# "Name: Hari", "Name - Hari": what may stand between a cue and a name.
_AFTER_CUE = re.compile(r"[\s:=\-.\u2013]*,?\s*[\"'\u201c]?")
_ADDRESS = re.compile(r"\S*@\S*")


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """The words around a name, in some languages."""

    cues: PhraseIndex[str]
    weak: frozenset[str]
    never: frozenset[str]
    ends: frozenset[str]
    particles: frozenset[str]
    skipped: frozenset[str]  # yes, please, sure: may stand before a bare name
    labels: frozenset[str]
    social: frozenset[str]  # greetings and thanks: what follows them addresses us
    questions: frozenset[str]


@lru_cache(256)
def _vocabulary(languages: tuple[str, ...]) -> _Vocabulary:
    known = languages if any(phrases(languages, "name_is")) else all_languages()
    social = {word for phrase in phrases(known, "greetings") for word in phrase.split()}
    never = word_set(known, "not_a_name") | word_set(known, "questions")
    answers = {phrase for topic in ("yes", "no", "cancel") for phrase in phrases(known, topic)}
    return _Vocabulary(
        cues=PhraseIndex({"is": phrases(known, "name_is"), "was": phrases(known, "name_was")}),
        weak=word_set(known, "name_weak"),
        never=never | frozenset(answers) | social,
        ends=word_set(known, "name_ends"),
        particles=word_set(known, "particles"),
        skipped=word_set(known, "yes") | word_set(known, "polite"),
        labels=word_set(known, "name_labels"),
        social=frozenset(social),
        questions=word_set(known, "questions"),
    )


def read_person_name(text: str, hearing: Hearing) -> list[Reading]:
    """Read the name a person gives, tidied: capitals where all was typed small."""
    if "@" in text:
        text = _ADDRESS.sub(lambda match: "," * len(match[0]), text)
    said = words(text)
    if not said:
        return []
    known = _vocabulary(hearing.languages)
    found = _cued(text, said, known, asked=hearing.asked)
    if found is None and hearing.asked:
        found = _bare(text, said, known)
    if found is None:
        return []
    start, end = said[found[0]][1], said[found[1] - 1][2]
    return [Read(_tidy(text[start:end]), start, end)]


def _tidy(name: str) -> str:
    name = " ".join(name.split())
    if name != name.lower():
        return name
    return re.sub(r"[^\W_]+", lambda match: match[0].capitalize(), name)


def _cued(
    text: str, said: list[Word], known: _Vocabulary, *, asked: bool
) -> tuple[int, int] | None:
    """Find a name beside a cue; longer cues are surer, so they come first."""
    for kind, start, end in known.cues.find(said):
        weak = " ".join(word for word, _, _ in said[start:end]) in known.weak
        if kind == "is":
            gap = text[said[end - 1][2] : said[end][1]] if end < len(said) else ""
            if end == len(said) or not _AFTER_CUE.fullmatch(gap):
                continue
            span = end, _forward(text, said, end, known)
        else:
            span = _backward(text, said, start, known), start
        if span[0] == span[1]:
            continue
        if weak and text[said[span[0]][1]].islower():
            following = said[span[1]][0] if span[1] < len(said) else ""
            if not asked or (following in known.never and following not in known.ends):
                continue
        return span
    return None


def _forward(text: str, said: list[Word], start: int, known: _Vocabulary) -> int:
    """Give the place after the last word of the name that begins at `start`."""
    end = start
    while end < len(said) and end - start < LONGEST_NAME:
        word, begin, _ = said[end]
        if end > start and not _WITHIN.fullmatch(text, said[end - 1][2], begin):
            break
        if end > start and word in known.particles:
            following = said[end + 1][0] if end + 1 < len(said) else ""
            goes_on = following in known.particles or _may_be_name(following, known)
            if not (goes_on if following else len(word) > 2):
                break
            end += 1
            continue
        initial = len(word) == 1 and text[said[end][2] : said[end][2] + 1] == "."
        if not initial and (not _may_be_name(word, known) or (end > start and word in known.ends)):
            break
        end += 1
    return end


def _backward(text: str, said: list[Word], end: int, known: _Vocabulary) -> int:
    start = end
    while start > 0 and end - start < LONGEST_NAME:
        word, _, stop = said[start - 1]
        if not _WITHIN.fullmatch(text, stop, said[start][1]) or not _may_be_name(word, known):
            break
        start -= 1
    return start


def _may_be_name(word: str, known: _Vocabulary) -> bool:
    return word not in known.never and not any(map(str.isdigit, word))


def _bare(text: str, said: list[Word], known: _Vocabulary) -> tuple[int, int] | None:
    """Find a bare answer: a short run of possible name words, where nothing else is said."""
    if said[0][0] in known.social:
        return None
    start = 0
    while start < len(said):
        word = said[start][0]
        if _may_be_name(word, known):
            break
        if word not in known.skipped and word not in known.labels:
            if any(map(str.isdigit, word)):
                start += 1
                continue
            return None
        start += 1
    end = _forward(text, said, start, known)
    if start == end or text[said[end - 1][2] :].lstrip()[:1] == "?":
        return None
    if end < len(said):
        word = said[end][0]
        gap = text[said[end - 1][2] : said[end][1]]
        if word in known.never and word not in known.ends and _WITHIN.fullmatch(gap):
            return None
        if word[0].isdigit() and end - start > 1 and len(said[end - 1][0]) <= 3:
            end -= 1  # "varun abc 546": the letters belong to the code
    return start, end
