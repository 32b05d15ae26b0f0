"""Alembic's entry: the connection comes from `schema.migrate`, which owns the transaction."""

from alembic import context

from greenroom_hub.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by making it anew
)
context.run_migrations()
