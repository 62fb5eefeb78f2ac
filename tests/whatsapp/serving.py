"""The shop served as a program of its own, beside a provider on this machine; customers are phones."""

from __future__ import annotations

__all__ = [
    "SENTENCE",
    "Clock",
    "HeldShop",
    "Shop",
    "bot",
    "held_shop",
    "served_shop",
    "shows",
    "until",
]

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest
from ruamel.yaml import YAML

from adapters.assembly import build, open_database, prepare
from adapters.service import Service
from adapters.settings import Settings
from adapters.web.app import web_app
from adapters.whatsapp.standins.background import Background
from adapters.whatsapp.standins.phones import Phone
from adapters.whatsapp.standins.try_out import bot_for
from tests.adapters.programs import ROOT
from tests.web.site import OPERATOR

SAMPLES = Path(__file__).parent / "samples" / "samples.yaml"
SENTENCE = "Every part is checked by hand before it leaves the house. "
PATIENCE = 8.0  # seconds; the machine may have other things to do
READY = "Rejoinder is listening on "
_numbers = count(1)


def until(true: Callable[[], Any], timeout: float = PATIENCE) -> Any:
    """Return what is true at last."""
    deadline = time.monotonic() + timeout
    while not (found := true()):
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.01)
    return found


def shows(phone: Phone, *texts: str, timeout: float = PATIENCE) -> None:
    """Wait until a handset shows exactly these messages at its end."""
    until(lambda: [one.text for one in phone.inbox[-len(texts) :]] == [*texts], timeout)


def bot(
    into: Path,
    connection: Mapping[str, Any],
    *,
    folder: str = "parts_shop",
    **more: Any,
) -> Path:
    """Copy a shipped bot and give it the samples; `more` are lines of its connection."""
    copy = bot_for(ROOT / "flows" / folder, into, {**connection, **more})
    long = SAMPLES.read_text("utf-8").replace("LONG", SENTENCE * 80)
    (copy / SAMPLES.name).write_text(long, "utf-8")
    yaml = YAML()
    told = yaml.load((copy / "bot.yaml").read_text("utf-8"))
    told["flows"].append("samples")
    told.pop("hours", None)  # people of the business are there whenever this is run
    with (copy / "bot.yaml").open("w", encoding="utf-8") as out:
        yaml.dump(told, out)
    return copy


class Shop:
    """A shop that can be killed and started again; what it keeps is read out of its database."""

    def __init__(self, standin: Any, folder: Path, bot: Path, **env: str) -> None:
        self.standin = standin
        self.log = folder / "log"
        self.data = folder / "data"
        self._bot = bot
        self._env = env
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    # -- the process ----------------------------------------------------------------------------

    def start(self) -> None:
        """Serve."""
        own = {"REJOINDER_DATA": str(self.data), "REJOINDER_OPERATOR_TOKEN": OPERATOR}
        out = self.log.with_name("out")
        # A file and no pipe: nobody reads what is said, and a full pipe stops whoever writes.
        with self.log.open("ab") as errors, out.open("wb") as said:
            self._process = subprocess.Popen(
                [
                    sys.executable, "-m", "adapters.cli",
                    "serve", "--port", "0", "--bot", str(self._bot),
                ],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=errors,
                env={**os.environ, **own, **self.standin.environment(), **self._env},
            )  # fmt: skip
        process = self._process

        def listening() -> str:
            assert process.poll() is None, self.log.read_text("utf-8")
            return out.read_text("utf-8").partition(READY)[2].partition("\n")[0]

        self.url = until(listening, 60)
        self.standin.webhook = f"{self.url}/api/whatsapp/main/webhook"

    def kill(self, number: int = signal.SIGKILL) -> None:
        """End it, by default without a moment to tidy up."""
        assert self._process is not None
        self.standin.webhook = ""  # whoever posts waits for the next one
        self._process.send_signal(number)
        self._process.wait(60)

    def passes(self, seconds: int) -> None:
        """Let time pass for what is to be done, while nobody is there to do it."""
        with closing(sqlite3.connect(self.data / "rejoinder.db", timeout=30)) as database:
            database.execute("UPDATE effect SET not_before = not_before - ?", (seconds * 1_000,))
            database.commit()

    # -- customers ------------------------------------------------------------------------------

    def phone(self, **more: Any) -> Phone:
        """Return a customer nobody has heard of."""
        phone: Phone = self.standin.phone(f"91884885{next(_numbers):04d}", **more)
        return phone

    # -- what it keeps --------------------------------------------------------------------------

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask its database."""
        with closing(sqlite3.connect(self.data / "rejoinder.db", timeout=30)) as database:
            return database.execute(query, values).fetchall()

    def key(self, phone: Phone) -> str:
        """Return the name of a customer's conversation."""
        who = phone.user_id if phone.username else phone.wa_id
        return f"wa-{self.standin.phone_number_id}-{who}"

    def lines(self, phone: Phone) -> list[tuple[str, str]]:
        """Return who said what in a customer's conversation."""
        query = (
            "SELECT who, text FROM line JOIN session ON id = session WHERE key = ?"
            " ORDER BY opened_at, seq"
        )
        return [(who, text) for who, text in self.rows(query, self.key(phone)) if who != "system"]

    def mode(self, phone: Phone) -> str:
        """Tell who answers a customer: agent or manual."""
        ((mode,),) = self.rows("SELECT mode FROM session WHERE key = ?", self.key(phone))
        return str(mode)

    def sends(self, phone: Phone) -> list[str]:
        """Return what became of the messages to a customer, in their order."""
        query = (
            "SELECT e.status FROM effect e JOIN session s ON s.id = e.session WHERE s.key = ?"
            " AND e.kind IN ('send', 'reply') ORDER BY e.at, e.place"
        )
        return [status for (status,) in self.rows(query, self.key(phone))]

    def effects(self, phone: Phone) -> list[str]:
        """Return the ids of the messages to a customer, in their order."""
        query = (
            "SELECT e.id FROM effect e JOIN session s ON s.id = e.session WHERE s.key = ?"
            " AND e.kind IN ('send', 'reply') ORDER BY e.at, e.place"
        )
        return [id_ for (id_,) in self.rows(query, self.key(phone))]

    def states(self, phone: Phone) -> list[tuple[str, int]]:
        """Return how far each part got that the provider took, and by which code it failed."""
        query = (
            "SELECT d.state, d.code FROM delivery d JOIN effect e ON e.id = d.effect"
            " JOIN session s ON s.id = e.session WHERE s.key = ? ORDER BY e.place, d.part, d.at"
        )
        return [(state, code) for state, code in self.rows(query, self.key(phone))]

    def metric(self, name: str, **labels: str) -> float:
        """Return what was counted."""
        told = ",".join(f'{key}="{value}"' for key, value in labels.items())
        begins = f"{name}{{{told}}} "
        answer = httpx2.get(f"{self.url}/metrics").text
        found = [line for line in answer.splitlines() if line.startswith(begins)]
        return float(found[0].removeprefix(begins)) if found else 0.0

    def operator(self, phone: Phone, path: str, **body: Any) -> None:
        """Do what a person of the business does."""
        answer = httpx2.post(
            f"{self.url}/api/sessions/{self.key(phone)}/{path}",
            headers={"authorization": f"Bearer {OPERATOR}"},
            json=body or None,
        )
        assert answer.status_code == 200, answer.text


