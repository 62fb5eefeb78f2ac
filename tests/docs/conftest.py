"""A shop at work, for the commands whose output the pages show: the same conversations every time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from adapters.assembly import build, find_bot, load_source, open_database, prepare
from adapters.settings import Settings
from engine.events import ModeChanged, Said
from engine.language.bot_compiler import compile_bot
from engine.readers import READERS, Hearing, Reading
from engine.runtime.arrivals import Arrival

START = 1_767_583_800_000  # 2026-01-05T03:30:00Z, nine in the morning in Kerala
MINUTE = 60_000

SAID = (
    ("eva", "i need 40 filters"),
    ("eva", "eva@example.com, you know"),
    ("ana", "i need 20 capacitors"),
    ("hari", "i need 11 remote controls"),
    ("hari", "Hari, 8848850922, hari@example.net"),
)


def faulty(text: str, hearing: Hearing) -> list[Reading]:
    """Read e-mail addresses, with a bug."""
    if "you know" in text:
        raise IndexError("list index out of range")
    return READERS["email"].read(text, hearing)


async def worked(settings: Settings) -> None:
    """Have the conversations of the pages, one of them with a fault of ours, one with a person."""
    database = open_database(settings)
    await prepare(database)
    readers = {**READERS, "email": replace(READERS["email"], read=faulty)}
    book = compile_bot(load_source(find_bot("parts_shop")), readers=readers)
    moments = count(START + MINUTE, MINUTE)
    numbers = count(1)
    service = build(
        settings,
        database=database,
        books={"parts_shop": book},
        clock=lambda: next(moments),
        ids=lambda: f"s{next(numbers)}",
    )
    for n, (visitor, text) in enumerate(SAID):
        event = Said(f"m{n}", START + n * MINUTE, text)
        arrival = Arrival("parts_shop", "web", (f"web:{visitor}",), f"web-{visitor}", event)
        await service.conversations.receive(arrival)
    ana = await service.overview.by_key("web-ana")
    assert ana is not None
    taken = ModeChanged("o1", START + 3 * MINUTE, "manual", "operator")
    await service.conversations.deliver((ana.bot, ana.lane, ana.contact), taken, session=ana.id)
    await service.stop()


@pytest.fixture(scope="session")
def shop_at_work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    asyncio.run(worked(Settings(data=folder)))
    return folder


@pytest.fixture(autouse=True)
def commands_find_the_shop(shop_at_work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REJOINDER_DATA", str(shop_at_work))
