"""What a refusal means: Meta's codes, then what 360dialog and WAHA say, then the HTTP status.

Every text here is for the operator, and holds nothing of what a provider answered: its messages
may repeat a number or what a customer wrote.
"""

from __future__ import annotations

__all__ = ["Unclear", "meaning", "refusal_of"]

import json
from collections.abc import Mapping
from typing import Any, Final

from adapters.whatsapp.provider import Refused, ToDo


class Unclear(Exception):
    """A provider answered, and not whether it sent: the message may have gone out."""


# Meta, error codes: what to do, what is wrong and its remedy, the codes.
_TABLE: Final[tuple[tuple[ToDo, str, tuple[int, ...]], ...]] = (
    (
        "retry",
        "WhatsApp is busy, at work on itself, or takes no more from us just now. It is tried again",
        # Courier tries 131053, a file that was not fetched, again too.
        (4, 80007, 130429, 2, 131000, 131016, 133004, 131057, 131053),
    ),
    ("pair", "this person got too many messages in a short time. It is tried again", (131056,)),
    (
        "stop",
        (
            "the token is not valid or may not do this. Make a token with the permissions "
            "whatsapp_business_messaging and whatsapp_business_management, and put it where the "
            "connection's token points"
        ),
        (0, 3, 10, 190, *range(200, 300), 131005),
    ),
    (
        "stop",
        "the account is locked or restricted. Read why in Meta's Business Support Home",
        (368, 131031),
    ),
    ("stop", "a payment is missing. Settle it in Meta's billing settings", (131042,)),
    (
        "stop",
        (
            "the number is not registered for sending, or not known, or its display name is not "
            "approved. Compare phone_number_id, and look at the number in WhatsApp Manager"
        ),
        (131045, 133010, 33, 131037),
    ),
    (
        "slow",
        (
            "too many people reported or blocked this number. Everything rests a while; look at its "
            "quality in WhatsApp Manager"
        ),
        (131048, 131064),
    ),
    (
        "never",
        "this person cannot be reached: no WhatsApp, an old version, terms not accepted",
        (131026,),
    ),
    ("never", "this person is blocked by the business. Unblock them to write again", (130403,)),
    ("never", "this person wants no such messages of this business", (131050, 130472)),
    ("never", "the receiver is the sending number itself", (131021,)),
    (
        "never",
        "the receiver is not on the list of the test number. Add them to it, or take a real number",
        (131030,),
    ),
    ("never", "messages to this country are not allowed for this business", (130497,)),
    (
        "never",
        "this kind of message cannot be sent to this receiver, or its file cannot be read",
        (131051, 131052, 131062),
    ),
    (
        "template",
        "the customer's last message is more than 24 hours old: only an approved template goes",
        (131047,),
    ),
    ("wait", "this person got enough marketing for now. It can go after a day", (131049,)),
    (
        "ours",
        (
            "the request is wrong. Where it was a template, compare its name, its language and its "
            "gaps with WhatsApp Manager; else report it as a fault of this program"
        ),
        (
            *(1, 100, 131008, 131009, 135000),
            *(132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132018),
        ),
    ),
)
_MEANINGS: Final[Mapping[int, tuple[ToDo, str]]] = {
    code: (do, why) for do, why, codes in _TABLE for code in codes
}

# 360dialog, error messages: the words in an answer without a code of Meta's.
_WORDS: Final[tuple[tuple[str, ToDo, str], ...]] = (
    ("rate limit", "slow", "360dialog takes no more for now. Everything rests a while"),
    ("exceeded the limit", "slow", "360dialog takes no more for now. Everything rests a while"),
    ("payment", "stop", "an invoice of 360dialog is open. Pay it, or ask its support"),
    ("disabled", "stop", "the number is disabled at 360dialog. Ask its support"),
    ("api not available", "retry", "WhatsApp is not available at 360dialog. It is tried again"),
)

# WAHA, sessions. The states are an open set: those of a session that is not one of these pass.
_NEED_A_PERSON: Final = {
    "SCAN_QR_CODE": "Pair the number again: scan its QR code",
    "FAILED": "Restart the session; where that does not help, log out and pair the number again",
    "STOPPED": "Start the session",
    "PASSKEY_REQUIRED": "Confirm the passkey on the phone",
    "PASSKEY_CONFIRMATION_REQUIRED": "Confirm the passkey on the phone",
}

