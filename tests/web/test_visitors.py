"""Tokens: signed, good as long as they are used, and through a change of the key."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from adapters.settings import Settings
from adapters.web import visitors
from adapters.web.problems import Problem
from adapters.web.secret_key import secret_keys
from adapters.web.visitors import COOKIE, GOOD_FOR, RENEWED_AFTER, Visitors
from engine.errors import UsageError

OLD, NEW = "o" * 32, "n" * 32


class Time:
    """A clock the tests move."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    moved = Time()
    monkeypatch.setattr(visitors, "time", moved)
    monkeypatch.setattr("itsdangerous.timed.time.time", moved)
    return moved


def test_tokens_of_the_old_key_are_good_while_it_changes(time: Time) -> None:
    token = Visitors([OLD]).new().token

    both = Visitors([NEW, OLD]).of({}, {COOKIE: token})
    assert both is not None
    time.now += RENEWED_AFTER + 1
    renewed = Visitors([NEW, OLD]).of({}, {COOKIE: token})
    assert renewed is not None
    assert renewed.issued
    after = Visitors([NEW]).of({}, {COOKIE: renewed.token})

    assert after is not None
    assert both.name == renewed.name == after.name
    with pytest.raises(Problem) as refused:
        Visitors([NEW]).of({}, {COOKIE: token})
    assert "forged-token" == refused.value.kind


def test_a_token_that_is_used_never_gets_old(time: Time) -> None:
    known = Visitors([NEW])
    token = known.new().token
    for _ in range(10):
        time.now += GOOD_FOR / 2
        found = known.of({}, {COOKIE: token})
        assert found is not None
        token = found.token
    time.now += GOOD_FOR + 1

    with pytest.raises(Problem) as refused:
        known.of({"authorization": f"Bearer {token}"}, {})
    assert ("expired-token", 401) == (refused.value.kind, refused.value.status)


def test_a_fresh_and_a_renewed_token_of_one_visitor_go_together(time: Time) -> None:
    known = Visitors([NEW])
    old = known.new().token
    time.now += RENEWED_AFTER + 1
    renewed = known.of({}, {COOKIE: old})
    assert renewed is not None

    both = known.of({"authorization": f"Bearer {renewed.token}"}, {COOKIE: old})

    assert both is not None
    assert (renewed.name, True) == (both.name, both.issued)


def test_no_two_visitors_are_alike() -> None:
    known = Visitors([NEW])

    assert 1_000 == len({known.new().name for _ in range(1_000)})


def test_the_key_is_made_once_and_readable_for_nobody_else(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "new")
    (key,) = secret_keys(settings)

    assert (key,) == secret_keys(settings)
    assert 64 == len(key)
    (file,) = (tmp_path / "new").iterdir()
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert (NEW, OLD) == secret_keys(Settings(secret_key=f"{NEW},{OLD}"))


def test_a_key_that_is_none_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("short\n", "utf-8")

    with pytest.raises(UsageError, match="holds no key of 32 characters"):
        secret_keys(Settings(data=tmp_path))
    with pytest.raises(UsageError, match="Set REJOINDER_SECRET_KEY"):
        secret_keys(Settings(data=Path("/dev/null")))
