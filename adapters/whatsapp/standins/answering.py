"""How a request comes to its answer: read, gone wrong on demand, decided, written down."""

from __future__ import annotations

__all__ = ["Cut", "answered", "file", "media"]

import json
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from adapters.whatsapp.standins.faults import Fault
from adapters.whatsapp.standins.inbound import Media
from adapters.whatsapp.standins.meta import MetaStandin
from adapters.whatsapp.standins.refusing import Refusal, error_body
from adapters.whatsapp.standins.standin import Asked

Decide = Callable[[Any], tuple[int, Any]]


class Cut(Response):
    """An answer that breaks off: the client sees the connection close."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Promise a body that does not come."""
        headers = [(b"content-type", b"application/json"), (b"content-length", b"100")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})


async def answered(standin: MetaStandin, request: Request, decide: Decide) -> Response:
    """Answer a message or a mark as `decide` says, or as a fault wants it."""
    raw = await request.body()
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    mark = isinstance(body, dict) and "status" in body
    fault = standin.faults.take("mark" if mark else "message")
    status, answer = _decided(standin, body, fault, decide)
    gone = fault is not None and fault.kind != "refuse" and status == 200
    _note(standin, request, body, 0 if gone else status, answer)
    if gone and fault is not None and fault.kind == "cut":
        return Cut()
    if gone:
        await standin.hold()
    return _response(status, answer)


def _decided(
    standin: MetaStandin, body: Any, fault: Fault | None, decide: Decide
) -> tuple[int, Any]:
    if fault is None or fault.kind != "refuse":
        return decide(body)
    refusal = Refusal("asked for", fault.code, fault.details, body)
    standin.refusals.append(refusal)
    if fault.late:
        return 200, standin.take(body, standin.addressed(body), failing=refusal)
    if not fault.code:
        return fault.http, f"<html><body>{fault.http}</body></html>"
    return fault.http, error_body(fault.code, fault.details, transient=fault.transient)


def _note(standin: MetaStandin, request: Request, body: Any, status: int, answer: Any) -> None:
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    headers = dict(request.headers)
    standin.requests.append(
        Asked(standin.clock(), request.method, path, headers, body, status, answer)
    )
    standin.notify()


def _response(status: int, answer: Any) -> Response:
    if isinstance(answer, bytes):
        return Response(answer, status)
    if isinstance(answer, str):
        return HTMLResponse(answer, status)
    return JSONResponse(answer, status)


async def media(
    standin: MetaStandin, request: Request, refused: tuple[int, Any] | None
) -> Response:
    """Tell where a file lies."""
    return await _media(standin, request, refused, request.path_params["media"], _told)


async def file(standin: MetaStandin, request: Request, refused: tuple[int, Any] | None) -> Response:
    """Hand out a file."""
    wanted = request.query_params.get("mid", "")
    return await _media(standin, request, refused, wanted, lambda _, one: one.data)


def _told(standin: MetaStandin, one: Media) -> Any:
    return {
        "messaging_product": "whatsapp",
        "url": standin.media_url(one),
        "mime_type": one.mime,
        "sha256": one.sha256,
        "file_size": len(one.data),
        "id": one.id,
    }


async def _media(
    standin: MetaStandin,
    request: Request,
    refused: tuple[int, Any] | None,
    wanted: str,
    tell: Callable[[MetaStandin, Media], Any],
) -> Response:
    fault = standin.faults.take("media")
    one = standin.media.get(wanted)
    if refused is not None:
        status, answer = refused
    elif fault is not None and fault.kind == "refuse":
        status, answer = fault.http, error_body(fault.code, fault.details)
    elif one is None:
        status, answer = 404 if request.url.query else 400, error_body(33, wanted)
    else:
        status, answer = 200, tell(standin, one)
    held = fault is not None and fault.kind != "refuse"
    _note(standin, request, None, 0 if held else status, None)
    if fault is not None and fault.kind == "cut":
        return Cut()
    if held:
        await standin.hold()
    return _response(status, answer)
