"""The tables, as SQLModel describes them. Migrations make them; the stores write them in bulk.

Times are milliseconds since 1970, UTC. Bodies are JSON kept as text: the database never looks in.
"""

from __future__ import annotations

__all__ = [
    "METADATA",
    "AddressRow",
    "AskedRow",
    "ConnectionRow",
    "CounterRow",
    "DeliveryRow",
    "EffectRow",
    "LineRow",
    "PaceRow",
    "PersonRow",
    "SessionRow",
]

from typing import Any, ClassVar

from sqlalchemy import BigInteger, Index, MetaData, text
from sqlmodel import Field, SQLModel

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)


class Table(SQLModel):
    """What all our tables share: a catalogue of their own."""

    metadata: ClassVar[MetaData] = METADATA


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


OPEN_EFFECT = "status IN ('owed', 'taken', 'sending', 'recalled', 'unsettled')"
OPEN_SEND = f"kind IN ('send', 'reply') AND {OPEN_EFFECT}"


class SessionRow(Table, table=True):
    """A conversation: what is asked about it in columns, all of it in `body`."""

    __tablename__ = "session"
    __table_args__ = (
        # At most one open session per place, whoever writes at the same moment.
        Index(
            "one_open_session", "bot", "lane", "contact", unique=True, **_where("status = 'open'")
        ),
        Index("session_wakes", "wake_at", **_where("status = 'open' AND wake_at IS NOT NULL")),
        Index("session_by_key", "key"),
        Index("session_by_contact", "contact"),
    )

    id: str = Field(primary_key=True)
    bot: str
    lane: str
    contact: str
    key: str
    version: int = Field(sa_type=BigInteger)
    turn_id: int = Field(sa_type=BigInteger)
    status: str
    mode: str
    flow: str | None
    state: str
    wake_at: int | None = Field(sa_type=BigInteger)
    opened_at: int = Field(sa_type=BigInteger)
    last_at: int = Field(sa_type=BigInteger)
    body: str


class LineRow(Table, table=True):
    """One thing said. Forgotten lines lose their text; `inbound` stays as long as it may come again."""

    __tablename__ = "line"
    __table_args__ = (
        Index("line_once", "inbound", unique=True, **_where("inbound IS NOT NULL")),
        {"sqlite_with_rowid": False},
    )

    session: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    turn: int = Field(sa_type=BigInteger)
    who: str
    text: str
    at: int = Field(sa_type=BigInteger)
    data: str | None  # choices and notes, where a line has any
    inbound: str | None


class EffectRow(Table, table=True):
    """What is still to be done, or has been; how far it can come stands in `effect_rows`."""

    __tablename__ = "effect"
    __table_args__ = (
        Index("effect_due", "not_before", **_where(OPEN_EFFECT)),
        Index("effect_to_send", "session", "place", **_where(OPEN_SEND)),
        Index("effect_by_session", "session"),
    )

    id: str = Field(primary_key=True)
    session: str
    place: int = Field(sa_type=BigInteger)  # among the effects of its session
    kind: str
    body: str
    status: str
    attempts: int
    not_before: int = Field(sa_type=BigInteger)
    at: int = Field(sa_type=BigInteger)


class AddressRow(Table, table=True):
    """An address that leads to another contact than the one it would name by itself."""

    __tablename__ = "address"

    bot: str = Field(primary_key=True)
    address: str = Field(primary_key=True)
    contact: str = Field(index=True)


class PersonRow(Table, table=True):
    """Whom a bot admits, and what it knows of them."""

    __tablename__ = "person"

    bot: str = Field(primary_key=True)
    phone: str = Field(primary_key=True)  # E.164
    facts: str
    active_from: int | None = Field(sa_type=BigInteger)
    active_until: int | None = Field(sa_type=BigInteger)


class DeliveryRow(Table, table=True):
    """A part of a message that a provider took, and how far it came."""

    __tablename__ = "delivery"

    connection: str = Field(primary_key=True)
    message: str = Field(primary_key=True)  # the provider's id
    effect: str = Field(index=True)
    part: int
    parts: int
    state: str
    further: int  # the states in their order
    at: int = Field(sa_type=BigInteger)
    code: int


class PaceRow(Table, table=True):
    """When somebody may be written to as often as ever again."""

    __tablename__ = "pace"

    connection: str = Field(primary_key=True)
    recipient: str = Field(primary_key=True)
    whole_at: int = Field(sa_type=BigInteger)


class ConnectionRow(Table, table=True):
    """A number: its settings where a command made it, and whether it is to be connected."""

    __tablename__ = "connection"

    name: str = Field(primary_key=True)
    bot: str
    settings: str | None  # JSON, secrets as env:NAME; none where the bot's file has them
    wanted: int | None
    state: str | None
    since: int | None = Field(sa_type=BigInteger)
    heard_at: int = Field(sa_type=BigInteger)  # when its provider told anything last
    watcher: str  # the process that keeps it connected
    watched_until: int = Field(sa_type=BigInteger)


class AskedRow(Table, table=True):
    """How often a bot has asked its assistant on one day."""

    __tablename__ = "asked"

    bot: str = Field(primary_key=True)
    day: str = Field(primary_key=True)  # where the bot is: 2026-01-05
    questions: int


class CounterRow(Table, table=True):
    """A count over all processes, for the metrics."""

    __tablename__ = "counter"

    name: str = Field(primary_key=True)
    labels: str = Field(primary_key=True)
    value: float
