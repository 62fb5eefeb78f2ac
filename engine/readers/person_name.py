"""Names of people: behind a cue ("my name is"), before one ("Hari here"), or bare when asked for.

Customers type in small letters, so capitals prove nothing; what matters is what is *not* a name.
A bare answer is one only while the name is being asked for, and only where its sentence says
nothing else: labels, politeness, numbers and what other readers took may stand beside it.
"""

from __future__ import annotations

__all__ = ["read_person_name"]

import re

from engine.readers.folding import Word, words
from engine.readers.name_words import NameWords, name_words
from engine.readers.reading import Hearing, Read, Reading

FAMILY_WITHIN = 4  # words: "my family name is"
LONGEST_NAME = 4  # words: two given names and two family names
# Between the words of a name stand blanks, a hyphen, or the point of an initial or a title.
_WITHIN = re.compile(r"[^\S\n]*(?P<point>\.?)(?P<blank>[^\S\n]*)|-")
# "r.k. nair", "Prof. Nair": letters before such a point; behind more of them a sentence ends.
LONGEST_INITIALS, LONGEST_TITLE = 2, 4
# Digits, or "ummm", "hmm", "ahh", "er": no language has these for itself.
_NO_NAME = re.compile(r".*\d.*|u+h*m+|e+h*mm+|h+m+|m+h*m+|[aeou]+h+|e+r+m*")
_MODEL = re.compile(r"[^\W\d]+\d\w*")  # letters and digits: "ftkf50"
# "12 rollers" counts something; "5577 varun" does not.
MOST_COUNTED = 3  # digits
SHORTEST_DESCRIPTION = 6  # letters: "useful", but also "Mable"
LONGEST_CODE = 3  # letters before such a number
# "Name: Hari", "Name - Hari": what may stand between a cue and a name.
_AFTER_CUE = re.compile(r"[\s:=\-.\u2013]*,?\s*[\"'\u201c]?")
_ADDRESS = re.compile(r"\S*@\S*")
_SENTENCE_END = re.compile(r"[!?;\n\u0964]")
# A number, or the commas and blanks where another reader took a phone or an address.
_CONTACT = re.compile(r",[ ,]{5,}|\d[\d -]{5,}")


def read_person_name(text: str, hearing: Hearing) -> list[Reading]:
    """Read the name a person gives, tidied: capitals where all was typed small."""
    if "@" in text:
        text = _ADDRESS.sub(lambda match: "," * len(match[0]), text)
    said = words(text)
    if not said:
        return []
    known = name_words(hearing.languages)
    said = [(known.slips.get(word, word), start, end) for word, start, end in said]
    found = _cued(text, said, known, asked=hearing.asked)
    if found is None and hearing.asked:
        found = _cued_abroad(text, said, known, hearing) or _bare(text, said, known)
    if found is None:
        return []
    start, end = said[found[0]][1], said[found[1] - 1][2]
    name = _tidy(text[start:end])
    family = _family_behind(text, said, found[1], known)
    if family is not None:
        end = said[family[1] - 1][2]
        name = f"{name} {_tidy(text[said[family[0]][1] : end])}"
    return [Read(name, start, end)]


def _tidy(name: str) -> str:
    name = " ".join(name.split())
    if name != name.lower():
        return name
    return re.sub(r"[^\W_]+", lambda match: match[0].capitalize(), name)


def _cued(text: str, said: list[Word], known: NameWords, *, asked: bool) -> tuple[int, int] | None:
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
        following = said[span[1]][0] if span[1] < len(said) else ""
        if weak and _MODEL.fullmatch(following):
            continue  # "for Daikin FTKF50"
        if weak and text[said[span[0]][1]].islower():
            if not asked or (following in known.never and following not in known.ends):
                continue
            if _describes(text, said[slice(*span)], known):
                continue  # "this is ridiculous"
        return span
    return None


