"""Numbers that commands made, which are to be kept connected, and how they are."""

from __future__ import annotations

import pytest

from engine.stores.connections import SqlConnections
from engine.stores.database import Database


@pytest.fixture
def connections(database: Database) -> SqlConnections:
    return SqlConnections(database)


async def test_a_number_that_a_command_made_is_found_until_it_is_removed(
    connections: SqlConnections,
) -> None:
    await connections.make("main", "shop", {"provider": "waha", "api_key": "env:K"})
    await connections.make("main", "shop", {"provider": "waha", "api_key": "env:L"})
    await connections.want("desk", value=True)
    made = list(await connections.made())
    assert [("main", "shop", {"provider": "waha", "api_key": "env:L"})] == made
    assert [True, False, False] == [
        await connections.remove(one) for one in ("main", "main", "desk")
    ]
    assert [] == list(await connections.made())


async def test_what_is_said_of_a_number_is_kept(connections: SqlConnections) -> None:
    """Each thing by itself, whether or not anything was known of it before."""
    assert not await connections.wanted("main")
    assert None is await connections.since("main")
    assert 0 == await connections.heard_at("main")
    for wanted in (True, False):
        await connections.want("main", value=wanted)
        assert wanted == await connections.wanted("main")
    await connections.changed("main", "connecting", 5)
    await connections.changed("main", "connected", 7)
    assert ("connected", 7) == await connections.since("main")
    for at in (9, 8):
        await connections.heard("main", at)
    assert 9 == await connections.heard_at("main")


async def test_one_process_at_a_time_keeps_a_number_connected(
    connections: SqlConnections,
) -> None:
    """Another one goes on when its time is over."""
    assert await connections.watch("main", "one", 0, until=10)
    assert not await connections.watch("main", "two", 9, until=20)
    assert await connections.watch("main", "one", 9, until=20)
    assert not await connections.watch("main", "two", 10, until=30)
    assert await connections.watch("main", "two", 20, until=30)
