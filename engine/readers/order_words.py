"""What counts goods and what does not: the words around an order, and which numbers are quantities."""

from __future__ import annotations

__all__ = ["OrderWords", "is_price", "is_quantity", "order_words", "settle", "spanned"]

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from engine.readers.lexicon import phrases, spellings, word_set, words_in
from engine.readers.numerals import NOTHING, NUMBER, SIGN, WORD, Token

# Longer digit runs are phones and codes; whether 900,000 can be had is the flow's question.
MOST_DIGITS = 6
# Words from a quantity to the "and" of the next line.
LONGEST_LINE = 8
# Models are numbered from 100 on: "krtz 410"; smaller numbers behind a word are quantities.
FIRST_MODEL = 100
MONEY = frozenset(["@", "$", "€", "£", "₹", "rs", "rp", "inr", "usd", "eur", "idr", "%"])
_MODEL = re.compile(r"[a-z]{1,2}|(?=[a-z]{3,5}\Z)[a-z]*[b-df-hj-np-tv-z]{3}[a-z]*")


@dataclass(frozen=True, slots=True)
class OrderWords:
    """The words around an order, in some languages."""

    units: dict[str, str]
    of: frozenset[str]
    times: frozenset[str]
    opening: frozenset[str]  # "i need", "please send": said before an order
    inner: frozenset[str]  # "with", "at": a number right behind them counts something else
    tail: tuple[tuple[str, ...], ...]  # "for pickup", "thank you": said behind an order
    for_whom: dict[str, tuple[tuple[str, ...], ...]]  # "for our": by the word they begin with
    counted: frozenset[str]  # "people", "pm": a number before them counts no goods
    pointing: frozenset[str]  # "this one", "which one"
    describes: frozenset[str]  # "one with milk", "one of them"
    contrast: frozenset[str]  # "one hot and the other iced"
    articles: frozenset[str]
    joins: frozenset[str]
    adds: frozenset[str]
    none: frozenset[str]  # "drain pump: none": it stands in the list, and is not wanted
    each: frozenset[str]  # "remotes and relays, 20 each"
    every: frozenset[str]  # "each room 1 remote": a room is no goods
    ranges: frozenset[str]  # "20 to 25 sensors"
    breaks: frozenset[
        str
    ]  # "they are of 2021 so remotes again": what comes behind is another thought
    extra: frozenset[str]  # "two extra shots" go into something else
    labels: frozenset[str]  # "Name: ..." is no line of an order
    questions: frozenset[str]
    asks: frozenset[str]  # "how much are 2 filters" orders nothing
    trailing: frozenset[str]  # "2 filters and i want 3 ...": belongs to no name
    negations: frozenset[str]  # "no tiramisu" orders none
    polite: frozenset[str]  # the single words of tails: said with an order as well as in talk
    no_order: frozenset[str]  # words of talk: a bare message with one of them orders nothing


@lru_cache(256)
def order_words(languages: tuple[str, ...]) -> OrderWords:
    """Collect the words of some languages once."""
    tails = (tuple(phrase.split()) for phrase in phrases(languages, "tail"))
    for_whom: dict[str, tuple[tuple[str, ...], ...]] = {}
    for phrase in phrases(languages, "for_whom"):
        said = tuple(phrase.split())
        for_whom[said[0]] = (*for_whom.get(said[0], ()), said)
    return OrderWords(
        units=spellings(languages, "units"),
        of=word_set(languages, "of"),
        times=word_set(languages, "times"),
        opening=word_set(languages, "order_words"),
        inner=word_set(languages, "with"),
        tail=tuple(sorted(tails, key=len, reverse=True)),
        for_whom=for_whom,
        counted=word_set(languages, "not_items"),
        pointing=word_set(languages, "pointing"),
        describes=word_set(languages, "describes"),
        contrast=word_set(languages, "contrast"),
        articles=word_set(languages, "one"),
        joins=word_set(languages, "and"),
        adds=word_set(languages, "adds"),
        none=word_set(languages, "none"),
        each=word_set(languages, "each"),
        every=word_set(languages, "every"),
        ranges=word_set(languages, "ranges"),
        breaks=word_set(languages, "breaks"),
        extra=word_set(languages, "extra"),
        labels=word_set(languages, "line_labels"),
        questions=word_set(languages, "questions"),
        asks=word_set(languages, "asks"),
        trailing=word_set(languages, "trailing"),
        negations=word_set(languages, "not"),
        polite=words_in(phrases(languages, "tail")),
        no_order=word_set(languages, "no_order"),
    )


