"""How Alembic runs our migrations: on the connection it is handed, nothing read from files."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel import AutoString


def _without_autostring(
    kind: str, item: Any, _autogenerate: AutogenContext
) -> str | Literal[False]:
    """Write plain strings: SQLModel's own type would need an import in every migration."""
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes["metadata"],
    version_table=context.config.attributes["version_table"],
    render_item=_without_autostring,
    render_as_batch=connection.dialect.name == "sqlite",
    include_name=context.config.attributes["include_name"],
)
with context.begin_transaction():
    context.run_migrations()