@contextmanager
def served_shop(standin: Any, folder: Path, bot: Path, **env: str) -> Iterator[Shop]:
    """Serve a bot beside a stand-in until the block is left."""
    shop = Shop(standin, folder, bot, **env)
    shop.start()
    try:
        yield shop
    finally:
        shop.kill()


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        """Begin now."""
        self.now = int(time.time() * 1_000)

    def __call__(self) -> int:
        """Return the time."""
        return self.now


class HeldShop(Shop):
    """The same in a thread of this process, with a clock that tests move; the provider has it too."""

    clock: Clock
    service: Service

    def start(self) -> None:
        """Serve."""
        self.clock = self.standin.clock
        settings = Settings(bot=(str(self._bot),), data=self.data, operator_token=OPERATOR)
        with pytest.MonkeyPatch.context() as environ:
            for name, value in self.standin.environment().items():
                environ.setenv(name, value)
            app = web_app(settings, lambda: self._opened(settings))
            self._background = Background(app)
            self._lifespan = app.router.lifespan_context(app)
            self._background.run(self._lifespan.__aenter__())
        self._background.listen()
        self.url = f"http://127.0.0.1:{self._background.port}"
        self.standin.webhook = f"{self.url}/api/whatsapp/main/webhook"

    def kill(self, number: int = 0) -> None:
        """Stop."""
        self.standin.webhook = ""
        self._background.hang_up()
        self._background.run(self._lifespan.__aexit__(None, None, None))
        self._background.stop()

    @asynccontextmanager
    async def _opened(self, settings: Settings) -> AsyncIterator[Service]:
        database = open_database(settings)
        await prepare(database)
        self.service = build(settings, database=database, clock=self.clock)
        self.service.start()
        try:
            yield self.service
        finally:
            await self.service.stop()

    def later(self, seconds: int | float, *, cut: bool = False) -> None:
        """Let time pass, once nothing is on its way; `cut`: something was, and nobody waits for it."""
        on_the_way = "SELECT 1 FROM effect WHERE status IN ('taken', 'sending', 'recalled')"
        until(lambda: cut or not self.rows(on_the_way))
        self.clock.now += int(seconds * 1_000)

        async def wake() -> None:
            self.service.worker.wake()

        self._background.run(wake())

    def rests(self) -> None:
        """Wait until all that can be done now is done."""
        due = (
            "SELECT 1 FROM effect WHERE status IN ('taken', 'sending', 'recalled')"
            " OR (status IN ('owed', 'unsettled') AND not_before <= ?)"
        )
        until(lambda: not self.rows(due, self.clock()))


@contextmanager
def held_shop(standin: Any, folder: Path, bot: Path) -> Iterator[HeldShop]:
    """Serve a bot in this process until the block is left."""
    shop = HeldShop(standin, folder, bot)
    shop.start()
    try:
        yield shop
    finally:
        shop.kill()
