"""What a refusal is made of: the row of a rule, what it looks at, and the body that Meta answers."""

from __future__ import annotations

__all__ = ["TITLES", "Ask", "Refusal", "Rule", "error_body", "found", "length"]

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to send something, and what decides about it.

    `last_in` is when that person wrote last, None where nobody has such a number or id.
    """

    body: Mapping[str, Any]
    now: int
    token_good: bool = True
    number: str = ""  # the phone number id in the path, where it is a wrong one
    known_person: bool = True
    by_user_id: bool = False
    last_in: int | None = None
    known_message: bool = True  # the message to mark as read came from a customer
    template: tuple[int, str] | None = None  # its number of parameters, its category
    pair_full: bool = False
    number_full: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: `when` something is refused, by which code, and the check that finds it.

    A check returns the details of the refusal, empty where all is well.
    """

    name: str
    code: int
    when: str
    check: Callable[[Ask], str] = field(repr=False)
    http: int = 400


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was refused, and why."""

    rule: str
    code: int
    details: str
    body: Any = field(repr=False, default=None)


# Meta's titles: support/error-codes.
TITLES: Mapping[int, str] = {
    0: "AuthException",
    1: "API Unknown",
    2: "API Service",
    4: "Application request limit reached",
    10: "Permission Denied",
    33: "Parameter value is not valid",
    100: "Invalid parameter",
    190: "Invalid OAuth access token - Cannot parse access token",
    368: "Temporarily blocked for policies violations",
    80007: "Rate limit issues",
    130429: "Rate limit hit",
    130472: "User's number is part of an experiment",
    130497: "Business account is restricted from messaging users in this country",
    131000: "Something went wrong",
    131005: "Access denied",
    131008: "Required parameter is missing",
    131009: "Parameter value is not valid",
    131016: "Service unavailable",
    131021: "Recipient cannot be sender",
    131026: "Message undeliverable",
    131031: "Business Account locked",
    131042: "Business eligibility payment issue",
    131045: "Incorrect certificate",
    131047: "Re-engagement message",
    131048: "Spam rate limit hit",
    131049: "This message was not delivered to maintain healthy ecosystem engagement",
    131050: "User has stopped marketing messages from your business",
    131051: "Message type unknown",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    131057: "Account in maintenance mode",
    131060: "This message is currently unavailable",
    131062: "Business-scoped user ids are not supported for this message",
    132000: "Number of parameters does not match the expected number of params",
    132001: "Template name does not exist in the translation",
    133010: "Phone number not registered",
}


def error_body(code: int, details: str, *, transient: bool | None = None) -> dict[str, Any]:
    """Return the body of a refusal as the Graph API writes it."""
    title = TITLES.get(code, "Something went wrong")
    # The oldest codes are the Graph API's own: they have a subcode, or nothing, beside the message.
    if code == 33:
        message = (
            f"Unsupported post request. Object with ID '{details}' does not exist, cannot be loaded"
            " due to missing permissions, or does not support this operation."
        )
        error: dict[str, Any] = {
            "message": message,
            "type": "GraphMethodException",
            "code": 100,
            "error_subcode": 33,
        }
    elif code == 190:
        error = {"message": title, "type": "OAuthException", "code": 190}
    elif code == 100:
        error = {"message": f"(#100) {details}", "type": "OAuthException", "code": 100}
    else:
        error = {
            "message": f"(#{code}) {title}",
            "type": "OAuthException",
            "code": code,
            "error_data": {"messaging_product": "whatsapp", "details": details or title},
        }
    if transient is not None:
        error["is_transient"] = transient
    return {"error": {**error, "fbtrace_id": "AStandInOfMetaNoTrace01"}}


def found(body: Any, *path: str) -> Any:
    """Return what lies at a path of a body that may have any shape; None where nothing does."""
    for step in path:
        body = body.get(step) if isinstance(body, Mapping) else None
    return body


def length(text: Any) -> int:
    """Count as JavaScript and Java do: it is unknown how Meta counts, and this is never less."""
    return len(str(text).encode("utf-16-le", "surrogatepass")) // 2 if text is not None else 0
