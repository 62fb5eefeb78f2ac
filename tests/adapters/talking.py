"""A customer who orders, at the prompt and in a process without a worker."""

from __future__ import annotations

__all__ = ["ASKED", "CONFIRMING", "CONTACT", "ORDER", "say", "talk"]

from adapters.operating import opened
from adapters.settings import load_settings
from engine.events import Said
from engine.runtime.arrivals import Answer, Arrival, inbound_id
from tests.adapters.programs import start

ORDER = "i need 11 remote controls"
ASKED = "[bulk_order: collecting_contact]"
CONTACT = "Hari, 8848850922, hari@example.com"
CONFIRMING = "[bulk_order: confirming]"


def talk(key: str, *lines: str) -> str:
    """Say these lines in a session; return the transcript."""
    with start("chat", "--session", key) as chat:
        for line in lines:
            chat.tell(line)
        code, out, err = chat.ended()
    assert (code, err) == (0, "")
    return out


async def say(visitor: str, *texts: str) -> Answer:
    """Say these texts to a process without a worker; return its last answer."""
    async with opened(load_settings()[0]) as service:
        for text in texts:
            id_ = inbound_id("parts_shop", "web", visitor, service.ids())
            event = Said(id_, service.clock(), text)
            key = f"web-{visitor}"
            arrival = Arrival("parts_shop", "web", (f"web:{visitor}",), key, event)
            answer = await service.conversations.receive(arrival)
    assert answer is not None
    return answer
