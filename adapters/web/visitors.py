"""Visitors and the tokens they come back with: signed, unguessable, good for a month of silence.

A token comes as a cookie, as a bearer or in a field; where several come they must be one visitor's.
It says who somebody is and nothing else: which conversation is theirs stands in the database.
"""

from __future__ import annotations

__all__ = ["COOKIE", "Visitor", "Visitors"]

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from secrets import token_hex
from time import time

from itsdangerous import BadSignature, TimestampSigner

from adapters.web.problems import Problem

COOKIE = "rejoinder_session"
GOOD_FOR = 30 * 86_400  # seconds; a flow expires after a day, an order is asked about for weeks
RENEWED_AFTER = 86_400  # a token in use never gets old, and is not written at every answer
LONGEST = 512  # characters; ours have about a hundred
# Scripts cannot take a bad cookie away: without this a visitor would be refused until it expires.
_GONE = {"set-cookie": f'{COOKIE}=""; HttpOnly; Max-Age=0; Path=/; SameSite=lax'}
_SALT = "rejoinder.visitor"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who writes, and the token to come back with."""

    name: str
    token: str
    issued: bool = False  # just now: the cookie has to be set

    @property
    def key(self) -> str:
        """The key of their conversations."""
        return f"web-{self.name}"

    @property
    def address(self) -> str:
        """What vouches for them."""
        return f"web:{self.name}"


class Visitors:
    """Issues tokens and reads them."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Sign with the first key; tokens of the others are still good."""
        # Ours are listed from the newest on, those of the library from the oldest.
        self._signer = TimestampSigner(list(reversed(keys)), salt=_SALT, digest_method=sha256)
        # A signature takes 30 us to prove, and a visitor comes again and again with the same.
        self._read = lru_cache(maxsize=20_000)(self._proved)

    def new(self) -> Visitor:
        """Return somebody nobody knows yet."""
        return self._issued(token_hex(12))  # 96 bits: not to be guessed, short enough for a key

    def of(
        self, headers: Mapping[str, str], cookies: Mapping[str, str], field: str | None = None
    ) -> Visitor | None:
        """Return whose request this is; None where it carries no token."""
        bearer = headers.get("authorization")
        given = [token for token in (field,) if token is not None]
        if bearer is not None:
            scheme, _, token = bearer.partition(" ")
            if scheme.lower() != "bearer":
                raise Problem("forged-token", "Authorization is a bearer token or nothing.")
            given.append(token.strip())
        found = [self._checked(token) for token in given]
        if (cookie := cookies.get(COOKIE)) is not None:
            found.append(self._checked(cookie, _GONE))
        if len({one.name for one in found}) > 1:
            raise Problem("two-sessions")
        # Of one that is renewed and one that is not: a new cookie has to be set.
        return max(found, key=lambda one: one.issued, default=None)

    def _checked(self, token: str, headers: Mapping[str, str] | None = None) -> Visitor:
        if len(token) > LONGEST or not token.isascii():
            raise Problem("forged-token", headers=headers)
        try:
            name, at = self._read(token)
        except BadSignature:
            raise Problem("forged-token", headers=headers) from None
        age = time() - at
        if age > GOOD_FOR:
            raise Problem("expired-token", headers=headers)
        return self._issued(name) if age > RENEWED_AFTER else Visitor(name, token)

    def _proved(self, token: str) -> tuple[str, float]:
        name, at = self._signer.unsign(token, return_timestamp=True)
        return name.decode(), at.timestamp()

    def _issued(self, name: str) -> Visitor:
        return Visitor(name, self._signer.sign(name).decode(), issued=True)
