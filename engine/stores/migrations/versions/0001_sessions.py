"""Sessions, lines, effects, addresses, people, counters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

OPEN_EFFECT = "status IN ('owed', 'taken', 'sending', 'recalled', 'unsettled')"


def _index(name: str, table: str, *columns: str, where: str, unique: bool = False) -> None:
    op.create_index(
        name,
        table,
        list(columns),
        unique=unique,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "session",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("bot", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("turn_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("flow", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("wake_at", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_session"),
    )
    _index(
        "one_open_session", "session", "bot", "lane", "contact",
        where="status = 'open'", unique=True,
    )  # fmt: skip
    _index("session_wakes", "session", "wake_at", where="status = 'open' AND wake_at IS NOT NULL")
    op.create_index("session_by_key", "session", ["key"])
    op.create_index("session_by_contact", "session", ["contact"])
    op.create_table(
        "line",
        sa.Column("session", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.String(), nullable=True),
        sa.Column("inbound", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("session", "seq", name="pk_line"),
        sqlite_with_rowid=False,
    )
    _index("line_once", "line", "inbound", where="inbound IS NOT NULL", unique=True)
    op.create_table(
        "effect",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("session", sa.String(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_effect"),
    )
    _index("effect_due", "effect", "not_before", where=OPEN_EFFECT)
    to_send = f"kind IN ('send', 'reply') AND {OPEN_EFFECT}"
    _index("effect_to_send", "effect", "session", "place", where=to_send)
    op.create_index("effect_by_session", "effect", ["session"])
    op.create_table(
        "address",
        sa.Column("bot", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("bot", "address", name="pk_address"),
    )
    op.create_index("ix_address_contact", "address", ["contact"])
    op.create_table(
        "person",
        sa.Column("bot", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("facts", sa.String(), nullable=False),
        sa.Column("active_from", sa.BigInteger(), nullable=True),
        sa.Column("active_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("bot", "phone", name="pk_person"),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("labels", sa.String(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name", "labels", name="pk_counter"),
    )
