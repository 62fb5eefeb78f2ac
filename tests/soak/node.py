"""One worker of the soak, as `serve` and `worker` build it: messages in by HTTP, messages out by HTTP.

python -m tests.soak.node DATABASE_URL REDIS_URL SOCKET RECEIVER
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from adapters.assembly import build
from adapters.settings import Settings
from engine.effects import Send
from engine.errors import RejoinderError
from engine.events import Said
from engine.ports import NotDelivered
from engine.records import Work
from engine.runtime.arrivals import Arrival, inbound_id
from tests.soak.wire import post, serving

BOT = "parts_shop"


class Receiver:
    """The way to the receiving stand-in."""

    resends = True

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    async def hold(self, work: Work, message: Send) -> None:
        """Let everything go."""

    async def send(self, work: Work, message: Send) -> None:
        """Hand one message over."""
        told = {"id": message.id, "to": message.to, "cut": work.cut, "text": message.text}
        if await post(self._socket, told) != 200:
            raise NotDelivered("the receiver did not take it", again=True)


def arrival(body: Mapping[str, Any]) -> Arrival:
    """Return the message in a request."""
    phone = body["phone"]
    id_ = inbound_id(BOT, "cloud", phone, body["id"])
    said = Said(id_, body["at"], body["text"], f"cloud:{phone}")
    return Arrival(BOT, "cloud", (f"phone:+{phone}",), f"wa-1-{phone}", said)


async def main(database: str, redis: str, socket: Path, receiver: Path) -> None:
    """Work until told to stop."""
    settings = Settings(bot=(BOT,), database_url=database, redis_url=redis)
    service = build(settings, channels={"cloud": Receiver(receiver)})
    service.start()

    async def take(body: Mapping[str, Any]) -> int:
        try:
            await service.conversations.receive(arrival(body))
        except RejoinderError:
            return 503
        return 200

    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    server = await serving(socket, take)
    await stopped.wait()
    server.close()
    await service.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])))
