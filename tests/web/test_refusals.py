"""Bad input: every refusal is a problem document with the reason, and nothing is lost by it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.web.site import CONTACT, ORDER, SHOP, Served, Visitor, problem, served


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"text": "x", "txt": "y"}, ["txt"]),
        ({"text": 5}, ["text"]),
        ({"text": ""}, ["text"]),
        ({"text": None}, ["text"]),
        ({}, [""]),
        ({"text": "x", "choice": "y"}, [""]),
        ({"text": "x", "of": 1}, [""]),
        ({"choice": "a", "of": 0}, ["of"]),
        ({"choice": "a", "of": "1"}, ["of"]),
        ({"text": "x", "id": ""}, ["id"]),
        ({"file": {"name": "a.csv"}}, ["file.content"]),
        ({"file": {"name": "a.csv", "content": "%"}}, ["file.content"]),
        ({"file": {"name": "a.csv", "content": "", "size": 1}}, ["file.size"]),
        ([], [""]),
        ("text", [""]),
    ],
)
def test_a_wrong_field_is_named(shop: Served, body: Any, fields: list[str]) -> None:
    told = problem(shop.visitor().post(body), 422, "invalid")

    assert fields == [fault["field"] for fault in told["errors"]]
    assert all(fault["fault"] for fault in told["errors"])


def test_what_was_sent_is_not_repeated(visitor: Visitor) -> None:
    told = problem(visitor.post({"text": "x", "id": "", "of": "Hari"}), 422, "invalid")

    assert "Hari" not in json.dumps(told)


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"text": "\xff"}', b'{"text": "\\ud800"}', b"[" * 9_999]
)
def test_what_is_no_json_is_malformed(visitor: Visitor, body: bytes) -> None:
    headers = {"content-type": "application/json"}

    problem(visitor.http.post("/api/chat", content=body, headers=headers), 400, "malformed")


def test_a_form_is_no_json(visitor: Visitor) -> None:
    """A page elsewhere could send one without asking first."""
    problem(visitor.http.post("/api/chat", data={"text": "x"}), 415, "not-json")


def test_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with served(tmp_path, REJOINDER_MAX_BODY="1000") as shop:
        visitor = shop.visitor()
        visitor.say(ORDER)
        large = json.dumps({"text": "x" * 2_000}).encode()
        headers = {"content-type": "application/json"}
        told = problem(
            visitor.http.post("/api/chat", content=large, headers=headers), 413, "too-large"
        )
        # Without a length it is counted as it comes.
        for path in ("/api/chat", "/api/chat/end"):
            pieces = (large[n : n + 100] for n in range(0, len(large), 100))
            answer = visitor.http.post(path, content=pieces, headers=headers)
            problem(answer, 413, "too-large")

        assert "1,000 bytes" in told["detail"]
        assert "confirming" == visitor.say(CONTACT)["state"]


def test_unknown_addresses_methods_and_bots(shop: Served, visitor: Visitor) -> None:
    problem(visitor.http.get("/api/chats"), 404, "not-found")
    problem(visitor.http.get("/widget/nothing.js"), 404, "not-found")
    refused = visitor.http.put("/api/chat", json={})
    problem(refused, 405, "not-allowed")
    assert "GET, POST" == refused.headers["allow"]
    problem(visitor.post({"text": "x", "bot": "nobody"}), 422, "no-bot")
    problem(visitor.http.get("/api/chat?bot=nobody"), 422, "no-bot")
    problem(visitor.http.get("/api/chat?after=-1"), 422, "invalid")
    problem(visitor.http.get("/api/chat?aftr=1"), 422, "invalid")
    problem(visitor.http.post("/api/chat/end", json={"sesion": "x"}), 422, "invalid")
    problem(visitor.http.post("/api/chat/end", json={}), 401, "no-token")


# -- whose it is -----------------------------------------------------------------------------------


def test_a_tampered_cookie_is_refused_and_taken_away(shop: Served, visitor: Visitor) -> None:
    """The browser cannot delete it by itself; without it the next message begins anew."""
    token = visitor.say(ORDER)["session"]
    forged = shop.visitor(cookie=f"rejoinder_session={token[:-2]}xx")

    refused = forged.post({"text": "who am I?"})

    problem(refused, 401, "forged-token")
    assert "Bearer" == refused.headers["www-authenticate"]
    assert 'rejoinder_session=""' in refused.headers["set-cookie"]
    problem(forged.http.get("/api/chat"), 401, "forged-token")
    assert 2 == len(visitor.history()["lines"])


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "web-x", "é", "x" * 2_000, "3bd7.awF1-g."])
def test_a_made_up_token_opens_nothing(shop: Served, token: str) -> None:
    problem(shop.visitor().post({"text": "x", "session": token}), 401, "forged-token")
    if token and token.isascii():
        visitor = shop.visitor(authorization=f"Bearer {token}")
        problem(visitor.post({"text": "x"}), 401, "forged-token")
    problem(shop.visitor(authorization="Basic eDp5").post({"text": "x"}), 401, "forged-token")


def test_tokens_of_two_visitors_in_one_request_are_refused(shop: Served) -> None:
    hari, eva = shop.visitor(), shop.visitor()
    token = hari.say(ORDER)["session"]
    eva.say("hello")

    problem(eva.post({"text": "mine!", "session": token}), 403, "two-sessions")
    problem(eva.post({"text": "mine!"}, authorization=f"Bearer {token}"), 403, "two-sessions")
    body = {"session": token}
    problem(eva.http.post("/api/chat/end", json=body), 403, "two-sessions")
    assert [2, 2] == [len(one.history()["lines"]) for one in (hari, eva)]


# -- from where ------------------------------------------------------------------------------------


def test_a_page_of_an_unknown_site_is_refused_and_gets_no_permission(shop: Served) -> None:
    for origin in ("https://evil.example", "null", "http://127.0.0.1", f"{SHOP}.evil.example"):
        visitor = shop.visitor(origin=origin)
        for refused in (visitor.post({"text": "x"}), visitor.http.options("/api/chat")):
            problem(refused, 403, "site-not-allowed")
            assert "access-control-allow-origin" not in refused.headers


def test_a_page_of_an_allowed_site_talks_by_bearer(shop: Served) -> None:
    """It gets the token in the answer; cookies of another site would not travel."""
    preflight = httpx2.options(f"{shop.url}/api/chat", headers={"origin": SHOP})
    visitor = shop.visitor(origin=SHOP)
    answer = visitor.post({"text": ORDER})

    assert (204, SHOP) == (preflight.status_code, preflight.headers["access-control-allow-origin"])
    assert "authorization" in preflight.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in preflight.headers
    assert (SHOP, "origin") == (
        answer.headers["access-control-allow-origin"], answer.headers["vary"].lower(),
    )  # fmt: skip
    assert "set-cookie" not in answer.headers
    later = shop.visitor(origin=SHOP, authorization=f"Bearer {answer.json()['session']}")
    assert "collecting_contact" == later.history()["state"]


def test_our_own_page_gets_a_cookie_scripts_cannot_read(shop: Served) -> None:
    cookie = shop.visitor(origin=shop.url).post({"text": "x"}).headers["set-cookie"]

    assert cookie.startswith("rejoinder_session=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} < set(cookie.split("; "))
    assert "Secure" not in cookie


def test_over_https_the_cookie_stays_there(tmp_path: Path) -> None:
    public = "https://chat.example"
    with served(tmp_path, REJOINDER_PUBLIC_URL=public) as shop:
        answer = shop.visitor(origin=public).post({"text": "x"})

    assert "Secure" in answer.headers["set-cookie"].split("; ")


def test_pages_and_answers_carry_their_rules(shop: Served, visitor: Visitor) -> None:
    page = visitor.http.get("/")
    script = visitor.http.get("/widget/rejoinder-chat.js")

    rules = page.headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'"} < set(rules)
    assert "unsafe" not in page.headers["content-security-policy"]
    assert "rejoinder-chat" in page.text
    assert "*" == script.headers["access-control-allow-origin"]
    assert "cross-origin" == script.headers["cross-origin-resource-policy"]
    for response in (page, script, visitor.post({"text": "x"}), visitor.http.get("/nothing")):
        assert "nosniff" == response.headers["x-content-type-options"]
    assert "no-store" == visitor.http.get("/api/chat").headers["cache-control"]
