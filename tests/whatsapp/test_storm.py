"""A thousand messages of two hundred people, each posted up to four times, at two processes at once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from time import sleep
from uuid import uuid4

import asyncpg
import pytest

from adapters.whatsapp.standins.try_out import bot_for
from tests.web.site import Served, served
from tests.whatsapp.storm import LASTS, PATIENCE, Ledger, Storm, TwoDoors, faults

SHOP = Path("flows/parts_shop")
Opened = Callable[[int], "Office"]


class Office:
    """Two processes of one shop, on one database and one Redis, and the storm before their doors."""

    def __init__(self, stack: ExitStack, folder: Path, seed: int, **env: str) -> None:
        self.cloud: TwoDoors = stack.enter_context(TwoDoors(seed))
        self.ledger = Ledger(env["REJOINDER_DATABASE_URL"])
        self._stack, self._folder = stack, folder
        pace = {"burst": 1_000, "every": "1s"}
        self._bot = bot_for(SHOP, folder, {**self.cloud.connection(), "pace": pace})
        self._env = {"REJOINDER_SECRET_KEY": "k" * 32, **env, **self.cloud.environment()}
        self.shops: list[Served] = []
        for _ in range(2):
            self.serve()
        self.storm = Storm(self.cloud, seed)

    def serve(self) -> None:
        """Serve from one process more."""
        data = self._folder / f"data-{len(self.shops)}"
        shop = self._stack.enter_context(served(data, "--bot", str(self._bot), **self._env))
        self.shops.append(shop)
        self.cloud.doors.append(f"{shop.url}/api/whatsapp/main/webhook")

    def check(self) -> None:
        """Fail where anything was lost, doubled or out of order."""
        found = faults(self.storm, self.ledger)
        assert not found, f"{len(found)} faults:\n" + "\n".join(found[:20])


@pytest.fixture
def opened(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[Opened]:
    """Open an office on tables of its own."""
    server = database_url.replace("postgresql+asyncpg://", "postgresql://", 1)
    schema = f"storm_{uuid4().hex[:8]}"

    async def done(statement: str) -> None:
        connection = await asyncpg.connect(server)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(done(f"CREATE SCHEMA {schema}"))
    env = {
        "REJOINDER_DATABASE_URL": f"{server}{'&' if '?' in server else '?'}search_path={schema}",
        "REJOINDER_REDIS_URL": redis_url,
    }
    with ExitStack() as stack:
        yield lambda seed: Office(stack, tmp_path, seed, **env)
    asyncio.run(done(f"DROP SCHEMA {schema} CASCADE"))


@pytest.mark.parametrize("seed", [1, 2])
def test_every_message_is_taken_once_and_every_answer_read_once(opened: Opened, seed: int) -> None:
    office = opened(seed)
    for post in office.storm.break_loose():
        assert post.result(PATIENCE) == 200
    office.ledger.wait_until_done()
    office.cloud.settled(PATIENCE)
    office.check()


@pytest.mark.parametrize("seed", [3])
def test_nothing_is_lost_or_said_twice_where_a_process_is_killed(opened: Opened, seed: int) -> None:
    """What it was told is told again elsewhere; what it had on the wire is told by its status."""
    office = opened(seed)
    posts = office.storm.break_loose()
    sleep(LASTS / 3)  # in the middle of it
    assert office.shops[0].program.stop(signal.SIGKILL)[0] == -signal.SIGKILL
    sleep(LASTS / 6)
    del office.cloud.doors[0]
    office.serve()
    for post in posts:
        assert post.result(PATIENCE) == 200
    # What was cut before it went out has no status, and a minute is waited for one.
    office.ledger.wait_until_done(unless=["unsettled"])
    office.cloud.settled(PATIENCE)
    office.ledger.rows("UPDATE effect SET not_before = 0 WHERE status = 'unsettled'")
    office.ledger.wait_until_done()
    office.cloud.settled(PATIENCE)
    office.check()
