from __future__ import annotations

import dagster as dg
import psycopg
import pytest

from sync_assets.defs.storage import dagster_url, keep_connections
from sync_assets.settings import PROJECT_ROOT, get_settings
from sync_assets.warehouse.embedded import ensure_database


def databases(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {row[0] for row in connection.execute("SELECT datname FROM pg_database")}


def test_dagster_gets_a_whole_database_beside_the_warehouse(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    get_settings.cache_clear()
    url = dagster_url()
    get_settings.cache_clear()
    assert url.startswith("postgresql+psycopg2://")
    name = database.split("?")[0].split("/")[-1] + "_dagster"
    assert name in databases(database)
    with psycopg.connect(url.replace("+psycopg2", "")) as connection:
        tables = {row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert {"runs", "event_logs", "asset_check_executions", "instigators"} <= tables


def test_a_run_keeps_its_connections(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("DAGSTER_HOME", str(PROJECT_ROOT))
    get_settings.cache_clear()
    backends = set()
    with dg.DagsterInstance.get() as instance:
        for _ in range(2):
            keep_connections(instance)
            for _ in range(5):
                with instance.event_log_storage._connect() as connection:  # type: ignore[attr-defined]
                    backends.add(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar())
    get_settings.cache_clear()
    assert len(backends) == 1


def test_a_database_that_was_left_halfway_is_made_again(database: str) -> None:
    """As when the process is killed between the creation of two tables."""
    seen: list[str] = []

    def killed(name: str) -> None:
        seen.append(name)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ensure_database(database, "test_halfway", killed)
    assert "test_halfway" not in databases(database)
    ensure_database(database, "test_halfway", seen.append)
    ensure_database(database, "test_halfway", killed)
    assert seen == ["test_halfway_unfinished"] * 2
    assert "test_halfway" in databases(database)
    assert "test_halfway_unfinished" not in databases(database)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DROP DATABASE test_halfway")
