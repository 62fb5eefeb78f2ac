"""What other programs and people read about the API is what it does."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import jsonschema

from adapters.web.problems import PROBLEMS
from tests.web.site import CONTACT, ORDER, Served, Visitor, served

ROUTES = {
    ("/api/chat", "get"),
    ("/api/chat", "post"),
    ("/api/chat/end", "post"),
    ("/api/chat/stream", "get"),
    ("/api/sessions/{key}", "get"),
    ("/api/sessions/{key}/end", "post"),
    ("/api/sessions/{key}/hand-back", "post"),
    ("/api/sessions/{key}/lines", "post"),
    ("/api/sessions/{key}/take-over", "post"),
    ("/health", "get"),
    ("/metrics", "get"),
}


def described(shop: Served, name: str) -> Any:
    """Return the schema of a model with all it refers to."""
    whole = shop.visitor().http.get("/openapi.json").json()
    return {**whole, "$ref": f"#/components/schemas/{name}"}


def test_every_route_is_described(shop: Served) -> None:
    paths = shop.visitor().http.get("/openapi.json").json()["paths"]

    assert {(path, method) for path, methods in paths.items() for method in methods} == ROUTES


def test_answers_and_problems_are_as_described(shop: Served, visitor: Visitor) -> None:
    chat, document = described(shop, "Chat"), described(shop, "ProblemDocument")
    visitor.say(ORDER)
    for answer in (visitor.say(CONTACT), visitor.history(), shop.visitor().history()):
        jsonschema.validate(answer, chat)
        assert set(answer) == set(chat["components"]["schemas"]["Chat"]["properties"])
    key = visitor.history()["key"]
    jsonschema.validate(shop.operator(f"{key}/end").json(), chat)
    for refused in (visitor.post({"txt": 1}), visitor.http.get("/nothing"), visitor.post({})):
        jsonschema.validate(refused.json(), document)
    jsonschema.validate(visitor.http.get("/health").json(), described(shop, "Health"))


def test_the_page_explains_routes_fields_and_problems_without_a_script(shop: Served) -> None:
    page = shop.visitor().http.get("/docs")

    for path, method in ROUTES:
        assert f"<code>{method.upper()} {path}</code>" in page.text
    for kind in PROBLEMS:
        assert f"id={kind}>" in page.text
    for words in ("The seq of the line that showed the choice", "Last-Event-ID (header)"):
        assert words in page.text
    assert "<script" not in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]


def test_what_was_counted_outlives_a_kill(tmp_path: Path) -> None:
    """A sum that was told once never goes back: Prometheus would count everything again."""
    turns = 'rejoinder_turns_total{bot="parts_shop"}'
    told = []
    for said in (ORDER, CONTACT, "hello"):
        with served(tmp_path) as shop:
            shop.visitor().say(said)
            page = shop.visitor().http.get("/metrics").text
            told.append(float(page.partition(turns)[2].split()[0]))
            shop.program.stop(signal.SIGKILL)

    assert [1.0, 2.0, 3.0] == told


def test_metrics_are_those_of_all_processes(shop: Served, visitor: Visitor) -> None:
    visitor.say(ORDER)
    page = visitor.http.get("/metrics")

    assert page.headers["content-type"].startswith("text/plain; version=")
    assert 'rejoinder_sessions_created_total{bot="parts_shop"}' in page.text
    assert 'rejoinder_assistant_calls_in_flow_total{bot="parts_shop"} 0.0' in page.text
