"""Everything the stand-ins refuse: one request for each row of the table, and what is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from adapters.whatsapp.standins.cloud import CloudStandin
from adapters.whatsapp.standins.phones import Phone
from adapters.whatsapp.standins.refusing import Rule
from adapters.whatsapp.standins.rules import RULES

BUDI = "6281234567890"
START = 1_780_000_000_000
Body = dict[str, Any]


class Business:
    """What a product that sends everything asked of it would be."""

    def __init__(self, cloud: CloudStandin) -> None:
        self.cloud = cloud
        self.now = START
        self.budi = cloud.phone(BUDI)
        self.budi.says("hi")
        self.token = cloud.token
        self.number = cloud.phone_number_id
        self.http = httpx2.Client(trust_env=False)

    def post(self, body: Any) -> httpx2.Response:
        url = f"{self.cloud.url}/v25.0/{self.number}/messages"
        return self.http.post(url, json=body, headers={"authorization": f"Bearer {self.token}"})

    def send(self, **body: Any) -> httpx2.Response:
        return self.post({"messaging_product": "whatsapp", "to": f"+{BUDI}", **body})


@pytest.fixture
def business() -> Iterator[Business]:
    with CloudStandin(clock=lambda: made[0].now if made else START) as cloud:
        made: list[Business] = []
        made.append(Business(cloud))
        cloud.template("hello", "id", "Halo {{1}}")
        cloud.template("code", "id", "{{1}} is your code", category="authentication")
        yield made[0]
        made[0].http.close()


def text(body: str = "hi") -> Body:
    return {"type": "text", "text": {"body": body}}


def buttons(*titles: str, body: str = "Which?", ids: Any = None, **more: Any) -> Body:
    given = ids or [f"id{n}" for n, _ in enumerate(titles)]
    replies = [
        {"type": "reply", "reply": {"id": id_, "title": title}}
        for id_, title in zip(given, titles, strict=True)
    ]
    part = {"type": "button", "body": {"text": body}, "action": {"buttons": replies}, **more}
    return {"type": "interactive", "interactive": part}


def rows(n: int, **more: Any) -> list[Body]:
    return [{"id": f"r{k}", "title": f"Row {k}", **more} for k in range(n)]


def rows_of(*sections: Any, body: str = "Which?", button: str = "Choose", **more: Any) -> Body:
    action = {"button": button, "sections": list(sections)}
    part = {"type": "list", "body": {"text": body}, "action": action, **more}
    return {"type": "interactive", "interactive": part}


def section(*rows: Body, title: Any = "All") -> Body:
    return ({"title": title} if title else {}) | {"rows": list(rows)}


def template(name: str = "hello", *values: str, language: str = "id") -> Body:
    parameters = [{"type": "text", "text": value} for value in values]
    components = [{"type": "body", "parameters": parameters}]
    part = {"name": name, "language": {"code": language}, "components": components}
    return {"type": "template", "template": part}


def headed(kind: str, size: int) -> Body:
    return {kind: {"type": "text", "text": "x" * size}}


def wrong_token(business: Business) -> httpx2.Response:
    business.token += "?"
    return business.send(**text())


def wrong_number(business: Business) -> httpx2.Response:
    business.number = "999"
    return business.send(**text())


def late(business: Business) -> httpx2.Response:
    business.now += 24 * 3_600_000
    return business.send(**text())


def often(business: Business) -> httpx2.Response:
    answers = [business.send(**text()) for _ in range(46)]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    return answers[-1]


def many(business: Business) -> httpx2.Response:
    business.cloud.throughput.most = 3  # one has come in
    assert business.send(**text()).status_code == 200
    assert business.send(**text()).status_code == 200
    return business.send(**text())


def sent(**body: Any) -> Callable[[Business], httpx2.Response]:
    return lambda business: business.send(**body)


def posted(**body: Any) -> Callable[[Business], httpx2.Response]:
    return lambda business: business.post(body)


MARK = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.none"}
TYPING = {**MARK, "typing_indicator": {"type": "text"}}
WA = {"messaging_product": "whatsapp"}
TITLED = {"type": "image", "image": {"id": "1"}}

CASES: dict[str, Callable[[Business], httpx2.Response]] = {
    "token": wrong_token,
    "phone number id": wrong_number,
    "product": posted(to=f"+{BUDI}", **text()),
    "no recipient": posted(**WA, **text()),
    "malformed number": posted(**WA, to="US.123", **text()),
    "malformed user id": posted(**WA, recipient="no id", **text()),
    "type": sent(type="poll", poll={}),
    "object": sent(type="text"),
    "no text": sent(**text(" ")),
    "text": sent(**text("x" * 4_097)),
    "callback data": sent(**text(), biz_opaque_callback_data="x" * 513),
    "caption": sent(type="image", image={"id": "1", "caption": "x" * 1_025}),
    "interactive type": sent(type="interactive", interactive={"type": "quiz"}),
    "no body": sent(**buttons("Yes", body=" ")),
    "button body": sent(**buttons("Yes", body="x" * 1_025)),
    "list body": sent(**rows_of(section(*rows(1)), body="x" * 4_097)),
    "header": sent(**buttons("Yes", **headed("header", 61))),
    "footer": sent(**rows_of(section(*rows(1)), **headed("footer", 61))),
    "list header": sent(**rows_of(section(*rows(1)), header=TITLED)),
    "buttons": sent(**buttons("A", "B", "C", "D")),
    "button title": sent(**buttons("Yes, confirm the order")),
    "button id": sent(**buttons("Yes", ids=["x" * 257])),
    "equal titles": sent(**buttons("Yes", "Yes")),
    "equal button ids": sent(**buttons("Yes", "No", ids=["a", "a"])),
    "list button": sent(**rows_of(section(*rows(1)), button="Choose one of these now")),
    "sections": sent(**rows_of(*(section(*rows(1)) for _ in range(11)))),
    "empty section": sent(**rows_of(section(*rows(1)), section())),
    "rows": sent(**rows_of(section(*rows(6)), section(*rows(5), title="More"))),
    "no section title": sent(**rows_of(section(*rows(1), title=None))),
    "section title": sent(**rows_of(section(*rows(1), title="x" * 25))),
    "row title": sent(**rows_of(section({"id": "a", "title": "x" * 25}))),
    "row description": sent(**rows_of(section(*rows(1, description="x" * 73)))),
    "row id": sent(**rows_of(section({"id": "x" * 201, "title": "a"}))),
    "equal row ids": sent(**rows_of(section(*rows(1)), section(*rows(1), title="More"))),
    "mark": posted(**TYPING),
    "template": sent(**template("hello", "Budi", language="en")),
    "template parameters": sent(**template("hello", "Budi", "Ani")),
    "user id": lambda business: business.post(
        {**WA, "recipient": business.budi.user_id, **template("code", "1")}
    ),
    "unknown person": posted(**WA, to="+6289999999999", **text()),
    "window": late,
    "pair rate": often,
    "throughput": many,
}


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
def test_what_a_rule_forbids_is_refused_by_its_code(business: Business, rule: Rule) -> None:
    answer = CASES[rule.name](business)

    assert answer.status_code == rule.http
    assert [(rule.name, rule.code)] == [(one.rule, one.code) for one in business.cloud.refusals]
    error = answer.json()["error"]
    assert error["fbtrace_id"]
    told = (error["code"], error.get("error_subcode"), error["type"])
    if rule.code == 33:  # the Graph API's own way of saying that there is no such number
        assert told == (100, 33, "GraphMethodException")
    else:
        assert told == (rule.code, None, "OAuthException")
    if rule.code > 1_000:
        assert error["message"].startswith(f"(#{rule.code}) ")
        assert error["error_data"]["messaging_product"] == "whatsapp"
        assert error["error_data"]["details"]


def test_every_rule_has_its_case() -> None:
    assert [rule.name for rule in RULES] == list(CASES)


FULL = "x" * 20
GOOD: list[Body] = [
    text("x" * 4_096),
    buttons("A", "B", "C", body="x" * 1_024, ids=["x" * 256, "b", "c"], **headed("header", 60)),
    buttons(FULL, **headed("footer", 60)),
    rows_of(section(*rows(10, description="x" * 72)), body="x" * 4_096, button=FULL),
    rows_of(section({"id": "x" * 200, "title": "x" * 24}, title="x" * 24)),
    template("hello", "Budi"),
]


@pytest.mark.parametrize("body", GOOD, ids=range(len(GOOD)))
def test_what_just_fits_is_taken(business: Business, body: Body) -> None:
    answer = business.send(**body, biz_opaque_callback_data="x" * 512)

    assert answer.status_code == 200
    wamid = answer.json()["messages"][0]["id"]
    assert [wamid] == [one.wamid for one in business.budi.wait()]


def test_an_emoji_takes_two_places_in_a_title(business: Business) -> None:
    assert business.send(**buttons("x" * 18 + "🙂")).status_code == 200
    assert business.send(**buttons("x" * 19 + "🙂")).status_code == 400


def test_outside_the_window_a_template_passes_and_a_message_opens_it_again(
    business: Business,
) -> None:
    business.now += 24 * 3_600_000
    assert business.send(**text()).json()["error"]["code"] == 131047
    assert business.send(**template("hello", "Budi")).status_code == 200

    business.budi.says("thanks")

    assert business.send(**text()).status_code == 200


def test_who_never_wrote_gets_nothing_but_templates(business: Business) -> None:
    business.cloud.phone("6280000000001")
    to = {**WA, "to": "+6280000000001"}
    assert business.post({**to, **text()}).json()["error"]["code"] == 131047
    assert business.post({**to, **template("hello", "Ani")}).status_code == 200


def test_after_45_at_once_one_more_passes_every_six_seconds(business: Business) -> None:
    assert often(business).json()["error"]["code"] == 131056

    business.now += 5_999
    assert business.send(**text()).json()["error"]["code"] == 131056
    business.now += 1
    assert business.send(**text()).status_code == 200
    assert business.send(**text()).json()["error"]["code"] == 131056
    business.cloud.phone("6280000000001").says("and me?")
    other = business.post({**WA, "to": "+6280000000001", **text()})
    assert other.status_code == 200


def test_by_the_hard_reading_a_burst_is_paid_back_before_anything_passes(
    business: Business,
) -> None:
    business.cloud.pair.repay = True
    assert {business.send(**text()).status_code for _ in range(20)} == {200}

    business.now += 119_999
    assert business.send(**text()).json()["error"]["code"] == 131056
    business.now += 1
    assert business.send(**text()).status_code == 200


def test_a_second_later_the_number_may_send_again(business: Business) -> None:
    assert many(business).json()["error"]["code"] == 130429
    business.now += 1_000
    assert business.send(**text()).status_code == 200


def test_a_number_without_plus_gets_the_country_of_the_business(business: Business) -> None:
    ani = business.cloud.phone("16505551234")
    ani.says("hi")
    astray = business.post({**WA, "to": BUDI, **text()})
    assert astray.json()["error"]["code"] == 131026
    assert business.post({**WA, "to": "16505551234", **text()}).status_code == 200
    ani.wait()

    business.cloud.country = "62"
    assert business.post({**WA, "to": BUDI, **text()}).status_code == 200
    assert business.post({**WA, "to": "81234567890", **text()}).status_code == 200
    assert len(business.budi.wait(2)) == 2


def test_to_wins_over_recipient_and_a_user_id_is_answered_without_a_number(
    business: Business,
) -> None:
    ani: Phone = business.cloud.phone("6280000000001", user_id="ID.42", username="ani")
    ani.says("hi")
    both = business.post({**WA, "to": f"+{BUDI}", "recipient": "ID.42", **text()})
    assert both.json()["contacts"] == [{"input": f"+{BUDI}", "wa_id": BUDI}]
    business.budi.wait()

    alone = business.post({**WA, "recipient": "ID.42", **text()})

    assert alone.json()["contacts"] == [{"input": "ID.42", "user_id": "ID.42"}]
    ani.wait()


def test_what_is_no_json_is_refused(business: Business) -> None:
    url = f"{business.cloud.url}/v25.0/{business.number}/messages"
    headers = {"authorization": f"Bearer {business.token}"}
    answer = httpx2.post(url, content=b"{", headers=headers)
    assert answer.json()["error"]["code"] == 100
