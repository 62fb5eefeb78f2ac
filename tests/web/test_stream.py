"""The stream: every line once, by its number, whoever said it and whatever was cut meanwhile."""

from __future__ import annotations

import signal
from pathlib import Path

import httpx2
import pytest

from tests.adapters.programs import start
from tests.web.site import CONTACT, ORDER, Served, Visitor, problem, served


def test_a_second_page_hears_what_is_said_on_the_first(shop: Served, visitor: Visitor) -> None:
    """It starts live: what was said before is history."""
    visitor.say(ORDER)
    with visitor.stream() as stream:
        assert "collecting_contact" == stream.until("state")["state"]
        visitor.say(CONTACT)
        stream.until("line", seq=4, who="bot")
        visitor.post({"choice": "bulk_order.confirming.confirm"})
        stream.until("typing", on=True)
        stream.until("line", seq=7, who="bot")
        stream.until("typing", on=False)
        assert "idle" == stream.until("state")["state"]

    assert [3, 4, 5, 6, 7] == stream.lines()


def test_a_page_that_was_away_is_told_what_it_missed(visitor: Visitor) -> None:
    visitor.say(ORDER)
    visitor.say(CONTACT)

    with visitor.stream(last=1) as stream:
        stream.until("state", state="confirming")

    assert [2, 3, 4] == stream.lines()


def test_the_end_is_told_and_the_count_begins_anew(visitor: Visitor) -> None:
    first = visitor.say(ORDER)["conversation"]
    with visitor.stream() as stream:
        visitor.http.post("/api/chat/end", json={})
        assert first == stream.until("ended")["conversation"]
        second = visitor.say("hello")["conversation"]
        assert second == stream.until("line", seq=1)["conversation"]
        stream.until("state", status="open")

    assert 1 == sum(name == "ended" for name, _, _ in stream.heard)
    assert [0] == [id_ for name, id_, _ in stream.heard if name == "ended"]


def test_a_page_that_missed_the_end_is_told_of_it(visitor: Visitor) -> None:
    """Its count is that of a conversation which is over: the new one is told from its first line."""
    before = visitor.say(ORDER)["conversation"]
    visitor.http.post("/api/chat/end", json={})
    visitor.say("hello")

    with visitor.stream(last=1, conversation=before) as stream:
        stream.until("state", status="open")

    told = [(name, data.get("conversation") == before, id_) for name, id_, data in stream.heard]
    assert [("line", True, 2), ("ended", True, 0), ("line", False, 1)] == told[:3]


def test_a_stream_goes_on_after_a_kill(tmp_path: Path) -> None:
    """The page that comes back with its Last-Event-ID hears every line once."""
    with served(tmp_path) as shop:
        visitor = shop.visitor()
        visitor.say(ORDER)
        with visitor.stream(after=0) as stream:
            stream.until("line", seq=2)
            shop.program.stop(signal.SIGKILL)
            with pytest.raises(httpx2.TransportError):
                stream.rest()
        assert [1, 2] == stream.lines()
    with served(tmp_path) as shop:
        again = shop.visitor()
        again.http.cookies = visitor.http.cookies
        again.say(CONTACT)
        with again.stream(last=2) as stream:
            stream.until("line", seq=4)

    assert [3, 4] == stream.lines()


def test_what_another_process_says_is_heard_without_redis(tmp_path: Path) -> None:
    """An operator at the terminal writes to the same file."""
    with served(tmp_path) as shop:
        visitor = shop.visitor()
        key = visitor.say(ORDER)["key"]
        with visitor.stream() as stream:
            stream.until("state")
            settings = {"REJOINDER_DATA": str(tmp_path)}
            with start("reply", key, "Ana here, all fine.", env=settings) as reply:
                assert 0 == reply.ended()[0]
            assert "Ana here, all fine." == stream.until("line", who="operator")["text"]
            assert "manual" == stream.until("state")["mode"]


def test_a_stop_ends_the_streams_at_once_and_well(tmp_path: Path) -> None:
    with served(tmp_path) as shop:
        visitor = shop.visitor()
        visitor.say(ORDER)
        with visitor.stream() as stream:
            stream.until("state")
            shop.program.process.send_signal(signal.SIGTERM)
            stream.rest()
        code, _, err = shop.program.ended()

    assert 0 == code
    assert '"event": "stopped"' in err


def test_nobody_hears_the_conversation_of_another(shop: Served, visitor: Visitor) -> None:
    visitor.say(ORDER)
    other = shop.visitor()
    other.say("hello")
    with other.stream() as stream:
        stream.until("state")
        visitor.say(CONTACT)
        other.say("thanks")
        stream.until("line", who="user")

    assert not any("Hari" in str(data) for _, _, data in stream.heard)


def test_a_stream_needs_a_token_and_a_number(shop: Served, visitor: Visitor) -> None:
    problem(visitor.http.get("/api/chat/stream"), 401, "no-token")
    visitor.say("hello")
    for headers in ({"last-event-id": "x"}, {"last-event-id": "-1"}):
        problem(visitor.http.get("/api/chat/stream", headers=headers), 422, "invalid")
    told = problem(visitor.http.get("/api/chat/stream?aftr=1"), 422, "invalid")
    assert ["aftr"] == [fault["field"] for fault in told["errors"]]


@pytest.mark.needs("postgres")
@pytest.mark.parametrize(
    "beside", [pytest.param("redis", marks=pytest.mark.needs("redis")), "none"]
)
def test_several_processes_serve_one_conversation(
    request: pytest.FixtureRequest, tmp_path: Path, database_url: str, beside: str
) -> None:
    """Each request may reach another process; the stream hears them all."""
    env = {"REJOINDER_DATABASE_URL": database_url, "REJOINDER_SECRET_KEY": "k" * 32}
    if beside == "redis":
        env["REJOINDER_REDIS_URL"] = request.getfixturevalue("redis_url")
    with served(tmp_path, "--workers", "2", **env) as shop:
        visitor = shop.visitor()
        cookies = visitor.http.cookies
        visitor.say(ORDER)
        with visitor.stream(after=0) as stream:
            for text in (CONTACT, "make it 12 remotes", "make it 13 remotes", "no, 14 remotes"):
                # A connection of its own, and so perhaps the other process.
                answer = httpx2.post(
                    f"{shop.url}/api/chat", json={"text": text}, cookies=dict(cookies)
                )
                assert 200 == answer.status_code
            last = answer.json()["lines"][-1]["seq"]
            stream.until("line", seq=last)
        assert "14 x AC remote control" in answer.json()["lines"][-1]["text"]
        assert list(range(1, last + 1)) == stream.lines()
        assert "ok" == httpx2.get(f"{shop.url}/health").json()["status"]
        assert 0 == shop.program.stop()[0]
