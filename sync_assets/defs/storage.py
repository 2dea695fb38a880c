"""Dagster's own storage: dagster-postgres in a second database beside the warehouse's, with no URL in any file."""

from __future__ import annotations

from functools import cache
from typing import Any
from weakref import WeakSet

from dagster import DagsterInstance, Field
from dagster_postgres import DagsterPostgresStorage

from sync_assets.settings import get_settings
from sync_assets.warehouse.connecting import with_timeout
from sync_assets.warehouse.embedded import database_url, ensure_database
from sync_assets.warehouse.urls import check_reachable, explained, read_url

STATEMENT_MILLISECONDS = 300_000
RECYCLE_SECONDS = 3600
MORE_CONNECTIONS = 20
_kept: WeakSet[DagsterInstance] = WeakSet()


def keep_connections(instance: DagsterInstance) -> None:
    """Lets a process that executes a run keep its connections to Dagster's storage; once per instance.

    dagster-postgres opens one for every statement, and a run makes some two thousand of them: half of its time.
    """
    if instance not in _kept:
        instance.optimize_for_webserver(
            statement_timeout=STATEMENT_MILLISECONDS, pool_recycle=RECYCLE_SECONDS, max_overflow=MORE_CONNECTIONS
        )
        # It also asks for every event whether tables exist that it has made itself.
        events = instance.event_log_storage
        events.has_table = cache(events.has_table)  # type: ignore[attr-defined]
        _kept.add(instance)


def dagster_url() -> str:
    """DAGSTER_DATABASE_URL, or a database `<name>_dagster` on the warehouse's server, created when it is missing.

    Raises ConfigurationError when it cannot be used.
    """
    given = get_settings().dagster_database_url
    setting = "DAGSTER_DATABASE_URL" if given else "DATABASE_URL"
    url = read_url(given.get_secret_value() if given else database_url(), setting=setting)
    # SQLAlchemy 2.1 takes psycopg 3 for a plain postgresql:// URL, which cannot run dagster-postgres's NOTIFY.
    url = with_timeout(url.set(drivername="postgresql+psycopg2"))
    if given is not None:
        # Dagster itself would try for minutes and then show a traceback.
        check_reachable(url, setting=setting)
    else:
        url = url.set(database=f"{url.database}_dagster")
        server = url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)

        def create_tables(database: str) -> None:
            DagsterPostgresStorage(url.set(database=database).render_as_string(hide_password=False))

        # Dagster creates its tables in many small steps and takes a database that was left halfway for an old one.
        with explained(setting, f"create the database {url.database}, or set DAGSTER_DATABASE_URL"):
            ensure_database(server, str(url.database), create_tables)
    return url.render_as_string(hide_password=False)


class ProjectStorage(DagsterPostgresStorage):
    """What `dagster.yaml` names as storage. It starts the embedded server when the environment has no DATABASE_URL."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        return {"should_autocreate_tables": Field(bool, is_required=False, default_value=True)}

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> ProjectStorage:
        return cls(dagster_url(), config_value.get("should_autocreate_tables", True), inst_data)
