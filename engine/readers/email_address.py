"""E-mail addresses as typed, and, when one is being asked for, as spoken ("joe at gmail dot com")."""

from __future__ import annotations

__all__ = ["read_email"]

import re
from functools import lru_cache

from engine.readers.candidates import one_of
from engine.readers.lexicon import phrases, phrases_by_value
from engine.readers.reading import Hearing, Read, Reading

# The look-behind lets a search begin only where a run of address letters begins; without it a
# long run is tried from each of its letters.
_LOCAL = r"(?<![A-Za-z0-9_.+%'-])[A-Za-z0-9_+][A-Za-z0-9_.+%'-]*+"
_ADDRESS = re.compile(rf"{_LOCAL}@((?:[^\W_][\w-]*+\.)+[^\W\d_]{{2,24}})(?![\w@-])")
# Endings people dictate. "see me at home.thanks" must not become an address.
_ENDINGS = "com|net|org|edu|gov|info|biz|io|co|in|id|es|mx|us|uk|au|ca|de|fr|it|br|ar|ae|my|sg"


def read_email(text: str, hearing: Hearing) -> list[Reading]:
    """Read the address in a text; the domain comes out in small letters, the rest as typed."""
    found = []
    if "@" in text:
        for match in _ADDRESS.finditer(text):
            local = match[0][: match.start(1) - match.start() - 1]
            if _is_local(local):
                # With the caps lock on, all of it was meant to be small.
                shouted = match[0].isupper()
                value = f"{local.lower() if shouted else local}@{match[1].lower()}"
                found.append(Read(value, match.start(), match.end()))
    if not found and hearing.asked:
        found = _spoken(text, hearing.languages)
    return one_of(found)


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
