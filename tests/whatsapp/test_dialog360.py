"""360dialog: Meta's bodies under its own paths and key."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.whatsapp.dialog360 import Dialog360
from adapters.whatsapp.provider import Outgoing, Provider, Refused, ToDo
from adapters.whatsapp.updates import Attachment, Message, Person
from tests.whatsapp.tiny_server import Asked, answer, hasty, tiny, tiny_saying


def dialog360(url: str) -> Dialog360:
    return Dialog360("KEY", base_url=url, client=hasty)


async def test_a_message_is_posted_without_a_version_and_a_number() -> None:
    """The key belongs to the number; with either in its path 360dialog refuses."""
    async with tiny(answer(200, {"messages": [{"id": "wamid.HBgL"}]})) as server:
        api: Provider = dialog360(server.url)
        assert "wamid.HBgL" == await api.post("16505551234", Outgoing("Hello"), ours="s1:4:1")
        await api.seen(Message("wamid.IN", 1, Person("16505551234")), typing=True)
        await api.close()

    assert ["POST /messages", "POST /messages"] == server.paths
    assert ["key", "key"] == [asked.headers["d360-api-key"] for asked in server.asked]
    assert ["+16505551234", "s1:4:1"] == [
        server.bodies[0][key] for key in ("to", "biz_opaque_callback_data")
    ]
    assert ["read", "wamid.IN"] == [server.bodies[1][key] for key in ("status", "message_id")]
    assert api.resends


@pytest.mark.parametrize(
    ("status", "body", "do"),
    [
        (401, {"meta": {"developer_message": "Invalid api_key"}}, "stop"),
        (400, {"meta": {"developer_message": "You have exceeded the endpoint rate limit."}}, "slow"),
        (400, {"error": {"code": 131047}}, "template"),
    ],
)  # fmt: skip
async def test_its_errors_and_those_it_passes_on(status: int, body: Any, do: ToDo) -> None:
    """Its own have no code."""
    async with tiny(answer(status, body)) as server:
        api = dialog360(server.url)
        with pytest.raises(Refused) as fault:
            await api.post("16505551234", Outgoing("Hello"), ours="")
        await api.close()

    assert do == fault.value.do


async def test_a_file_at_meta_is_fetched_through_it() -> None:
    """Meta's file server does not take its key."""

    def says(asked: Asked) -> bytes:
        if asked.path == "/77":
            return answer(200, {"url": "https://lookaside.fbsbx.com/whatsapp/?mid=77&hash=a"})
        return answer(200, b"0123456789")

    async with tiny_saying(says) as server:
        api = dialog360(server.url)
        assert b"0123456789" == await api.fetch(Attachment("image", media="77"), most=10)
        assert None is await api.fetch(Attachment("image", url="https://evil.example/"), most=10)
        await api.close()

    assert ["GET /77", "GET /whatsapp/?mid=77&hash=a"] == server.paths
    assert ["key", "key"] == [asked.headers["d360-api-key"] for asked in server.asked]


async def test_it_is_at_its_own_address() -> None:
    """Without base_url that is 360dialog's, and files are fetched from there."""
    api = Dialog360("KEY")

    assert "waba-v2.360dialog.io" == api.file_at("https://lookaside.fbsbx.com/a").host
    await api.close()
