"""The Cloud API: bodies as Meta describes them, and what its answers mean."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from adapters.whatsapp.cloud import BASE_URL, CloudApi
from adapters.whatsapp.provider import Outgoing, Provider, Refused
from adapters.whatsapp.refusals import Unclear
from adapters.whatsapp.shaping import templated
from adapters.whatsapp.updates import Attachment, Message, Person
from tests.whatsapp.tiny_server import CUT, HANG, Asked, answer, hasty, tiny, tiny_saying

TAKEN = {
    "messaging_product": "whatsapp",
    "contacts": [{"input": "+16505551234", "wa_id": "16505551234"}],
    "messages": [{"id": "wamid.HBgL"}],
}
FRAME = {
    "messaging_product": "whatsapp",
    "recipient_type": "individual",
    "to": "+16505551234",
    "biz_opaque_callback_data": "s1:4:1",
}


def cloud(url: str) -> CloudApi:
    return CloudApi("1065", "TOKEN", version="v25.0", base_url=url, client=hasty)


CONTENTS: list[tuple[Outgoing, dict[str, Any]]] = [
    (
        Outgoing("Good *morning*"),
        {"type": "text", "text": {"body": "Good *morning*", "preview_url": False}},
    ),
    (
        Outgoing("Shall we?", "buttons", (("yes", "Yes, please"), ("no", "No"))),
        {
            "type": "interactive",
            "interactive": {
                "type": "button",
                "body": {"text": "Shall we?"},
                "action": {
                    "buttons": [
                        {"type": "reply", "reply": {"id": "yes", "title": "Yes, please"}},
                        {"type": "reply", "reply": {"id": "no", "title": "No"}},
                    ]
                },
            },
        },
    ),
    (
        Outgoing("Which?", "list", (("a", "Relay"), ("b", "Filter")), "Choose"),
        {
            "type": "interactive",
            "interactive": {
                "type": "list",
                "body": {"text": "Which?"},
                "action": {
                    "button": "Choose",
                    "sections": [
                        {
                            "title": "Choose",
                            "rows": [{"id": "a", "title": "Relay"}, {"id": "b", "title": "Filter"}],
                        }
                    ],
                },
            },
        },
    ),
    (
        templated("callback", "en_US", ["Hari", "two\nlines"], text="Hello Hari"),
        {
            "type": "template",
            "template": {
                "name": "callback",
                "language": {"code": "en_US"},
                "components": [
                    {
                        "type": "body",
                        "parameters": [
                            {"type": "text", "text": "Hari"},
                            {"type": "text", "text": "two lines"},
                        ],
                    }
                ],
            },
        },
    ),
    (
        templated("plain", "id", []),
        {"type": "template", "template": {"name": "plain", "language": {"code": "id"}}},
    ),
]


@pytest.mark.parametrize(("outgoing", "content"), CONTENTS)
async def test_a_message_is_posted_as_meta_describes_it(
    outgoing: Outgoing, content: dict[str, Any]
) -> None:
    """To the number's own path, with the token, and what brings us its statuses."""
    async with tiny(answer(200, TAKEN)) as server:
        api: Provider = cloud(server.url)
        assert "wamid.HBgL" == await api.post("16505551234", outgoing, ours="s1:4:1")
        await api.close()

    (asked,) = server.asked
    assert FRAME | content == asked.body
    assert ("POST", "/v25.0/1065/messages") == (asked.method, asked.path)
    assert "bearer token" == asked.headers["authorization"].lower()
    assert api.resends


@pytest.mark.parametrize(
    ("to", "address"),
    [
        ("16505551234", {"to": "+16505551234"}),
        ("+16505551234", {"to": "+16505551234"}),
        ("US.13491208655302741918", {"recipient": "US.13491208655302741918"}),
        ("US.ENT.134912", {"recipient": "US.ENT.134912"}),
    ],
)
async def test_a_number_has_its_plus_and_an_id_is_a_recipient(
    to: str, address: dict[str, str]
) -> None:
    """Without the plus Meta may take the business's own country."""
    async with tiny(answer(200, TAKEN)) as server:
        api = cloud(server.url)
        await api.post(to, Outgoing("Hello"), ours="")
        await api.close()

    (body,) = server.bodies
    assert address == {key: body[key] for key in ("to", "recipient") if key in body}
    assert "biz_opaque_callback_data" not in body


