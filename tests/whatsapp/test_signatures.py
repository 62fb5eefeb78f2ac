"""What is posted is believed where it is signed with a secret of ours, over the bytes as they came."""

from __future__ import annotations

import hmac

import pytest
from starlette.datastructures import Headers

from adapters.whatsapp.signatures import Verdict, meta_signed, secret_told, waha_signed

BODY = b'{"text":"caf\\u00e9 \\ud83d\\ude42"}'


def mac(secret: str, body: bytes, algorithm: str) -> str:
    return hmac.new(secret.encode(), body, algorithm).hexdigest()


def meta(told: str | None, secrets: str = "app secret", body: bytes = BODY) -> Verdict:
    return meta_signed(
        body, Headers({} if told is None else {"x-hub-signature-256": told}), secrets
    )


def waha(secrets: str, body: bytes, **headers: str) -> Verdict:
    return waha_signed(
        body, Headers({name.replace("_", "-"): told for name, told in headers.items()}), secrets
    )


def test_what_meta_signed_is_good() -> None:
    """The signature is over the bytes; the same JSON written otherwise is another body."""
    signed = "sha256=" + mac("app secret", BODY, "sha256")

    assert meta(signed) == "good"
    assert meta(signed, body='{"text":"café 🙂"}'.encode()) == "wrong"


@pytest.mark.parametrize(
    "told",
    [
        mac("app secret", BODY, "sha256"),
        "sha256=" + mac("another", BODY, "sha256"),
        "sha1=" + mac("app secret", BODY, "sha1"),
        "sha256=",
        "sha256=ä\ud800",
        "x" * 100_000,
    ],
)
def test_what_is_signed_otherwise_is_wrong(told: str) -> None:
    """Neither another secret nor another way to sign, and no header that cannot be compared."""
    assert meta_signed(BODY, {"X-Hub-Signature-256": told}, "app secret") == "wrong"


@pytest.mark.parametrize("told", [None, "", "  "])
def test_what_is_not_signed_is_missing(told: str | None) -> None:
    """Whoever does not sign at all is told so: it is mostly a setting that was forgotten."""
    assert meta(told) == "missing"


@pytest.mark.parametrize("secret", ["new", "old"])
def test_two_secrets_are_valid_while_one_is_changed(secret: str) -> None:
    """The provider learns of the new secret at a time of its own."""
    signed = "sha256=" + mac(secret, BODY, "sha256")

    assert meta(signed, "new, old") == "good"
    assert meta(signed, "newer") == "wrong"


@pytest.mark.parametrize("secrets", ["", " ", ",", "new,"])
def test_an_empty_secret_signs_nothing(secrets: str) -> None:
    """A secret that was left out would let everybody in."""
    assert meta("sha256=" + mac("", BODY, "sha256"), secrets) == "wrong"
    assert secret_told({"X-Rejoinder-Secret": ","}, secrets) == "wrong"


def test_waha_signs_as_its_documentation_shows() -> None:
    """The example of WAHA's own pages."""
    signed = (
        "208f8a55dde9e05519e898b10b89bf0d0b3b0fdf11fdbf09b6b90476301b98d8"
        "097c462b2b17a6ce93b6b47a136cf2e78a33a63f6752c2c1631777076153fa89"
    )
    body = b'{"event":"message","session":"default","engine":"WEBJS"}'

    assert waha("my-secret-key", body, x_webhook_hmac=signed) == "good"
    assert waha("my-secret-key", body + b" ", x_webhook_hmac=signed) == "wrong"
    assert waha("my-secret-key", body) == "missing"


def test_a_fork_of_waha_signs_the_time_too() -> None:
    """Where it says so; the time must be one, or a body could pass for another."""
    signed = mac("key", b"1790000000400." + BODY, "sha512")
    version = {"x_webhook_hmac_version": "2", "x_webhook_hmac": signed}

    assert waha("key", BODY, **version, x_webhook_timestamp="1790000000400") == "good"
    assert waha("key", BODY, **version, x_webhook_timestamp="1790000000401") == "wrong"
    assert waha("key", BODY, **version) == "wrong"
    assert waha("key", BODY, x_webhook_hmac_version="2") == "missing"


def test_a_body_that_holds_a_time_passes_for_no_other() -> None:
    """What was signed in the old way, cut at a full stop, is no body of the new way."""
    whole = b'{"at":1.' + BODY
    headers = {"x_webhook_hmac_version": "2", "x_webhook_timestamp": '{"at":1'}

    assert waha("key", BODY, **headers, x_webhook_hmac=mac("key", whole, "sha512")) == "wrong"


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        ({}, "missing"),
        ({"x-rejoinder-secret": "old"}, "good"),
        ({"x-rejoinder-secret": "new"}, "good"),
        ({"x-rejoinder-secret": "new,old"}, "wrong"),
        ({"x-rejoinder-secret": "ne"}, "wrong"),
    ],
)
def test_360dialog_repeats_the_secret_we_gave_it(told: dict[str, str], verdict: str) -> None:
    """It signs nothing itself."""
    assert secret_told(Headers(told), "new,old") == verdict


def test_the_secrets_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each secret is compared, whichever fits, and by the function made for it."""
    compared: list[bytes] = []
    honest = hmac.compare_digest

    def counting(given: bytes, expected: bytes) -> bool:
        compared.append(expected)
        return honest(given, expected)

    monkeypatch.setattr(hmac, "compare_digest", counting)

    assert secret_told({"X-Rejoinder-Secret": "new"}, "new,old") == "good"
    assert compared == [b"new", b"old"]
