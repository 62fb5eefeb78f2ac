"""All numbers of a process: of files and of commands, with and without their secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from adapters.assembly import load_source
from adapters.whatsapp.switchboard import Switchboard
from engine.effects import Send
from engine.errors import UsageError
from engine.language.schema_bot import BotFile
from engine.ports import NotDelivered
from engine.records import Work
from engine.stores.database import Database
from engine.stores.deliveries import SqlDeliveries
from engine.stores.sqlite import SqliteDatabase
from tests.core.flows import ENDED, flow
from tests.core.talk import write_bot
from tests.stores.conftest import emptied

WAHA = {"provider": "waha", "api_key": "env:KEY", "hmac_key": "env:HMAC"}
SET = {"KEY": "k", "HMAC": "h"}


class Rows:
    """Numbers that commands made."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, Mapping[str, Any]]] = []

    async def made(self) -> Sequence[tuple[str, str, Mapping[str, Any]]]:
        return self.rows


def bot(folder: Path, name: str = "shop", **numbers: Any) -> BotFile:
    content = {"bot": name, "channels": {"whatsapp": numbers}}
    return load_source(write_bot(folder / name, content, [flow("hello", {"said": ENDED})])).bot


@pytest.fixture
async def database(tmp_path: Path) -> Any:
    one = SqliteDatabase(tmp_path / "test.db")
    await emptied(one)
    yield one
    await one.close()


def board(database: Database, *bots: BotFile, rows: Rows | None = None, **env: str) -> Switchboard:
    return Switchboard(
        bots,
        SqlDeliveries(database),
        rows or Rows(),
        clock=lambda: 1_000,
        choose=lambda _bot, _language: "Choose",
        environ=env,
    )


async def test_what_a_number_without_its_secrets_owes_waits(
    database: Database, tmp_path: Path
) -> None:
    """However often it is tried; nothing goes out with an empty key."""
    numbers = board(database, bot(tmp_path, main=WAHA))
    assert ["KEY", "HMAC"] == [one.partition(":")[0] for one in numbers.lacking()]
    channel = numbers["main"]
    message = Send("s:1:1", "main:628@c.us", "hi", (1,))
    with pytest.raises(NotDelivered, match="KEY: the api_key") as failure:
        await channel.hold(Work(message, "s", "shop", "main", "c", 1, at=1_000), message)
    assert (True, False) == (failure.value.again, failure.value.counts)
    channel.wake()
    assert "KEY" in channel.trouble
    await numbers.close()


def test_two_numbers_of_one_name_are_refused(tmp_path: Path) -> None:
    """The name is a part of the webhook's address."""
    bots = [bot(tmp_path, "one", main=WAHA), bot(tmp_path, "two", main=WAHA)]
    with pytest.raises(UsageError, match=r'called "main", of the bots one and two'):
        board(None, *bots, **SET)  # type: ignore[arg-type]


async def test_a_number_that_a_command_made_is_found_at_once(
    database: Database, tmp_path: Path
) -> None:
    """One that cannot be read, of another bot or under a name that is taken is left out and said."""
    rows = Rows()
    numbers = board(database, bot(tmp_path, main=WAHA), rows=rows, **SET)
    assert None is await numbers.number("second")
    rows.rows = [
        ("second", "shop", WAHA | {"session": "second"}),
        ("third", "nobody", WAHA),
        ("main", "shop", WAHA),
        ("broken", "shop", {"provider": "pigeon"}),
    ]
    with capture_logs() as logs:
        second = await numbers.number("second")
    assert second is not None
    assert "second" == second.id
    assert ["main", "second"] == sorted(numbers)
    assert ["main", "broken"] == [log["connection"] for log in logs]
    assert numbers["second"] is numbers["second"]
    rows.rows = []
    await numbers.look()
    assert 1 == len(numbers)


def test_a_preview_borrows_the_number_that_is_named_else_the_first_cloud_number(
    tmp_path: Path,
) -> None:
    cloud = {
        "provider": "cloud",
        "phone_number_id": "1",
        **dict.fromkeys(("app_secret", "token", "verify_token"), "env:KEY"),
    }
    hello = [flow("hello", {"said": ENDED})]

    def borrowed(preview: Any) -> list[str]:
        channels = {"whatsapp": {"desk": WAHA, "main": cloud}, "preview": preview}
        folder = write_bot(tmp_path / str(preview), {"bot": "shop", "channels": channels}, hello)
        numbers = board(None, load_source(folder).bot, **SET)  # type: ignore[arg-type]
        return [number.name for _, number in numbers.previews()]

    assert [] == borrowed(preview=False)
    assert ["main"] == borrowed(preview=True)
    assert ["desk"] == borrowed(preview={"connection": "desk"})
