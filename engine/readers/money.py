"""Amounts of money: a number with a currency before or behind it.

A currency is a sign, an ISO code or a name of the language files. A bare number is money only
while an amount is being asked for, and not where it is a part of a date.
"""

from __future__ import annotations

__all__ = ["read_money"]

from dataclasses import dataclass, replace
from typing import Any

from engine.readers.currencies import Currencies, without_glued_codes
from engine.readers.date import find_day
from engine.readers.lexicon import word_set
from engine.readers.numerals import LINE, NUMBER, Token, is_pronoun, tidy, tokens
from engine.readers.reading import Hearing, Read, Reading, Unclear
from engine.readers.spelt_numbers import numerals_of

# "$3M", "$2b": letters that say so only beside a currency.
SHORT_SCALES = {"m": 1e6, "mm": 1e6, "b": 1e9}
# Dates are told from amounts by their shape; which day they are does not matter here.
ANY_MOMENT = "2026-01-05T09:00"


def read_money(text: str, hearing: Hearing) -> list[Reading]:
    """Read the amount a text names, with its currency where one is said."""
    plain, currencies = without_glued_codes(text, hearing.languages)
    said = tokens(plain, hearing.languages)
    if not any(token.kind is NUMBER for token in said):
        return []
    found = _Amounts(said, currencies, hearing.languages).found()
    if not found and hearing.asked:
        found = _bare(text, said, hearing)
    return _one_of(found)


@dataclass(slots=True)
class _Amounts:
    """One pass over a text; `first` is the place behind the last amount: it shares no words."""

    said: list[Token]
    currencies: Currencies
    languages: tuple[str, ...]
    first: int = 0

    def found(self) -> list[Read]:
        amounts = []
        for place, token in enumerate(self.said):
            if token.kind is NUMBER and place >= self.first:
                read = self._with_currency(place) or self._cents(place)
                if read is not None:
                    amounts.append(read)
        return amounts

    def _word(self, place: int) -> Token | None:
        return self.said[place] if place < len(self.said) else None

    def _with_currency(self, place: int) -> Read | None:
        token = self.said[place]
        amount, after = token.value, place + 1
        start = token.start
        currency, begin = self.currencies.glued.get(token.start, ("", 0))
        if currency:
            start = begin
        else:
            currency, first = self.currencies.before(self.said, place, self.first)
            start = self.said[first].start
        if currency:
            following = self._word(after)
            scale = SHORT_SCALES.get(following.word) if following and following.glued else None
            if scale is not None:
                amount, after = amount * scale, after + 1
        else:
            following = self._word(after)
            of_it = following is not None and following.word in word_set(self.languages, "of")
            currency, after = self.currencies.behind(self.said, after + of_it)
            if not currency:
                return None
            amount, after = self._scaled(amount, after)
        cents, after = self._and_cents(after) if amount == int(amount) else (0.0, after)
        self.first = after
        value = {"amount": tidy(amount + cents), "currency": currency}
        return Read(value, start, self.said[after - 1].end)

    def _scaled(self, amount: int | float, place: int) -> tuple[int | float, int]:
        """Multiply by a scale behind the currency: "75 USD million"."""
        token = self._word(place)
        scales = numerals_of(self.languages).scales
        if token is None or not token.spelt or scales.get(token.word) != token.value:
            return amount, place
        return amount * token.value, place + 1

    def _and_cents(self, place: int) -> tuple[int | float, int]:
        """Read "and 43 cents", "con 50", "43" behind an amount; with a noun it counts something."""
        numerals = numerals_of(self.languages)
        token = self._word(place)
        at = place + (token is not None and token.word in numerals.joins | numerals.with_part)
        cents = self._word(at)
        if cents is None or cents.kind is not NUMBER or not 0 < cents.value < 100:
            return 0.0, place
        if self.currencies.cent(self.said, at + 1, alone=False) is not None:
            return cents.value / 100, at + 2
        following = self._word(at + 1)
        closes = following is None or following.kind is LINE or following.word in (".", "!", "?")
        whole = cents.value == int(cents.value) and not cents.glued
        return (cents.value / 100, at + 1) if closes and whole else (0.0, place)

    def _cents(self, place: int) -> Read | None:
        currency = self.currencies.cent(self.said, place + 1, alone=True)
        if currency is None:
            return None
        self.first = place + 2
        token = self.said[place]
        value = {"amount": tidy(token.value / 100), "currency": currency}
        return Read(value, token.start, self.said[place + 1].end)


def _bare(text: str, said: list[Token], hearing: Hearing) -> list[Read]:
    """Take bare numbers: no codes, percentages, pronouns or parts of a day."""
    found = []
    for place, token in enumerate(said):
        behind = said[place + 1].word if place + 1 < len(said) else ""
        if token.kind is not NUMBER or token.glued or behind == "%":
            continue
        if not is_pronoun(said, place, hearing.languages):
            value = {"amount": tidy(token.value), "currency": ""}
            found.append(Read(value, token.start, token.end))
    day = find_day(text, replace(hearing, asked=False, now=hearing.now or ANY_MOMENT))
    return [one for one in found if day is None or not day.start <= one.start < day.end]


def _one_of(found: list[Read]) -> list[Reading]:
    different = {(read.value["amount"], read.value["currency"]): read for read in found}
    if len(different) < 2:
        return list(found[:1])
    values: tuple[Any, ...] = tuple(read.value for read in different.values())
    labels = tuple(f"{value['amount']} {value['currency']}".strip() for value in values)
    return [Unclear(values, labels, found[0].start, found[-1].end)]