@pytest.mark.parametrize("typing", [True, False])
async def test_a_message_is_marked_as_read(*, typing: bool) -> None:
    """By the id it came with; typing shows in the same call."""
    async with tiny(answer(200, {"success": True})) as server:
        api = cloud(server.url)
        await api.seen(Message("wamid.IN", 1, Person("16505551234")), typing=typing)
        await api.close()

    shown = {"typing_indicator": {"type": "text"}} if typing else {}
    assert [
        {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.IN"} | shown
    ] == server.bodies


@pytest.mark.parametrize("says", [HANG, CUT], ids=["hang", "cut"])
async def test_what_was_cut_may_have_gone_out(says: bytes) -> None:
    """It is no refusal: the status says later which it was."""
    async with tiny(says) as server:
        api = cloud(server.url)
        with pytest.raises(httpx2.TransportError):
            await api.post("16505551234", Outgoing("Hello"), ours="s1:4:1")
        await api.close()


@pytest.mark.parametrize(
    "body",
    [
        None,
        b"<html>Log in</html>",
        {},
        {"messages": []},
        {"messages": [{"id": 7}]},
        {"messages": [7]},
    ],
)
async def test_an_answer_without_an_id_leaves_it_open(body: Any) -> None:
    """It was no refusal either."""
    async with tiny(answer(200, body)) as server:
        api = cloud(server.url)
        with pytest.raises(Unclear):
            await api.post("16505551234", Outgoing("Hello"), ours="s1:4:1")
        await api.close()


async def test_an_error_is_one_whatever_the_http_status_says() -> None:
    """The code decides."""
    async with tiny(answer(200, {"error": {"code": 131056}})) as server:
        api = cloud(server.url)
        with pytest.raises(Refused) as fault:
            await api.post("16505551234", Outgoing("Hello"), ours="s1:4:1")
        await api.close()

    assert "pair" == fault.value.do


async def fetched(attachment: Attachment, told: dict[str, Any], most: int = 10) -> tuple[Any, Any]:
    """Fetch a file from a server that tells this of it; also return what was asked."""

    def says(asked: Asked) -> bytes:
        if asked.path == "/v25.0/77":
            return answer(200, told | {"url": told["url"].replace("BASE", server.url)})
        return answer(200, b"0123456789") if asked.path.startswith("/files/") else answer(404)

    async with tiny_saying(says) as server:
        api = cloud(server.url)
        url = attachment.url.replace("BASE", server.url)
        file = Attachment("image", media=attachment.media, url=url, name="../../etc/passwd")
        try:
            got = await api.fetch(file, most=most)
        finally:
            await api.close()
    assert all("bearer token" == one.headers["authorization"] for one in server.asked)
    return got, [one.path for one in server.asked]


async def test_a_file_is_fetched_by_its_id() -> None:
    """The id tells an address, which is good for some minutes; both want the token."""
    got = await fetched(Attachment("image", media="77"), {"url": "BASE/files/a", "file_size": 10})

    assert (b"0123456789", ["/v25.0/77", "/files/a"]) == got


async def test_a_file_without_an_id_is_fetched_from_where_it_lies() -> None:
    """The address that came with it is all there is."""
    assert (b"0123456789", ["/files/a"]) == await fetched(
        Attachment("image", url="BASE/files/a"), {}
    )


@pytest.mark.parametrize(
    ("attachment", "told", "asked"),
    [
        (Attachment("location"), {}, []),
        (Attachment("image", media="77"), {"url": "BASE/files/a", "file_size": 11}, ["/v25.0/77"]),
        (Attachment("image", media="77"), {"url": "https://evil.example/files/a"}, ["/v25.0/77"]),
        (Attachment("image", media="77"), {"url": ""}, ["/v25.0/77"]),
        (Attachment("image", media="78"), {}, ["/v25.0/78"]),
        (Attachment("image", media="../me"), {}, []),
        (Attachment("image", media="7?fields=a"), {}, []),
        (Attachment("image", url="http://169.254.169.254/files/a"), {}, []),
    ],
)
async def test_a_file_that_is_none_of_ours_is_not_fetched(
    attachment: Attachment, told: dict[str, Any], asked: list[str]
) -> None:
    """Too long, elsewhere, gone, or under an id that leads to something else."""
    if attachment.media == "78":
        with pytest.raises(Refused):
            await fetched(attachment, told)
    else:
        assert (None, asked) == await fetched(attachment, told)


@pytest.mark.parametrize("more", [{}, {"error_subcode": 33}])
async def test_a_file_that_meta_no_longer_has_is_none(more: dict[str, int]) -> None:
    """It says so with the code of a wrong request."""
    async with tiny(answer(400, {"error": {"code": 100, **more}})) as server:
        api = cloud(server.url)
        assert None is await api.fetch(Attachment("image", media="77"), most=10)
        await api.close()


async def test_files_lie_at_meta() -> None:
    """Its file server and its API, and no other host."""
    api = CloudApi("1065", "TOKEN", version="v25.0")

    assert ["lookaside.fbsbx.com", "graph.facebook.com"] == [
        api.file_at(url).host for url in ("https://lookaside.fbsbx.com/a", f"{BASE_URL}/a")
    ]
    await api.close()
