"""Currencies as they stand beside an amount: "$", "Rs", "USD", "us dollars", "cents"."""

from __future__ import annotations

__all__ = ["Currencies", "without_glued_codes"]

import re
from dataclasses import dataclass
from functools import lru_cache

from engine.readers.folding import fold
from engine.readers.lexicon import phrases_by_value
from engine.readers.numerals import NUMBER, SIGN, WORD, Token

SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "₹": "INR", "¥": "JPY", "₩": "KRW", "₱": "PHP"}
SIGNS |= {"₺": "TRY", "₽": "RUB", "₪": "ILS", "฿": "THB", "₫": "VND", "₦": "NGN", "৳": "BDT"}
# "C$ 20": the letters before the sign say whose dollar it is.
DOLLARS = {"us": "USD", "c": "CAD", "ca": "CAD", "a": "AUD", "au": "AUD", "s": "SGD", "hk": "HKD"}
DOLLARS |= {"nz": "NZD", "mx": "MXN", "mex": "MXN", "r": "BRL", "nt": "TWD"}
# ISO 4217, as typed in any case.
CODES = (
    "usd eur gbp inr idr mxn ars clp brl jpy cny krw aed sar qar egp sgd myr php thb vnd aud cad "
    "nzd chf sek nok dkk pln czk huf zar ngn kes lkr npr bdt pkr omr kwd bhd jod ils twd hkd mnt "
    "mmk khr bnd uyu pyg gtq crc dop hnl nio ves tzs ugx ghs etb mad tnd dzd iqd irr lbp ron bgn "
    "uah gel azn kzt uzs isk"
)
# These are words as well: "2 cup", "3 pen", "try". They count in capitals.
WORDS_TOO = "cop pen try rub cup bob mop all top gel mad bob lak sos mga"
ISO = {code: code.upper() for code in CODES.split() if code not in WORDS_TOO.split()}
ISO_IN_CAPITALS = frozenset(map(str.upper, WORDS_TOO.split()))

# "USD250", "Rp5000", "CAD4.20": letters right before digits.
_GLUED = re.compile(r"(?<![^\W_])([^\W\d_]{2,4})(?=\d)")
LONGEST_NAME = 3  # words: "new taiwan dollars"


@dataclass(frozen=True, slots=True)
class Currencies:
    """How the languages of a bot call currencies and their hundredths."""

    names: dict[str, str]
    cents: dict[str, str]
    glued: dict[int, tuple[str, int]]  # place of a number -> its currency, where that begins
    text: str

    def behind(self, said: list[Token], place: int) -> tuple[str, int]:
        """Give the currency that begins at a place and the place after it."""
        run = said[place : place + LONGEST_NAME]
        for length in range(len(run), 1, -1):
            name = self.names.get(" ".join(token.word for token in run[:length]), "")
            if name:
                return name, place + length
        found = self._single(run[0]) if run else ""
        return found, place + bool(found)

    def before(self, said: list[Token], place: int, first: int) -> tuple[str, int]:
        """Give the currency that ends before a place, not before `first`, and where it begins."""
        begin = place - 1
        if begin > first and said[begin].word == ".":
            begin -= 1  # Rp. 315
        if begin < first:
            return "", place
        for start in range(max(first, begin + 1 - LONGEST_NAME), begin):
            name = self.names.get(" ".join(token.word for token in said[start : begin + 1]), "")
            if name:
                return name, start
        dollars = said[begin].word == "$" and begin > first
        letters = (
            DOLLARS.get(said[begin - 1].word, self._single(said[begin - 1])) if dollars else ""
        )
        if letters:
            return letters, begin - 1
        found = self._single(said[begin])
        return found, begin if found else place

    def _single(self, token: Token) -> str:
        if token.kind is SIGN:
            return SIGNS.get(token.word, "")
        if token.kind is NUMBER:
            return ""
        typed = self.text[token.start : token.end]
        if typed in ISO_IN_CAPITALS:
            return typed
        return self.names.get(token.word, "") or ISO.get(token.word, "")

    def cent(self, said: list[Token], place: int, *, alone: bool) -> str | None:
        """Give the currency whose hundredths a place names, "" for any, None where it does not."""
        token = said[place] if place < len(said) else None
        if token is None or token.kind is not WORD or (alone and len(token.word) < 2):
            return None
        return self.cents.get(token.word)


@lru_cache(256)
def _names(languages: tuple[str, ...]) -> tuple[dict[str, str], dict[str, str]]:
    names = phrases_by_value(languages, "currencies")
    return {name: str(code) for name, code in names.items()}, phrases_by_value(languages, "cents")


def without_glued_codes(text: str, languages: tuple[str, ...]) -> tuple[str, Currencies]:
    """Take currencies off the digits they are glued to; all places stay as they were."""
    names, cents = _names(languages)
    glued: dict[int, tuple[str, int]] = {}

    def apart(match: re.Match[str]) -> str:
        word = fold(match[1])
        found = ISO.get(word) or names.get(word, "")
        if not found and match[1] in ISO_IN_CAPITALS:
            found = match[1]
        if not found:
            return match[0]
        glued[match.end()] = found, match.start()
        return " " * len(match[0])

    return _GLUED.sub(apart, text), Currencies(names, cents, glued, text)
