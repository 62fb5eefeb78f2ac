"""The stand-in of WAHA does what WAHA is known to do: one test for each row of its rules."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from adapters.whatsapp.standins.waha import WahaStandin
from adapters.whatsapp.standins.waha_rules import RULES
from adapters.whatsapp.standins.waha_webhooks import Hook, sign
from tests.whatsapp.waha_hook import WahaHook, client

KEY = "hmac"
SHORT = (0.02,) * 6


@pytest.fixture
def hook() -> Iterator[WahaHook]:
    with WahaHook() as listening:
        yield listening


@pytest.fixture
def waha(hook: WahaHook) -> Iterator[WahaStandin]:
    with WahaStandin(hmac_key=KEY, webhook=hook.url, retry_delay=0.01, patience=0.05) as running:
        yield running


@pytest.fixture
def api(waha: WahaStandin) -> Iterator[httpx2.Client]:
    with client(waha) as http:
        yield http


def meets(name: str, answer: httpx2.Response) -> dict[str, Any]:
    """Check an answer against its rule; return its body."""
    rule = RULES[name]
    body: dict[str, Any] = answer.json() if answer.content else {}
    assert (rule.status, dict(rule.body)) == (
        answer.status_code,
        {key: body.get(key) for key in rule.body},
    )
    return body


def text(**given: Any) -> dict[str, Any]:
    return {"session": "default", "chatId": "628123@c.us", "text": "hello", **given}


def session(api: httpx2.Client) -> dict[str, Any]:
    found: dict[str, Any] = api.get("/api/sessions/default").json()
    return found


def unpaired(waha: WahaStandin, hook: WahaHook) -> None:
    waha.loses_connection(forgets=True)
    waha.do(waha.pairing.restart)
    hook.until_status("SCAN_QR_CODE")


def test_each_rule_has_a_test() -> None:
    """A row without its test would be a claim."""
    tests = {name.removeprefix("test_rule_") for name in globals() if name.startswith("test_rule_")}

    assert set(RULES) == tests


def test_the_signature_is_the_published_one() -> None:
    """The vector of WAHA's own documentation."""
    body = b'{"event":"message","session":"default","engine":"WEBJS"}'

    signed = sign("my-secret-key", body)

    assert signed.startswith("208f8a55")
    assert signed.endswith("076153fa89")


# -- refusals --------------------------------------------------------------------------------------


def test_rule_wrong_key(waha: WahaStandin) -> None:
    with client(waha, "other") as stranger:
        meets("wrong_key", stranger.get("/api/sessions"))


def test_rule_no_session(api: httpx2.Client) -> None:
    meets("no_session", api.get("/api/sessions/other"))
    meets("no_session", api.post("/api/sessions/other/start"))
    meets("no_session", api.post("/api/sendText", json=text(session="other")))


def test_rule_session_there(api: httpx2.Client) -> None:
    body = meets("session_there", api.post("/api/sessions", json={"name": "default"}))

    assert "'default' already exists" in body["message"]


def test_rule_not_working(waha: WahaStandin, api: httpx2.Client) -> None:
    waha.becomes("STOPPED")

    body = meets("not_working", api.post("/api/sendText", json=text()))

    assert ("default", "STOPPED") == (body["session"], body["status"])
    assert [] == waha.inbox


def test_rule_no_qr(api: httpx2.Client) -> None:
    body = meets("no_qr", api.get("/api/default/auth/qr"))

    assert "WORKING" == body["status"]


def test_rule_bad_body(api: httpx2.Client) -> None:
    body = meets("bad_body", api.post("/api/sendText", json={"session": "default", "text": "x"}))
    broken = api.post("/api/sendText", content=b"{")

    assert ["chatId should not be empty"] == body["message"]
    assert 400 == broken.status_code


def test_rule_no_file(api: httpx2.Client) -> None:
    meets("no_file", api.get("/api/files/default/none.jpg"))


# -- the session -----------------------------------------------------------------------------------


def test_rule_created(api: httpx2.Client) -> None:
    meets("created", api.post("/api/sessions", json={"name": "new"}))


