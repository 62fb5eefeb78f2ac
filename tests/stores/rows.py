"""Sessions and turns made by hand, for tests of what a store keeps."""

from __future__ import annotations

__all__ = ["PLACE", "commit", "fresh", "hi", "send", "take", "turn_on"]

from collections.abc import Mapping
from dataclasses import replace

from engine.effects import Effect, Send
from engine.ports import SessionStore
from engine.records import Outcome, Work, Write
from engine.session import Session, new_session
from engine.transcript import Line
from engine.turn import Turn

PLACE = ("shop", "web", "hari")


def fresh(id_: str = "s1", contact: str = "hari", lane: str = "web") -> Session:
    """Return a session nobody has stored yet."""
    return new_session(
        id=id_, bot="shop", lane=lane, contact=contact, key=f"{lane}-{contact}", at=0
    )


def turn_on(
    before: Session,
    *texts: str,
    effects: tuple[Effect, ...] = (),
    status: str = "open",
    wake_at: int | None = None,
    withdraw: bool = False,
) -> Turn:
    """Return a turn that took these messages, each its own id."""
    session = replace(
        before,
        version=before.version + 1,
        turn_id=before.turn_id + 1,
        status=status,
        seq=before.seq + len(texts),
        nudge_at=wake_at,
    )
    lines = tuple(
        Line(before.seq + n, session.version, "user", text, 0, inbound=text)
        for n, text in enumerate(texts, 1)
    )
    return Turn(session, lines, effects, withdraw=withdraw)


def send(id_: str, *, by_operator: bool = False) -> Send:
    """Return a message to the customer."""
    return Send(id_, "cloud:1", "hi", (1,), (("a", "A"),), by_operator=by_operator)


async def commit(
    store: SessionStore, before: Session, turn: Turn, settles: Mapping[str, str] | None = None
) -> Outcome:
    """Store one turn."""
    return await store.commit(Write(before, turn, settles or {}))


async def take(store: SessionStore, now: int, until: int = 10_000) -> Work | None:
    """Take one effect."""
    return next(iter(await store.take(now, until=until)), None)


async def hi(store: SessionStore, contact: str = "hari") -> Outcome:
    """Have a customer write for the first time."""
    before = fresh(f"s-{contact}", contact)
    return await commit(store, before, turn_on(before, f"hi {contact}"))
