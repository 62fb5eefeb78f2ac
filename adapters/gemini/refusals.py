"""What an error means: whether to ask again, when, and what the operator should do about it.

Nothing here repeats what was answered: an error of Gemini's may hold the key or a customer's words.
"""

from __future__ import annotations

__all__ = ["Told", "refused", "unopened"]

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from adapters.gemini.answers import Unsigned
from engine.questions import NotAnswered

log = structlog.get_logger()

REST: Final = 10_000  # milliseconds, where it is busy and names no time: its limits are per minute
LONGEST: Final = 86_400_000  # milliseconds; its longest limits are per day
_DURATION: Final = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s?")


@dataclass(frozen=True, slots=True)
class Meaning:
    """One row: what is wrong, whether asking again can help, what the operator should do."""

    why: str
    again: bool = False
    remedy: str = ""
    rests: bool = False  # it wants to be left alone, as long as it says


_KEY: Final = Meaning(
    "the key is wrong, or may not do this",
    remedy="Put a valid key where the assistant's `key` points, or into GEMINI_API_KEY.",
)
_NO_KEY: Final = Meaning("there is no key", remedy=_KEY.remedy)
_TABLE: Final[Mapping[int, Meaning]] = {
    400: Meaning(
        "the request is refused",
        remedy="Compare the assistant's `model` and `base_url`; else report it as a fault of this program.",
    ),
    401: _KEY,
    403: _KEY,
    404: Meaning(
        "there is no such model or address",
        remedy="Set the assistant's `model` to one that this key may use, and look at its `base_url`.",
    ),
    408: Meaning("it was not done in time", again=True),
    429: Meaning("too many questions", again=True, rests=True),
    500: Meaning("a fault of its own", again=True),
    502: Meaning("it cannot be reached through what stands before it", again=True),
    503: Meaning("it is overloaded", again=True),
    504: Meaning("it was not done in time", again=True),
}
_LOCATION: Final = Meaning(
    "this server's country, or the project's billing, does not allow it",
    remedy="Read the countries and plans of the Gemini API, and set up billing for the key's project.",
)
_OTHER: Final = Meaning(
    "the address answers otherwise than Gemini", remedy="Look at the assistant's `base_url`."
)
_UNREADABLE: Final = Meaning("its answer cannot be read", again=True)
_AWAY: Final = Meaning("it cannot be reached", again=True)
_SLOW: Final = Meaning("no answer in time", again=True)


@dataclass(slots=True)
class Told:
    """What the operator has been told; once is enough, until it has worked again."""

    rows: set[str] = field(default_factory=set)

    def tell(self, meaning: Meaning, code: int) -> None:
        """Say what a person must repair."""
        if meaning.remedy and meaning.why not in self.rows:
            self.rows.add(meaning.why)
            log.error("gemini_refused", code=code, why=meaning.why, remedy=meaning.remedy)


def refused(error: Exception, told: Told, *, verbatim: bool = False) -> NotAnswered | None:
    """Return what an error of the client means; None: it is none that Gemini or the way to it makes.

    `verbatim`: turns of its own were sent as they came, and may be what a request is refused for.
    """
    from google.genai.errors import APIError  # noqa: PLC0415 - whoever is refused has loaded it

    if isinstance(error, APIError):
        if verbatim and _row(error.code, error.details) is _TABLE[400]:
            return Unsigned("400: turns of its own")
        return _refused(error.code, error.details, _headers(error), told)
    meaning = _way(error)
    if meaning is None:
        return None
    told.tell(meaning, 0)
    return NotAnswered(meaning.why, again=meaning.again)


def unopened(told: Told) -> NotAnswered:
    """Return what it means that the client cannot even be made: it has no key at all."""
    told.tell(_NO_KEY, 0)
    return NotAnswered(_NO_KEY.why)


def _refused(code: Any, body: Any, headers: Mapping[str, str], told: Told) -> NotAnswered:
    row = _row(code, body)
    if isinstance(row, NotAnswered):
        return row
    told.tell(row, code)
    why = f"{code}: {row.why}"
    after = _delay(body, headers)
    if after is not None and row.again:
        return NotAnswered(why, again=True, after=after)
    return NotAnswered(why, again=row.again, after=REST if row.rests else None)


def _row(code: Any, body: Any) -> Meaning | NotAnswered:
    if code == 400:
        error = _error(body)
        message = str(error.get("message"))
        if re.search(r"thought[ _]signature", message, re.IGNORECASE):
            return Unsigned("400: signatures")
        if "API_KEY_INVALID" in {one.get("reason") for one in _details(body)}:
            return _KEY
        if error.get("status") == "FAILED_PRECONDITION":
            return _LOCATION
    return _TABLE.get(code, _OTHER)


def _error(body: Any) -> Mapping[str, Any]:
    error = body.get("error") if isinstance(body, Mapping) else None
    return error if isinstance(error, Mapping) else {}


def _details(body: Any) -> Iterator[Mapping[str, Any]]:
    details = _error(body).get("details")
    if isinstance(details, list):
        yield from (one for one in details if isinstance(one, Mapping))


def _delay(body: Any, headers: Mapping[str, str]) -> int | None:
    """Return how long it wants to be left alone: RetryInfo, else the header, in seconds.

    None at all is not said: whoever asks on at once is refused on at once.
    """
    said = [one.get("retryDelay") for one in _details(body)] + [headers.get("retry-after")]
    for delay in said:
        match = _DURATION.fullmatch(str(delay).strip())
        if match and (after := math.ceil(float(match[1]) * 1_000)):
            return min(LONGEST, after)
    return None


def _headers(error: Any) -> Mapping[str, str]:
    headers = getattr(error.response, "headers", None)
    return headers if isinstance(headers, Mapping) else {}


def _way(error: Exception) -> Meaning | None:
    """Name what went wrong on the way; the client brings the errors of three libraries."""
    import httpx2  # noqa: PLC0415 - the client has loaded it

    if isinstance(error, TimeoutError | httpx2.TimeoutException):
        return _SLOW
    if isinstance(error, httpx2.InvalidURL | httpx2.UnsupportedProtocol):
        return _OTHER
    if isinstance(error, UnicodeEncodeError):
        return _KEY  # a header is plain ASCII, and nothing else is refused for its letters
    if isinstance(error, OSError | httpx2.HTTPError) or _of_aiohttp(error):
        return _AWAY
    return _UNREADABLE if isinstance(error, ValueError) else None


def _of_aiohttp(error: Exception) -> bool:
    """Whether it is aiohttp's, which the client takes where somebody has installed it."""
    return any(one.__module__.partition(".")[0] == "aiohttp" for one in type(error).__mro__)
