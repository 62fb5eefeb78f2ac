"""Settings: what is wrong is told at once and in words; what is odd is told and changes nothing."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from adapters.settings import PREFIX, Settings, load_settings
from engine.errors import UsageError

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)


def test_a_flag_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REJOINDER_REDIS_URL", "redis://one:6379/0")
    monkeypatch.setenv("REJOINDER_LOG_LEVEL", "error")

    settings, odd = load_settings(redis_url="redis://two:6379/0", database_url="", bot=())

    assert [] == odd
    assert ("redis://two:6379/0", "error") == (settings.redis_url, settings.log_level)
    assert ("", ("parts_shop",)) == (settings.database_url, settings.bot)


def test_several_bots_are_named_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REJOINDER_BOT", "parts_shop, flows/my_shop")

    assert ("parts_shop", "flows/my_shop") == load_settings()[0].bot
    assert ("one",) == load_settings(bot=("one",))[0].bot


def test_everything_wrong_is_told_at_once_without_a_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REJOINDER_DATABASE_URL", "mysql://me:secret@host/shop")
    monkeypatch.setenv("REJOINDER_REDIS_URL", "http://me:secret@host")
    monkeypatch.setenv("REJOINDER_LOG_LEVEL", "loud")
    monkeypatch.setenv("REJOINDER_BOT", ",")

    with pytest.raises(UsageError) as told:
        load_settings()

    first, *rest = str(told.value).splitlines()
    assert "These settings are wrong:" == first
    names = [row.split(":")[0].strip() for row in rest]
    assert ["BOT", "DATABASE_URL", "REDIS_URL", "LOG_LEVEL"] == [
        name.removeprefix(PREFIX) for name in names
    ]
    assert "'mysql://me:***@host/shop' is no database we know" in rest[1]
    assert "secret" not in str(told.value)


def test_a_setting_that_is_none_is_told_with_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REJOINDER_REDIS_URI", "redis://host")
    monkeypatch.setenv("REJOINDER_QQQ", "1")

    settings, odd = load_settings()

    assert "" == settings.redis_url
    assert [
        "REJOINDER_QQQ is no setting and changes nothing.",
        'REJOINDER_REDIS_URI is no setting and changes nothing. Did you mean "REJOINDER_REDIS_URL"?',
    ] == odd


def test_the_example_file_has_every_setting_with_its_default() -> None:
    written = (ROOT / ".env.example").read_text("utf-8")
    found = re.findall(rf"^# (.+)\n#{PREFIX}(\w+)=(.*)$", written, re.MULTILINE)
    fields = Settings.model_fields

    assert [
        (field.description, name.upper(), default(field.default)) for name, field in fields.items()
    ] == found


def default(value: object) -> str:
    return ",".join(value) if isinstance(value, tuple) else str(value)
