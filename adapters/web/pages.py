"""The pages: the demo shop with the widget, the widget's files, and the API in words.

The API's page is made of its OpenAPI description and needs no script; the usual viewers are loaded
from other people's servers.
"""

from __future__ import annotations

__all__ = ["STYLE", "api_page", "demo_page", "description_file", "widget_files"]

from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from adapters.web.problems import PROBLEMS
from adapters.web.sentences import ENGLISH, SENTENCES
from adapters.web.unchanging import Unchanging

STATIC = Path(__file__).parent / "static"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
# Everything from here, nothing written into the page: a text that somebody smuggles in does nothing.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
ALWAYS_ASK = {"cache-control": "no-cache"}
PAGE = {"content-security-policy": POLICY, **ALWAYS_ASK}
# Pages anywhere load the widget, and ask after five minutes whether it changed.
ANYWHERE = {
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "cache-control": "public, max-age=300",
}
STYLE = Unchanging(
    b"body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}",
    MEDIA_TYPES[".css"],
    ALWAYS_ASK,
)


def demo_page() -> Unchanging:
    """Return the parts shop, with the chat in its corner."""
    return _file(STATIC / "demo.html", PAGE)


def widget_files() -> Mapping[str, Unchanging]:
    """Return the widget's files by their names."""
    files = (file for file in STATIC.iterdir() if file.suffix in MEDIA_TYPES)
    return {file.name: _file(file, ANYWHERE) for file in files}


def _file(path: Path, headers: Mapping[str, str]) -> Unchanging:
    return Unchanging(path.read_bytes(), MEDIA_TYPES[path.suffix], headers)


def description_file(description: Mapping[str, Any]) -> Unchanging:
    """Return the API's description for programs."""
    return Unchanging(to_json(description), "application/json", ALWAYS_ASK)


def api_page(description: Mapping[str, Any]) -> Unchanging:
    """Write the API down for a reader."""
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        "<meta name=viewport content='width=device-width'>",
        f"<title>{escape(description['info']['title'])}</title>",
        "<link rel=stylesheet href=/docs/style.css>",
        f"<h1>{escape(description['info']['title'])}</h1>",
        f"<p>{escape(description['info']['description'])}</p>",
        "<p>For programs: <a href=/openapi.json>openapi.json</a>.</p>",
        *_routes(description),
        "<h2>Problems</h2><p>Every error is an <code>application/problem+json</code> with one of",
        " these at the end of its <code>type</code>:</p><dl>",
        *(
            f"<dt id={kind}><code>{kind}</code>, {status}</dt><dd>{escape(SENTENCES[kind][ENGLISH])}</dd>"
            for kind, status in PROBLEMS.items()
        ),
        "</dl>",
    ]
    return Unchanging("".join(parts).encode(), MEDIA_TYPES[".html"], PAGE)


def _routes(description: Mapping[str, Any]) -> Iterator[str]:
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield f"<h2><code>{method.upper()} {escape(path)}</code></h2>"
            yield f"<p>{escape(operation.get('description') or operation['summary'])}</p>"
            fields = [*_parameters(operation), *_body(operation, description)]
            if fields:
                yield f"<table><tr><th>Field<th>What it is</tr>{''.join(fields)}</table>"


def _parameters(operation: Mapping[str, Any]) -> Iterator[str]:
    for one in operation.get("parameters", ()):
        said = one.get("description") or one["schema"].get("description", "")
        yield _row(f"{one['name']} ({one['in']})", said)


def _body(operation: Mapping[str, Any], description: Mapping[str, Any]) -> Iterator[str]:
    content = operation.get("requestBody", {}).get("content", {})
    reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
    schema = description["components"]["schemas"].get(reference.rpartition("/")[2], {})
    fields: dict[str, Any] = {}
    for one in schema.get("oneOf", [schema]):
        fields |= one.get("properties", {})
    for name, field in fields.items():
        yield _row(name, field.get("description", ""))


def _row(name: str, said: str) -> str:
    return f"<tr><td><code>{escape(name)}</code><td>{escape(said)}</tr>"
