"""How much one visitor and one address may ask; nobody else pays for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.web import limits
from adapters.web.limits import Limit
from tests.web.site import CONTACT, ORDER, problem, served


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_so_many_at_once_and_then_one_at_a_time() -> None:
    clock = Clock()
    limit = Limit("20/10s", clock)

    assert [0.0] * 20 == [limit.wait("hari") for _ in range(20)]
    assert pytest.approx(0.5) == limit.wait("hari")
    assert pytest.approx(0.5) == limit.wait("hari"), "what is refused does not count"
    assert 0.0 == limit.wait("eva")
    clock.now += 0.5
    assert 0.0 == limit.wait("hari")
    assert limit.wait("hari")
    clock.now += 10
    assert [0.0] * 20 == [limit.wait("hari") for _ in range(20)]


def test_senders_who_may_write_again_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST", 3)
    clock = Clock()
    limit = Limit("1/10s", clock)
    limit.wait("old")
    clock.now += 10
    for who in ("a", "b", "c"):
        assert 0.0 == limit.wait(who)

    assert limit.wait("a"), "still remembered"
    assert 0.0 == limit.wait("d")
    assert len(limit._whole_at) <= 3


def test_a_visitor_who_writes_too_fast_is_told_when_to_go_on(tmp_path: Path) -> None:
    """Nothing that was taken is lost, and what was refused was not taken."""
    with served(tmp_path, REJOINDER_WEB_RATE="2/60s") as shop:
        hari, eva = shop.visitor(), shop.visitor()
        hari.say(ORDER)
        hari.say(CONTACT)
        refused = hari.post({"text": "cancel"})

        problem(refused, 429, "too-many")
        assert 1 <= int(refused.headers["retry-after"]) <= 31
        assert ("confirming", 4) == (hari.history()["state"], len(hari.history()["lines"]))
        eva.say("hello")


def test_an_address_that_asks_too_much_is_refused_whoever_it_is(tmp_path: Path) -> None:
    """Behind a proxy on this machine the address is the one that the proxy names."""
    with served(tmp_path, REJOINDER_ADDRESS_RATE="3/60s") as shop:
        for n in range(3):
            shop.visitor(**{"x-forwarded-for": f"2001:db8:0:1::{n}"}).say("hello")
        refused = shop.visitor(**{"x-forwarded-for": "2001:db8:0:1::99"}).http.get("/api/chat")
        problem(refused, 429, "too-many")
        assert 1 <= int(refused.headers["retry-after"]) <= 21

        shop.visitor(**{"x-forwarded-for": "2001:db8:0:2::1"}).say("hello")
        shop.visitor(**{"x-forwarded-for": "203.0.113.7"}).say("hello")
        assert 200 == shop.visitor().http.get("/health").status_code
