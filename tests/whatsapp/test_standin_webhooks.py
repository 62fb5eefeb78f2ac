"""What the stand-ins post: the bodies, their proof, and how they come again, together or mixed up."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from adapters.whatsapp.standins.cloud import CloudStandin
from adapters.whatsapp.standins.phones import Phone
from tests.whatsapp.receiver import Receiver

AT = 1_780_000_000_000


@pytest.fixture
def product() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def cloud(product: Receiver) -> Iterator[CloudStandin]:
    with CloudStandin(webhook=product.url, clock=lambda: AT) as cloud:
        cloud.courier.gaps = (0.0, 0.01)
        cloud.status_after = 0.0
        yield cloud


@pytest.fixture
def budi(cloud: CloudStandin) -> Phone:
    return cloud.phone("6281234567890", name="Budi Ü", user_id="ID.42")


def send(cloud: CloudStandin, to: str = "+6281234567890", **body: Any) -> httpx2.Response:
    url = f"{cloud.url}/v25.0/{cloud.phone_number_id}/messages"
    body = {"messaging_product": "whatsapp", "to": to, "type": "text", **body}
    headers = {"authorization": f"Bearer {cloud.token}"}
    return httpx2.post(url, json=body, headers=headers, timeout=5)


# -- one webhook -----------------------------------------------------------------------------------


def test_a_text_is_written_as_meta_writes_it(
    cloud: CloudStandin, budi: Phone, product: Receiver
) -> None:
    said = budi.says("hi 🙂")
    cloud.settled()

    headers, raw = product.took[0].headers, product.took[0].raw
    assert raw.isascii()
    made = hmac.new(cloud.app_secret.encode(), raw, hashlib.sha256).hexdigest()
    assert f"sha256={made}" == headers["x-hub-signature-256"]
    assert json.loads(raw) == {
        "object": "whatsapp_business_account",
        "entry": [
            {
                "id": "102290129340398",
                "changes": [
                    {
                        "value": {
                            "messaging_product": "whatsapp",
                            "metadata": {
                                "display_phone_number": "15550783881",
                                "phone_number_id": cloud.phone_number_id,
                            },
                            "contacts": [
                                {
                                    "profile": {"name": "Budi Ü"},
                                    "wa_id": "6281234567890",
                                    "user_id": "ID.42",
                                }
                            ],
                            "messages": [
                                {
                                    "from": "6281234567890",
                                    "from_user_id": "ID.42",
                                    "id": said.id,
                                    "timestamp": "1780000000",
                                    "type": "text",
                                    "text": {"body": "hi 🙂"},
                                }
                            ],
                        },
                        "field": "messages",
                    }
                ],
            }
        ],
    }


def test_of_somebody_with_a_username_no_number_is_told(
    cloud: CloudStandin, product: Receiver
) -> None:
    ani = cloud.phone("6280000000001", name="Ani", user_id="ID.7", username="ani")
    ani.says("hi")
    cloud.settled()

    (value,) = product.values
    told = {"profile": {"name": "Ani", "username": "ani"}, "user_id": "ID.7"}
    assert value["contacts"] == [told]
    assert "from" not in value["messages"][0]
    assert "6280000000001" not in json.dumps(value)


def test_before_april_2026_there_was_no_user_id(cloud: CloudStandin, product: Receiver) -> None:
    cloud.phone("6280000000001", user_id="").says("hi")
    cloud.settled()

    (value,) = product.values
    assert "user_id" not in value["contacts"][0]
    assert "from_user_id" not in value["messages"][0]


def test_everything_a_handset_can_send_has_its_type(
    cloud: CloudStandin, budi: Phone, product: Receiver
) -> None:
    budi.sends_image(caption="this one")
    budi.sends_video()
    budi.sends_file(b"a,b", "order.csv", mime="text/csv")
    budi.sends_voice()
    budi.sends_audio()
    budi.sends_sticker()
    budi.location(0.0, 9.5, "Home")
    budi.contact("Ani", "6280000000001")
    budi.reacts("wamid.1")
    budi.reacts("wamid.1", "")
    budi.orders([("remote", 11, 350.0)])
    budi.sends_unsupported()
    budi.sends("interactive", None)
    cloud.settled()

    got = product.told("messages")
    assert [one["type"] for one in got] == [
        "image",
        "video",
        "document",
        "audio",
        "audio",
        "sticker",
        "location",
        "contacts",
        "reaction",
        "reaction",
        "order",
        "unsupported",
        "interactive",
    ]
    by_type = {one["type"]: one for one in got}
    assert by_type["image"]["image"]["caption"] == "this one"
    assert by_type["document"]["document"]["filename"] == "order.csv"
    assert [one["audio"]["voice"] for one in got if "audio" in one] == [True, False]
    assert by_type["location"]["location"] == {"latitude": 0.0, "longitude": 9.5, "name": "Home"}
    assert by_type["contacts"]["contacts"][0]["name"]["formatted_name"] == "Ani"
    assert "emoji" not in by_type["reaction"]["reaction"]
    assert by_type["order"]["order"]["product_items"][0]["quantity"] == 11
    assert by_type["unsupported"]["errors"][0]["code"] == 131051
    assert "interactive" not in by_type["interactive"]


def test_buttons_rows_and_quick_replies_come_back_by_their_ids(
    cloud: CloudStandin, budi: Phone, product: Receiver
) -> None:
    budi.says("hi")
    reply = {"type": "reply", "reply": {"id": "yes#3", "title": "Yes"}}
    part: dict[str, Any] = {"body": {"text": "Sure?"}, "action": {"buttons": [reply]}}
    send(cloud, type="interactive", interactive={"type": "button", **part})
    row = {"id": "r1", "title": "Filter", "description": "for 1 kVA"}
    action = {"button": "Choose", "sections": [{"title": "Parts", "rows": [row]}]}
    part = {"body": {"text": "Which?"}, "action": action}
    send(cloud, type="interactive", interactive={"type": "list", **part})
    cloud.template("hello", "id", "Halo {{1}}!", buttons=("Stop",))
    named = {"name": "hello", "language": {"code": "id"}}
    components = [
        {"type": "body", "parameters": [{"type": "text", "text": "Budi"}]},
        {
            "type": "button",
            "sub_type": "quick_reply",
            "index": "0",
            "parameters": [{"type": "payload", "payload": "stop-1"}],
        },
    ]
    send(cloud, type="template", template={**named, "components": components})
    asked, listed, greeted = budi.wait(3)

    assert (listed.text, listed.open_list) == ("Which?", "Choose")
    assert (greeted.text, greeted.values) == ("Halo Budi!", ("Budi",))
    with pytest.raises(LookupError, match='"No" cannot be pressed under "Sure\\?"; there is "Yes"'):
        budi.taps(asked, "No")
    budi.taps(asked, "Yes")
    budi.picks(listed, "Filter")
    budi.taps(greeted, "Stop")
    cloud.settled()

    (_, tapped, picked, stopped) = product.told("messages")
    assert tapped["interactive"] == {
        "type": "button_reply",
        "button_reply": {"id": "yes#3", "title": "Yes"},
    }
    assert tapped["context"]["id"] == asked.wamid
    assert picked["interactive"] == {"type": "list_reply", "list_reply": row}
    assert (stopped["type"], stopped["button"]) == ("button", {"payload": "stop-1", "text": "Stop"})


def test_a_new_number_or_user_id_is_told_without_contacts(
    cloud: CloudStandin, budi: Phone, product: Receiver
) -> None:
    budi.changes_number("+6289876543210")
    budi.changes_user_id("ID.43")
    budi.says("hi")
    cloud.settled()

    number, user_id, text = product.values
    assert "contacts" not in number
    (moved,) = number["messages"]
    assert moved["from"] == "6281234567890"
    assert moved["system"]["type"] == "user_changed_number"
    assert moved["system"]["wa_id"] == "6289876543210"
    assert user_id["messages"][0]["system"]["user_id"] == "ID.43"
    assert text["messages"][0]["from_user_id"] == "ID.43"


def test_what_is_typed_on_the_business_phone_is_an_echo(
    cloud: CloudStandin, budi: Phone, product: Receiver
) -> None:
    cloud.echo(to=budi, text="Ann here")
    cloud.tells("account_update", {"event": "VERIFIED_ACCOUNT"})
    cloud.settled()

    (echo,) = product.told("message_echoes")
    assert (echo["from"], echo["to"]) == (cloud.display_phone_number, "6281234567890")
    assert [(one.text, one.by_hand) for one in budi.wait()] == [("Ann here", True)]
    fields = {entry["changes"][0]["field"] for body in product.bodies for entry in body["entry"]}
    assert fields == {"smb_message_echoes", "account_update"}


# -- statuses --------------------------------------------------------------------------------------


def test_a_message_is_followed_by_its_statuses_with_what_we_gave_along(
    cloud: CloudStandin, budi: Phone, product: Receiver
) -> None:
    budi.says("hi")
    wamid = send(cloud, text={"body": "yo"}, biz_opaque_callback_data="row-1").json()
    budi.wait()
    budi.reads()
    budi.reads()
    cloud.settled()

    told = product.told("statuses")
    assert [one["status"] for one in told] == ["sent", "delivered", "read"]
    assert {one["id"] for one in told} == {wamid["messages"][0]["id"]}
    assert {one["biz_opaque_callback_data"] for one in told} == {"row-1"}
    assert {one["recipient_id"] for one in told} == {"6281234567890"}
    assert {one["recipient_user_id"] for one in told} == {"ID.42"}


def test_statuses_can_be_left_out(cloud: CloudStandin, budi: Phone, product: Receiver) -> None:
    budi.says("hi")
    cloud.statuses = ()
    send(cloud, text={"body": "yo"})
    cloud.settled()

    assert product.told("statuses") == []


def test_a_refusal_may_come_late_as_a_failed_status(
    cloud: CloudStandin, budi: Phone, product: Receiver
) -> None:
    cloud.late = frozenset({131047, 131026})
    closed = send(cloud, text={"body": "yo"}, biz_opaque_callback_data="row-1")
    nobody = send(cloud, "+6289999999999", text={"body": "yo"})
    cloud.settled()

    assert (closed.status_code, nobody.status_code, budi.inbox) == (200, 200, [])
    first, second = product.told("statuses")
    assert (first["status"], first["errors"][0]["code"]) == ("failed", 131047)
    assert first["biz_opaque_callback_data"] == "row-1"
    assert "recipient_user_id" not in first
    assert (second["recipient_id"], second["errors"][0]["code"]) == ("6289999999999", 131026)
    assert not any("contacts" in value for value in product.values)


# -- again, together, mixed up ---------------------------------------------------------------------


def test_a_webhook_comes_until_it_is_answered_200(
    cloud: CloudStandin, budi: Phone, product: Receiver
) -> None:
    product.refuses = [500, 403, 302, 201]
    budi.says("hi")
    cloud.settled()

    assert [one.status for one in cloud.posted] == [500, 403, 302, 201, 200]
    assert [one.attempt for one in cloud.posted] == [1, 2, 3, 4, 5]
    assert len({one.raw for one in product.took}) == 1


def test_a_webhook_waits_for_a_product_that_starts_later(product: Receiver) -> None:
    with CloudStandin() as cloud:
        cloud.courier.gaps = (0.0, 0.01)
        cloud.phone("6281234567890").says("anybody there?")
        cloud.webhook = product.url
        cloud.settled()

        assert [one["text"]["body"] for one in product.told("messages")] == ["anybody there?"]


def test_who_never_takes_a_webhook_is_told_of(
    cloud: CloudStandin, budi: Phone, product: Receiver
) -> None:
    product.refuses = [500] * 100_000
    budi.says("hi")

    with pytest.raises(TimeoutError, match=r"answered \[500"):
        cloud.settled(timeout=0.3)
    with pytest.raises(TimeoutError, match=r"waited 0\.1 s for 1 messages, got 0"):
        budi.wait(timeout=0.1)


def test_messages_of_one_person_come_in_the_order_they_were_written(
    cloud: CloudStandin, budi: Phone, product: Receiver
) -> None:
    for n in range(20):
        budi.says(str(n))
    cloud.settled()

    got = [one["text"]["body"] for one in product.told("messages")]
    assert got == [str(n) for n in range(20)]


def test_a_storm_brings_everything_as_often_as_asked(
    cloud: CloudStandin, budi: Phone, product: Receiver
) -> None:
    ani = cloud.phone("6280000000001", name="Ani")
    kept = [phone.says(str(n), post=False) for n in range(50) for phone in (budi, ani)]
    cloud.deliver(kept, copies=3, shuffled=7, at_once=True, per_post=10)

    got = [one["id"] for one in product.told("messages")]
    assert Counter(got) == {one.id: 3 for one in kept}
    assert got != [one.id for one in kept for _ in range(3)]
    assert len(cloud.posted) == 30


def test_a_backlog_comes_in_posts_of_a_thousand(
    cloud: CloudStandin, budi: Phone, product: Receiver
) -> None:
    kept = [budi.says(str(n), post=False) for n in range(1_500)]
    cloud.deliver(kept, per_post=1_000)

    assert [len(one["messages"]) for one in product.values] == [1_000, 500]
    with pytest.raises(ValueError, match="1001 updates in one POST; Meta sends at most 1000"):
        cloud.deliver(kept[:1_001], per_post=1_001)


def test_different_things_in_one_post_are_spread_over_entries_and_changes(
    cloud: CloudStandin, budi: Phone, product: Receiver
) -> None:
    kept = [
        budi.says("one", post=False),
        budi.says("two", post=False),
        cloud.tells("account_update", {"event": "X"}, post=False),
        cloud.echo(to=budi, text="Ann here", post=False),
    ]
    cloud.deliver(kept, per_post=4)

    (body,) = product.bodies
    shape = [[one["field"] for one in entry["changes"]] for entry in body["entry"]]
    assert shape == [["messages", "account_update"], ["smb_message_echoes"]]
    first = body["entry"][0]["changes"][0]["value"]
    assert [one["text"]["body"] for one in first["messages"]] == ["one", "two"]
    assert len(first["contacts"]) == 1


def test_bytes_of_ones_own_are_posted_once_with_any_proof(
    cloud: CloudStandin, product: Receiver
) -> None:
    product.refuses = [403]

    assert cloud.post(b"{}", {"x-hub-signature-256": "sha256=00"}) == 403
    assert [one.headers.get("x-hub-signature-256") for one in product.took] == ["sha256=00"]
    assert cloud.post(b"{}", {}) == 200
    assert "x-hub-signature-256" not in product.took[-1].headers


def test_the_webhook_is_verified_by_its_challenge(cloud: CloudStandin) -> None:
    assert cloud.verify()
    assert not cloud.verify("another")
