"""Requests to a provider: what surely sent nothing, and what leaves it open."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import httpx2
import pytest

from adapters.whatsapp.calls import LONGEST, Calls, plain_client
from adapters.whatsapp.provider import Refused, ToDo
from adapters.whatsapp.refusals import Unclear
from tests.whatsapp.tiny_server import CUT, HANG, answer, hasty, nobody, tiny


def calls(url: str, client: Callable[[], httpx2.AsyncClient] = hasty, key: str = "k") -> Calls:
    return Calls(url, {"x-api-key": key}, client)


async def test_a_body_is_posted_as_json_with_the_key() -> None:
    """Once, as UTF-8."""
    async with tiny(answer(200, {"ok": 1})) as server:
        asking = calls(f"{server.url}/")
        assert {"ok": 1} == await asking.tell("/send", {"text": "héllo 😀 \ud800"})
        assert {"ok": 1} == await asking.look("/look", {"phone": "123"})
        await asking.close()

    sent, looked = server.asked
    assert ["POST /send", "GET /look?phone=123"] == server.paths
    assert {"text": "héllo 😀 ?"} == sent.body
    assert ("application/json", "k") == (sent.headers["content-type"], sent.headers["x-api-key"])
    assert "k" == looked.headers["x-api-key"]


async def test_the_product_goes_by_its_name_and_takes_no_detours() -> None:
    """Its own client gives up in time, and a redirect is a fault of the address."""
    async with (
        tiny(answer(200, {})) as elsewhere,
        tiny(answer(307, None, f"location: {elsewhere.url}/")) as server,
    ):
        asking = Calls(server.url, {})
        with pytest.raises(Refused, match="points elsewhere") as fault:
            await asking.tell("/send", {})
        await asking.close()

    assert "stop" == fault.value.do
    assert [] == elsewhere.asked
    assert "rejoinder" == server.asked[0].headers["user-agent"]
    client = plain_client()
    assert {"connect": 5, "read": 20, "write": 20, "pool": 5} == client.timeout.as_dict()
    await client.aclose()


async def test_where_nobody_listens_nothing_was_sent() -> None:
    """Everything waits until somebody is there."""
    asking = calls(await nobody())

    with pytest.raises(Refused, match="could not be reached") as fault:
        await asking.tell("/send", {})
    await asking.close()

    assert "away" == fault.value.do


@pytest.mark.parametrize("url", ["nowhere", "ftp://host", "http:///a", ""])
async def test_an_address_that_is_none_needs_a_person(url: str) -> None:
    """Nothing was sent, and trying again would change nothing."""
    asking = calls(url)

    with pytest.raises(Refused, match="base_url") as fault:
        await asking.tell("/send", {})
    await asking.close()

    assert "stop" == fault.value.do


@pytest.mark.parametrize("key", ["two\nlines", "“quoted”"])
async def test_a_key_that_fits_into_no_header_needs_a_person(key: str) -> None:
    """And is not repeated."""
    async with tiny(answer(200, {})) as server:
        asking = calls(server.url, key=key)
        with pytest.raises(Refused, match="key holds letters that no key has") as fault:
            await asking.tell("/send", {})
        await asking.close()

    assert "stop" == fault.value.do
    assert key not in str(fault.value)
    assert [] == server.asked


@pytest.mark.parametrize(
    ("says", "fault"),
    [
        (HANG, httpx2.ReadTimeout),
        (CUT, httpx2.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 9\r\n\r\n{", httpx2.TransportError),
        (b"what?\r\nconnection: close\r\n\r\n", httpx2.RemoteProtocolError),
        (answer(200, b"no gzip", "content-encoding: gzip"), httpx2.DecodingError),
        (answer(500, b"<html>Oops</html>"), Unclear),
        (answer(500, b"a" * (LONGEST + 1)), Unclear),
    ],
)  # fmt: skip
async def test_what_was_read_by_the_other_side_may_have_gone_out(
    says: bytes, fault: type[Exception]
) -> None:
    """A time-out, a cut and an answer of somebody else say nothing; looking is done again."""
    async with tiny(says) as server:
        asking = calls(server.url)
        with pytest.raises(fault) as raised:
            await asking.tell("/send", {"text": "hello"})
        with pytest.raises(Refused) as looked:
            await asking.look("/look")
        await asking.close()

    assert not isinstance(raised.value, Refused)
    assert "retry" == looked.value.do
    assert ["POST /send", "GET /look"] == server.paths


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"true",
        b"[1]",
        b"<html>Welcome</html>",
        b"[" * 100_000,
        b"9" * 5_000,
        b'{"a": "' + b"a" * LONGEST + b'"}',
    ],
    ids=["nothing", "true", "list", "page", "deep", "digits", "long"],
)
async def test_a_success_that_tells_nothing_is_one(body: bytes) -> None:
    """Some calls are answered with anything; who needs an id misses it."""
    async with tiny(answer(201, body)) as server:
        asking = calls(server.url)
        assert {} == await asking.tell("/seen", {})
        assert {} == await asking.look("/look")
        await asking.close()


async def test_a_refusal_is_one() -> None:
    """The code of the answer says what to do."""
    async with tiny(answer(400, {"error": {"code": 131047}}), answer(503)) as server:
        asking = calls(server.url)
        with pytest.raises(Refused) as first:
            await asking.tell("/send", {})
        with pytest.raises(Refused) as second:
            await asking.tell("/send", {})
        await asking.close()

    assert ("template", "retry") == (first.value.do, second.value.do)


async def test_after_a_close_it_goes_on() -> None:
    """A client that was closed is made anew; closing nothing does nothing."""
    async with tiny(answer(200, {})) as server:
        asking = calls(server.url)
        await asking.close()
        await asking.tell("/send", {})
        await asking.close()
        await asking.close()
        await asking.tell("/send", {})
        await asking.close()

    assert 2 == len(server.asked)


CHUNKED = (
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
    b"5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n"
)


@pytest.mark.parametrize(
    ("says", "most", "got"),
    [
        (answer(200, b"0123456789"), 10, b"0123456789"),
        (answer(200, b"0123456789"), 9, None),
        (CHUNKED, 10, b"0123456789"),
        (CHUNKED, 9, None),
        (answer(200, gzip.compress(b"0" * 10_000), "content-encoding: gzip"), 9_999, None),
        (answer(200, b""), 10, b""),
        (answer(404), 10, None),
        (answer(410, b"gone"), 10, None),
        (answer(302, None, "location: http://169.254.169.254/"), 10, None),
    ],
)
async def test_a_file_is_read_as_far_as_it_is_wanted(
    says: bytes, most: int, got: bytes | None
) -> None:
    """Its length counts as it comes, whatever was told of it."""
    async with tiny(says) as server:
        asking = calls(server.url)
        assert got == await asking.download(httpx2.URL(f"{server.url}/file"), most=most)
        await asking.close()


@pytest.mark.parametrize(
    ("says", "do"), [(answer(401), "stop"), (answer(500, b"oops"), "retry"), (HANG, "retry"), (CUT, "retry")]
)  # fmt: skip
async def test_a_file_that_does_not_come_is_asked_for_again(says: bytes, do: ToDo) -> None:
    """Fetching twice does no harm."""
    async with tiny(says) as server:
        asking = calls(server.url)
        with pytest.raises(Refused) as fault:
            await asking.download(httpx2.URL(f"{server.url}/file"), most=10)
        await asking.close()

    assert do == fault.value.do


async def test_nothing_that_is_sent_or_answered_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Not the key, not the text, not the answer; however much is logged."""
    caplog.set_level("DEBUG")
    body = {"error": {"code": 131026, "message": "my secret answer"}}
    async with tiny(answer(400, body), answer(200, {"id": "my secret answer"})) as server:
        asking = calls(server.url, key="my-secret-key")
        with pytest.raises(Refused) as fault:
            await asking.tell("/send", {"text": "my secret text"})
        await asking.tell("/send", {"text": "my secret text"})
        await asking.close()

    assert "secret" not in f"{caplog.text} {fault.value}"
    assert "/send" in caplog.text