def test_rule_created_stopped(api: httpx2.Client) -> None:
    meets("created_stopped", api.post("/api/sessions", json={"name": "new", "start": False}))


def test_rule_updated(api: httpx2.Client, hook: WahaHook) -> None:
    hooks = [{"url": hook.url, "events": ["session.status"]}]

    meets("updated", api.put("/api/sessions/default", json={"config": {"webhooks": hooks}}))

    hook.until_status("STARTING")
    hook.until_status("WORKING")
    assert hooks == session(api)["config"]["webhooks"]


def test_rule_start_again(waha: WahaStandin, api: httpx2.Client) -> None:
    waha.becomes("FAILED")

    meets("start_again", api.post("/api/sessions/default/start"))

    assert "FAILED" == waha.status


def test_rule_stop_keeps_pairing(api: httpx2.Client, hook: WahaHook) -> None:
    for _ in range(2):
        stopped = api.post("/api/sessions/default/stop").json()
        assert ("STOPPED", None) == (stopped["status"], stopped["me"])

    meets("stop_keeps_pairing", api.post("/api/sessions/default/start"))

    hook.until_status("WORKING")
    assert "6281100000001@c.us" == session(api)["me"]["id"]


def test_rule_restart(api: httpx2.Client, hook: WahaHook) -> None:
    meets("restart", api.post("/api/sessions/default/restart"))

    hook.until_status("WORKING")


def test_rule_logout_begins_anew(waha: WahaStandin, api: httpx2.Client, hook: WahaHook) -> None:
    meets("logout_begins_anew", api.post("/api/sessions/default/logout"))

    hook.until_status("SCAN_QR_CODE")
    assert hook.url == waha.webhook


def test_rule_logout_of_a_stopped_one(
    waha: WahaStandin, api: httpx2.Client, hook: WahaHook
) -> None:
    waha.becomes("STOPPED")

    meets("logout_of_a_stopped_one", api.post("/api/sessions/default/logout"))
    api.post("/api/sessions/default/start")

    hook.until_status("SCAN_QR_CODE")


def test_rule_deleted(api: httpx2.Client) -> None:
    meets("deleted", api.delete("/api/sessions/default"))
    meets("deleted", api.delete("/api/sessions/default"))

    assert 404 == api.get("/api/sessions/default").status_code


def test_rule_listed(waha: WahaStandin, api: httpx2.Client) -> None:
    waha.becomes("STOPPED")

    assert [] == api.get("/api/sessions").json()
    assert ["default"] == [one["name"] for one in api.get("/api/sessions?all=true").json()]


def test_rule_qr_forms(waha: WahaStandin, api: httpx2.Client, hook: WahaHook) -> None:
    unpaired(waha, hook)

    picture = api.get("/api/default/auth/qr")
    coded = api.get("/api/default/auth/qr", headers={"Accept": "application/json"}).json()
    raw = api.get("/api/default/auth/qr?format=raw").json()

    assert picture.content.startswith(b"\x89PNG")
    assert ("image/png", picture.content) == (coded["mimetype"], b64decode(coded["data"]))
    assert raw["value"].startswith("2@")


def test_rule_qr_renewed(waha: WahaStandin, api: httpx2.Client, hook: WahaHook) -> None:
    unpaired(waha, hook)
    first = waha.pairing.qr
    told = len(hook.wait(event="session.status"))

    waha.renew_qr()

    assert "SCAN_QR_CODE" == hook.wait(told + 1, "session.status")[-1].body["payload"]["status"]
    assert first != api.get("/api/default/auth/qr?format=raw").json()["value"]


def test_rule_qr_given_up(hook: WahaHook) -> None:
    with WahaStandin(webhook=hook.url, qr_lives=SHORT) as waha:
        waha.loses_connection(forgets=True)
        waha.do(waha.pairing.restart)
        waha.settled()
        hook.wait(10, "session.status")

    told = [one.body["payload"]["status"] for one in hook.took]
    assert 6 == told.count("SCAN_QR_CODE")
    assert 2 == told.count("FAILED")  # as it was lost, and now
    assert "FAILED" == waha.status


