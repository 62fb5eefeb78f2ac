"""The HTTP API of the WAHA stand-in: which call is which, and what it answers."""

from __future__ import annotations

__all__ = ["Call", "Fault", "api"]

import hmac
import io
import json
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import segno
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.whatsapp.standins.waha_pairing import Pairing
from adapters.whatsapp.standins.waha_rules import refusal

if TYPE_CHECKING:
    from adapters.whatsapp.standins.waha_world import WahaWorld

Answer = Callable[["WahaWorld", Request, dict[str, Any]], Awaitable[Response]]
PICTURE = "image/png"


@dataclass(frozen=True, slots=True)
class Call:
    """A call that came, as the tests look at it."""

    name: str  # the last word of its address, or what is done: create, update, get, list, delete
    body: dict[str, Any] = field(default_factory=dict)
    session: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with a call to come."""

    status: int = 500
    body: Any = None
    hangs: bool = False  # nobody is ever answered
    done: bool = False  # what was asked is done all the same


def api(world: WahaWorld) -> Starlette:
    """Return the API of a stand-in."""
    session = "/api/sessions/{session}"
    routes = [
        Route("/ping", _answering(world, "ping", _ping, key=False)),
        Route("/api/server/version", _answering(world, "version", _version)),
        Route("/api/sessions", _answering(world, "list", _list)),
        Route("/api/sessions", _answering(world, "create", _create), methods=["POST"]),
        Route(session, _answering(world, "get", _get)),
        Route(session, _answering(world, "update", _update), methods=["PUT"]),
        Route(session, _answering(world, "delete", _delete), methods=["DELETE"]),
        *(
            Route(f"{session}/{name}", _answering(world, name, _moved(name)), methods=["POST"])
            for name in ("start", "stop", "restart", "logout")
        ),
        Route("/api/{session}/auth/qr", _answering(world, "qr", _qr)),
        Route("/api/{session}/lids/{lid}", _answering(world, "lids", _lid)),
        Route("/api/contacts/check-exists", _answering(world, "check-exists", _check_exists)),
        Route("/api/files/{session}/{name}", _answering(world, "files", _file)),
        *(
            Route(f"/api/{name}", _answering(world, name, _sent(name, needs)), methods=["POST"])
            for name, needs in SENDS.items()
        ),
        *(
            Route(f"/api/{name}", _answering(world, name, _marked), methods=["POST"])
            for name in ("sendSeen", "startTyping", "stopTyping")
        ),
        Route("/api/reaction", _answering(world, "reaction", _reacted), methods=["PUT"]),
    ]
    return Starlette(routes=routes)


# What a call of this name cannot do without.
SENDS = {
    "sendText": ("chatId", "text"),
    "sendImage": ("chatId", "file"),
    "sendFile": ("chatId", "file"),
    "sendVoice": ("chatId", "file"),
    "sendVideo": ("chatId", "file"),
    "sendLocation": ("chatId", "latitude", "longitude"),
    "sendPoll": ("chatId", "poll"),
    "sendList": ("chatId", "message"),
}


def _answering(
    world: WahaWorld, name: str, answer: Answer, *, key: bool = True
) -> Callable[[Request], Awaitable[Response]]:
    """Wrap an answer in what all calls share: the key, the list of calls, the faults to come."""

    async def answered(request: Request) -> Response:
        given = request.headers.get("x-api-key", "").encode()
        if key and not hmac.compare_digest(given, world.api_key.encode()):
            return refusal("wrong_key")
        try:
            body = json.loads(await request.body() or b"{}")
        except ValueError:
            return refusal("bad_body", message="Unexpected token in JSON")
        session = request.path_params.get("session") or body.get("session") or ""
        world.called(Call(name, body, session or body.get("name") or ""))
        fault = world.next_fault(name)
        if fault is None:
            return await answer(world, request, body)
        if fault.done:
            await answer(world, request, body)
        if fault.hangs:
            while (await request.receive())["type"] != "http.disconnect":
                pass
        return JSONResponse(fault.body, fault.status)

    return answered


# -- the server ------------------------------------------------------------------------------------


async def _ping(world: WahaWorld, request: Request, body: dict[str, Any]) -> Response:
    return JSONResponse({"message": "pong"})


async def _version(world: WahaWorld, request: Request, body: dict[str, Any]) -> Response:
    return JSONResponse(
        {"version": world.version, "engine": world.engine, "tier": "CORE", "browser": None}
    )


# -- sessions --------------------------------------------------------------------------------------


def _there(world: WahaWorld, request: Request) -> Pairing | None:
    return world.sessions.get(request.path_params["session"])


async def _list(world: WahaWorld, request: Request, body: dict[str, Any]) -> Response:
    all_ = request.query_params.get("all") == "true"
    found = [one for one in world.sessions.values() if all_ or one.running]
    return JSONResponse([one.as_json(world.engine) for one in found])


async def _create(world: WahaWorld, request: Request, body: dict[str, Any]) -> Response:
    name = body.get("name") or f"session_{len(world.sessions) + 1}"
    if name in world.sessions:
        there = f"Session '{name}' already exists. Use PUT to update it."
        return refusal("session_there", message=there)
    made = world.opens(name, body.get("config") or {})
    if body.get("start", True):
        made.start()
    return JSONResponse(made.as_json(world.engine), 201)


async def _get(world: WahaWorld, request: Request, body: dict[str, Any]) -> Response:
    found = _there(world, request)
    return JSONResponse(found.as_json(world.engine)) if found else refusal("no_session")


async def _update(world: WahaWorld, request: Request, body: dict[str, Any]) -> Response:
    found = _there(world, request)
    if found is None:
        return refusal("no_session")
    found.config = body.get("config") or {}
    if found.running:
        found.restart()
    return JSONResponse(found.as_json(world.engine))


async def _delete(world: WahaWorld, request: Request, body: dict[str, Any]) -> Response:
    found = world.sessions.pop(request.path_params["session"], None)
    if found:
        found.stop()
    return Response(status_code=200)


def _moved(name: str) -> Answer:
    async def moved(world: WahaWorld, request: Request, body: dict[str, Any]) -> Response:
        found = _there(world, request)
        if found is None:
            return refusal("no_session")
        getattr(found, name)()
        return JSONResponse(found.as_json(world.engine), 201)

    return moved


async def _qr(world: WahaWorld, request: Request, body: dict[str, Any]) -> Response:
    found = _there(world, request)
    if found is None:
        return refusal("no_session")
    if not await found.until("SCAN_QR_CODE"):
        return refusal("no_qr", session=found.name, status=found.status)
    if request.query_params.get("format") == "raw":
        return JSONResponse({"value": found.qr})
    picture = io.BytesIO()
    segno.make_qr(found.qr).save(picture, kind="png", scale=4)
    if "application/json" in request.headers.get("accept", ""):
        data = b64encode(picture.getvalue()).decode()
        return JSONResponse({"mimetype": PICTURE, "data": data})
    return Response(picture.getvalue(), media_type=PICTURE)


# -- messages --------------------------------------------------------------------------------------


async def _working(
    world: WahaWorld, body: dict[str, Any], needs: tuple[str, ...] = ()
) -> Response | None:
    """Return why something cannot be sent; None where it can."""
    empty = [f"{name} should not be empty" for name in needs if body.get(name) in (None, "")]
    if empty:
        return refusal("bad_body", message=empty)
    name = body.get("session") or "default"
    found = world.sessions.get(name)
    if found is None:
        return refusal("no_session")
    if not await found.until("WORKING"):
        return refusal("not_working", session=name, status=found.status)
    return None


def _sent(name: str, needs: tuple[str, ...]) -> Answer:
    async def sent(world: WahaWorld, request: Request, body: dict[str, Any]) -> Response:
        refused = await _working(world, body, needs)
        return refused or JSONResponse(world.takes(name, body), 201)

    return sent


async def _marked(world: WahaWorld, request: Request, body: dict[str, Any]) -> Response:
    refused = await _working(world, body, ("chatId",))
    return refused or JSONResponse({"result": True}, 201)


async def _reacted(world: WahaWorld, request: Request, body: dict[str, Any]) -> Response:
    refused = await _working(world, body, ("messageId",))
    return refused or JSONResponse({"result": True})


async def _lid(world: WahaWorld, request: Request, body: dict[str, Any]) -> Response:
    lid = request.path_params["lid"]
    lid = lid if "@" in lid else f"{lid}@lid"
    found = [one.chat for one in world.phones.values() if one.lid == lid]
    return JSONResponse({"lid": lid, "pn": found[0] if found else None})


async def _check_exists(world: WahaWorld, request: Request, body: dict[str, Any]) -> Response:
    asked = dict(request.query_params)
    refused = await _working(world, asked, ("phone",))
    if refused:
        return refused
    number = asked["phone"].lstrip("+")
    if number in world.nowhere:
        return JSONResponse({"numberExists": False})
    chat = f"{world.known_as.get(number, number)}@c.us"
    return JSONResponse({"numberExists": True, "chatId": chat})


async def _file(world: WahaWorld, request: Request, body: dict[str, Any]) -> Response:
    found = world.files.get(request.path_params["name"])
    return Response(found[0], media_type=found[1]) if found else refusal("no_file")
