"""Everything the stand-in refuses: one request for each row of the table, as Google words it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.gemini.standin.asking import read
from adapters.gemini.standin.moods import signature
from adapters.gemini.standin.rules import MOST_BYTES, RULES, Terms, refusal

Body = dict[str, Any]
PATH = "/v1/models/gemini-x:generateContent"
HEADERS = {"X-Goog-Api-Key": "k"}
CALL = {"id": "call-1", "name": "offer_flow", "args": {"flow": "order"}}
SIGNED = {"functionCall": CALL, "thoughtSignature": signature(CALL)}
RESPONSE = {"functionResponse": {"id": "call-1", "name": "offer_flow", "response": {"result": "x"}}}
USER: Body = {"role": "user", "parts": [{"text": "Hi"}]}
MODEL: Body = {"role": "model", "parts": [{"text": "Yes?"}]}
CALLED: Body = {"role": "model", "parts": [SIGNED]}
RESPONDED: Body = {"role": "user", "parts": [RESPONSE]}
TERMS = Terms(key="k", models=("gemini-x",))


def sent(*turns: Body, **more: Any) -> Body:
    return {"contents": list(turns), **more}


def refused(
    body: Any, path: str = PATH, headers: dict[str, str] = HEADERS, raw: bytes = b""
) -> tuple[str, int, Any] | None:
    found = refusal(read(0, path, headers, raw or json.dumps(body).encode()), TERMS)
    return None if found is None else (found[0].name, found[1].status, found[1].body)


def functions(*names: str) -> list[Body]:
    return [{"functionDeclarations": [{"name": name} for name in names]}]


CASES: list[tuple[str, str, Body, dict[str, Any]]] = [
    ("path", "not found", sent(USER), {"path": "/v2/models/gemini-x:generateContent"}),
    ("path", "not found", sent(USER), {"path": "/v1/models/gemini-x:countTokens"}),
    ("no key", "unregistered", sent(USER), {"headers": {}}),
    ("key", "not valid", sent(USER), {"headers": {"x-goog-api-key": "other"}}),
    ("model", "models/gemini-y", sent(USER), {"path": PATH.replace("-x", "-y")}),
    ("size", "exceeds the limit", {}, {"raw": b" " * (MOST_BYTES + 1)}),
    ("json", "Invalid JSON", {}, {"raw": b"{"}),
    ("json", "Invalid JSON", {}, {"raw": b"[]"}),
    ("fields", '"content": Cannot find', sent(USER, content=1), {}),
    (
        "fields",
        "\"temp\" at 'generationConfig'",
        sent(USER, generationConfig={"temp": 1}),
        {},
    ),
    (
        "fields",
        "at 'contents[0].parts[0]'",
        sent({"role": "user", "parts": [{"txt": "Hi"}]}),
        {},
    ),
    ("contents", "not specified", sent(), {}),
    ("contents", "not specified", {}, {}),
    ("roles", "valid role", sent({**USER, "role": "assistant"}), {}),
    ("parts", "contents[1].parts", sent(USER, {"role": "model"}, USER), {}),
    ("parts", "contents[0].parts", sent({"role": "user", "parts": []}), {}),
    ("data", "contents[0].parts[0].data", sent({"role": "user", "parts": [{"text": ""}]}), {}),
    (
        "data",
        "parts[0].data",
        sent(USER, {"role": "model", "parts": [{**SIGNED, "text": "x"}]}),
        {},
    ),
    ("first", "begin with a user", sent(MODEL, USER), {}),
    ("last", "end with a user", sent(USER, MODEL), {}),
    ("before a call", "immediately after a user", sent(USER, MODEL, CALLED, RESPONDED), {}),
    ("after a call", "number of function response", sent(USER, CALLED, USER), {}),
    ("after a call", "number of function response", sent(USER, RESPONDED), {}),
    (
        "after a call",
        "number of function response",
        sent(USER, CALLED, {"role": "user", "parts": [RESPONSE, RESPONSE]}),
        {},
    ),
    (
        "names",
        "name and id",
        sent(
            USER,
            CALLED,
            {"role": "user", "parts": [{"functionResponse": {"id": "call-1", "name": "x"}}]},
        ),
        {},
    ),
    (
        "names",
        "name and id",
        sent(
            USER,
            CALLED,
            {"role": "user", "parts": [{"functionResponse": {"id": "2", "name": "offer_flow"}}]},
        ),
        {},
    ),
    (
        "signature",
        "missing a thought_signature",
        sent(USER, {"role": "model", "parts": [{"functionCall": CALL}]}, RESPONDED),
        {},
    ),
    (
        "known signature",
        "Corrupted thought signature",
        sent(
            USER,
            {"role": "model", "parts": [{**SIGNED, "functionCall": {**CALL, "args": {}}}]},
            RESPONDED,
        ),
        {},
    ),
    (
        "known signature",
        "Corrupted thought signature",
        sent(USER, {"role": "model", "parts": [{**SIGNED, "thoughtSignature": "?"}]}, RESPONDED),
        {},
    ),
    ("tools", "Invalid function name", sent(USER, tools=functions("1st")), {}),
    ("tools", "Duplicate", sent(USER, tools=functions("a", "a")), {}),
]


@pytest.mark.parametrize(
    ("rule", "words", "body", "how"),
    [pytest.param(*c, id=f"{c[0]}-{n}") for n, c in enumerate(CASES)],
)
def test_each_rule_refuses_in_googles_shape(
    rule: str, words: str, body: Body, how: dict[str, Any]
) -> None:
    found = refused(body, **how)

    assert found is not None
    name, status, answer = found
    assert rule == name
    assert words in answer["error"]["message"]
    assert status == answer["error"]["code"]
    assert {400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}[status] == answer[
        "error"
    ]["status"]


def test_every_rule_has_its_case() -> None:
    assert {rule.name for rule in RULES} == {rule for rule, *_ in CASES}


def test_a_wrong_key_has_googles_reason() -> None:
    found = refused(sent(USER), headers={"x-goog-api-key": "other"})

    assert found is not None
    assert "API_KEY_INVALID" == found[2]["error"]["details"][0]["reason"]


@pytest.mark.parametrize(
    "body",
    [
        sent(USER),
        sent({"parts": [{"text": "Hi"}]}),
        sent(USER, USER),
        sent(USER, MODEL, MODEL, USER),
        sent(USER, CALLED, RESPONDED),
        sent(USER, CALLED, RESPONDED, CALLED, RESPONDED, MODEL, USER),
        sent(
            USER,
            {"role": "model", "parts": [SIGNED, {"functionCall": {"name": "x"}}]},
            {"role": "user", "parts": [RESPONSE, {"functionResponse": {"name": "x"}}]},
        ),
        sent(USER, system_instruction={"parts": [{"text": "x"}]}, generation_config={"top_p": 1}),
        sent(USER, generationConfig={"thinkingConfig": {"thinking_budget": 0}}),
        sent(
            USER,
            tools=[{"functionDeclarations": [{"name": "a", "parameters_json_schema": {"any": 1}}]}],
        ),
    ],
)
def test_what_gemini_takes_is_taken(body: Body) -> None:
    """Both spellings of a field, several turns of one side, a second call without a signature."""
    assert refused(body) is None


@pytest.mark.parametrize("version", ["v1", "v1beta"])
@pytest.mark.parametrize("prefix", ["", "/proxy", "/a/b"])
def test_both_versions_are_served_behind_any_path(version: str, prefix: str) -> None:
    path = f"{prefix}/{version}/models/gemini-x:streamGenerateContent"

    assert refused(sent(USER), path) is None


def test_without_terms_any_key_and_any_gemini_will_do() -> None:
    def found(model: str) -> Any:
        path = f"/v1/models/{model}:generateContent"
        return refusal(read(0, path, HEADERS, json.dumps(sent(USER)).encode()), Terms())

    assert found("gemini-flash-latest") is None
    assert found("gpt-x") is not None
