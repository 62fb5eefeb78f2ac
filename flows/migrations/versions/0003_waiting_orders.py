"""A customer's waiting orders are found by phone and e-mail, not among all of the shop's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

WAITING = sa.text("status = 'placed'")


def upgrade() -> None:
    """Add an index for each, and drop the one of all."""
    op.drop_index("order_waiting", "placed_order")
    for name, column in (("phone", "phone"), ("email", sa.text("lower(email)"))):
        op.create_index(
            f"order_waiting_by_{name}",
            "placed_order",
            ["bot", column],
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        )
