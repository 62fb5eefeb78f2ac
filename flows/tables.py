"""The flows' own tables: what actions write. Each row is entered once per key."""

from __future__ import annotations

__all__ = ["METADATA", "CallbackRow", "OrderRow"]

from typing import ClassVar

from sqlalchemy import BigInteger, MetaData
from sqlmodel import Field, SQLModel

METADATA = MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "uq": "uq_%(table_name)s_%(column_0_name)s"}
)


class Table(SQLModel):
    """What all of them share: a catalogue of their own, and the key of the effect that entered them."""

    metadata: ClassVar[MetaData] = METADATA

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    at: int = Field(sa_type=BigInteger)
    status: str


class OrderRow(Table, table=True):
    """What somebody ordered."""

    __tablename__ = "placed_order"  # `order` is a word of SQL

    items: str  # JSON
    name: str
    phone: str
    email: str
    note: str


class CallbackRow(Table, table=True):
    """Whom to call, and when it suits them, in their own words."""

    __tablename__ = "callback"

    phone: str
    time: str
