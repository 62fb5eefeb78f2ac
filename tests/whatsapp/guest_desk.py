"""The hotel's guest desk as a program of its own, with a WAHA beside it and guests on their phones."""

from __future__ import annotations

__all__ = ["GUESTS", "Desk", "guest_desk", "until"]

import asyncio
import json
import signal
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx2
from typer.testing import CliRunner

from adapters.cli import app
from adapters.whatsapp.standins.try_out import bot_for
from adapters.whatsapp.standins.waha import WahaStandin
from adapters.whatsapp.standins.waha_events import Written, message
from adapters.whatsapp.standins.waha_people import Phone, new_stanza
from adapters.whatsapp.standins.waha_webhooks import sign
from engine.stores.deliveries import SqlDeliveries
from engine.stores.sqlite import SqliteDatabase
from tests.adapters.programs import PATIENCE, ROOT
from tests.web.site import Served, served

T = TypeVar("T")

HELD = "('owed', 'taken', 'sending', 'recalled', 'unsettled')"

KEYS = {"WAHA_API_KEY": "guest-desk-key", "WAHA_HMAC_KEY": "guest-desk-hmac"}
# As reception keeps the list: the plus, a country code or a leading nought, whatever was at hand.
GUESTS = """\
phone,name,room,active_from,active_until
081234567890,Sari Dewi,204,,
+62 812 0000 0002,Budi Santoso,305,,
6281200000003,Made Putra,101,,
0812-0000-0004,Putri Ayu,410,,
+61 412 345 678,Tom Hill,512,,
6281200000005,Agus Salim,201,,
6281200000006,Dewi Lestari,202,,
6281200000007,Eko Prasetyo,203,,
6281200000008,Fitri Handayani,205,,
6281200000009,Gita Permata,206,,
6281200000010,Hadi Wijaya,207,,
6281200000011,Indah Sari,208,,
6281200000012,Joko Susilo,209,,
081299999999,Long Gone,102,2020-01-01,2020-01-05
"""


def until(found: Callable[[], T], what: str, seconds: float = PATIENCE) -> T:
    """Return what is found once that is anything."""
    deadline = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < deadline, f"{what}: never within {seconds:g} s"
        time.sleep(0.02)
    return value


