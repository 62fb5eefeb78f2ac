"""WAHA: seen, typing, sent; to whom, under which id, and what comes of a fault on the way."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from adapters.whatsapp.provider import Outgoing, Provider, Refused
from adapters.whatsapp.refusals import Unclear
from adapters.whatsapp.shaping import shaped, templated
from adapters.whatsapp.updates import Attachment, Message, Person
from adapters.whatsapp.waha import WahaApi
from tests.whatsapp.tiny_server import CUT, HANG, Asked, answer, hasty, nobody, tiny_saying

SENT = answer(201, {"id": "true_16505551234@c.us_3EB0AA"})


def waha(url: str) -> WahaApi:
    return WahaApi(url, "KEY", typing=(0, 0), client=hasty)


async def told(
    to: str, outgoing: Outgoing, said: dict[str, bytes]
) -> tuple[str | Exception, list[Asked]]:
    """Post a message to a WAHA that says this; return what came of it and what was asked."""

    def says(asked: Asked) -> bytes:
        return said.get(asked.path.split("?")[0].rpartition("/")[2], answer(201))

    async with tiny_saying(says) as server:
        api = waha(server.url)
        provider: Provider = api
        try:
            if outgoing.kind == "text":
                await api.type(to)
            outcome: str | Exception = await provider.post(to, outgoing, ours="s1:4:1")
        except (Refused, Unclear, httpx2.HTTPError) as fault:
            outcome = fault
        await api.close()
    assert not api.resends
    assert all("key" == asked.headers["x-api-key"] for asked in server.asked)
    return outcome, server.asked


async def test_somebody_types_before_a_message_is_sent() -> None:
    """As a person would."""
    outcome, asked = await told("16505551234", Outgoing("Hello"), {"sendText": SENT})

    chat = {"session": "default", "chatId": "16505551234@c.us"}
    assert "3EB0AA" == outcome
    assert [
        ("POST", "/api/startTyping", chat),
        ("POST", "/api/stopTyping", chat),
        ("POST", "/api/sendText", chat | {"text": "Hello", "linkPreview": False}),
    ] == [(one.method, one.path, one.body) for one in asked]


@pytest.mark.parametrize(
    ("to", "chat"),
    [
        ("16505551234", "16505551234@c.us"),
        ("+16505551234", "16505551234@c.us"),
        ("16505551234@c.us", "16505551234@c.us"),
        ("16505551234@s.whatsapp.net", "16505551234@c.us"),
        ("88877766655@lid", "88877766655@lid"),
    ],
)
async def test_who_wrote_is_answered_where_they_wrote(to: str, chat: str) -> None:
    """A hidden id is good to answer to; a number gets WAHA's ending."""
    _, asked = await told(to, Outgoing("Hello"), {"sendText": SENT})

    assert {chat} == {one.body["chatId"] for one in asked}


@pytest.mark.parametrize(
    ("answered", "id_"),
    [
        ({"id": "true_16505551234@c.us_3EB0AA"}, "3EB0AA"),
        ({"id": "true_88877766655@lid_3EB0AA"}, "3EB0AA"),
        ({"id": {"fromMe": True, "id": "3EB0AA", "_serialized": "true_1@c.us_3EB0AA"}}, "3EB0AA"),
        ({"id": {"fromMe": True, "id": "3EB0AA"}}, "3EB0AA"),
        ({"key": {"remoteJid": "1@s.whatsapp.net", "fromMe": True, "id": "3EB0AA"}}, "3EB0AA"),
        ({"id": "3EB0AA"}, "3EB0AA"),
        ({"id": 7}, "7"),
        ({"id": "true_1@g.us_3EB0AA_2@c.us"}, "3EB0AA"),
    ],
)
async def test_a_message_has_one_id_whatever_the_engine(answered: Any, id_: str) -> None:
    """Its statuses come under the same."""
    outcome, _ = await told("1", Outgoing("Hello"), {"sendText": answer(201, answered)})

    assert id_ == outcome


@pytest.mark.parametrize(
    "answered", [None, True, {}, {"id": None}, {"id": [7]}, {"id": {}}, {"key": {"id": None}}]
)
async def test_an_answer_without_an_id_leaves_it_open(answered: Any) -> None:
    """An operator sees it; it is not sent twice."""
    outcome, _ = await told("1", Outgoing("Hello"), {"sendText": answer(201, answered)})

    assert isinstance(outcome, Unclear)


@pytest.mark.parametrize("fault", [answer(500, {"error": "no"}), answer(404), CUT, HANG])
async def test_a_fault_of_the_typing_stops_no_message(fault: bytes) -> None:
    """It is only for show."""
    outcome, asked = await told("1", Outgoing("Hello"), {"startTyping": fault, "sendText": SENT})

    assert "3EB0AA" == outcome
    assert "/api/sendText" == asked[-1].path


@pytest.mark.parametrize("fault", [CUT, HANG, answer(500, {"statusCode": 500})])
async def test_a_message_that_was_cut_may_have_gone_out(fault: bytes) -> None:
    """It is no refusal, and asked for once."""
    outcome, asked = await told("1", Outgoing("Hello"), {"sendText": fault})

    assert isinstance(outcome, Exception)
    assert not isinstance(outcome, Refused)
    assert 1 == sum(one.path == "/api/sendText" for one in asked)


