"""Amounts of money: a number with a currency before or behind it.

A currency is a sign, an ISO code or a name of the language files. A bare number is money only
while an amount is being asked for.
"""

from __future__ import annotations

__all__ = ["read_money"]

from engine.readers.lexicon import phrases_by_value
from engine.readers.numerals import NUMBER, Token, is_pronoun, tidy, tokens
from engine.readers.reading import Hearing, Read, Reading, Unclear

SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "₹": "INR", "¥": "JPY", "₩": "KRW", "₱": "PHP"}
CODES = (
    "usd eur gbp inr idr mxn cop ars clp pen brl jpy cny krw aed sar qar egp sgd myr php thb vnd "
    "aud cad nzd chf sek nok dkk pln czk huf try rub zar ngn kes lkr npr bdt pkr"
)
ISO = {code: code.upper() for code in CODES.split()}


def read_money(text: str, hearing: Hearing) -> list[Reading]:
    """Read the amount a text names, with its currency where one is said."""
    said = tokens(text, hearing.languages)
    names = phrases_by_value(hearing.languages, "currencies")
    found: list[Read] = []
    bare: list[Read] = []
    for place, token in enumerate(said):
        if token.kind is not NUMBER:
            continue
        around = said[place + 1 : place + 2], said[max(0, place - 1) : place]
        for beside in (around[1], around[0]):
            currency = _currency(beside[0], names) if beside else ""
            if currency:
                value = {"amount": tidy(token.value), "currency": currency}
                start = min(token.start, beside[0].start)
                found.append(Read(value, start, max(token.end, beside[0].end)))
                break
        else:
            if not token.glued and not is_pronoun(said, place, hearing.languages):
                value = {"amount": tidy(token.value), "currency": ""}
                bare.append(Read(value, token.start, token.end))
    if not found and hearing.asked:
        found = bare
    return _one_of(found)


def _currency(token: Token, names: dict[str, str]) -> str:
    return SIGNS.get(token.word) or ISO.get(token.word) or names.get(token.word, "")


def _one_of(found: list[Read]) -> list[Reading]:
    different = {(read.value["amount"], read.value["currency"]): read for read in found}
    if len(different) < 2:
        return list(found[:1])
    values = tuple(read.value for read in different.values())
    labels = tuple(f"{value['amount']} {value['currency']}".strip() for value in values)
    return [Unclear(values, labels, found[0].start, found[-1].end)]