def _family_behind(
    text: str, said: list[Word], place: int, known: NameWords
) -> tuple[int, int] | None:
    """Find the rest of a name that is named itself: "Andrea, surname Villalobos"."""
    for _, first, start in known.families.find(said[place : place + FAMILY_WITHIN]):
        if first == 0 and place + start < len(said):
            end = _forward(text, said, place + start, known)
            return (place + start, end) if end > place + start else None
    return None


def _cued_abroad(
    text: str, said: list[Word], known: NameWords, hearing: Hearing
) -> tuple[int, int] | None:
    """Find a name that is announced in another language: "peru Biju" is no family name."""
    for language, start, _ in known.foreign.find(said):
        if start == 0:
            theirs = name_words(tuple(dict.fromkeys((*hearing.languages, language))))
            return _cued(text, said, theirs, asked=True)
    return None


def _forward(text: str, said: list[Word], start: int, known: NameWords) -> int:
    """Give the place after the last word of the name that begins at `start`."""
    end = start
    while end < len(said) and end - start < LONGEST_NAME:
        word = said[end][0]
        if end > start and not _joined(text, said, end, first=end - 1 == start):
            break
        if end > start and word in known.particles:
            following = said[end + 1][0] if end + 1 < len(said) else ""
            goes_on = following in known.particles or _may_be_name(following, known)
            if not (goes_on if following else len(word) > 2):
                break
        elif (not _may_be_name(word, known) or (end > start and word in known.ends)) and not (
            _is_initial(text, said, end, known, begins=end == start)
            or (end > start and _is_family(text, said, end, known))
        ):
            break
        end += 1
    return end


def _backward(text: str, said: list[Word], end: int, known: NameWords) -> int:
    start = end
    while start > 0 and end - start < LONGEST_NAME:
        if not _joined(text, said, start, first=True):
            break
        word = said[start - 1][0]
        if not _may_be_name(word, known):
            capital = text[said[start - 1][1]].isupper()
            initial = start > 1 and len(word) == 1 and (capital or word not in known.ends)
            if not (initial and _may_be_name(said[start - 2][0], known)):  # "biju k here"
                break
        start -= 1
    return start


def _joined(text: str, said: list[Word], place: int, *, first: bool = False) -> bool:
    """Tell whether a word and the one before it may be of one name; `first`: that one begins it."""
    word, _, end = said[place - 1]
    start = said[place][1]
    if text[end:start] == " ":
        return True
    gap = _WITHIN.fullmatch(text, end, start)
    if gap is None or not (gap["point"] and gap["blank"]):
        return gap is not None
    return len(word) <= (LONGEST_TITLE if first else LONGEST_INITIALS)


def _is_initial(text: str, said: list[Word], place: int, known: NameWords, *, begins: bool) -> bool:
    """Tell whether a letter that means something by itself ("k", "y") is an initial here."""
    word, start, end = said[place]
    if len(word) > 1 or not word.isalpha():
        return False
    if text[end : end + 1] == ".":
        return True
    ends = word in known.ends
    following = place + 1 < len(said) and _joined(text, said, place + 1, first=True)
    if following and text[start].isupper() and text[said[place + 1][1]].isupper():
        # "K Biju", "M A Yusuf"
        return _may_be_name(said[place + 1][0], known) and not (begins and ends)
    if begins or ends or (word in known.beside and text[start].islower()):
        return False  # "hari n my number is"
    return _is_last(text, said, place, known)


def _is_family(text: str, said: list[Word], place: int, known: NameWords) -> bool:
    """Tell whether a common word is a family name: "Omar Said", "Mark Price"."""
    word, start, end = said[place]
    capitals = text[start].isupper() and text[said[place - 1][1]].isupper()
    name = capitals and word in known.family and not text[start:end].isupper()
    return name and _is_last(text, said, place, known)


def _is_last(text: str, said: list[Word], place: int, known: NameWords) -> bool:
    """Tell whether nothing but labels, politeness or a number follows a word."""
    if place + 1 == len(said) or not _joined(text, said, place + 1, first=True):
        return True
    behind = said[place + 1][0]
    return behind in known.after or behind[0].isdigit()


