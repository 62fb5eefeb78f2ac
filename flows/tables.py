"""The flows' own tables: what actions write. Each row is entered once per key."""

from __future__ import annotations

__all__ = ["METADATA", "CallbackRow", "OrderRow", "RequestRow", "StockRow"]

from typing import Any, ClassVar

from sqlalchemy import BigInteger, Index, MetaData, text
from sqlmodel import Field, SQLModel

METADATA = MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "uq": "uq_%(table_name)s_%(column_0_name)s"}
)
WAITING = text("status = 'placed'")
IN_WAITING: dict[str, Any] = {"sqlite_where": WAITING, "postgresql_where": WAITING}


class Owned(SQLModel):
    """What all of them share: a catalogue of their own."""

    metadata: ClassVar[MetaData] = METADATA


class Table(Owned):
    """A table of entries: the key is that of the effect that entered them."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    at: int = Field(sa_type=BigInteger)
    status: str


class OrderRow(Table, table=True):
    """What somebody ordered, and the conversation they ordered it in."""

    __tablename__ = "placed_order"  # `order` is a word of SQL
    __table_args__ = (
        Index("order_waiting_by_phone", "bot", "phone", **IN_WAITING),
        Index("order_waiting_by_email", "bot", text("lower(email)"), **IN_WAITING),
        Index("order_by_contact", "bot", "contact"),
    )

    items: str  # JSON
    name: str
    phone: str
    email: str
    note: str
    session: str
    session_key: str
    bot: str
    lane: str
    contact: str
    total: str | None  # a decimal; None where a price is not known
    currency: str | None
    taken: str  # JSON: what of the stock it took, by product
    changed_at: int = Field(sa_type=BigInteger)


class CallbackRow(Table, table=True):
    """Whom to call, and when it suits them, in their own words."""

    __tablename__ = "callback"

    phone: str
    time: str


class RequestRow(Table, table=True):
    """What somebody asked for, in which flow and conversation."""

    __tablename__ = "request"

    kind: str
    details: str  # JSON
    session: str
    session_key: str
    bot: str
    lane: str
    contact: str


class StockRow(Owned, table=True):
    """How much of a product is left; a product without a row is not counted."""

    __tablename__ = "stock"

    bot: str = Field(primary_key=True)
    product: str = Field(primary_key=True)
    quantity: float
