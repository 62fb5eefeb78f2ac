"""The operators' routes, for programs that hold the token."""

from __future__ import annotations

from pathlib import Path

from tests.web.site import CONTACT, ORDER, Served, Visitor, problem, served


def test_a_person_answers_and_hands_back(shop: Served, visitor: Visitor) -> None:
    key = visitor.say(ORDER)["key"]

    taken = shop.operator(f"{key}/take-over").json()
    assert ("manual", None, key) == (taken["mode"], taken["session"], taken["key"])
    assert "manual" == shop.operator(f"{key}/take-over").json()["mode"]
    assert ["user"] == [line["who"] for line in visitor.say("are you there?")["lines"]]

    said = shop.operator(f"{key}/lines", {"text": "Yes, this is Ana."}).json()
    assert [("operator", "Yes, this is Ana.")] == [
        (line["who"], line["text"]) for line in said["lines"]
    ]
    assert "Yes, this is Ana." == visitor.history()["lines"][-1]["text"]

    assert "agent" == shop.operator(f"{key}/hand-back").json()["mode"]
    assert "confirming" == visitor.say(CONTACT)["state"]


def test_a_person_ends_a_conversation(shop: Served, visitor: Visitor) -> None:
    key = visitor.say(ORDER)["key"]

    assert "ended" == shop.operator(f"{key}/end").json()["status"]
    told = problem(shop.operator(f"{key}/lines", {"text": "x"}), 409, "not-now")
    assert "has ended" in told["detail"]
    assert visitor.say("hello")["opened"]


def test_what_an_operator_gets_wrong_is_told(shop: Served, visitor: Visitor) -> None:
    key = visitor.say("hello")["key"]

    problem(shop.operator("web-nobody/end"), 404, "no-session")
    problem(shop.operator("a%00b/end"), 422, "invalid")
    for body in ({"text": ""}, {"txt": "x"}, {"text": "x", "by": "Ana"}, None):
        answer = shop.operator(f"{key}/lines", body)
        problem(answer, 415 if body is None else 422, "not-json" if body is None else "invalid")


def test_only_who_holds_the_token_is_an_operator(
    shop: Served, visitor: Visitor, tmp_path: Path
) -> None:
    answer = visitor.say(ORDER)
    key = answer["key"]

    for token in ("", "x", answer["session"], "0123456789abcdef0123456789abcdeé"):
        headers = {b"authorization": f"Bearer {token}".encode()} if token else {}
        refused = visitor.http.post(f"/api/sessions/{key}/take-over", headers=headers)
        problem(refused, 401, "no-operator")
    wrong = "x" * 32
    problem(shop.operator(f"{key}/lines", {"txt": 1}, token=wrong), 401, "no-operator")
    assert "agent" == visitor.history()["mode"]

    with served(tmp_path, REJOINDER_OPERATOR_TOKEN="") as other:
        told = problem(other.operator("web-x/end"), 401, "no-operator")
        assert "REJOINDER_OPERATOR_TOKEN" in told["detail"]