def _may_be_name(word: str, known: NameWords) -> bool:
    if word in known.never:
        return False
    return (word.isalpha() and word[0] not in "aehmou") or _NO_NAME.fullmatch(word) is None


def _bare(text: str, said: list[Word], known: NameWords) -> tuple[int, int] | None:
    """Find a bare answer: the first sentence or line that is a name and nothing else."""
    first = 0
    for stop in range(1, len(said) + 1):
        last = stop == len(said)
        gap = text[said[stop - 1][2] : len(text) if last else said[stop][1]]
        if not last and not _ends_sentence(text, said, stop, gap, known, first=stop - 1 == first):
            continue
        span = _alone(text, said[first:stop], known)
        if span is not None and not _describes(text, said[first:stop][slice(*span)], known):
            found = first + span[0], first + span[1]
            if first == 0 or _stands_out(text, said, found, stop):
                return found
        first = stop
    return None


def _describes(text: str, name: list[Word], known: NameWords) -> bool:
    """Tell words that are made as no name is: "useless", "ridiculous"; "Agnes Constable" is one."""
    return any(
        word.endswith(known.endings)
        and len(word) >= SHORTEST_DESCRIPTION
        and (text[start].islower() or len(name) == 1)
        for word, start, _ in name
    )


def _ends_sentence(
    text: str, said: list[Word], place: int, gap: str, known: NameWords, *, first: bool
) -> bool:
    """Tell whether a sentence or a line ends before a word; an initial's point ends none."""
    if "." not in gap:
        return _SENTENCE_END.search(gap) is not None
    word = said[place - 1][0]
    told = len(word) > 1 and not _may_be_name(word, known)
    return told or not _joined(text, said, place, first=first)


def _stands_out(text: str, said: list[Word], span: tuple[int, int], stop: int) -> bool:
    """Tell a name behind other sentences: on a line, in capitals, or beside a number or address."""
    start, end = said[span[0]][1], said[span[1] - 1][2]
    if "\n" in text[said[span[0] - 1][2] : start]:
        return True
    if _CONTACT.search(text, end, said[stop][1] if stop < len(said) else len(text)):
        return True
    capitals = all(text[begin].isupper() for _, begin, _ in said[slice(*span)])
    return capitals and span[1] - span[0] > 1


def _alone(text: str, said: list[Word], known: NameWords) -> tuple[int, int] | None:
    """Find the name in a sentence that says nothing else."""
    if said[0][0] in known.social or said[0][0] in known.questions:
        return None
    start = 0
    while start < len(said):
        word = said[start][0]
        if _may_be_name(word, known) or _is_initial(text, said, start, known, begins=True):
            break
        if any(map(str.isdigit, word)):
            counts = len(word) <= MOST_COUNTED and start + 1 < len(said)
            if counts and _joined(text, said, start + 1):
                return None
        elif word not in known.skipped and word not in known.labels:
            return None
        start += 1
    end = _forward(text, said, start, known)
    # "Tiramisu?" asks; "Hari, where are you?" does so behind a comma.
    asks = "?" in text[said[end - 1][2] : said[end - 1][2] + 2]
    if start == end or asks or not _closes(text, said, end, known):
        return None
    if end - start > 1 and end < len(said) and len(said[end - 1][0]) <= LONGEST_CODE:
        number = said[end][0]
        if number[0].isdigit() and len(number) <= MOST_COUNTED and _joined(text, said, end):
            end -= 1  # "varun abc 546": the letters belong to the code
    return start, end


def _closes(text: str, said: list[Word], end: int, known: NameWords) -> bool:
    """Tell whether what stands behind a bare name, up to a comma, leaves it one."""
    while end < len(said) and _joined(text, said, end):
        word = said[end][0]
        if word in known.beside or any(map(str.isdigit, word)):
            return True
        if word not in known.after:
            return False
        end += 1
    return True