def settle(said: list[Token], known: OrderWords) -> list[Token]:
    """Make "x2" a number, and the quarter of a "quarter pounder" a word again."""
    found: list[Token] = []
    for place, token in enumerate(said):
        settled = token
        if token.kind is WORD and token.word[:1] in known.times and token.word[1:].isdecimal():
            if len(token.word) <= MOST_DIGITS:
                value = float(token.word[1:])
                settled = Token(NUMBER, token.word[1:], token.start, token.end, value)
        elif token.spelt and token.value < 1:
            behind = said[place + 1].word if place + 1 < len(said) else ""
            if len(found) > 2 and found[-1].word in known.joins and found[-2].word in known.units:
                found.pop()  # "3 kilos y medio"
                found[-2].value += token.value
                continue
            if behind not in known.units:
                settled = Token(WORD, token.word, token.start, token.end)
        found.append(settled)
    return found


def spanned(said: list[Token], known: OrderWords) -> list[Token]:
    """Make one number of "20-25" and "20 to 25": as many as may be needed, which the summary shows."""
    found: list[Token] = []
    for token in said:
        if token.kind is NUMBER and len(found) > 1 and _spans(found[-2], found[-1], token, known):
            first = found[-2]
            del found[-2:]
            found.append(Token(NUMBER, token.word, first.start, token.end, token.value))
        else:
            found.append(token)
    return found


def _spans(first: Token, between: Token, last: Token, known: OrderWords) -> bool:
    dashed = between.word in ("-", "\u2013") and first.end == between.start
    counts = all(one.word.isdecimal() and len(one.word) < MOST_DIGITS for one in (first, last))
    near = first.value < last.value < 10 * first.value
    tight = dashed and between.end == last.start
    return first.kind is NUMBER and counts and near and (tight or between.word in known.ranges)


def is_price(token: Token) -> bool:
    """Tell a price by its grouped thousands: 21.000."""
    return token.value >= 1000 and not token.word.isdecimal() and not token.spelt


def is_quantity(clause: list[Token], place: int, known: OrderWords, *, asked: bool) -> bool:
    """Tell whether a token counts goods; an article does so only in an answer."""
    token = clause[place]
    if token.kind is SIGN or (token.kind is WORD and token.word not in known.articles):
        return False
    before = clause[place - 1] if place else NOTHING
    behind = clause[place + 1] if place + 1 < len(clause) else NOTHING
    if behind.word in known.counted:
        return False
    if token.kind is WORD:
        near = list(islice(clause, max(0, place - LONGEST_LINE), place))
        said = [other for other in near if other.kind is not SIGN]
        counted = any(other.kind is NUMBER or other.word in known.articles for other in said)
        # "the old units make a terrible noise" orders nothing.
        opening = before.word in known.opening and (counted or _leads_in(said, known))
        opens = not place or opening or before.word in known.joins
        goods = behind.kind in (WORD, NUMBER) and behind.word not in known.opening
        if not asked:  # "2 diavola and a tiramisu", "add a lasagne"
            more = before.word in known.joins and any(other.kind is NUMBER for other in near)
            opens = more or before.word in known.adds
        return goods and (opens or (asked and before.word == ","))
    if before.word in MONEY or behind.word in MONEY or _is_code(token, behind, known):
        return False
    if token.spelt:
        # "with one sugar", but "i'll go with one pizza".
        inside = before.word in known.inner and not _leads_in(islice(clause, place), known)
        return not inside and not (token.value == 1 and before.word in known.pointing)
    return not _names_a_model(clause, place, known)


def _is_code(token: Token, behind: Token, known: OrderWords) -> bool:
    """Tell "3rd", "5pm" and phone numbers from "2kg" and "2x"."""
    if behind.glued:
        return behind.word not in known.units and behind.word not in known.times
    return token.glued or (len(token.word) > MOST_DIGITS and not token.spelt)


def _leads_in(before: Iterable[Token], known: OrderWords) -> bool:
    """Tell whether nothing but the opening of an order has been said yet."""
    return all(token.word in known.opening or token.word in known.inner for token in before)


def _names_a_model(clause: list[Token], place: int, known: OrderWords) -> bool:
    """Tell whether digits belong to a name: "mk 300 3 units", "10 krtz 410 boards", "600ml"."""
    token = clause[place]
    before = clause[place - 1] if place else NOTHING
    behind = clause[place + 1] if place + 1 < len(clause) else NOTHING
    if behind.kind is NUMBER and before.kind is WORD and before.word not in known.opening:
        return not is_price(behind)
    if not any(
        other.kind is NUMBER or other.word in known.articles for other in islice(clause, place)
    ):
        return before.word in known.inner and not _leads_in(islice(clause, place), known)
    if behind.glued and behind.word in known.units:
        return place + 2 >= len(clause) or clause[place + 2].kind is not WORD
    if behind.kind is not WORD and is_price(token):
        return True
    counted = place > 1 and clause[place - 2].kind is NUMBER and before.kind is WORD
    return counted and token.value >= FIRST_MODEL and _MODEL.fullmatch(before.word) is not None
