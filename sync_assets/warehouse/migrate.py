"""Brings a database's schema up to date with Alembic; the migrations themselves are in `migrations/versions/`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from sync_assets.errors import ConfigurationError
from sync_assets.tables import SCHEMAS, metadata
from sync_assets.warehouse.connecting import engine_url, no_connection
from sync_assets.warehouse.views import create_views, drop_views

VERSION_SCHEMA = "ops"


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def ignore_foreign(name: str | None, kind: str, parents: Any) -> bool:
    """Only the project's own schemas are compared: other tables of a shared database are none of our business."""
    return name in SCHEMAS if kind == "schema" else True


def _connect(url: str) -> sa.Connection:
    engine = sa.create_engine(engine_url(url), poolclass=sa.NullPool)
    try:
        return engine.connect()
    except sa.exc.OperationalError as error:
        raise no_connection(error.orig, engine.url) from None


def migrate(url: str) -> tuple[str | None, str]:
    """Applies what is missing, views included; returns the revisions before and after.

    Two processes at once wait for each other.
    """
    with _connect(url) as connection:
        config = _config(connection)
        head = ScriptDirectory.from_config(config).get_current_head()
        assert head is not None
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('sync_assets_migrate'))"))
        for schema in SCHEMAS:
            connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
        before = MigrationContext.configure(
            connection, opts={"version_table_schema": VERSION_SCHEMA}
        ).get_current_revision()
        if before != head:
            drop_views(connection)
            command.upgrade(config, "head")
        create_views(connection)
        connection.commit()
        return before, head


def check_migrated(url: str) -> None:
    """Raises ConfigurationError when the database's schema is older or newer than this version's."""
    with _connect(url) as connection:
        context = MigrationContext.configure(connection, opts={"version_table_schema": VERSION_SCHEMA})
        head = ScriptDirectory.from_config(_config(connection)).get_current_head()
        if context.get_current_revision() != head:
            raise ConfigurationError(
                "The database schema is not up to date; run: sync-assets migrate", code="not_migrated"
            )


def differences(url: str) -> list[str]:
    """What Alembic would have to change to make the database equal to the table specs; empty when all is well."""
    with _connect(url) as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_schemas": True, "include_name": ignore_foreign, "version_table_schema": VERSION_SCHEMA},
        )
        return [repr(difference) for difference in compare_metadata(context, metadata)]


def new_migration(url: str, message: str) -> None:
    """Writes a migration from the difference between the database and the table specs."""
    with _connect(url) as connection:
        command.revision(_config(connection), message=message, autogenerate=True)


if __name__ == "__main__":
    import sys

    from sync_assets.warehouse.embedded import database_url

    migrate(database_url())
    new_migration(database_url(), " ".join(sys.argv[1:]) or "tables changed")
