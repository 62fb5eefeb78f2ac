"""What errors mean, one request for each row: asked again, after how long, told to whom."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

from adapters.gemini.assistant import Gemini
from adapters.gemini.refusals import LONGEST, REST, Told, refused
from adapters.gemini.standin import (
    GeminiStandin,
    Mood,
    broken,
    cut,
    fails,
    html,
    limited,
    says,
    slow,
)
from adapters.gemini.standin.moods import error_body
from tests.gemini.asking import failure, question, tried

KEY = "AIza-very-secret"
WORDS = "my card is 4111"


def invalid(message: str, status: str = "INVALID_ARGUMENT", **detail: Any) -> Mood:
    body = error_body(400, message, [detail] if detail else [])
    body["error"]["status"] = status
    return Mood(400, body)


ROWS: dict[str, tuple[Mood, bool, int | None]] = {
    "429 with RetryInfo": (limited("17s"), True, 17_000),
    "429 with half a second": (limited("0.5s"), True, 500),
    "429 with nanoseconds": (limited("1.000000001s"), True, 1_001),
    "429 with Retry-After": (limited(header="3"), True, 3_000),
    "429 with both": (limited("2s", header="30"), True, 2_000),
    "429 with no time at all": (limited("0s"), True, REST),
    "429 with no time, then some": (limited("0s", header="3"), True, 3_000),
    "429 with a date": (limited(header="Wed, 21 Oct 2026 07:28:00 GMT"), True, REST),
    "429 with nonsense": (limited("-5s"), True, REST),
    "429 with ages": (limited("999999999s"), True, LONGEST),
    "429 without": (limited(), True, REST),
    "429 in a list": (Mood(429, [limited("4s").body]), True, 4_000),
    "500": (fails(500), True, None),
    "502": (fails(502), True, None),
    "503": (fails(503), True, None),
    "503 with Retry-After": (
        Mood(503, error_body(503, "overloaded"), {"retry-after": "4"}),
        True,
        4_000,
    ),
    "504": (fails(504), True, None),
    "408": (fails(408), True, None),
    "400": (fails(400), False, None),
    "400 with a delay": (invalid("x", retryDelay="5s"), False, None),
    "400 for the key": (invalid("API key not valid.", reason="API_KEY_INVALID"), False, None),
    "400 for the country": (
        invalid("User location is not supported.", "FAILED_PRECONDITION"),
        False,
        None,
    ),
    "401": (fails(401), False, None),
    "403": (fails(403), False, None),
    "404": (fails(404), False, None),
    "418": (fails(418), False, None),
    "302": (Mood(302, "", {"location": "/elsewhere"}), False, None),
    "HTML 502": (html(502), True, None),
    "HTML 404": (html(404), False, None),
    "HTML 200": (html(200), True, None),
    "500 with a list": (Mood(500, []), True, None),
    "500 with a text": (Mood(500, {"error": "x"}), True, None),
    "500 with odd details": (Mood(500, {"error": {"details": ["x"]}}), True, None),
    "429 with no list of details": (Mood(429, {"error": {"details": 5}}), True, REST),
    "broken JSON": (broken(), True, None),
    "an empty body": (Mood(body=""), True, None),
    "a list": (Mood(body=[]), True, None),
    "another shape": (
        Mood(body={"candidates": [{"content": {"parts": [{"functionCall": {"args": [1]}}]}}]}),
        True,
        None,
    ),
    "cut in the middle": (cut(), True, None),
    "too slow": (slow(60), True, None),
}


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in ROWS.items()])
async def test_each_error_has_its_meaning(row: tuple[Mood, bool, int | None]) -> None:
    """One request, whatever comes: it is the worker that asks again."""
    mood, again, after = row
    standin = GeminiStandin(mood)

    _, *meant = await failure(Gemini(key="k", transport=standin.transport()), question(timeout=200))

    assert [again, after] == meant
    assert 1 == standin.count


async def test_where_nobody_is_it_is_tried_again() -> None:
    standin = GeminiStandin()
    standin.down()

    assert ("it cannot be reached", True, None) == await failure(
        Gemini(key="k", transport=standin.transport())
    )


class Raising(httpx2.AsyncBaseTransport):
    """A network with one fault."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        raise self.error


class ClientPayloadError(Exception):
    """As aiohttp's, which is not installed here."""


ClientPayloadError.__module__ = "aiohttp.client_exceptions"


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (httpx2.ReadTimeout("x"), True),
        (httpx2.PoolTimeout("x"), True),
        (httpx2.ConnectError("x"), True),
        (httpx2.RemoteProtocolError("x"), True),
        (httpx2.DecodingError("x"), True),
        (TimeoutError("x"), True),
        (ConnectionResetError("x"), True),
        (ClientPayloadError("x"), True),
        (httpx2.UnsupportedProtocol("x"), False),
        (httpx2.InvalidURL("x"), False),
    ],
)
async def test_each_fault_of_the_way_has_its_meaning(error: Exception, again: bool) -> None:  # noqa: FBT001 - a row
    _, *meant = await failure(Gemini(key="k", transport=Raising(error)))

    assert [again, None] == meant


