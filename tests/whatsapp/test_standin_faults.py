"""The stand-ins on demand: refusing, silent, away; marks, files, and what 360dialog does its own way."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from adapters.whatsapp.standins.cloud import CloudStandin
from adapters.whatsapp.standins.dialog360 import LOOKASIDE, Dialog360Standin
from adapters.whatsapp.standins.phones import Mark, Phone
from tests.whatsapp.receiver import Receiver

BUDI = "6281234567890"
HI: dict[str, Any] = {
    "messaging_product": "whatsapp",
    "to": f"+{BUDI}",
    "type": "text",
    "text": {"body": "yo"},
}


@pytest.fixture
def cloud() -> Iterator[CloudStandin]:
    with CloudStandin() as cloud:
        yield cloud


@pytest.fixture
def budi(cloud: CloudStandin) -> Phone:
    phone = cloud.phone(BUDI)
    phone.says("hi")
    return phone


def send(cloud: CloudStandin, body: Any = HI, timeout: float = 5) -> httpx2.Response:
    url = f"{cloud.url}/v25.0/{cloud.phone_number_id}/messages"
    headers = {"authorization": f"Bearer {cloud.token}"}
    return httpx2.post(url, json=body, headers=headers, timeout=timeout)


def fetch(cloud: CloudStandin, url: str, token: str | None = None) -> httpx2.Response:
    return httpx2.get(url, headers={"authorization": f"Bearer {token or cloud.token}"})


# -- faults ----------------------------------------------------------------------------------------


def test_the_next_messages_are_refused_as_asked(cloud: CloudStandin, budi: Phone) -> None:
    cloud.fail_next(131016, http=503, times=2, details="busy", transient=True)
    cloud.fail_next(0, http=502)

    answers = [send(cloud) for _ in range(4)]

    assert [one.status_code for one in answers] == [503, 503, 502, 200]
    error = answers[0].json()["error"]
    assert (error["code"], error["is_transient"]) == (131016, True)
    assert error["error_data"]["details"] == "busy"
    assert answers[2].headers["content-type"].startswith("text/html")
    assert len(budi.inbox) == 1
    assert [one.rule for one in cloud.refusals] == ["asked for"] * 3


def test_a_failure_can_come_late(budi: Phone, cloud: CloudStandin) -> None:
    with Receiver() as product:
        cloud.webhook = product.url
        cloud.fail_next(131049, late=True)

        assert send(cloud).status_code == 200

        cloud.settled()
        (status,) = product.told("statuses")
        assert (status["status"], status["errors"][0]["code"]) == ("failed", 131049)
        assert budi.inbox == []


def test_a_message_may_go_out_without_an_answer(cloud: CloudStandin, budi: Phone) -> None:
    cloud.time_out_next()
    with pytest.raises(httpx2.ReadTimeout):
        send(cloud, timeout=0.3)
    cloud.time_out_next(cut=True)
    with pytest.raises(httpx2.RemoteProtocolError):
        send(cloud)

    assert len(budi.wait(2)) == 2
    assert [one.status for one in cloud.requests] == [0, 0]


def test_what_is_refused_is_refused_in_spite_of_a_time_out(cloud: CloudStandin) -> None:
    cloud.time_out_next()
    assert send(cloud).json()["error"]["code"] == 131026


def test_who_is_down_takes_nothing_and_comes_back_at_the_same_address(
    cloud: CloudStandin, budi: Phone
) -> None:
    url = cloud.url
    cloud.down()
    with pytest.raises(httpx2.ConnectError):
        send(cloud)
    cloud.down()
    cloud.up()
    cloud.up()

    assert cloud.url == url
    assert send(cloud).status_code == 200
    assert len(budi.inbox) == 1


def test_going_down_ends_the_silence(cloud: CloudStandin, budi: Phone) -> None:
    cloud.time_out_next()
    with pytest.raises(httpx2.ReadTimeout):
        send(cloud, timeout=0.2)
    cloud.down()
    cloud.up()
    assert send(cloud).status_code == 200
    assert len(budi.inbox) == 2


def test_it_runs_only_inside_its_block() -> None:
    with pytest.raises(RuntimeError, match="CloudStandin runs only inside its `with`"):
        CloudStandin().phone(BUDI).says("hi")


# -- marks and files -------------------------------------------------------------------------------


def test_a_mark_reaches_the_handset(cloud: CloudStandin, budi: Phone) -> None:
    said = budi.says("anybody there?")
    mark = {"messaging_product": "whatsapp", "status": "read", "message_id": said.id}
    cloud.fail_next(131016, of="mark")

    assert send(cloud, mark).status_code == 400
    assert send(cloud, mark).json() == {"success": True}
    assert send(cloud, {**mark, "typing_indicator": {"type": "text"}}).status_code == 200

    assert budi.marks == [Mark(said.id, typing=False), Mark(said.id, typing=True)]


def test_a_mark_for_a_message_of_the_business_is_refused(cloud: CloudStandin, budi: Phone) -> None:
    ours = send(cloud).json()["messages"][0]["id"]
    mark = {"messaging_product": "whatsapp", "status": "read", "message_id": ours}
    assert send(cloud, mark).json()["error"]["code"] == 131009
    assert budi.marks == []


def test_a_file_is_found_by_its_id_and_handed_out_to_who_has_the_token(
    cloud: CloudStandin, budi: Phone
) -> None:
    image = budi.sends_image(b"picture").value["messages"][0]["image"]

    told = fetch(cloud, f"{cloud.url}/v25.0/{image['id']}").json()

    assert (told["file_size"], told["sha256"]) == (7, image["sha256"])
    assert told["sha256"] == hashlib.sha256(b"picture").hexdigest()
    assert told["url"] == image["url"]
    assert fetch(cloud, told["url"]).content == b"picture"
    assert fetch(cloud, told["url"], "another").status_code == 401
    assert fetch(cloud, f"{cloud.url}/v25.0/{image['id']}", "another").status_code == 401
    missing = fetch(cloud, f"{cloud.url}/v25.0/999")
    assert (missing.status_code, missing.json()["error"]["error_subcode"]) == (400, 33)
    assert fetch(cloud, told["url"].replace(image["id"], "9")).status_code == 404


def test_a_webhook_may_leave_a_files_address_out(cloud: CloudStandin, budi: Phone) -> None:
    cloud.media_urls = False
    assert "url" not in budi.sends_voice().value["messages"][0]["audio"]


def test_a_file_may_be_out_of_reach(cloud: CloudStandin, budi: Phone) -> None:
    url = budi.sends_image().value["messages"][0]["image"]["url"]
    cloud.fail_next(131052, http=500, of="media")
    cloud.time_out_next(cut=True, of="media")

    assert fetch(cloud, url).status_code == 500
    with pytest.raises(httpx2.RemoteProtocolError):
        fetch(cloud, url)
    assert fetch(cloud, url).status_code == 200


# -- 360dialog -------------------------------------------------------------------------------------


@pytest.fixture
def dialog() -> Iterator[Dialog360Standin]:
    with Dialog360Standin() as dialog:
        dialog.phone(BUDI).says("hi")
        yield dialog


def call(
    dialog: Dialog360Standin, path: str = "/messages", body: Any = HI, key: str = ""
) -> httpx2.Response:
    headers = {"D360-API-KEY": key or dialog.api_key}
    return httpx2.post(dialog.url + path, json=body, headers=headers)


def test_360dialog_takes_metas_bodies_at_its_own_path(dialog: Dialog360Standin) -> None:
    answer = call(dialog)

    assert answer.status_code == 200
    (got,) = dialog.phone(BUDI).wait()
    assert answer.json()["messages"] == [{"id": got.wamid}]
    assert call(dialog, f"/{dialog.phone_number_id}/messages").status_code == 404
    assert call(dialog, f"/v25.0/{dialog.phone_number_id}/messages").status_code == 404
    assert call(dialog, "/v1/messages").status_code == 404


def test_360dialog_passes_metas_refusals_on_and_has_its_own(dialog: Dialog360Standin) -> None:
    long = {**HI, "text": {"body": "x" * 4_097}}
    assert call(dialog, body=long).json()["error"]["code"] == 100

    wrong = call(dialog, key="another")
    assert (wrong.status_code, wrong.json()["meta"]["success"]) == (401, False)
    assert "Invalid api_key" in wrong.json()["meta"]["developerMessage"]
    dialog.fail_itself(502)
    assert "error" not in call(dialog).json()
    assert call(dialog).status_code == 200


def test_360dialog_posts_with_the_headers_that_were_registered(dialog: Dialog360Standin) -> None:
    headers = {"D360-API-KEY": dialog.api_key}
    path = f"{dialog.url}/v1/configs/webhook"
    with Receiver() as product:
        given = {"url": product.url, "headers": {"X-Rejoinder-Secret": "s3cret"}}
        assert call(dialog, "/v1/configs/webhook", given).status_code == 200
        assert httpx2.get(path, headers=headers).json() == given
        assert httpx2.get(path).status_code == 401
        dialog.platform_secret = "partner"  # noqa: S105 - no secret of anybody's
        dialog.settled()  # what was said before had nowhere to go
        dialog.phone(BUDI).says("again")
        dialog.settled()

        assert dialog.verify()
        sent, raw = product.took[-1].headers, product.took[-1].raw
        assert sent["x-rejoinder-secret"] == "s3cret"
        assert "x-hub-signature-256" not in sent
        made = hmac.new(b"partner", raw, hashlib.sha256).hexdigest()
        assert sent["x-360dialog-signature"] == made


def test_360dialog_hands_files_out_under_its_own_host(dialog: Dialog360Standin) -> None:
    headers = {"D360-API-KEY": dialog.api_key}
    image = dialog.phone(BUDI).sends_image(b"picture").value["messages"][0]["image"]
    assert image["url"].startswith(f"{LOOKASIDE}/whatsapp_business/attachments/?mid=")

    told = httpx2.get(f"{dialog.url}/{image['id']}", headers=headers).json()

    assert told["url"] == image["url"]
    url = told["url"].replace(LOOKASIDE, dialog.url)
    assert httpx2.get(url, headers=headers).content == b"picture"
    assert httpx2.get(url).status_code == 401
    assert httpx2.get(f"{dialog.url}/{image['id']}").status_code == 401
