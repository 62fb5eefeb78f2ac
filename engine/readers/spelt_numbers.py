"""How number words add up: "two hundred and five", "half a dozen", "dua puluh lima".

The words come from the language files; an atom ("five") is added where the word before left room
for it, a scale ("hundred", "dozen") multiplies what stands before it.
"""

from __future__ import annotations

__all__ = [
    "LINE",
    "NOTHING",
    "NUMBER",
    "SIGN",
    "WORD",
    "Numerals",
    "Run",
    "Token",
    "numerals_of",
    "with_fraction",
]

import math
from dataclasses import dataclass
from functools import lru_cache

from engine.readers.lexicon import mixed, own_words, phrases_by_value, setting, word_set

NUMBER, WORD, SIGN, LINE = "number", "word", "sign", "line"
LARGEST = 1e15
MILLION = 1e6  # "two thousand and a half" may mean anything
# What tells a language in a sentence; "please" is borrowed by all.
SMALL_WORDS = ("questions", "fillers", "not")


@dataclass(slots=True)
class Token:
    """A piece of a text: a number with its value, a folded word, a sign, or a line's end.

    `glued` marks digits and letters written as one ("600ml"), on both of their tokens; `spelt` a
    number said in words.
    """

    kind: str
    word: str
    start: int
    end: int
    value: int | float = 0.0
    glued: bool = False
    spelt: bool = False


NOTHING = Token(SIGN, "", 0, 0)


@dataclass(frozen=True, slots=True)
class Numerals:
    """The number words of some languages, ready for looking up."""

    atoms: dict[str, int | float]
    scales: dict[str, int | float]
    parts: dict[str, int | float]  # half, quarter
    prefixes: dict[str, int | float]  # Hindi "sadhe": the number behind it and a half
    teens: frozenset[str]  # Indonesian "belas": the number before it and ten
    one: frozenset[str]  # the article that counts in "a dozen"
    joins: frozenset[str]
    point: frozenset[str]
    with_part: frozenset[str]  # joins a fraction, or cents: "dos con un octavo"
    over: frozenset[str]  # one over three
    denominators: dict[str, int | float]  # two thirds, dos tercios
    openers: frozenset[str]
    grouping: str
    doubtful: dict[str, frozenset[str]]  # Hindi "do": the English words behind that take it back
    asking: frozenset[str]


@lru_cache(256)
def numerals_of(languages: tuple[str, ...]) -> Numerals:
    """Collect the number words of some languages once."""
    values = {
        topic: {word: float(value) for word, value in phrases_by_value(languages, topic).items()}
        for topic in ("numbers", "scales", "parts", "prefixes", "denominators")
    }
    one = word_set(languages, "one")
    return Numerals(
        atoms=values["numbers"],
        scales=values["scales"],
        parts=values["parts"],
        prefixes=values["prefixes"],
        teens=word_set(languages, "teens"),
        one=one,
        joins=word_set(languages, "and"),
        point=word_set(languages, "point"),
        with_part=word_set(languages, "with_part"),
        over=word_set(languages, "over"),
        denominators=values.pop("denominators"),
        openers=one.union(*values.values()),
        grouping=setting(languages, "grouping", ","),
        doubtful=_doubtful(languages),
        asking=word_set(languages, "questions"),
    )


def _small(language: str) -> frozenset[str]:
    return frozenset().union(*(own_words(language, topic) for topic in SMALL_WORDS))


def _doubtful(languages: tuple[str, ...]) -> dict[str, frozenset[str]]:
    """Find the number words that another language of the bot uses for something else."""
    found: dict[str, frozenset[str]] = {}
    for language in mixed(languages):
        counted = own_words(language, "numbers") | own_words(language, "scales")
        for other in mixed(languages):
            counts = own_words(other, "numbers") | own_words(other, "scales")
            small = _small(other)
            for word in (counted - counts) & small:
                found[word] = found.get(word, frozenset()) | (small - _small(language))
    return found