def test_rule_scanned(waha: WahaStandin, api: httpx2.Client, hook: WahaHook) -> None:
    unpaired(waha, hook)

    waha.scan()

    assert {"id": "6281100000001@c.us", "pushName": "The shop"} == session(api)["me"]
    hook.until_status("WORKING")


def test_rule_passkey(waha: WahaStandin, api: httpx2.Client, hook: WahaHook) -> None:
    waha.becomes("PASSKEY_REQUIRED")

    assert "PASSKEY_REQUIRED" == session(api)["status"]
    hook.until_status("PASSKEY_REQUIRED")


def test_rule_version(api: httpx2.Client) -> None:
    body = meets("version", api.get("/api/server/version"))

    assert ("2026.7.1", "GOWS") == (body["version"], body["engine"])


def test_rule_ping(waha: WahaStandin) -> None:
    with client(waha, "") as stranger:
        meets("ping", stranger.get("/ping"))


# -- sending ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["WEBJS", "NOWEB", "GOWS", "WPP"])
def test_rule_sent(engine: str) -> None:
    with WahaStandin(engine=engine) as waha, client(waha) as api:
        body = meets("sent", api.post("/api/sendText", json=text()))
        (received,) = waha.phone("628123").wait()

    assert "hello" == received.text
    if engine == "NOWEB":
        assert received.id == f"true_628123@c.us_{body['key']['id']}"
    elif engine == "WEBJS":
        assert received.id == body["id"]["_serialized"]
    else:
        assert received.id == body["id"]


def test_rule_sent_to_lid(waha: WahaStandin, api: httpx2.Client) -> None:
    budi = waha.phone("628123", "Budi", "77@lid")

    for chat in ("77@lid", "628123@c.us", "628123@s.whatsapp.net"):
        meets("sent_to_lid", api.post("/api/sendText", json=text(chatId=chat)))

    assert 3 == len(budi.wait(3))


def test_rule_own_message(api: httpx2.Client, hook: WahaHook) -> None:
    api.post("/api/sendText", json=text())

    (told,) = hook.wait(event="message.any")
    payload = told.body["payload"]
    assert (True, "api", "hello") == (payload["fromMe"], payload["source"], payload["body"])


def test_rule_acks(waha: WahaStandin, api: httpx2.Client, hook: WahaHook) -> None:
    api.post("/api/sendText", json=text())
    waha.phone("628123").reads()

    told = [one.body["payload"] for one in hook.wait(3, "message.ack")]
    assert {1, 2, 3} == {one["ack"] for one in told}
    assert {waha.inbox[0].id} == {one["id"] for one in told}


@pytest.mark.parametrize("name", ["sendSeen", "startTyping", "stopTyping"])
def test_rule_seen(waha: WahaStandin, api: httpx2.Client, name: str) -> None:
    meets("seen", api.post(f"/api/{name}", json={"session": "default", "chatId": "1@c.us"}))

    assert [name] == [call.name for call in waha.calls]


def test_rule_lid_map(waha: WahaStandin, api: httpx2.Client) -> None:
    waha.phone("628123", "Budi", "77@lid")

    known = meets("lid_map", api.get("/api/default/lids/77%40lid"))
    unknown = meets("lid_map", api.get("/api/default/lids/78"))

    assert {"lid": "77@lid", "pn": "628123@c.us"} == known
    assert {"lid": "78@lid", "pn": None} == unknown


def test_rule_check_exists(waha: WahaStandin, api: httpx2.Client) -> None:
    waha.nowhere.add("628000")
    waha.known_as["5511987654321"] = "551187654321"

    def ask(phone: str) -> dict[str, Any]:
        asked = {"session": "default", "phone": phone}
        return meets("check_exists", api.get("/api/contacts/check-exists", params=asked))

    assert {"numberExists": False} == ask("628000")
    assert {"numberExists": True, "chatId": "551187654321@c.us"} == ask("5511987654321")


# -- webhooks --------------------------------------------------------------------------------------


