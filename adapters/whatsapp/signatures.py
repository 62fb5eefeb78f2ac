"""Tells whether what was posted is the provider's: over the bytes as they came, in constant time.

While a secret is being changed two are valid at once, "NEW,OLD"; a secret holds no comma.
"""

from __future__ import annotations

__all__ = ["Verdict", "meta_signed", "secret_told", "waha_signed"]

import hashlib
import hmac
from collections.abc import Mapping
from typing import Literal

Verdict = Literal["good", "missing", "wrong"]
"""`missing` is answered with 401, `wrong` with 403."""


def meta_signed(body: bytes, headers: Mapping[str, str], secrets: str) -> Verdict:
    """Judge a body of Meta's Cloud API; the secrets are the app's."""
    told = headers.get("X-Hub-Signature-256", "").strip()
    valid = [f"sha256={_mac(secret, body, 'sha256')}" for secret in _each(secrets)]
    return _verdict(told, valid)


def waha_signed(body: bytes, headers: Mapping[str, str], secrets: str) -> Verdict:
    """Judge a body of WAHA; the secrets are the `hmac.key` of its webhook."""
    told = headers.get("X-Webhook-Hmac", "").strip()
    signed = body
    if headers.get("X-Webhook-Hmac-Version") == "2":
        # A fork signs the time too. Digits only: a body of version 1 never begins with one.
        time = headers.get("X-Webhook-Timestamp", "")
        if not (time.isascii() and time.isdigit()):
            return "wrong" if told else "missing"
        signed = time.encode() + b"." + body
    return _verdict(told, [_mac(secret, signed, "sha512") for secret in _each(secrets)])


def secret_told(headers: Mapping[str, str], secrets: str) -> Verdict:
    """Judge what 360dialog posts: it signs nothing, and repeats a header that we asked it for."""
    return _verdict(headers.get("X-Rejoinder-Secret", "").strip(), _each(secrets))


def _each(secrets: str) -> list[str]:
    """Tell the secrets apart. An empty one is none: anybody could sign with it."""
    return [secret for part in secrets.split(",") if (secret := part.strip())]


def _mac(secret: str, body: bytes, algorithm: str) -> str:
    return hmac.new(secret.encode(), body, getattr(hashlib, algorithm)).hexdigest()


def _verdict(told: str, valid: list[str]) -> Verdict:
    if not told:
        return "missing"
    # Bytes, because text other than ASCII is refused by the comparison; the list, so that each is
    # compared whichever fits.
    given = told.encode(errors="surrogatepass")
    fits = [hmac.compare_digest(given, each.encode()) for each in valid]
    return "good" if any(fits) else "wrong"
