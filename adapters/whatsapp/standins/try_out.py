"""Serves a bot that talks to a stand-in: a copy of its folder, with data of its own."""

from __future__ import annotations

__all__ = ["bot_for", "served"]

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from tempfile import TemporaryDirectory
from threading import Thread
from time import monotonic

from ruamel.yaml import YAML

from adapters.assembly import load_source, open_database, open_directory, prepare
from adapters.settings import Settings
from engine.errors import RejoinderError
from engine.people import Person

ROOT = Path(__file__).parents[3]
LISTENS = "Rejoinder is listening on "
PATIENCE = 60.0  # seconds for the product to start
LEAVE = 10.0  # seconds for it to end
# A try-out has nothing to do with what is configured here for real customers.
NOT_OURS = ("REJOINDER_DATABASE_URL", "REJOINDER_REDIS_URL", "REJOINDER_BOT", "REJOINDER_WORKERS")


def bot_for(folder: Path, into: Path, connection: Mapping[str, object]) -> Path:
    """Copy a bot so that its only WhatsApp connection is `main`, at the stand-in."""
    copy = into / folder.name
    shutil.copytree(folder, copy)
    file = copy / "bot.yaml"
    yaml = YAML()  # keeps everything else as it is written
    yaml.preserve_quotes = True
    bot = yaml.load(file.read_text("utf-8"))
    channels = bot.setdefault("channels", {})
    channels["whatsapp"] = {"main": dict(connection)}
    if channels.get("preview"):
        channels["preview"] = {"connection": "main"}
    with file.open("w", encoding="utf-8") as out:
        yaml.dump(bot, out)
    return copy


@contextmanager
def served(
    folder: Path,
    connection: Mapping[str, str],
    environment: Mapping[str, str],
    *,
    known: str = "",
) -> Iterator[str]:
    """Serve such a copy in a process of its own until the block is left; give its address.

    `known` is a phone that its directory knows, for bots that answer nobody else.
    """
    with TemporaryDirectory(prefix="rejoinder-") as place:
        bot = bot_for(folder, Path(place), connection)
        asyncio.run(_known(Path(place) / "data", bot, known))
        log = Path(place) / "log"
        ours = {name: text for name, text in os.environ.items() if name not in NOT_OURS}
        with log.open("wb") as errors:
            process = subprocess.Popen(  # noqa: S603 - ourselves
                [sys.executable, "-m", "adapters", "serve", "--bot", str(bot), "--port", "0"],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**ours, **environment, "REJOINDER_DATA": f"{place}/data"},
                text=True,
            )
            try:
                yield _address(process, log)
            finally:
                _end(process)


async def _known(data: Path, folder: Path, phone: str) -> None:
    """Write a phone into the directory of a bot that admits only people it knows."""
    if not phone or (bot := load_source(folder).bot).admit == "everyone":
        return
    database = open_database(Settings(data=data, database_url=""))
    try:
        await prepare(database)
        await open_directory(database).take(bot.bot, [Person(phone)])
    finally:
        await database.close()


def _address(process: subprocess.Popen[str], log: Path) -> str:
    lines: Queue[str] = Queue()

    def read() -> None:
        for line in process.stdout or ():
            lines.put(line)
        lines.put("")

    Thread(target=read, daemon=True).start()
    until = monotonic() + PATIENCE
    while (left := until - monotonic()) > 0:
        try:
            line = lines.get(timeout=left)
        except Empty:
            break
        if line.startswith(LISTENS):
            return line.removeprefix(LISTENS).strip()
        if not line:
            break
    said = log.read_text("utf-8", errors="replace").strip()[-2_000:]
    raise RejoinderError(f"The product did not start. It said:\n{said}")


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(LEAVE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
