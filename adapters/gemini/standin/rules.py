"""The table: everything that Gemini refuses before it thinks, with its status and its words."""

from __future__ import annotations

__all__ = ["MOST_BYTES", "RULES", "Rule", "Terms", "refusal"]

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from adapters.gemini.standin.asking import Asked
from adapters.gemini.standin.fields import unknown_field
from adapters.gemini.standin.moods import Mood, error_body, signature

MOST_BYTES: Final = 20 * 1_024 * 1_024  # ai.google.dev/gemini-api/docs: a request with all its data
DATA: Final = ("text", "functionCall", "functionResponse", "inlineData")


@dataclass(frozen=True, slots=True)
class Terms:
    """What this stand-in takes; no `key`: any, no `models`: all whose names begin with gemini-."""

    key: str = field(repr=False, default="")
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: when a request is refused, by which status; the check returns the message."""

    name: str
    http: int
    when: str
    check: Callable[[Asked, Terms], str] = field(repr=False)
    reason: str = ""  # of an ErrorInfo in the details


def _path(asked: Asked, _: Terms) -> str:
    return "" if asked.method else "The requested URL was not found on this server."


def _no_key(asked: Asked, _: Terms) -> str:
    return "" if asked.key else "Method doesn't allow unregistered callers. Please use API Key."


def _key(asked: Asked, terms: Terms) -> str:
    good = not terms.key or asked.key == terms.key
    return "" if good else "API key not valid. Please pass a valid API key."


def _model(asked: Asked, terms: Terms) -> str:
    model = asked.model
    if model in terms.models if terms.models else model.startswith("gemini-"):
        return ""
    return (
        f"models/{model} is not found for API version {asked.version}, or is not supported for"
        f" {asked.method}. Call ListModels to see the list of available models."
    )


def _size(asked: Asked, _: Terms) -> str:
    big = len(asked.raw) > MOST_BYTES
    return f"Request payload size exceeds the limit: {MOST_BYTES} bytes." if big else ""


def _json(asked: Asked, _: Terms) -> str:
    good = isinstance(asked.body, Mapping)
    return "" if good else "Invalid JSON payload received. Unexpected token."


def _fields(asked: Asked, _: Terms) -> str:
    unknown = unknown_field(asked.body)
    return f"Invalid JSON payload received. {unknown}: Cannot find field." if unknown else ""


def _contents(asked: Asked, _: Terms) -> str:
    there = _turns(asked)
    return "" if there else "* GenerateContentRequest.contents: contents is not specified\n"


def _roles(asked: Asked, _: Terms) -> str:
    wrong = any(turn.get("role", "user") not in ("user", "model") for turn in _turns(asked))
    return "Please use a valid role: user, model." if wrong else ""


def _parts(asked: Asked, _: Terms) -> str:
    for number, turn in enumerate(_turns(asked)):
        if not _of(turn):
            return f"* GenerateContentRequest.contents[{number}].parts: contents.parts must not be empty.\n"
    return ""


def _data(asked: Asked, _: Terms) -> str:
    for number, turn in enumerate(_turns(asked)):
        for place, part in enumerate(_of(turn)):
            if sum(1 for name in DATA if part.get(name)) != 1:
                return (
                    f"* GenerateContentRequest.contents[{number}].parts[{place}].data: required"
                    " oneof field 'data' must have one initialized field\n"
                )
    return ""


def _first(asked: Asked, _: Terms) -> str:
    model = _turns(asked)[0].get("role") == "model"
    return "Please ensure that multiturn requests begin with a user role." if model else ""


def _last(asked: Asked, _: Terms) -> str:
    fault = "Please ensure that multiturn requests end with a user role or a function response."
    return fault if _turns(asked)[-1].get("role") == "model" else ""


def _before_call(asked: Asked, _: Terms) -> str:
    for before, turn in pairwise(_turns(asked)):
        if _named(turn, "functionCall") and before.get("role") == "model":
            return (
                "Please ensure that function call turn comes immediately after a user turn or after"
                " a function response turn."
            )
    return ""


def _after_call(asked: Asked, _: Terms) -> str:
    for turn, after in _followed(asked):
        if len(_named(turn, "functionCall")) != len(_named(after, "functionResponse")):
            return (
                "Please ensure that the number of function response parts is equal to the number"
                " of function call parts of the function call turn."
            )
    return ""


def _same_names(asked: Asked, _: Terms) -> str:
    for turn, after in _followed(asked):
        made, given = _named(turn, "functionCall"), _named(after, "functionResponse")
        for one, other in zip(made, given, strict=True):
            if one.get("name") != other.get("name") or one.get("id") != other.get("id"):
                return "Please ensure that function responses have the name and id of their calls."
    return ""


def _signed(asked: Asked, _: Terms) -> str:
    for place, turn in enumerate(_turns(asked), 1):
        first = next((part for part in _of(turn) if part.get("functionCall")), None)
        if first is not None and not first.get("thoughtSignature"):
            name = first["functionCall"].get("name")
            return (
                "Function call is missing a thought_signature in functionCall parts. This is"
                " required for tools to work correctly. Additional data, function call"
                f" `default_api:{name}`, position {place}."
            )
    return ""


def _known_signature(asked: Asked, _: Terms) -> str:
    for turn in _turns(asked):
        for part in _of(turn):
            given = part.get("thoughtSignature")
            made = part.get("functionCall")
            if given and made and _bytes(given) != _bytes(signature(made)):
                return "Corrupted thought signature."
    return ""


def _tools(asked: Asked, _: Terms) -> str:
    names = [
        one.get("name")
        for tool in asked.body.get("tools") or ()
        for one in tool.get("functionDeclarations") or ()
    ]
    if not all(re.fullmatch(r"[A-Za-z_][\w.:-]{0,63}", str(name)) for name in names):
        return "Invalid function name. Must start with a letter or an underscore."
    return "Duplicate function declaration found." if len(set(names)) < len(names) else ""


# In the order in which they are looked at.
RULES: Final = (
    Rule("path", 404, "another path than v1 or v1beta/models/MODEL:METHOD", _path),
    Rule("no key", 403, "no x-goog-api-key", _no_key),
    Rule("key", 400, "another key than the one it takes", _key, "API_KEY_INVALID"),
    Rule("model", 404, "a model that it does not know", _model),
    Rule("size", 400, "more than 20 MB", _size),
    Rule("json", 400, "no JSON object", _json),
    Rule("fields", 400, "a field that it does not know, in either spelling", _fields),
    Rule("contents", 400, "no contents", _contents),
    Rule("roles", 400, "another role than user and model", _roles),
    Rule("parts", 400, "a content without parts", _parts),
    Rule("data", 400, "a part with no text, call or response, or with two of them", _data),
    Rule("first", 400, "a history that begins with the model", _first),
    Rule("last", 400, "a history that ends with the model", _last),
    Rule("before a call", 400, "a call that follows the model's own turn", _before_call),
    Rule(
        "after a call", 400, "more or fewer responses than calls, or responses alone", _after_call
    ),
    Rule("names", 400, "a response to another call", _same_names),
    Rule("signature", 400, "the first call of a turn without its signature (Gemini 3)", _signed),
    Rule("known signature", 400, "a signature that is not that call's", _known_signature),
    Rule("tools", 400, "a function with a wrong name, or twice", _tools),
)


def refusal(asked: Asked, terms: Terms) -> tuple[Rule, Mood] | None:
    """Return the first rule that refuses a request, with the answer; None: it is taken."""
    for rule in RULES:
        if message := rule.check(asked, terms):
            info = {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": rule.reason,
                "domain": "googleapis.com",
            }
            details = [info] if rule.reason else []
            return rule, Mood(rule.http, error_body(rule.http, message, details))
    return None


def _turns(asked: Asked) -> list[Mapping[str, Any]]:
    given = asked.body.get("contents")
    return [one for one in given if isinstance(one, Mapping)] if isinstance(given, list) else []


def _followed(asked: Asked) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Pair each turn with the one after it, the first with none before it."""
    return pairwise([{}, *_turns(asked), {}])


def _of(turn: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    given = turn.get("parts")
    return [one for one in given if isinstance(one, Mapping)] if isinstance(given, list) else []


def _named(turn: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return [part[name] for part in _of(turn) if isinstance(part.get(name), Mapping)]


def _bytes(given: str) -> bytes:
    """Read base64 in both alphabets; the client writes the one for addresses."""
    try:
        return base64.b64decode(str(given).replace("-", "+").replace("_", "/"), validate=True)
    except ValueError:
        return b""
