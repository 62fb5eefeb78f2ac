"""How often each bot asks its assistant."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "asked",
        sa.Column("bot", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bot", "day", name="pk_asked"),
    )