async def test_a_session_that_is_not_ready_lets_everything_wait() -> None:
    """It passes by itself."""
    body = {
        "error": "Session status is not as expected",
        "status": "STARTING",
        "session": "default",
    }
    outcome, _ = await told("1", Outgoing("Hello"), {"sendText": answer(422, body)})

    assert isinstance(outcome, Refused)
    assert "slow" == outcome.do


async def test_where_waha_is_not_running_nothing_was_sent() -> None:
    """It is tried again."""
    api = waha(await nobody())

    with pytest.raises(Refused) as fault:
        await api.post("1", Outgoing("Hello"), ours="")
    await api.close()

    assert "retry" == fault.value.do


HELLO = templated("callback", "en", ["Hari"], text="Hello Hari")


async def test_a_stranger_is_looked_up_before_the_first_word() -> None:
    """WhatsApp may know them by another form of their number."""
    known = answer(200, {"numberExists": True, "chatId": "558688889999@c.us"})
    outcome, asked = await told("5586988889999", HELLO, {"check-exists": known, "sendText": SENT})

    assert "3EB0AA" == outcome
    assert "/api/contacts/check-exists?phone=5586988889999&session=default" == asked[0].path
    assert ("558688889999@c.us", "Hello Hari") == (
        asked[-1].body["chatId"],
        asked[-1].body["text"],
    )


async def test_a_stranger_without_another_form_is_written_to_by_their_number() -> None:
    """Not every engine tells a chat."""
    known = answer(200, {"numberExists": True})
    _, asked = await told("16505551234", HELLO, {"check-exists": known, "sendText": SENT})

    assert "16505551234@c.us" == asked[-1].body["chatId"]


async def test_nobody_is_written_to_who_is_not_there() -> None:
    """That is how numbers get blocked."""
    missing = answer(200, {"numberExists": False})
    outcome, asked = await told("16505551234", HELLO, {"check-exists": missing})

    assert isinstance(outcome, Refused)
    assert "never" == outcome.do
    assert 1 == len(asked)


@pytest.mark.parametrize("fault", [CUT, HANG, answer(500, {"error": "no"}), answer(200, b"page")])
async def test_a_look_up_that_failed_sent_nothing(fault: bytes) -> None:
    """It is tried again from the beginning."""
    outcome, asked = await told("16505551234", HELLO, {"check-exists": fault})

    assert isinstance(outcome, Refused)
    assert ("retry", 1) == (outcome.do, len(asked))


async def test_who_goes_by_a_hidden_id_is_no_stranger() -> None:
    """There is no number to look up."""
    _, asked = await told("88877766655@lid", HELLO, {"sendText": SENT})

    assert ["/api/sendText"] == [one.path for one in asked]


async def test_a_greeting_without_words_is_a_fault_of_the_bot() -> None:
    """WAHA knows no templates."""
    outcome, asked = await told("1", templated("callback", "en", ["Hari"]), {})

    assert isinstance(outcome, Refused)
    assert ("ours", []) == (outcome.do, asked)
    assert "say" in str(outcome)


def test_choices_are_numbered() -> None:
    """Its buttons do not work, and its lists may stop to."""
    (sent,) = shaped("Shall we?", (("yes", "Yes"),), WahaApi.limits, open_list="Choose")

    assert Outgoing("Shall we?\n\n1. Yes") == sent


@pytest.mark.parametrize("typing", [True, False])
async def test_a_message_is_seen_in_its_chat(*, typing: bool) -> None:
    """By WAHA's whole id where it is known; typing begins in a call of its own."""
    async with tiny_saying(lambda asked: answer(201, b"true")) as server:
        api = waha(server.url)
        sender = Person("16505551234@c.us")
        await api.seen(Message("AC", 1, sender, mark="false_1@c.us_AC"), typing=typing)
        await api.seen(Message("AC", 1, sender), typing=False)
        await api.close()

    chat = {"session": "default", "chatId": "16505551234@c.us"}
    types = [("/api/startTyping", chat)] if typing else []
    assert [
        ("/api/sendSeen", chat | {"messageIds": ["false_1@c.us_AC"]}),
        *types,
        ("/api/sendSeen", chat),
    ] == [(one.path, one.body) for one in server.asked]


async def test_a_file_is_fetched_from_waha_itself() -> None:
    """Wherever it says that it is; from another host nothing is fetched."""
    async with tiny_saying(lambda asked: answer(200, b"0123456789")) as server:
        api = waha(server.url)
        files = [
            "http://localhost:3000/api/files/a.jpg",
            f"{server.url}/api/files/b.jpg",
            "http://169.254.169.254/api/files/c.jpg",
            "",
        ]
        got = [await api.fetch(Attachment("image", url=url), most=10) for url in files]
        await api.close()

    assert [b"0123456789", b"0123456789", None, None] == got
    assert ["GET /api/files/a.jpg", "GET /api/files/b.jpg"] == server.paths
    assert ["key", "key"] == [asked.headers["x-api-key"] for asked in server.asked]
