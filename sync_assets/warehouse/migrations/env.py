"""Alembic's entry point: runs the migrations on the connection that `migrate.py` hands over."""

from alembic import context

from sync_assets.tables import metadata
from sync_assets.warehouse.migrate import VERSION_SCHEMA, ignore_foreign

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_schemas=True,
    include_name=ignore_foreign,
    version_table_schema=VERSION_SCHEMA,
)
with context.begin_transaction():
    context.run_migrations()
