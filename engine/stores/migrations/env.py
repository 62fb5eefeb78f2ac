"""How Alembic runs our migrations: on the connection it is handed, nothing read from files."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes["metadata"],
    version_table=context.config.attributes["version_table"],
    render_as_batch=connection.dialect.name == "sqlite",
    include_name=context.config.attributes["include_name"],
)
with context.begin_transaction():
    context.run_migrations()