def test_rule_signed(waha: WahaStandin, hook: WahaHook) -> None:
    waha.phone("628123", "Zoë").says("dua 🙏")

    for one in hook.wait(2):
        assert sign(KEY, one.raw) == one.headers["x-webhook-hmac"]
        assert "sha512" == one.headers["x-webhook-hmac-algorithm"]
        assert one.headers["x-webhook-timestamp"].isdigit()
        assert one.headers["x-webhook-request-id"]


def test_rule_both_events(waha: WahaStandin, hook: WahaHook) -> None:
    stanza = waha.phone("628123", "Budi").says("halo")

    one, other = hook.wait(2)
    assert {"message", "message.any"} == {one.body["event"], other.body["event"]}
    assert one.body["id"] != other.body["id"]
    assert {f"false_628123@c.us_{stanza}"} == {
        one.body["payload"]["id"],
        other.body["payload"]["id"],
    }


def test_rule_two_ids(waha: WahaStandin, hook: WahaHook) -> None:
    stanza = waha.phone("628123", "Budi", "77@lid").says("halo", seen_as="both")

    ids = {one.body["payload"]["id"] for one in hook.wait(2)}
    assert {f"false_77@lid_{stanza}", f"false_628123@c.us_{stanza}"} == ids


def test_rule_retried(waha: WahaStandin, hook: WahaHook) -> None:
    hook.refuses += [403, 500] + [503] * 30

    waha.tell_raw("message.reaction", {})
    waha.settled()

    assert 16 == len(hook.took)
    assert 1 == len({one.headers["x-webhook-request-id"] for one in hook.took})


def test_rule_out_of_order(waha: WahaStandin, hook: WahaHook) -> None:
    with waha.out_of_order():
        waha.phone("628123").says("one")
        waha.phone("628123").says("two")

    told = [one.body["payload"]["body"] for one in hook.wait(4)]
    assert ["two", "two", "one", "one"] == told


def test_rule_global_hook(waha: WahaStandin, hook: WahaHook) -> None:
    waha.global_hook = Hook(hook.url, ("message",))

    waha.phone("628123").says("halo")

    one, other = hook.wait(2, "message")
    assert one.body == other.body
    assert one.headers["x-webhook-request-id"] != other.headers["x-webhook-request-id"]


def test_rule_lost_in_memory(hook: WahaHook) -> None:
    hook.refuses.append(503)
    with WahaStandin(webhook=hook.url, retry_delay=3_600) as waha:
        waha.tell_raw("message.reaction", {})
        hook.wait()
        waha.down()
        waha.up()
        waha.settled()

    assert 1 == len(hook.took)


def test_rule_silent(waha: WahaStandin, api: httpx2.Client, hook: WahaHook) -> None:
    waha.goes_silent()
    waha.phone("628123").says("lost")
    working = session(api)["status"]
    api.post("/api/sessions/default/restart")
    hook.until_status("WORKING")
    waha.phone("628123").says("heard")

    assert "WORKING" == working
    assert ["heard"] == [one.body["payload"]["body"] for one in hook.wait(1, "message")]


def test_rule_held(waha: WahaStandin, api: httpx2.Client, hook: WahaHook) -> None:
    api.post("/api/sessions/default/stop")
    waha.phone("628123").says("later")
    api.post("/api/sessions/default/start")

    assert "later" == hook.wait(1, "message")[0].body["payload"]["body"]


def test_rule_media_url(waha: WahaStandin, api: httpx2.Client, hook: WahaHook) -> None:
    waha.phone("628123").sends_image(b"picture", "look")

    media = hook.wait(1, "message")[0].body["payload"]["media"]
    path = media["url"].removeprefix("http://localhost:3000")
    assert b"picture" == api.get(path).content
    with client(waha, "") as stranger:
        assert 401 == stranger.get(path).status_code


def test_rule_echo(waha: WahaStandin, hook: WahaHook) -> None:
    waha.echo("628123", "I am on my way")
    waha.settled()

    (told,) = hook.took
    payload = told.body["payload"]
    assert ("message.any", True, "app") == (
        told.body["event"],
        payload["fromMe"],
        payload["source"],
    )
