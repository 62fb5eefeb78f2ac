"""What providers refuse, and what is done about it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.whatsapp.provider import Refused, ToDo
from adapters.whatsapp.refusals import Unclear, meaning, refusal_of

# Meta, error codes, by what is done.
CODES: dict[ToDo, list[int]] = {
    "retry": [4, 80007, 130429, 2, 131000, 131016, 133004, 131057, 131053],
    "pair": [131056],
    "stop": [
        *(0, 3, 10, 190, 200, 219, 250, 299, 131005),
        *(368, 131031, 131042, 131045, 133010, 33, 131037),
    ],
    "slow": [131048, 131064],
    "never": [
        *(131026, 130403, 131050, 131021, 131030, 130497, 131051, 131052, 131062, 130472),
    ],
    "template": [131047],
    "wait": [131049],
    "ours": [
        *(1, 100, 131008, 131009, 135000),
        *(132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132018),
    ],
}
ROWS = [(do, code) for do, codes in CODES.items() for code in codes]


def told(code: object, **more: object) -> dict[str, Any]:
    """Return an error as Meta tells it, with somebody's number in its words."""
    return {
        "error": {
            "message": f"(#{code}) no message to +1 650 555 1234",
            "type": "OAuthException",
            "code": code,
            "error_data": {"messaging_product": "whatsapp", "details": "'my secret order'"},
            "fbtrace_id": "AbCdEf",
            **more,
        }
    }


def sure(status: int, body: object) -> Refused:
    refused = refusal_of(status, body)
    assert isinstance(refused, Refused)
    return refused


@pytest.mark.parametrize(("do", "code"), ROWS)
@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 200])
def test_a_code_says_what_to_do(do: ToDo, code: int, status: int) -> None:
    """The code decides, whatever the HTTP status is; an operator reads the code and a remedy."""
    refused = sure(status, told(code))

    assert (do, code) == (refused.do, refused.code)
    assert f"code {code}:" in str(refused)


@pytest.mark.parametrize(("do", "code"), [row for row in ROWS if row[1] != 0])
def test_a_code_that_comes_later_means_the_same(do: ToDo, code: int) -> None:
    """Some refusals come only with a failed status."""
    assert do == meaning(code)


@pytest.mark.parametrize("code", [0, 7, 199, 300, 131999, -1])
def test_a_failure_that_is_not_known_ends_the_message(code: int) -> None:
    """It is not sent again; no code is 0 there, and stops nothing."""
    assert "never" == meaning(code)


def test_a_code_written_as_text_is_one() -> None:
    """Not everybody who passes errors on keeps numbers numbers."""
    assert "template" == sure(400, told("131047")).do
    assert "template" == sure(400, {"errors": [{"code": 131047}]}).do


def test_a_number_that_is_not_there_stops_the_connection() -> None:
    """A wrong phone_number_id is told as a wrong parameter; no message of anybody would pass."""
    refused = sure(400, told(100, error_subcode=33))

    assert ("stop", 33) == (refused.do, refused.code)
    assert "ours" == sure(400, told(100, error_subcode=2)).do


@pytest.mark.parametrize(
    ("status", "more", "do"),
    [
        (400, {"is_transient": True}, "retry"),
        (400, {"is_transient": False}, "never"),
        (400, {"is_transient": "yes"}, "never"),
        (400, {}, "never"),
        (401, {}, "stop"),
        (403, {}, "stop"),
        (429, {}, "retry"),
        (500, {}, "retry"),
        (503, {}, "retry"),
    ],
)
def test_an_unknown_code_goes_by_what_is_beside_it(
    status: int, more: dict[str, object], do: ToDo
) -> None:
    """It says itself that it will pass, or the HTTP status does."""
    refused = sure(status, told(987_654, **more))

    assert (do, 987_654) == (refused.do, refused.code)


def dialog360(status: int, said: str) -> dict[str, Any]:
    return {"meta": {"success": False, "http_code": status, "developer_message": said}}


@pytest.mark.parametrize(
    ("status", "said", "do"),
    [
        (401, "Invalid api_key", "stop"),
        (403, "The endpoint is blocked", "stop"),
        (400, "You have exceeded the endpoint rate limit.", "slow"),
        (400, "You have exceeded the limit of 1 request every 6 seconds. Try again.", "slow"),
        (400, "Could not send message due to lack of payment.", "stop"),
        (400, "Your WhatsApp for Business API has been disabled", "stop"),
        (400, "Something else", "ours"),
        (502, "WhatsApp for Business API not available", "retry"),
    ],
)
@pytest.mark.parametrize("as_text", [False, True])
def test_360dialog_has_errors_of_its_own(
    status: int, said: str, do: ToDo, *, as_text: bool
) -> None:
    """They have no code of Meta's; their words tell them apart."""
    refused = sure(status, said if as_text else dialog360(status, said))

    assert (do, 0) == (refused.do, refused.code)


