"""Messages on their way, how often a person is written to, and numbers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "delivery",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("effect", sa.String(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("further", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "message", name="pk_delivery"),
    )
    op.create_index("ix_delivery_effect", "delivery", ["effect"])
    op.create_table(
        "pace",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("whole_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "recipient", name="pk_pace"),
    )
    op.create_table(
        "connection",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("bot", sa.String(), nullable=False),
        sa.Column("settings", sa.String(), nullable=True),
        sa.Column("wanted", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("heard_at", sa.BigInteger(), nullable=False),
        sa.Column("watcher", sa.String(), nullable=False),
        sa.Column("watched_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_connection"),
    )
