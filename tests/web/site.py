"""A served shop, as a program of its own, and visitors who talk to it over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from tests.adapters.programs import Program, start

OPERATOR = "0123456789abcdef0123456789abcdef"
SHOP = "https://shop.example"
ORDER = "Hi so i need to buy 11 remote controls"
CONTACT = "Name is Hari and phone number is 8848850922 and email is techuse730@gmail.com"
READY = "Rejoinder is listening on "
PLENTY = {
    "REJOINDER_WEB_RATE": "100000/1s",
    "REJOINDER_ADDRESS_RATE": "100000/1s",
    "REJOINDER_OPERATOR_TOKEN": OPERATOR,
    "REJOINDER_ALLOWED_SITES": SHOP,
}


@contextmanager
def served(data: Path, *args: str, **env: str) -> Iterator[Served]:
    """Serve the shop from this folder until the block is left."""
    settings = PLENTY | {"REJOINDER_DATA": str(data)} | env
    with start("serve", "--port", "0", *args, env=settings) as program:
        program.until(READY)
        shop = Served(program, program.until("\n"))
        try:
            yield shop
        finally:
            for visitor in shop.visitors:
                visitor.http.close()


class Served:
    """A running shop."""

    def __init__(self, program: Program, url: str) -> None:
        self.program = program
        self.url = url
        self.visitors: list[Visitor] = []

    def visitor(self, **headers: str) -> Visitor:
        """Return somebody who has said nothing yet."""
        self.visitors.append(Visitor(self.url, headers))
        return self.visitors[-1]

    def look(self, key: str, *, token: str = OPERATOR, after: int = 0) -> httpx2.Response:
        """Ask for a conversation as a program with the operator token does."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        url = f"{self.url}/api/sessions/{key}"
        return httpx2.get(url, headers=headers, params={"after": after})

    def operator(self, path: str, body: Any = None, token: str = OPERATOR) -> httpx2.Response:
        """Do what a program with the operator token does."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        url = f"{self.url}/api/sessions/{path}"
        return httpx2.post(url, headers=headers, json=body)


class Visitor:
    """A browser without a page: it keeps the cookie."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self.http = httpx2.Client(base_url=url, headers=dict(headers), timeout=30)

    def post(self, body: Any, **headers: str) -> httpx2.Response:
        return self.http.post("/api/chat", json=body, headers=headers)

    def say(self, text: str, **more: Any) -> Any:
        """Say a text; return the answer."""
        response = self.post({"text": text, **more})
        assert response.status_code == 200, response.text
        return response.json()

    def history(self, **query: Any) -> Any:
        response = self.http.get("/api/chat", params=query)
        assert response.status_code == 200, response.text
        return response.json()

    @contextmanager
    def stream(self, last: int | None = None, **query: Any) -> Iterator[Stream]:
        headers = {} if last is None else {"last-event-id": str(last)}
        with self.http.stream("GET", "/api/chat/stream", params=query, headers=headers) as response:
            assert response.status_code == 200, response.read()
            yield Stream(response)


class Stream:
    """Events as they come."""

    def __init__(self, response: httpx2.Response) -> None:
        self.response = response
        self._rows = response.iter_lines()
        self.heard: list[tuple[str, int | None, Any]] = []

    def next(self) -> tuple[str, int | None, Any] | None:
        """Return the next event: its name, id and data; None at the end."""
        event: dict[str, str] = {}
        for row in self._rows:
            if row.startswith(":"):
                continue
            if not row:
                if "data" in event:
                    id_ = int(event["id"]) if "id" in event else None
                    self.heard.append((event["event"], id_, json.loads(event["data"])))
                    return self.heard[-1]
                event = {}
                continue
            name, _, value = row.partition(": ")
            event[name] = value
        return None

    def rest(self) -> None:
        """Hear what comes until the end."""
        while self.next() is not None:
            pass

    def until(self, name: str, **data: Any) -> Any:
        """Return the data of the next event of this name that says all of this."""
        while (event := self.next()) is not None:
            if event[0] == name and data.items() <= event[2].items():
                return event[2]
        raise AssertionError(f"{name} {data} never came; heard: {self.heard}")

    def lines(self) -> list[int | None]:
        """Return the ids of the lines heard so far."""
        return [id_ for name, id_, _ in self.heard if name == "line"]


def problem(response: httpx2.Response, status: int, kind: str) -> Any:
    """Return a problem document that is one: for programs by its type, for people by its sentence."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert {"type", "title", "status", "detail", "errors"} == set(body)
    assert (f"/docs#{kind}", status) == (body["type"], body["status"])
    assert body["detail"][0].isupper()
    assert body["detail"].endswith((".", "!"))
    return body
