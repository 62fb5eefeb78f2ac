"""The OpenAPI description: FastAPI writes its own routes down, the two plain ones are added here."""

from __future__ import annotations

__all__ = ["described", "problems_of"]

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from adapters.web.bodies import sent_as
from adapters.web.problems import MEDIA_TYPE, PROBLEMS
from adapters.web.sentences import ENGLISH, SENTENCES
from adapters.web.visitors import COOKIE
from adapters.web.wire import Chat, End, Listen, Message, ProblemDocument, Said

SCHEMAS = "#/components/schemas/"
TOKEN: list[dict[str, list[str]]] = [{}, {"cookie": []}, {"bearer": []}]
OPERATOR: list[dict[str, list[str]]] = [{"operator": []}]


def problems_of(answer: type[BaseModel] | None, *kinds: str) -> dict[int | str, dict[str, Any]]:
    """Return what a route answers: its model, and the problems it may tell."""
    responses: dict[int | str, dict[str, Any]] = {}
    if answer is not None:
        responses[200] = {"description": answer.__doc__ or "", "model": answer}
    for kind in (*kinds, "malformed", "too-large", "not-json", "site-not-allowed", "trouble"):
        status, said = PROBLEMS[kind], SENTENCES[kind][ENGLISH]
        before = responses.get(status, {}).get("description", "")
        responses[status] = {
            "description": f"{before} {said}".strip(),
            "content": {MEDIA_TYPE: {"schema": {"$ref": f"{SCHEMAS}ProblemDocument"}}},
        }
    return responses


def described(app: FastAPI, bots: Iterable[str]) -> dict[str, Any]:
    """Return the description, made once; it names the bots that are served."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        schemas = schema["components"]["schemas"]
        for model in (Chat, End, Listen, Message, ProblemDocument, Said):
            own = model.model_json_schema(ref_template=f"{SCHEMAS}{{model}}")
            schemas |= own.pop("$defs", {})
            schemas[model.__name__] = own
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        schema["components"]["securitySchemes"] = {
            "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE},
            "bearer": {"type": "http", "scheme": "bearer"},
            "operator": {"type": "http", "scheme": "bearer"},
        }
        paths = schema["paths"]
        paths["/api/chat"]["post"] = _message()
        paths["/api/chat/stream"] = {"get": _stream(schemas)}
        paths["/metrics"]["get"]["responses"]["200"]["content"] = {
            "text/plain": {"schema": {"type": "string"}}
        }
        paths["/health"]["get"]["responses"]["503"] = {
            "description": "The database does not answer.",
            "content": {"application/json": {"schema": {"$ref": f"{SCHEMAS}Health"}}},
        }
        for path, methods in paths.items():
            for operation in methods.values():
                if path.startswith("/api/chat"):
                    operation["security"] = TOKEN
                elif path.startswith("/api/sessions"):
                    operation["security"] = OPERATOR
        _name_bots(schema, {"type": "string", "enum": list(bots)})
        app.openapi_schema = schema
    return app.openapi_schema


EVENT = {
    "type": "object",
    "properties": {
        "event": {"type": "string", "enum": ["line", "typing", "state", "ended"]},
        "id": {"type": "string", "pattern": "^[0-9]+$"},
        "data": {"type": "string", "description": "JSON."},
        "retry": {"type": "integer"},
    },
}
# What can be asked next with what was answered, for programs that find their way by themselves.
LINKS = {
    "history": {
        "operationId": "history",
        "parameters": {"conversation": "$response.body#/conversation"},
    },
    "listen": {
        "operationId": "stream",
        "parameters": {"conversation": "$response.body#/conversation"},
    },
    "end": {"operationId": "end", "requestBody": {"session": "$response.body#/session"}},
    **{
        name: {"operationId": name, "parameters": {"key": "$response.body#/key"}}
        for name in ("operator_take_over", "operator_hand_back", "operator_end", "operator_say")
    },
}


def _name_bots(part: Any, names: dict[str, Any]) -> None:
    """Say wherever a bot can be named which there are: in bodies and in queries."""
    if isinstance(part, list):
        for one in part:
            _name_bots(one, names)
    if not isinstance(part, dict):
        return
    if "bot" in (properties := part.get("properties", {})) and "anyOf" in properties["bot"]:
        properties["bot"]["anyOf"] = [names, {"type": "null"}]
    if part.get("name") == "bot" and "in" in part:
        part["schema"]["anyOf"] = [names, {"type": "null"}]
    for one in part.values():
        _name_bots(one, names)


def _message() -> dict[str, Any]:
    kinds = ("forged-token", "two-sessions", "not-admitted", "no-bot", "not-now", "invalid")
    responses = _written(problems_of(Chat, *kinds, "too-many", "unavailable"))
    responses["200"]["links"] = LINKS
    return {
        "summary": "Say something",
        "description": "Take a message and answer with the lines of its turn. Without a token a new"
        " visitor begins; a message sent again under its id is answered as it was the first time.",
        "operationId": "say",
        "requestBody": sent_as(Message),
        "responses": responses,
    }


def _stream(schemas: dict[str, Any]) -> dict[str, Any]:
    query = [
        {"name": name, "in": "query", "required": False, "schema": field}
        for name, field in schemas.pop("Listen")["properties"].items()
    ]
    last = {
        "name": "Last-Event-ID",
        "in": "header",
        "required": False,
        "schema": {"type": "string", "pattern": "^[0-9]{0,15}$"},
    }
    kinds = ("no-token", "two-sessions", "no-bot", "invalid", "too-many", "unavailable")
    responses = _written(problems_of(None, *kinds))
    responses["200"] = {
        "description": "Events: line (its id is the line's seq), typing, state, ended.",
        "content": {"text/event-stream": {"schema": EVENT}},
    }
    return {
        "summary": "Hear what is said",
        "description": "Server-sent events from now on, or from after Last-Event-ID.",
        "operationId": "stream",
        "parameters": [*query, last],
        "responses": responses,
    }


def _written(responses: dict[int | str, dict[str, Any]]) -> dict[str, Any]:
    """Write responses as the description has them: a model by its name."""
    written: dict[str, Any] = {}
    for status, response in responses.items():
        model = response.pop("model", None)
        if model is not None:
            reference = {"$ref": f"{SCHEMAS}{model.__name__}"}
            response["content"] = {"application/json": {"schema": reference}}
        written[str(status)] = response
    return written
