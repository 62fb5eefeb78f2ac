"""What went wrong, as a problem document (RFC 9457) with a sentence for a person.

Every kind of error has its row in `PROBLEMS`; a client tells them apart by `type`, a person reads
`detail`. A fault nobody foresaw is logged by its place alone and answered as `trouble`.
"""

from __future__ import annotations

__all__ = ["PROBLEMS", "Problem", "Problems", "problem_response"]

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi.exceptions import RequestValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match

from engine.errors import Refused, RejoinderError

log = structlog.get_logger()

MEDIA_TYPE: Final = "application/problem+json"
SOON: Final = (
    "2"  # seconds: a worker that stopped, or a database, is back by then more often than not
)

# kind: status, and the sentence where the place that raises it has none of its own.
PROBLEMS: Final[Mapping[str, tuple[int, str]]] = {
    "malformed": (400, "The request is not readable as JSON."),
    "forged-token": (401, "This session token was not issued here. Begin without one."),
    "expired-token": (401, "This session token is too old. Begin without one."),
    "no-token": (401, "This needs a session token, as the first message's answer brings one."),
    "no-operator": (401, "This needs the operator token, as Authorization: Bearer TOKEN."),
    "two-sessions": (403, "The tokens of this request belong to different visitors. Send one."),
    "site-not-allowed": (403, "Pages of this site may not talk to this chat."),
    "not-admitted": (403, "This bot answers only the people it knows."),
    "no-session": (404, "There is no such session."),
    "not-found": (404, "There is nothing at this address."),
    "not-allowed": (405, "This address does not take such a request."),
    "not-now": (409, "The conversation does not allow this now."),
    "too-large": (413, "The request is too large."),
    "not-json": (415, "Send JSON, with Content-Type: application/json."),
    "no-bot": (422, "There is no bot of this name here."),
    "invalid": (422, "The request holds something that cannot be taken."),
    "too-many": (429, "That was too much at once. Wait a little and go on."),
    "trouble": (500, "Something broke on our side. Nothing you sent before was lost."),
    "unavailable": (503, "The chat cannot be reached for a moment. Try again soon."),
}
_BY_STATUS: Final = {404: "not-found", 405: "not-allowed", 413: "too-large", 415: "not-json"}


class Problem(Exception):
    """Something a client is told; `errors` name fields and what is wrong with each."""

    def __init__(
        self,
        kind: str,
        detail: str = "",
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Take the status and, without a sentence of one's own, the usual one."""
        self.kind = kind
        self.status, usual = PROBLEMS[kind]
        self.detail = detail or usual
        self.errors = errors
        self.headers = headers
        super().__init__(self.detail)


def problem_response(problem: Problem) -> Response:
    """Write a problem down."""
    body: dict[str, Any] = {
        "type": f"/docs#{problem.kind}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "errors": list(problem.errors),
    }
    headers = dict(problem.headers or {})
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

    async def said(self, _request: Request, problem: Problem) -> Response:
        """Answer what was raised as a problem."""
        return problem_response(problem)

    async def refused(self, request: Request, error: HTTPException) -> Response:
        """Answer what the framework refuses: an unknown address, a method nobody takes."""
        kind = _BY_STATUS.get(
            error.status_code, "malformed" if error.status_code < 500 else "trouble"
        )
        # Starlette names the methods of one route; an address may have several.
        headers = {"allow": ", ".join(_methods(request))} if kind == "not-allowed" else {}
        return problem_response(Problem(kind, headers=headers))

    async def invalid(self, _request: Request, error: RequestValidationError) -> Response:
        """Answer fields that cannot be taken, each by its name."""
        return problem_response(Problem("invalid", errors=faults(error.errors())))

    async def rejoinder(self, _request: Request, error: RejoinderError) -> Response:
        """Answer what the engine refuses, and what cannot be stored now: nothing is half-done."""
        if isinstance(error, Refused):
            return problem_response(Problem("not-now", str(error)))
        log.warning("not_taken", why=f"{type(error).__name__}: {error}")
        return problem_response(Problem("unavailable"))

    async def unforeseen(self, request: Request, error: Exception) -> Response:
        """Answer a fault of ours."""
        log.error("request_failed", path=request.url.path, exc_info=error)
        return problem_response(Problem("trouble"))


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
