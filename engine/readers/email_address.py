"""E-mail addresses as typed, and, when one is being asked for, as spoken ("joe at gmail dot com").

An address that looks mistyped is not taken in silence: "hari@example" has a fault, and of
"hari@gmial.com" the customer is asked which of the two is meant.
"""

from __future__ import annotations

__all__ = ["read_email"]

import re
from functools import lru_cache

from engine.readers.candidates import one_of
from engine.readers.lexicon import phrases, phrases_by_value
from engine.readers.reading import Hearing, Read, Reading, Unclear

# The look-behind lets a search begin only where a run of address letters begins; without it a
# long run is tried from each of its letters. Behind a plus a tag may hold "/" and "=".
_LETTERS = r"A-Za-z\u00c0-\u024f0-9_"
_LOCAL = rf"(?<![{_LETTERS}.+%'-])[{_LETTERS}+][{_LETTERS}.%'-]*+(?:\+[{_LETTERS}.+%'/=-]*+)?+"
_ADDRESS = re.compile(rf"{_LOCAL}@((?:[^\W_][\w-]*+\.)+[^\W\d_]{{2,24}})(?![\w@-])")
# "hari@example": a domain that ends nowhere. One of less than three letters is no provider's.
_ENDLESS = re.compile(rf"{_LOCAL}@[^\W_][\w-]{{2,}}+(?![\w@-]|\.\w)")
# "hari@example,com": the key beside the full stop; ",in" may begin the rest of a sentence.
_COMMA = re.compile(r"(?<=\w)(@[^\W_][\w-]*+),(?=(?:com|net|org)\b)", re.IGNORECASE)
# Endings people dictate. "see me at home.thanks" must not become an address.
_ENDINGS = "com|net|org|edu|gov|info|biz|io|co|in|id|es|mx|us|uk|au|ca|de|fr|it|br|ar|ae|my|sg"
# Where most people have their mail, and who is called almost like them.
WELL_KNOWN = (
    "gmail.com",
    "googlemail.com",
    "yahoo.com",
    "yahoo.co.in",
    "yahoo.co.id",
    "yahoo.co.uk",
    "hotmail.com",
    "outlook.com",
    "icloud.com",
    "rediffmail.com",
    "protonmail.com",
)
ALMOST = frozenset(("email.com", "mail.com", "ymail.com", "gmail.co.in", "yahoo.com.mx"))


def read_email(text: str, hearing: Hearing) -> list[Reading]:
    """Read the address in a text; the domain comes out in small letters, the rest as typed."""
    found = []
    if "@" in text:
        text = _COMMA.sub(r"\1.", text)
        for match in _ADDRESS.finditer(text):
            local = match[0][: match.start(1) - match.start() - 1]
            if _is_local(local):
                # With the caps lock on, all of it was meant to be small.
                shouted = match[0].isupper()
                value = f"{local.lower() if shouted else local}@{match[1].lower()}"
                found.append(Read(value, match.start(), match.end()))
    if not found and hearing.asked:
        found = _spoken(text, hearing.languages)
    if not found and hearing.asked and "@" in text:
        found = [Read(m[0], *m.span(), "no_address") for m in _ENDLESS.finditer(text)][:1]
    return [_asked_back(one) for one in one_of(found)]


def _asked_back(reading: Reading) -> Reading:
    """Ask which address is meant where its domain is one slip away from a well-known one."""
    if isinstance(reading, Unclear):
        return reading
    local, _, domain = reading.value.partition("@")
    if domain in WELL_KNOWN or domain in ALMOST:
        return reading
    meant = next((known for known in WELL_KNOWN if _one_slip(domain, known)), "")
    if not meant:
        return reading
    both = (f"{local}@{meant}", reading.value)
    return Unclear(both, both, reading.start, reading.end)


def _one_slip(typed: str, meant: str) -> bool:
    """Tell whether a letter is missing, too many, another one, or swapped with its neighbour.

    Nobody misses the first one.
    """
    shorter, longer = sorted((typed, meant), key=len)
    if typed[0] != meant[0] or len(longer) > len(shorter) + 1:
        return False
    at = next(i for i, letter in enumerate(f"{shorter}\n") if letter != longer[i : i + 1])
    if len(shorter) < len(longer):
        return shorter[at:] == longer[at + 1 :]
    swapped = f"{longer[:at]}{longer[at + 1 : at + 2]}{longer[at]}{longer[at + 2 :]}"
    return shorter[at + 1 :] == longer[at + 1 :] or shorter == swapped


def _is_local(local: str) -> bool:
    return ".." not in local and local[0] != "." and local[-1] != "."


@lru_cache(256)
def _spoken_pattern(languages: tuple[str, ...]) -> tuple[re.Pattern[str], dict[str, str]]:
    """Compile "joe underscore b at gmail dot com", and the signs those words stand for."""
    signs = {str(word): sign for word, sign in phrases_by_value(languages, "spoken_signs").items()}
    dots = phrases(languages, "spoken_dot")
    at = "|".join(map(re.escape, phrases(languages, "spoken_at"))) or "at"
    dot = "|".join(map(re.escape, dots)) or "dot"
    sign = "|".join(map(re.escape, (*dots, *signs))) or "dot"
    # At most three dictated signs: more is a story, and each more would be walked again.
    local = rf"{_LOCAL}(?:\s(?:{sign})\s[\w.+%-]++){{0,3}}"
    point = rf"(?:\s?\.\s?|\s(?:{dot})\s)"
    pattern = (
        rf"({local})(?:\s?@\s?|\s(?:{at})\s)([\w-]++(?:{point}[\w-]++)*{point}(?:{_ENDINGS}))(?!\w)"
    )
    return re.compile(pattern, re.IGNORECASE), {**signs, **dict.fromkeys(dots, ".")}


def _spoken(text: str, languages: tuple[str, ...]) -> list[Read]:
    pattern, signs = _spoken_pattern(languages)
    found = []
    for match in pattern.finditer(text):
        local, domain = (
            "".join(signs.get(word, word) for word in re.split(r"\s+", part))
            for part in (match[1], match[2].lower())
        )
        if _is_local(local) and ".." not in domain:
            found.append(Read(f"{local}@{domain}", match.start(), match.end()))
    return found
