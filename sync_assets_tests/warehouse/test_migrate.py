from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command

from sync_assets.errors import ConfigurationError, SourceUnavailable
from sync_assets.tables import SCHEMAS
from sync_assets.warehouse.migrate import _config, _connect, check_migrated, differences, migrate


@pytest.fixture
def empty_database(server: str) -> Iterator[str]:
    admin = server.replace("/sync_assets?", "/postgres?")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("CREATE DATABASE test_empty")
        yield server.replace("/sync_assets?", "/test_empty?")
        connection.execute("DROP DATABASE test_empty WITH (FORCE)")


def test_migrations_give_exactly_the_tables_that_are_described(database: str) -> None:
    assert differences(database) == []


def test_from_nothing_to_current_and_once_only(empty_database: str) -> None:
    with pytest.raises(ConfigurationError, match="run: sync-assets migrate"):
        check_migrated(empty_database)
    before, after = migrate(empty_database)
    assert before is None
    assert migrate(empty_database) == (after, after)
    check_migrated(empty_database)


def test_other_tables_of_a_shared_database_are_left_alone(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE public.somebody_elses (id int)")
    assert differences(database) == []


def test_a_server_that_is_away_is_one_line() -> None:
    with pytest.raises(SourceUnavailable, match="PostgreSQL does not answer") as caught:
        migrate("postgresql://nobody:canary-password@127.0.0.1:9/none")
    assert "canary" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_database_of_the_first_version_keeps_its_rows(empty_database: str) -> None:
    with _connect(empty_database) as connection:
        for schema in SCHEMAS:
            connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
        command.upgrade(_config(connection), "0001")
        connection.execute(
            sa.text(
                "INSERT INTO canonical.product_catalog (org_id, product_key, source, source_id, name, category, is_wine, "
                "currency, active, last_updated, synced_at) "
                "VALUES ('acme', 'W1', 'odoo', '1', 'Riesling', 'blanc', true, 'EUR', true, now(), now())"
            )
        )
        connection.commit()
    assert migrate(empty_database) == ("0001", "0004")
    assert differences(empty_database) == []
    with psycopg.connect(empty_database) as connection:
        row = connection.execute(
            "SELECT product_key, grape_varieties, region FROM canonical.product_catalog"
        ).fetchone()
    assert row == ("W1", [], None)