class Run:
    """The longest number that begins at a piece: its value, and the place of the piece after it."""

    __slots__ = ("chunk", "group", "numerals", "pieces", "place", "room", "scale", "total")

    def __init__(self, pieces: list[Token], place: int, numerals: Numerals) -> None:
        self.pieces = pieces
        self.numerals = numerals
        self.place = place
        self.total = 0.0  # thousands and more that are complete
        self.scale = 0.0  # what the total was last multiplied by
        self.chunk = 0.0  # the part of the group below a hundred: "dua" in "seratus dua puluh"
        self.group: int | float | None = None  # what is still being added to or multiplied
        # The next atom must be worth less: "twenty" leaves room for one to nine.
        self.room = math.inf
        while place < len(pieces) and (taken := self._take(pieces[place])):
            place = self.place = self.place + taken

    @property
    def value(self) -> int | float:
        """Give the number as far as it was taken."""
        return self.total + (self.group or 0.0)

    def _take(self, piece: Token) -> int:
        """Add a piece and what must follow it; give how many pieces that were, 0 is the end."""
        if piece.kind is NUMBER:
            return self._digits(piece.value)
        if piece.kind is not WORD:
            return 0
        word, numerals = piece.word, self.numerals
        if word in numerals.atoms:
            return self._atom(numerals.atoms[word])
        if word in numerals.scales:
            return self._scale(numerals.scales[word])
        if self.group is None and not self.total:
            return self._beginning(word)
        if word in numerals.joins:
            return self._join()
        if word in numerals.teens and self.group is not None and 1 < self.group < 10:
            self.chunk += 10
            return self._set(self.group + 10)  # dua belas
        if word in numerals.point and self.group is not None:
            return self._decimals(self.group)
        return 0

    def _ahead(self, distance: int) -> Token:
        place = self.place + distance
        return self.pieces[place] if place < len(self.pieces) else NOTHING

    def _set(self, group: int | float, room: int | float = 0.0, taken: int = 1) -> int:
        self.group, self.room = group, room
        return taken

    def _digits(self, value: int | float) -> int:
        if self.group is None:
            # "4 thousand 3 hundred", but "2 thousand 5 ..." are two numbers.
            follows = not self.total or self._ahead(1).word in self.numerals.scales
            return self._set(value) if follows else 0
        fraction = self.room == 0.0 and 0 < value < 1 <= self.group
        return self._set(self.group + value) if fraction else 0  # 1 1/2

    def _atom(self, value: int | float) -> int:
        if value >= self.room or (self.group is not None and value == 0):
            return 0
        self.chunk = self.chunk + value if value < 100 else 0.0
        room = 100.0 if value >= 100 else 10.0 if value >= 20 and value % 10 == 0 else 0.0
        return self._set((self.group or 0.0) + value, room)

    def _scale(self, scale: int | float) -> int:
        times = 1.0 if self.group is None else self.group
        if self.total and scale > self.scale:  # dos mil millones
            below = self.total % scale or self.total  # tres billones dos mil millones
            multiplied = (below + (self.group or 0.0)) * scale
            if multiplied > LARGEST:
                return 0
            self.total += multiplied - below
        elif times * scale > LARGEST or (self.total and self.group is None):
            return 0
        elif scale >= 1000:
            self.total += times * scale
        elif scale in (10, 100):
            return self._hundreds(scale)
        else:
            return self._set(times * scale)  # nothing is added to a dozen
        self.group, self.room, self.scale, self.chunk = None, scale, scale, 0.0
        return 1

    def _hundreds(self, scale: int | float) -> int:
        """Multiply what is below a hundred only: "seratus dua puluh" is 120."""
        if self.group is None:
            return self._set(scale, scale)
        if not self.chunk and self.room != 0.0:
            return 0
        times = self.chunk or self.group
        self.chunk = times * scale if scale == 10 else 0.0
        return self._set(self.group + times * (scale - 1), scale)

    def _beginning(self, word: str) -> int:
        """Take what only begins a number: "half a dozen", "sadhe teen", "a hundred"."""
        numerals, following = self.numerals, self._ahead(1).word
        if word in numerals.parts:
            dozen = following in numerals.one and self._ahead(2).word in numerals.scales
            return self._set(numerals.parts[word], taken=2 if dozen else 1)
        if word in numerals.prefixes:
            digits = self._ahead(1).value  # sadhe 5
            whole = numerals.atoms.get(following, digits)
            return self._set(numerals.prefixes[word] + whole, taken=2) if whole else 0
        counts = following in numerals.scales or following in numerals.parts
        return 1 if word in numerals.one and counts and self.room == math.inf else 0

    def _join(self) -> int:
        """Take "and" with what it joins: "two and a half", "hundred and five", "cuarenta y 7"."""
        following = self._ahead(1)
        article = following.word in self.numerals.one
        part = self.numerals.parts.get(self._ahead(1 + article).word)
        if part is not None and self.group is not None:
            return self._set(self.group + part, taken=2 + article)
        counts_on = self._ahead(2 + article).word in self.numerals.scales
        if part is not None and self.scale >= MILLION and not counts_on:
            self.total += part * self.scale  # a million and a half
            return self._set(0.0, taken=2 + article)
        atom = following.value if following.kind is NUMBER else None
        value = self.numerals.atoms.get(following.word, 0.0) if atom is None else atom
        if not 0 < value < self.room:
            return 0
        if atom is None:
            return 1
        return self._set((self.group or 0.0) + value, taken=2)

    def _decimals(self, whole: int | float) -> int:
        digits = ""
        while 0 <= (digit := self.numerals.atoms.get(self._ahead(1 + len(digits)).word, -1)) < 10:
            digits += str(int(digit))
        return self._set(whole + float(f"0.{digits}"), taken=1 + len(digits)) if digits else 0


def with_fraction(pieces: list[Token], place: int, numerals: Numerals) -> tuple[int | float, int]:
    """Give the number that begins at a piece, with the fraction it ends in, and the place behind.

    "Two thirds" and "one over three" are one number, "three and two thirds" too.
    """
    value, end, _ = _divided(pieces, place, numerals)
    if end >= len(pieces) or pieces[end].word not in numerals.joins | numerals.with_part:
        return value, end
    part, after, divided = _divided(pieces, end + 1, numerals)
    return (value + part, after) if divided and 0 < part < 1 <= value else (value, end)


def _divided(pieces: list[Token], place: int, numerals: Numerals) -> tuple[int | float, int, bool]:
    """Give a number, the place behind it, and whether it was divided by a word."""
    run = Run(pieces, place, numerals)
    end = run.place
    if end == place or end >= len(pieces):
        return run.value, end, False
    word = pieces[end].word
    below = numerals.denominators.get(word)
    if below is not None and pieces[place].kind is WORD and _counts(run.value, word, numerals):
        return run.value / below, end + 1, True
    if word in numerals.over:
        lower = Run(pieces, end + 1, numerals)
        if lower.place > end + 1 and lower.value:
            return run.value / lower.value, lower.place, True
    return run.value, end, False


def _counts(value: int | float, denominator: str, numerals: Numerals) -> bool:
    """Tell "two thirds" and "one third" from "twenty third"; not every language has a plural."""
    many = denominator.endswith("s") or f"{denominator}s" not in numerals.denominators
    return value == int(value) and (many if value != 1 else not denominator.endswith("s"))
