"""What WAHA is known to do, one row a rule; the stand-in answers from here, and each row has a test."""

from __future__ import annotations

__all__ = ["RULES", "Rule", "refusal"]

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.responses import JSONResponse


@dataclass(frozen=True, slots=True)
class Rule:
    """What is answered, or done, and when. `body` is what every such answer has."""

    when: str
    status: int = 0  # 0: no answer of its own; `does` says what happens
    body: Mapping[str, Any] = field(default_factory=dict)
    does: str = ""


_WAITED: Final = {
    "error": "Session status is not as expected. Try again later or restart the session"
}

RULES: Final[Mapping[str, Rule]] = {
    # -- refusals ----------------------------------------------------------------------------------
    "wrong_key": Rule(
        "any call but /ping with no X-Api-Key, or another",
        401,
        {"message": "Unauthorized", "statusCode": 401},
    ),
    "no_session": Rule(
        "a call that names a session there is not",
        404,
        {"message": "Session not found", "error": "Not Found", "statusCode": 404},
    ),
    "session_there": Rule(
        "POST /api/sessions with the name of a session there is",
        422,
        {"error": "Unprocessable Entity", "statusCode": 422},
    ),
    "not_working": Rule(
        "anything sent on a session that is not WORKING, after a wait",
        422,
        {**_WAITED, "expected": ["WORKING"]},
    ),
    "no_qr": Rule(
        "the QR code asked for in another state than SCAN_QR_CODE, after a wait",
        422,
        {**_WAITED, "expected": ["SCAN_QR_CODE"]},
    ),
    "bad_body": Rule(
        "a body that lacks what the call needs",
        400,
        {"error": "Bad Request", "statusCode": 400},
    ),
    "no_file": Rule(
        "GET /api/files/... of a file there is not",
        404,
        {"message": "File not found", "error": "Not Found", "statusCode": 404},
    ),
    # -- the session -------------------------------------------------------------------------------
    "created": Rule("POST /api/sessions with a new name", 201, {"status": "STARTING", "me": None}),
    "created_stopped": Rule("the same with start: false", 201, {"status": "STOPPED"}),
    "updated": Rule(
        "PUT /api/sessions/{s}", 200, does="takes the whole config; what runs is restarted"
    ),
    "start_again": Rule(
        "start of a session that runs, a FAILED one too", 201, does="changes nothing"
    ),
    "stop_keeps_pairing": Rule(
        "stop, then start", 201, does="WORKING again without a scan; stopping twice is no fault"
    ),
    "restart": Rule(
        "restart", 201, {"status": "STARTING"}, does="WORKING again where it is paired"
    ),
    "logout_begins_anew": Rule(
        "logout of a session that runs",
        201,
        {"me": None},
        does="keeps the config and shows a QR code",
    ),
    "logout_of_a_stopped_one": Rule("logout of a STOPPED session", 201, {"status": "STOPPED"}),
    "deleted": Rule("DELETE /api/sessions/{s}, also of one there is not", 200),
    "listed": Rule("GET /api/sessions", 200, does="leaves STOPPED ones out, unless all=true"),
    "qr_forms": Rule(
        "GET /api/{s}/auth/qr",
        200,
        does="a PNG; base64 in JSON by Accept; the raw value by format=raw",
    ),
    "qr_renewed": Rule("a QR code's life ends", does="another one, and session.status is posted"),
    "qr_given_up": Rule("the sixth QR code's life ends", does="FAILED"),
    "scanned": Rule("the owner scans", does="WORKING, with me {id, pushName}"),
    "passkey": Rule("PASSKEY_REQUIRED or any other word", 200, does="is told as it is"),
    "version": Rule("GET /api/server/version", 200),
    "ping": Rule("GET /ping, with no key", 200, {"message": "pong"}),
    # -- sending -----------------------------------------------------------------------------------
    "sent": Rule("POST /api/sendText", 201, does="the id stands where the engine puts it"),
    "sent_to_lid": Rule("POST /api/sendText to an @lid", 201, does="reaches the same phone"),
    "own_message": Rule(
        "a message sent over the API", does="message.any with fromMe and source api"
    ),
    "acks": Rule("a message sent over the API", does="message.ack: 1 SERVER, then 2 DEVICE"),
    "seen": Rule("POST /api/sendSeen, startTyping, stopTyping", 201),
    "lid_map": Rule("GET /api/{s}/lids/{lid}", 200, does="{lid, pn}; pn is null where unknown"),
    "check_exists": Rule("GET /api/contacts/check-exists", 200, does="{numberExists, chatId}"),
    # -- webhooks ----------------------------------------------------------------------------------
    "signed": Rule("every post of a hook with a key", does="HMAC-SHA512 of the raw body, in hex"),
    "both_events": Rule("a customer writes", does="message and message.any, each with its own id"),
    "two_ids": Rule("a message seen as @lid and as @c.us", does="two ids, one stanza"),
    "retried": Rule(
        "anything but 2xx, 4xx too",
        does="posted again with the same X-Webhook-Request-Id, 15 times, every 2 s",
    ),
    "out_of_order": Rule("several events at once", does="each is posted on its own, in any order"),
    "global_hook": Rule("a global hook of the same address", does="everything is posted twice"),
    "lost_in_memory": Rule("WAHA dies while it tries again", does="the event is never posted"),
    "silent": Rule("goes_silent()", does="WORKING, and nothing is posted until it is restarted"),
    "held": Rule(
        "a customer writes while the session is away",
        does="posted once it is WORKING again",
    ),
    "media_url": Rule(
        "a customer sends a file",
        does="media.url says http://localhost:3000, and GET wants X-Api-Key",
    ),
    "echo": Rule("somebody writes on the phone", does="message.any with fromMe and source app"),
}


def refusal(name: str, **more: Any) -> JSONResponse:
    """Answer as a rule says, with what only this case knows."""
    rule = RULES[name]
    return JSONResponse({**rule.body, **more}, rule.status)