@pytest.mark.parametrize("body", [dialog360(500, "Internal server error"), told(500), "<html>"])
def test_a_broken_server_that_says_nothing_of_the_message_leaves_it_open(body: object) -> None:
    """It may have broken after the message went."""
    assert isinstance(refusal_of(500, body), Unclear)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_server_without_a_word_sent_nothing(status: int) -> None:
    """Nothing was looked at."""
    assert "retry" == sure(status, None).do


@pytest.mark.parametrize(
    ("state", "do", "remedy"),
    [
        ("STARTING", "slow", "not ready"),
        ("WORKING", "slow", "not ready"),
        ("SOMETHING_NEW", "slow", "not ready"),
        ("SCAN_QR_CODE", "stop", "QR code"),
        ("FAILED", "stop", "Restart"),
        ("STOPPED", "stop", "Start the session"),
        ("PASSKEY_REQUIRED", "stop", "passkey"),
        ("PASSKEY_CONFIRMATION_REQUIRED", "stop", "passkey"),
    ],
)
def test_a_waha_session_that_starts_passes_and_others_need_a_person(
    state: str, do: ToDo, remedy: str
) -> None:
    """Nothing is dropped either way."""
    body = {
        "error": "Session status is not as expected. Try again later or restart the session",
        "session": "default",
        "status": state,
        "expected": ["WORKING"],
    }
    refused = sure(422, body)

    assert do == refused.do
    assert remedy in str(refused)


@pytest.mark.parametrize(
    ("status", "body", "do"),
    [
        (401, {"message": "Unauthorized", "statusCode": 401}, "stop"),
        (404, {"message": "We didn't find a session", "statusCode": 404}, "stop"),
        (422, {"message": "only 'default' session", "statusCode": 422}, "stop"),
        (422, {"status": 422, "message": "no"}, "stop"),
        (400, {"message": ["chatId must be a string"], "statusCode": 400}, "ours"),
        (413, {"message": "too large"}, "ours"),
        (402, None, "stop"),
        (405, None, "stop"),
        (408, None, "retry"),
        (425, None, "retry"),
        (429, {"message": "slow down"}, "retry"),
        (301, None, "stop"),
        (308, "<html>moved</html>", "stop"),
    ],
)
def test_without_a_code_the_http_status_says_what_to_do(
    status: int, body: object, do: ToDo
) -> None:
    """WAHA's errors have none."""
    refused = sure(status, body)

    assert (do, 0) == (refused.do, refused.code)


def test_waha_that_broke_may_have_sent() -> None:
    """Its own faults come with a body, and some after the message went."""
    body = {"statusCode": 500, "error": "Evaluation failed: t", "path": "/api/sendText"}

    assert isinstance(refusal_of(500, body), Unclear)


@pytest.mark.parametrize("status", [100, 200, 204, 600, 999])
def test_what_is_no_refusal_is_unclear(status: int) -> None:
    """An answer that is neither a yes nor a no."""
    body = None if status < 500 else "?"

    assert isinstance(refusal_of(status, body), Unclear)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "errors", "code", "status", "is_transient", "meta", "x"]),
            inner,
            max_size=4,
        )
    ),
)


@given(st.integers(100, 599), JSON)
def test_every_answer_has_a_meaning(status: int, body: object) -> None:
    """Whatever comes is read without a fault, and the operator gets a sentence."""
    refused = refusal_of(status, body)

    assert str(refused).endswith(".")


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 422, 429, 500])
def test_an_operator_reads_nothing_of_what_was_answered(status: int) -> None:
    """It may repeat a number, what a customer wrote, or the key."""
    bodies = [
        told(131026),
        told(987_654),
        dialog360(status, "payment from +16505551234 for 'my secret order'"),
        "my secret order, key 16505551234",
        {"status": "my secret order", "session": "16505551234"},
    ]
    said = " ".join(str(refusal_of(status, body)) for body in bodies)

    assert [] == [word for word in ("secret", "order'", "1234", "AbCdEf") if word in said]