async def test_a_fault_of_ours_stays_what_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        await tried(Gemini(key="k", transport=Raising(ZeroDivisionError())))


# -- the operator ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mood", "words"),
    [
        (fails(403), "GEMINI_API_KEY"),
        (fails(401), "GEMINI_API_KEY"),
        (invalid("API key not valid.", reason="API_KEY_INVALID"), "GEMINI_API_KEY"),
        (fails(404), "`model`"),
        (fails(400), "`model`"),
        (fails(418), "`base_url`"),
        (invalid("x", "FAILED_PRECONDITION"), "billing"),
    ],
)
async def test_the_operator_is_told_once_what_to_repair(mood: Mood, words: str) -> None:
    """Until it has worked again; then a new fault is news."""
    standin = GeminiStandin(mood)
    gemini = Gemini(key="k", transport=standin.transport())
    with capture_logs() as logs:
        await failure(gemini)
        await failure(gemini)
        first = [one["remedy"] for one in logs]
        standin.next(says("Hi."))
        await tried(gemini)
        await failure(gemini)

    assert 1 == len(first)
    assert words in first[0]
    assert 2 == len(logs)


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in ROWS.items()])
async def test_no_log_and_no_reason_holds_a_key_or_a_text(
    row: tuple[Mood, bool, int | None],
) -> None:
    """Not even where the error repeats them."""
    mood = row[0]
    if isinstance(mood.body, dict) and isinstance(mood.body.get("error"), dict):
        mood.body["error"]["message"] = f"{KEY} {WORDS}"
    gemini = Gemini(key=KEY, transport=GeminiStandin(mood).transport())
    with capture_logs() as logs:
        why, *_ = await failure(gemini, question(WORDS, timeout=200))

    assert not [secret for secret in (KEY, WORDS) if secret in f"{why} {logs} {gemini!r}"]


async def test_without_any_key_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    standin = GeminiStandin()
    with capture_logs() as logs:
        why, again, _ = await failure(Gemini(transport=standin.transport()))

    assert ("there is no key", False) == (why, again)
    assert ["gemini_refused"] == [one["event"] for one in logs]
    assert 0 == standin.count


async def test_a_key_that_cannot_even_be_sent_is_told() -> None:
    """As one pasted with the quotes of a letter around it."""
    gemini = Gemini(key="\u201ckey\u201d", transport=GeminiStandin().transport())
    with capture_logs() as logs:
        why, again, _ = await failure(gemini)

    assert ("the key is wrong, or may not do this", False) == (why, again)
    assert ["GEMINI_API_KEY" in one["remedy"] for one in logs] == [True]


async def test_the_clients_own_variables_hold_where_nothing_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("GOOGLE_API_KEY", raising=False)
    monkeypatch.setenv("GEMINI_API_KEY", "from-outside")
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "http://gemini.example/ours")
    standin = GeminiStandin(key="from-outside")

    await tried(Gemini(transport=standin.transport()))

    assert "/ours/v1/models/gemini-flash-latest:generateContent" == standin.asked[0].path
    assert "gemini.example" == standin.asked[0].headers["host"]


async def test_what_is_said_goes_before_the_clients_variables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "from-outside")
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "http://elsewhere.example")
    standin = GeminiStandin(key="ours")

    await tried(
        Gemini(
            key="ours",
            model="gemini-x",
            base_url="http://here.example",
            transport=standin.transport(),
        )
    )

    assert "here.example" == standin.asked[0].headers["host"]
    assert "gemini-x" == standin.asked[0].model


async def test_a_closed_one_opens_again_with_the_next_question() -> None:
    standin = GeminiStandin()
    gemini = Gemini(key="k", transport=standin.transport())
    await gemini.aclose()
    await tried(gemini)
    await tried(gemini)

    assert 2 == standin.count


def test_an_error_without_a_response_is_read_too() -> None:
    from google.genai.errors import ServerError  # noqa: PLC0415 - as the product does

    found = refused(ServerError(503, {"error": {"code": 503}}, None), Told())

    assert found is not None
    assert found.again


# -- turns of its own that it does not know again --------------------------------------------------


async def test_a_signature_that_is_missed_where_there_is_none_is_asked_for_once() -> None:
    """Nothing of its own was sent: to send it as texts helps nobody."""
    standin = GeminiStandin(invalid("Function call is missing a thought_signature in ..."))
    gemini = Gemini(key="k", transport=standin.transport())

    assert ("400: signatures", False, None) == await failure(gemini)
    assert 1 == standin.count