_NO_ENTRY = "the key was not taken. Compare the connection's token or api_key"
_NO_PLACE = (
    "there is nothing of that name. Compare the connection's base_url, phone_number_id, version "
    "or session"
)
_STATUSES: Final[Mapping[int, tuple[ToDo, str]]] = {
    401: ("stop", _NO_ENTRY),
    402: ("stop", "a payment is missing. Settle it with the provider"),
    403: ("stop", f"{_NO_ENTRY}, or ask the provider which endpoints it may use"),
    404: ("stop", _NO_PLACE),
    405: ("stop", _NO_PLACE),
    408: ("retry", "the request came too slowly. It is tried again"),
    422: ("stop", f"the session cannot be used, or {_NO_PLACE}"),
    425: ("retry", "it is too early. It is tried again"),
    429: ("retry", "it takes no more for now. It is tried again"),
}


def meaning(code: int) -> ToDo:
    """Return what to do about the code of a `failed` status; one that is not known ends it.

    No code is 0 there. In an answer 0 is the token's, which no message that was taken can meet.
    """
    return _MEANINGS[code][0] if code and code in _MEANINGS else "never"


def refusal_of(http_status: int, body: object) -> Refused | Unclear:
    """Return what an answer other than a success is; `body` is its JSON, its text, or None."""
    code, transient = _code(http_status, body)
    if code is not None and code in _MEANINGS:
        do, why = _MEANINGS[code]
        return Refused(do, f"WhatsApp, code {code}: {why}.", code=code)
    if code is not None:
        do, why = _unknown(http_status, transient=transient)
        return Refused(do, f"WhatsApp, code {code}, HTTP {http_status}: {why}.", code=code)
    if (state := _session_state(http_status, body)) is not None:
        return _of_session(state)
    for words, do, why in _WORDS if http_status >= 400 else ():
        if words in _text(body):
            return Refused(do, f"360dialog, HTTP {http_status}: {why}.")
    return _of_status(http_status, body)


def _code(http_status: int, body: object) -> tuple[int | None, bool]:
    """Return Meta's code in an answer, and whether it says that this will pass."""
    error: Any = body.get("error") or body.get("errors") if isinstance(body, dict) else None
    if isinstance(error, list) and error:
        error = error[0]
    if not isinstance(error, dict):
        return None, False
    code = error.get("code")
    if isinstance(code, str) and code.isascii() and code.isdecimal() and len(code) < 10:
        code = int(code)
    # A gateway's own error repeats the HTTP status in its place.
    if not isinstance(code, int) or isinstance(code, bool) or code == http_status >= 400:
        return None, False
    # A wrong phone_number_id comes as a wrong parameter of this kind, and is wrong for everybody.
    if (code, error.get("error_subcode")) == (100, 33):
        code = 33
    return code, error.get("is_transient") is True


def _unknown(http_status: int, *, transient: bool) -> tuple[ToDo, str]:
    """Return what to do about a code that is not in the table."""
    if transient or http_status >= 500:
        return "retry", "a code that is not known here. It will pass and is tried again"
    if http_status in _STATUSES:
        do, why = _STATUSES[http_status]
        return do, f"a code that is not known here; {why}"
    return "never", "a code that is not known here. Look it up in Meta's list of error codes"


def _session_state(http_status: int, body: object) -> str | None:
    """Return the state of a WAHA session that cannot send, where an answer tells one."""
    state = body.get("status") if isinstance(body, dict) else None
    return state if http_status == 422 and isinstance(state, str) else None


def _of_session(state: str) -> Refused:
    """Return what a session's state means: one that starts passes by itself."""
    remedy = _NEED_A_PERSON.get(state)
    if remedy is None:
        return Refused("slow", "WAHA: the session is not ready yet. Everything waits for it.")
    return Refused("stop", f"WAHA: the session is {state}. {remedy}.")


def _of_status(http_status: int, body: object) -> Refused | Unclear:
    """Return what an HTTP status means by itself."""
    said = f"the provider, HTTP {http_status}"
    if http_status in _STATUSES:
        do, why = _STATUSES[http_status]
        return Refused(do, f"{said}: {why}.")
    if 300 <= http_status < 400:
        return Refused(
            "stop", f"{said}: it points elsewhere. Write the address it means as base_url."
        )
    if 400 <= http_status < 500:
        return Refused("ours", f"{said}: it does not understand the request. Report it as a fault.")
    if http_status >= 500 and body is None:
        return Refused("retry", f"{said}, without a word. It is tried again.")
    return Unclear(f"{said}, without saying whether it sent.")


def _text(body: object) -> str:
    """Return an answer in small letters."""
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    return text[:10_000].lower()
