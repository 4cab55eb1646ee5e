"""Alembic's entry: runs the migrations over the connection that store.connection hands in."""

from alembic import context

from helploop.store.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