def free_port() -> int:
    """Return a port that nobody listens on; a product that comes back keeps its address."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


class Desk:
    """The product and its WAHA; killed and started again as a test likes."""

    def __init__(self, place: Path, waha: WahaStandin, **env: str) -> None:
        """Make the bot and the list of its guests; `start` serves it."""
        self.waha = waha
        self.data = place / "data"
        connection = {
            "provider": "waha",
            "session": "default",
            "api_key": "env:WAHA_API_KEY",
            "hmac_key": "env:WAHA_HMAC_KEY",
            "base_url": waha.url,
            "typing": "1s",
        }
        self.bot = bot_for(ROOT / "flows" / "hotel_desk", place, connection)
        self.url = f"http://127.0.0.1:{free_port()}"
        self.shop: Served
        self._env = KEYS | env
        self._serving: Any = None
        waha.webhook = self.hook
        self.imports(place, GUESTS)

    @property
    def hook(self) -> str:
        """Where WAHA posts."""
        return f"{self.url}/api/whatsapp/main/webhook"

    def imports(self, place: Path, guests: str) -> None:
        """Import the list of guests as its keeper does."""
        file = place / "guests.csv"
        file.write_text(guests)
        args = ("directory", "import", str(self.bot), str(file))
        done = CliRunner().invoke(app, args, env={"REJOINDER_DATA": str(self.data)})
        assert done.exit_code == 0, done.output

    # -- the process ------------------------------------------------------------------------------

    def start(self) -> None:
        """Serve, at the same address as before."""
        port = self.url.rpartition(":")[2]
        args = ("--port", port, "--bot", str(self.bot))
        self._serving = served(self.data, *args, **self._env)
        self.shop = self._serving.__enter__()

    def kill(self) -> None:
        """End the product as the system does that has no memory left."""
        if self._serving is not None:
            self.shop.program.process.send_signal(signal.SIGKILL)
            self._serving.__exit__(None, None, None)
            self._serving = None

    def hurry(self) -> None:
        """Let so much time pass that no process holds anything any more, and nothing must wait."""
        with closing(sqlite3.connect(self.data / "rejoinder.db", timeout=10)) as database, database:
            database.execute(f"UPDATE effect SET not_before = 0 WHERE status IN {HELD}")
            database.execute("UPDATE connection SET watched_until = 0")

    # -- what a test posts itself -----------------------------------------------------------------

    def event(self, text: str, who: Phone, kind: str = "message", **more: Any) -> bytes:
        """Return what WAHA posts of a message."""
        written = Written(who.chat, new_stanza(), self.waha.now(), text, name=who.name)
        payload = {**message(written, self.waha.engine, self.waha.account["id"]), **more}
        told = {"event": kind, "session": "default", "timestamp": self.waha.now()}
        return json.dumps({"id": f"evt_{new_stanza()}", **told, "payload": payload}).encode()

    def post(self, body: bytes, key: str | None = KEYS["WAHA_HMAC_KEY"]) -> httpx2.Response:
        """Post it, signed with this key."""
        headers = {} if key is None else {"X-Webhook-Hmac": sign(key, body)}
        return httpx2.post(self.hook, content=body, headers=headers, timeout=30)

    # -- what is kept -----------------------------------------------------------------------------

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with closing(sqlite3.connect(self.data / "rejoinder.db", timeout=10)) as database:
            return database.execute(query, values).fetchall()

    def sessions(self, number: str) -> list[dict[str, Any]]:
        """Return the sessions of a guest, the oldest first."""
        query = "SELECT body FROM session WHERE key = ? ORDER BY opened_at, id"
        bodies = self.rows(query, f"wa-default-{number}")
        return [json.loads(body) for (body,) in bodies]

    def stands(self, number: str) -> tuple[str, str]:
        """Return how the latest session of a guest is, and who answers there."""
        query = "SELECT status, mode FROM session WHERE key = ? ORDER BY opened_at DESC LIMIT 1"
        ((status, mode),) = self.rows(query, f"wa-default-{number}")
        return status, mode

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep everybody else from writing."""
        database = sqlite3.connect(self.data / "rejoinder.db", isolation_level=None)
        with closing(database):
            database.execute("BEGIN IMMEDIATE")
            yield
            database.execute("ROLLBACK")

    def lines(self, number: str) -> list[tuple[str, str]]:
        """Return what was said in the latest session of a guest: who, and what."""
        query = (
            "SELECT who, text FROM line WHERE session = (SELECT id FROM session WHERE key = ?"
            " ORDER BY opened_at DESC, id LIMIT 1) ORDER BY seq"
        )
        return list(self.rows(query, f"wa-default-{number}"))

    def sends(self, number: str) -> list[tuple[str, str, int]]:
        """Return the messages to a guest: what became of each, its text, and the attempts."""
        query = (
            "SELECT e.status, e.body, e.attempts FROM effect e JOIN session s ON s.id = e.session"
            " WHERE s.key = ? AND e.kind IN ('send', 'reply') ORDER BY e.at, e.place"
        )
        found = self.rows(query, f"wa-default-{number}")
        return [(status, json.loads(body)["text"], tries) for status, body, tries in found]

    def told(self, number: str) -> list[str]:
        """Return how far each message of a guest's latest session came, as WAHA told it."""
        session = self.sessions(number)[-1]["id"]

        async def asked() -> list[str]:
            database = SqliteDatabase(self.data / "rejoinder.db")
            try:
                return [one.state for one in await SqlDeliveries(database).of_session(session)]
            finally:
                await database.close()

        return asyncio.run(asked())

    def settled(self, number: str, *statuses: str) -> None:
        """Wait until this became of the messages to a guest."""

        def found() -> list[str]:
            return [status for status, *_ in self.sends(number)]

        until(lambda: found() == list(statuses), f"{statuses} of {number}, and not {found()}")

    def metric(self, name: str, **labels: str) -> float:
        """Return a number that /metrics shows; 0 where it is not there."""
        told = httpx2.get(f"{self.url}/metrics").text
        wanted = {f'{label}="{value}"' for label, value in labels.items()}
        for line in told.splitlines():
            shown, _, value = line.rpartition(" ")
            head, _, rest = shown.partition("{")
            if head == name and wanted <= set(rest.rstrip("}").split(",")):
                return float(value)
        return 0.0


@contextmanager
def guest_desk(place: Path, *, engine: str = "GOWS", **env: str) -> Iterator[Desk]:
    """Serve the guest desk until the block is left."""
    key, hmac_key = KEYS["WAHA_API_KEY"], KEYS["WAHA_HMAC_KEY"]
    with WahaStandin(api_key=key, hmac_key=hmac_key, engine=engine) as waha:
        desk = Desk(place, waha, **env)
        try:
            desk.start()
            yield desk
        finally:
            desk.kill()
