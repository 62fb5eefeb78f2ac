"""What went wrong, as a problem document (RFC 9457) with a sentence for a person.

Every kind of error has its row in `PROBLEMS`; a client tells them apart by `type`, a person reads
`detail`, in the language their browser asks for where we have it. A fault nobody foresaw is logged by its place alone and answered as `trouble`.
"""

from __future__ import annotations

__all__ = ["PROBLEMS", "Problem", "Problems", "problem_response"]

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi.exceptions import RequestValidationError
from pydantic_core import ErrorDetails
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match

from adapters.web.sentences import ENGLISH, language_of, sentence
from engine.errors import Refused, RejoinderError

log = structlog.get_logger()

MEDIA_TYPE: Final = "application/problem+json"
SOON: Final = (
    "2"  # seconds: a worker that stopped, or a database, is back by then more often than not
)

# kind -> status; `sentences` says each to a person.
PROBLEMS: Final[Mapping[str, int]] = {
    "malformed": 400,
    "forged-token": 401,
    "expired-token": 401,
    "no-token": 401,
    "no-operator": 401,
    "no-signature": 401,
    "two-sessions": 403,
    "wrong-signature": 403,
    "site-not-allowed": 403,
    "not-admitted": 403,
    "no-session": 404,
    "not-found": 404,
    "not-allowed": 405,
    "not-now": 409,
    "too-large": 413,
    "not-json": 415,
    "no-bot": 422,
    "invalid": 422,
    "too-many": 429,
    "trouble": 500,
    "unavailable": 503,
}
_BY_STATUS: Final = {404: "not-found", 405: "not-allowed", 413: "too-large", 415: "not-json"}


class Problem(Exception):
    """Something a client is told; `errors` name fields and what is wrong with each."""

    def __init__(
        self,
        kind: str,
        detail: str = "",
        *,
        case: str = "",
        values: Mapping[str, str] = {},
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Take the sentence of this kind, of a `case` of it, or one of one's own, which is English."""
        self.kind = kind
        self.status = PROBLEMS[kind]
        self._own = detail
        self._name = f"{kind}:{case}" if case else kind
        self._values = values
        self.errors = errors
        self.headers = headers
        super().__init__(detail or self._name)

    def detail(self, accepted: str) -> tuple[str, str]:
        """Return the sentence for a person of this Accept-Language, and its language."""
        if self._own:
            return self._own, ENGLISH
        return sentence(self._name, language_of(accepted), self._values)


def problem_response(problem: Problem, to: Headers) -> Response:
    """Write a problem down for whoever sent these headers."""
    detail, language = problem.detail(to.get("accept-language", ""))
    body: dict[str, Any] = {
        "type": f"/docs#{problem.kind}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": detail,
        "errors": list(problem.errors),
    }
    headers = {"content-language": language, **(problem.headers or {})}
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers.setdefault("www-authenticate", "Bearer")
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.setdefault("retry-after", SOON)
    return JSONResponse(body, problem.status, headers, MEDIA_TYPE)


class Problems:
    """The handlers of an application: whatever is raised becomes a problem document."""

    def handlers(self) -> dict[Any, Any]:
        """Return them as an application takes them."""
        return {
            Problem: self.said,
            HTTPException: self.refused,
            RequestValidationError: self.invalid,
            RejoinderError: self.rejoinder,
            Exception: self.unforeseen,
        }

    async def said(self, request: Request, problem: Problem) -> Response:
        """Answer what was raised as a problem."""
        return problem_response(problem, request.headers)

    async def refused(self, request: Request, error: HTTPException) -> Response:
        """Answer what the framework refuses: an unknown address, a method nobody takes."""
        kind = _BY_STATUS.get(
            error.status_code, "malformed" if error.status_code < 500 else "trouble"
        )
        # Starlette names the methods of one route; an address may have several.
        headers = {"allow": ", ".join(_methods(request))} if kind == "not-allowed" else {}
        return problem_response(Problem(kind, headers=headers), request.headers)

    async def invalid(self, request: Request, error: RequestValidationError) -> Response:
        """Answer fields that cannot be taken, each by its name."""
        return problem_response(Problem("invalid", errors=faults(error.errors())), request.headers)

    async def rejoinder(self, request: Request, error: RejoinderError) -> Response:
        """Answer what the engine refuses, and what cannot be stored now: nothing is half-done."""
        if isinstance(error, Refused):
            return problem_response(Problem("not-now", str(error)), request.headers)
        log.warning("not_taken", why=f"{type(error).__name__}: {error}")
        return problem_response(Problem("unavailable"), request.headers)

    async def unforeseen(self, request: Request, error: Exception) -> Response:
        """Answer a fault of ours."""
        log.error("request_failed", path=request.url.path, exc_info=error)
        return problem_response(Problem("trouble"), request.headers)


def _methods(request: Request) -> list[str]:
    """Return all that an address takes, whichever of its routes takes it."""
    methods: set[str] = set()
    for route in request.app.routes:
        match, _ = route.matches(request.scope)
        if match is not Match.NONE:
            methods |= set(getattr(route, "methods", None) or ())
    return sorted(methods)


def faults(errors: Sequence[Any]) -> list[dict[str, str]]:
    """Say of each field what is wrong, in words that repeat nothing of what was sent."""
    return [{"field": _field(one), "fault": _fault(one)} for one in errors]


def _field(error: ErrorDetails) -> str:
    place = [str(part) for part in error["loc"] if part not in ("body", "query", "path", "header")]
    return ".".join(place)


def _fault(error: ErrorDetails) -> str:
    if error["type"] == "extra_forbidden":
        return "There is no such field."
    said = error["msg"].removeprefix("Value error, ")
    return said if said.endswith((".", "?")) else f"{said}."
