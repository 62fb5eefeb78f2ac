"""Orders know their conversation, their total and how far they are; stock is counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

WAITING = sa.text("status = 'placed'")


def upgrade() -> None:
    """Add the columns, filled for the orders there are, and the table."""
    for name in ("session", "session_key", "bot", "lane", "contact"):
        op.add_column(
            "placed_order", sa.Column(name, sa.String(), nullable=False, server_default="")
        )
    op.add_column("placed_order", sa.Column("total", sa.String(), nullable=True))
    op.add_column("placed_order", sa.Column("currency", sa.String(), nullable=True))
    op.add_column(
        "placed_order", sa.Column("taken", sa.String(), nullable=False, server_default="{}")
    )
    op.add_column(
        "placed_order", sa.Column("changed_at", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.execute("UPDATE placed_order SET changed_at = at")
    # The engine's tables come first; its row of the effect may have been cleaned up meanwhile.
    op.execute(
        "UPDATE placed_order SET session = COALESCE("
        "(SELECT effect.session FROM effect WHERE effect.id = placed_order.key), '')"
    )
    for name, column in (
        ("session_key", "key"),
        ("bot", "bot"),
        ("lane", "lane"),
        ("contact", "contact"),
    ):
        op.execute(
            f"UPDATE placed_order SET {name} = COALESCE((SELECT known.{column} FROM session AS known"
            " WHERE known.id = placed_order.session), '')"
        )
    op.create_index(
        "order_waiting",
        "placed_order",
        ["bot"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index("order_by_contact", "placed_order", ["bot", "contact"])
    op.create_table(
        "stock",
        sa.Column("bot", sa.String(), nullable=False),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("quantity", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("bot", "product", name="pk_stock"),
    )
