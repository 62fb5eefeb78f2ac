"""Reads what somebody sends: JSON by a model, and every fault by the name of its field.

FastAPI's own reader takes what is nearly JSON (lone surrogates, NaN), and of a body that is cut on
its way in, because it is too large, it tells only that it could not be read.
"""

from __future__ import annotations

__all__ = ["checked", "read_body", "sent_as"]

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from adapters.web.problems import Problem, faults

Sent = TypeVar("Sent", bound=BaseModel)


async def read_body(request: Request, model: type[Sent]) -> Sent:
    """Return the body of a request, or raise what is wrong with it."""
    content_type = request.headers.get("content-type", "").partition(";")[0]
    if content_type.strip().lower() != "application/json":
        raise Problem("not-json")
    body = await request.body()
    return checked(lambda: model.model_validate_json(body))


def checked(validate: Callable[[], Sent]) -> Sent:
    """Return what is validated; what is wrong with it becomes a problem."""
    try:
        return validate()
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False, include_context=False)
    if errors[0]["type"] == "json_invalid":
        raise Problem("malformed")
    raise Problem("invalid", errors=faults(errors))


def sent_as(model: type[BaseModel]) -> dict[str, Any]:
    """Describe a body, as OpenAPI has it."""
    reference = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"required": True, "content": {"application/json": {"schema": reference}}}
